"""The outermost wall: every request and every socket passes here first, whoever answers it inside.

Host and Origin are compared exactly; the framework's own upload and listing doors are closed; bodies are counted; every
answer gets a request id, security headers, one log line and its place in the metrics. Query strings are never logged:
the socket carries its tab's token in one.
"""

from __future__ import annotations

import re
import time
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.api.headers import HeaderRules, is_for_programs
from app.core.errors import AppError, InvalidInput, NotFound, TooLarge
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.telemetry import REQUEST_SECONDS, REQUESTS, bind_request, log

REQUEST_ID = "galley.request_id"
"""Key of the request id in the ASGI scope."""

SOCKET_PATH = "/_event"
_SANE_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_UPLOADS = re.compile(r"^/api/v1/files(?:/|$)")
_MEDIA_UPLOADS = re.compile(r"^PUT /api/v1/assets/?$|^POST /v1/audio/(?:transcriptions|translations)$")
_CLOSED = ("/_upload", "/_event", "/_all_routes", "/auth-codespace")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
KIB = 1024
MIB = 1024 * 1024


class WrongHost(AppError):
    """The Host header names another site: a stale DNS name, a rebinding attack or a missing setting."""

    status = 421
    code = "wrong_host"
    message = "This installation is not reached under that name."


class _BodyTooLarge(Exception):
    """Raised out of `receive`; whatever the application makes of it, the gate answers."""


def request_id_of(scope: Scope) -> str:
    """Return the id of the request, making one where the gate is not in front (in tests of a single door)."""
    known = scope.get(REQUEST_ID)
    if known is None:
        known = scope[REQUEST_ID] = str(new_id())
    return str(known)


