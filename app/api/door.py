"""What every REST request passes on its way in and out: the one place where the mark of a route is enforced.

way in:  mark -> who asks -> rate -> scope -> same origin -> media type -> idempotency -> the route
way out: refusals as problem details, rate-limit headers, the request's id (put on by the gate)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from inspect import signature
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app.api import idempotency, problems
from app.api.credentials import Caller, identify, refuse_foreign_page
from app.api.gate import request_id_of
from app.api.languages import preferred
from app.api.problems import Translate
from app.api.scopes import Mark, mark_of
from app.core.context import Context
from app.core.errors import AppError, NotAllowed, NotSignedIn, TooMany
from app.core.ports import Allowance, Ports
from app.core.telemetry import bind_request, log
from app.tenancy.principal import context_for

WINDOW_S = 60
Handler = Callable[[Request], Awaitable[Response]]


class WrongMediaType(AppError):
    """A body that is not JSON where JSON is taken."""

    status = 415
    code = "media_type"
    message = "Send the body as application/json."


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes of one installation share."""

    ports: Ports
    translate: Translate


@dataclass(slots=True)
class Visit:
    """One request as it passes the door; what is known of it grows on the way in."""

    request_id: str
    locale: str
    caller: Caller | None = None
    allowance: Allowance | None = None
    limit: int = 0
    ctx: Context = field(init=False)


class StrictRequest(Request):
    """Reads JSON as RFC 8259 has it: no NaN, no infinite numbers, no half surrogates, no endless nesting."""

    async def json(self) -> Any:  # Any: whatever was sent
        if not hasattr(self, "_json"):
            self._json = orjson.loads(await self.body())
        return self._json


class DoorRoute(APIRoute):
    """A route behind the door; every router uses it, or a kind of it that words its refusals in another form."""

    @staticmethod
    def answer_for(error: Exception, visit: Visit, translate: Translate, *, route: str) -> Response:
        """Return the answer for whatever was raised."""
        return answer_for(error, visit, translate, route=route)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:  # Any: as FastAPI declares it
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await self.pass_door(StrictRequest(request.scope, request.receive), inner)

        return handle

    async def pass_door(self, request: StrictRequest, inner: Handler) -> Response:
        """Return what `inner` answers to whom the door lets in, or the refusal."""
        door = door_of(request.app)
        visit = Visit(request_id_of(request.scope), preferred(request.headers.get("accept-language")))
        request.state.visit = visit
        try:
            await _enter(door, request, visit, mark_of(self.endpoint))
            if self.body_field is not None:
                _refuse_other_media(request)
            response = await idempotency.once(request, visit.ctx, lambda: inner(request))
        except Exception as error:  # the door: everything that is raised inside becomes an answer here
            route = getattr(request.scope.get("route"), "path", "")
            response = self.answer_for(error, visit, door.translate, route=route)
        _show_allowance(response, visit)
        return response


class QuickRoute(DoorRoute):
    """A route whose endpoint takes no more than `ctx`, `body` and `request`, and is called with them by us.

    FastAPI checks its signature and describes it. Finding such arguments for any signature costs it three quarters of a
    millisecond; chats and orders are held to less by the benches `gateway` and `media`.
    """

    GIVEN = frozenset({"ctx", "body", "request"})

    def __init__(self, *arguments: Any, **options: Any) -> None:  # Any: as FastAPI declares them
        super().__init__(*arguments, **options)
        self._takes = tuple(signature(self.endpoint).parameters)
        if not self.GIVEN.issuperset(self._takes):
            raise TypeError(f"{self.path} takes more than a quick route gives: {', '.join(self._takes)}")

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # says which methods it takes
            return
        response = await self.pass_door(StrictRequest(scope, receive), self._answer)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        given = {"ctx": request.state.visit.ctx, "body": await self._body(request), "request": request}
        answer = await self.endpoint(**{name: given[name] for name in self._takes})
        if isinstance(answer, Response):
            return answer
        return Response(answer.model_dump_json(), status_code=self.status_code or 200, media_type="application/json")

    async def _body(self, request: Request) -> Any:  # Any: as the endpoint declares it
        """Return the body as the endpoint declares it.

        Raises:
            RequestValidationError: it is none, as FastAPI would say it.
        """
        assert self.body_field is not None
        if not await request.body():
            raise RequestValidationError(
                [{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}]
            )
        try:
            given = await request.json()
        except ValueError as error:
            fault = {"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error", "ctx": {"error": str(error)}}
            raise RequestValidationError([fault]) from None
        body, faults = self.body_field.validate(given, {}, loc=("body",))
        if faults:
            raise RequestValidationError(faults)
        return body


