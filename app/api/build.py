"""Puts the REST door together. Nothing here decides: routes are in app/api/rest, their rules in app/api/door.py."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware

from app.api.door import Door, DoorRoute, Visit, door_of
from app.api.gate import request_id_of
from app.api.languages import preferred
from app.api.openai import audio, chat
from app.api.openai.route import OpenAIRoute
from app.api.openapi import openapi_document
from app.api.problems import Translate, english
from app.api.rest import (
    api_keys,
    asset_folders,
    asset_links,
    assets,
    auth,
    budgets,
    documents,
    favourites,
    files,
    generations,
    health,
    invitations,
    invoices,
    jobs,
    kept_answers,
    media_brands,
    members,
    operator_usage,
    organisations,
    prices,
    pronunciations,
    providers,
    routing,
    teams,
    templates,
    usage,
    voices,
)
from app.api.scopes import public
from app.core.errors import NotFound
from app.core.ports import Ports

_FEATURES = (
    health, auth, organisations, members, invitations, api_keys, templates, generations, documents, files, favourites,
    assets, asset_folders, asset_links, media_brands, pronunciations, voices,
    providers, routing, usage,
    budgets, invoices, jobs, kept_answers, operator_usage, prices, teams,
)  # fmt: skip


def build_api(ports: Ports, *, translate: Translate = english) -> FastAPI:
    """Return the REST door of one installation; `translate` finds sentences in the caller's language.

    The application has no middleware of its own and leaves every address outside /api, /v1, /healthz, /readyz and
    /metrics to what is mounted behind it.
    """
    telemetry: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(
        title="Galley", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, telemetry=telemetry
    )
    app.state.door = Door(ports, translate)
    app.router.route_class = DoorRoute
    # Routes are tried in order: what is asked most, and must be quickest, comes first.
    app.router.routes.extend([*chat.quick_router.routes, *assets.quick_router.routes, *chat.router.routes])
    for feature in _FEATURES:
        app.router.routes.extend(feature.router.routes)
    app.router.routes.extend(audio.router.routes)
    app.router.routes.extend(_edges(app).routes)
    end_of_openai = APIRouter(route_class=OpenAIRoute)
    _end_of_road(app, end_of_openai, "/v1")
    app.router.routes.extend(end_of_openai.routes)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(RequestValidationError, _unrouted)
    # Without FastAPI's own error page, telemetry and limit of bodies around it: the gate does all three.
    inner = AsyncExitStackMiddleware(app.router)
    app.middleware_stack = ExceptionMiddleware(inner, handlers=app.exception_handlers)
    return app


def _edges(app: FastAPI) -> APIRouter:
    """The document of the API, and the end of the road below /api."""
    router = APIRouter(route_class=DoorRoute)

    @cache
    def document() -> dict[str, Any]:  # Any: JSON
        return openapi_document(app, door_of(app).ports.settings)

    @router.get("/api/openapi.json", include_in_schema=False)
    @public
    async def show_openapi() -> Response:
        """The OpenAPI document of this version."""
        return JSONResponse(document())

    _end_of_road(app, router, "/api")
    return router


def _end_of_road(app: FastAPI, router: APIRouter, below: str) -> None:
    """Answer what nothing else answers below an address; a known one says which methods it takes."""

    @router.api_route(
        below + "/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    @public
    async def nothing_here(request: Request) -> None:
        known = [one for one in app.routes if isinstance(one, APIRoute) and one is not request.scope["route"]]
        takes = {method for one in known if one.path_regex.match(request.url.path) for method in one.methods or ()}
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(takes))}) if takes else NotFound()


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer what the router refused before a route was found, such as a method that an address does not take."""
    visit = Visit(request_id_of(request.scope), preferred(request.headers.get("accept-language")))
    form = OpenAIRoute if request.url.path.startswith("/v1/") else DoorRoute
    return form.answer_for(error, visit, door_of(request.app).translate, route="")