class Gate:
    """ASGI wrapper around the whole web process."""

    def __init__(self, app: ASGIApp, *, settings: Settings, script_hashes: tuple[str, ...] = ()) -> None:
        self._app = app
        self._settings = settings
        self._headers = HeaderRules(settings, script_hashes=script_hashes)
        self._origins = {origin.encode() for origin in settings.origins}
        self._hosts = {_netloc(origin) for origin in settings.origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _HttpExchange(self, scope, receive, send).run()
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._socket_fault(scope)
        if reason is None:
            await self._app(scope, receive, send)
            return
        log.warning("socket.refused", reason=reason)
        await receive()
        await send({"type": "websocket.close", "code": 4403})

    def _socket_fault(self, scope: Scope) -> str | None:
        headers = scope["headers"]
        if not _plain_path(scope).startswith(SOCKET_PATH):
            return "path"
        if not self.knows_host(headers):
            return "host"
        # A browser always sends Origin; a program has no business on the screen's socket.
        if _values(headers, b"origin") != [next((o for o in _values(headers, b"origin") if o in self._origins), None)]:
            return "origin"
        if not self._cookie_is_single(headers):
            return "cookie"
        return None

    def _cookie_is_single(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Whether at most one session cookie came: a second one was planted by a neighbouring site."""
        pairs = b"; ".join(_values(headers, b"cookie")).decode("latin-1").split(";")
        names = [pair.partition("=")[0].strip() for pair in pairs]
        if names.count(self._settings.cookie_name) > 1:
            return False
        try:
            SimpleCookie("; ".join(pairs))
        except CookieError:
            return False
        return True

    def knows_host(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Whether exactly one Host header came, and it is one of ours."""
        hosts = _values(headers, b"host")
        return len(hosts) == 1 and hosts[0].decode("latin-1").lower() in self._hosts

    def refusal(self, scope: Scope) -> AppError | None:
        """Return why this request goes no further, None where it may."""
        path = _plain_path(scope)
        if path not in _PROBES and not self.knows_host(scope["headers"]):
            return WrongHost()
        if any(path == closed or path.startswith(closed + "/") for closed in _CLOSED):
            return NotFound()
        declared = _values(scope["headers"], b"content-length")
        if declared and not (len(declared) == 1 and declared[0].isdigit()):
            return InvalidInput(code="bad_request", field="content-length")
        if declared and int(declared[0]) > self.limit_bytes(scope):
            return self.too_large(scope)
        return None

    def limit_bytes(self, scope: Scope) -> int:
        """Return how large the body may be."""
        if scope["method"] in {"PUT", "POST"} and _UPLOADS.match(scope["path"]):
            return self._settings.max_upload_mb * MIB
        if _MEDIA_UPLOADS.match(f"{scope['method']} {scope['path']}"):
            return self._settings.max_media_mb * MIB
        return self._settings.max_body_kb * KIB

    def too_large(self, scope: Scope) -> TooLarge:
        """Return the refusal of a body beyond its limit."""
        limit_bytes = self.limit_bytes(scope)
        shown = f"{limit_bytes // MIB} MiB" if limit_bytes % MIB == 0 else f"{limit_bytes // KIB} KiB"
        return TooLarge(params={"limit": shown})

    def dress(self, scope: Scope, message: MutableMapping[str, Any]) -> None:  # Any: an ASGI message
        """Put our headers on the start of an answer."""
        origins = _values(scope["headers"], b"origin")
        headers = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"x-request-id"]
        headers.append((b"x-request-id", request_id_of(scope).encode()))
        message["headers"] = self._headers.complete(
            headers, path=scope["path"], status=message["status"], origin=origins[0] if origins else None
        )

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        await self._app(scope, receive, send)


class _HttpExchange:
    """One request and its answer."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self._gate = gate
        self._scope = scope
        self._receive = receive
        self._send = send
        self._received_bytes = 0
        self._overflowed = False
        self._status = 0
        self._started_s = time.perf_counter()

    async def run(self) -> None:
        given = b"".join(_values(self._scope["headers"], b"x-request-id")).decode("latin-1")
        self._scope[REQUEST_ID] = given if _SANE_REQUEST_ID.match(given) else str(new_id())
        structlog.contextvars.clear_contextvars()
        bind_request(request_id=self._scope[REQUEST_ID])
        try:
            await self._answer()
        finally:
            self._note()

    async def _answer(self) -> None:
        refusal = self._gate.refusal(self._scope)
        if refusal is not None:
            await self._refuse(refusal)
            return
        try:
            await self._gate.pass_on(self._scope, self._count_in, self._pass_out)
        except _BodyTooLarge:
            pass  # answered below
        except Exception as error:  # the last door: nothing may leave as a bare traceback
            log.exception("http.broken", route=self._route(), error=type(error).__name__)
            if not self._status:
                await problems.broken(request_id=self._scope[REQUEST_ID])(self._scope, self._receive, self._outward)
                return
            raise
        if self._overflowed and not self._status:
            await self._refuse(self._gate.too_large(self._scope))

    async def _refuse(self, error: AppError) -> None:
        answer = problems.refuse(error, request_id=self._scope[REQUEST_ID])
        await answer(self._scope, self._receive, self._outward)

    async def _count_in(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received_bytes += len(message.get("body", b""))
            if self._received_bytes > self._gate.limit_bytes(self._scope):
                self._overflowed = True
                raise _BodyTooLarge
        return message

    async def _pass_out(self, message: Message) -> None:
        if self._overflowed and not self._status:
            return  # the application's own idea of a broken body; ours is sent instead
        await self._outward(message)

    async def _outward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._gate.dress(self._scope, message)
            REQUEST_SECONDS.labels(self._route()).observe(time.perf_counter() - self._started_s)
        await self._send(message)

    def _route(self) -> str:
        """Return a name with few values: the template of an API route, else what kind of thing was asked for."""
        template = getattr(self._scope.get("route"), "path", None)
        if template:
            return str(template)
        path = self._scope["path"]
        if is_for_programs(path):
            return "unknown"
        return "static" if "." in path.rsplit("/", 1)[-1] else "page"

    def _note(self) -> None:
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        route = self._route()
        REQUESTS.labels(method, route, str(self._status)).inc()
        took_ms = round((time.perf_counter() - self._started_s) * 1000, 1)
        log.info("http.answered", method=method, route=route, status=self._status, took_ms=took_ms)


def _values(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in headers if key.lower() == name]


def _plain_path(scope: Scope) -> str:
    return "/" + str(scope["path"]).lstrip("/")


def _netloc(origin: str) -> str:
    """Return the Host header a browser sends for `origin`: the default port is left out."""
    parts = urlsplit(origin)
    if parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return parts.netloc.rpartition(":")[0].lower()
    return parts.netloc.lower()