def door_of(app: FastAPI) -> Door:
    """Return what `build_api` gave the application."""
    door: Door = app.state.door
    return door


def answer_for(error: Exception, visit: Visit, translate: Translate, *, route: str) -> Response:
    """Return the answer for whatever was raised; a bug is logged and told nobody."""
    told: dict[str, Any] = {"request_id": visit.request_id, "locale": visit.locale, "translate": translate}
    if isinstance(error, AppError):
        return problems.refuse(error, **told)
    if isinstance(error, RequestValidationError):
        return problems.refuse_fields(error, **told)
    if isinstance(error, HTTPException):
        return problems.refuse_http(error, **told)
    log.exception("api.broken", route=route, error=type(error).__name__, exc_info=error)
    return problems.broken(**told)


async def _enter(door: Door, request: Request, visit: Visit, mark: Mark | None) -> None:
    """Decide whether the caller may use the route, and bind the context to the request.

    Raises:
        NotSignedIn, NotAllowed, TooMany: the caller may not.
    """
    if mark is None:
        raise NotAllowed("This route has no rule about who may use it.", code="auth.unmarked")
    ports = door.ports
    try:
        caller = visit.caller = await identify(ports, request, key_allowed=mark.kind != "public")
    except NotSignedIn:
        # A wrong key counts against the address it came from, so that guessing is slow.
        await _count(ports, visit, f"address:{request.client.host if request.client else ''}")
        raise
    await _count(ports, visit, caller.name)
    principal = caller.principal
    if principal is not None and (caller.by == "cookie" or "accept-language" not in request.headers):
        visit.locale = principal.locale
    visit.ctx = context_for(ports, principal, visit.request_id, visit.locale)
    bind_request(request_id=visit.request_id, tenant_id=visit.ctx.tenant_id)
    if mark.kind == "scope":
        visit.ctx.require(mark.scope)
    elif mark.kind != "public" and principal is None:
        raise NotSignedIn
    if mark.kind == "person" and caller.by != "cookie":
        raise NotAllowed("Only a person in a browser may do this, not an API key.", code="auth.person_only")
    refuse_foreign_page(request, ports.settings, caller)


async def _count(ports: Ports, visit: Visit, name: str) -> None:
    visit.limit = ports.settings.requests_per_minute
    visit.allowance = await ports.limiter.hit(f"api:{name}", limit=visit.limit, window_s=WINDOW_S)
    if not visit.allowance.allowed:
        seconds = max(1, visit.allowance.reset_s)
        raise TooMany(params={"seconds": seconds}, retry_after_s=seconds)


def _show_allowance(response: Response, visit: Visit) -> None:
    # draft-ietf-httpapi-ratelimit-headers-07: the three-header form, which clients in the field read
    if visit.allowance is not None:
        response.headers["RateLimit-Limit"] = str(visit.limit)
        response.headers["RateLimit-Remaining"] = str(visit.allowance.remaining)
        response.headers["RateLimit-Reset"] = str(visit.allowance.reset_s)
        response.headers["RateLimit-Policy"] = f"{visit.limit};w={WINDOW_S}"


def _refuse_other_media(request: Request) -> None:
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise WrongMediaType


def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


# All of these are coroutines: FastAPI sends plain functions through a pool of threads, which is dearer than they are.
async def _ctx(request: Request) -> Context:
    return _visit(request).ctx


async def _caller(request: Request) -> Caller:
    caller = _visit(request).caller
    if caller is None:
        raise NotSignedIn
    return caller


async def _ports(request: Request) -> Ports:
    return door_of(request.app).ports


Ctx = Annotated[Context, Depends(_ctx)]
"""The caller's context, as a parameter of a route."""

Asking = Annotated[Caller, Depends(_caller)]
"""Who asks and how they showed it, for routes about sign-ins."""

World = Annotated[Ports, Depends(_ports)]
"""The outside world, for routes that look at the installation itself."""
