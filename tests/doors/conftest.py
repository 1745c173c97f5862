"""The REST door as callers meet it: the gate, the API and the real services on a database of each test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message

from app.adapters.models_embedded import EmbeddedModels
from app.api import build_api
from app.api.gate import Gate
from app.api.rest import job_events
from app.core.context import Context
from app.core.ports import Ports
from app.core.settings import Settings
from app.tenancy import api_keys, sessions
from app.tenancy.schemas import NewApiKey
from tests.databases import CtxOf, SignUpAs
from tests.patience import PATIENCE_S

ORIGIN = "http://localhost:3000"
BRIEF = {
    "product": "Aldersay One, a repairable office chair",
    "keywords": ["repairable office chair", "ergonomic office chair"],
    "offer": "30 days to try, free return",
}


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both; the walls of each engine are proved in tests/tenancy."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def ports(ports: Ports) -> Ports:
    """The outside world with the built-in writer at full speed as its only model."""
    return replace(ports, models=EmbeddedModels(pieces_per_s=0))


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """End at once what would go on for an hour: many tests ask every route that there is."""
    monkeypatch.setattr(job_events, "LONGEST_S", 0.02)


@pytest.fixture
def app(ports: Ports) -> ASGIApp:
    """The whole door: the gate around the API."""
    return Gate(build_api(ports), settings=ports.settings)


@dataclass
class Caller:
    """Somebody at the door, by cookie or by key."""

    ctx: Context
    http: httpx.AsyncClient
    token: str = ""


def client_of(app: ASGIApp, *, address: str = "192.0.2.7", **headers: str) -> httpx.AsyncClient:
    """Return a client that speaks to the app without a network."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


@pytest.fixture
async def nobody_there(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without credentials."""
    async with client_of(app) as http:
        yield http


CallerOf = Callable[..., Any]


@pytest.fixture
async def browser_of(app: ASGIApp, ports: Ports, sign_up: SignUpAs) -> AsyncIterator[CallerOf]:
    """A signed-in browser by name: `await browser_of("ana")`."""
    clients: list[httpx.AsyncClient] = []

    async def make(name: str, **more: str) -> Caller:
        signed_in = await sign_up(f"{name}@{name}.example.org", name=name, organisation=name.title(), **more)
        http = client_of(app, origin=ORIGIN)
        http.cookies.set(ports.settings.cookie_name, signed_in.token, domain="localhost.local")
        clients.append(http)
        principal = await sessions.resolve(ports, token=signed_in.token)
        return Caller(sessions.context_for(ports, principal, "test"), http, signed_in.token)

    yield make
    for http in clients:
        await http.aclose()


@pytest.fixture
async def program_of(app: ASGIApp, ctx_of: CtxOf) -> AsyncIterator[CallerOf]:
    """A program with a key that may do all that its maker may: `await program_of("ana")`, or of a context."""
    clients: list[httpx.AsyncClient] = []

    async def make(name: str | Context, *, scopes: list[str] | None = None, role: str = "owner") -> Caller:
        ctx = name if isinstance(name, Context) else await ctx_of(name, role=role)
        made = await api_keys.create(ctx, form=NewApiKey(name="test", scopes=scopes or sorted(ctx.scopes)))
        http = client_of(app, authorization=f"Bearer {made.key}")
        clients.append(http)
        return Caller(ctx, http, made.key)

    yield make
    for http in clients:
        await http.aclose()


@dataclass
class Stream:
    """One request whose answer is read as it comes."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    _chunks: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def chunk(self) -> bytes | None:
        """Return the next bytes, None at the end."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._chunks.get()

    async def until(self, wanted: bytes) -> bytes:
        """Return everything up to the bytes that hold `wanted`."""
        seen = b""
        while wanted not in seen:
            piece = await self.chunk()
            assert piece is not None, f"the stream ended before {wanted!r}: {seen[-400:]!r}"
            seen += piece
        return seen

    async def rest(self) -> bytes:
        """Return everything that is still to come."""
        seen = b""
        while (piece := await self.chunk()) is not None:
            seen += piece
        return seen

    def leave(self) -> None:
        """Break the connection."""
        self._gone.set()


@asynccontextmanager
async def streaming(
    app: ASGIApp, method: str, path: str, *, body: bytes = b"", headers: dict[str, str]
) -> AsyncIterator[Stream]:
    """Send a request and hand its answer over while it comes; httpx's own transport waits for its end."""
    stream, sent = Stream(), False
    started = asyncio.Event()

    async def receive() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await stream._gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if stream._gone.is_set():
            raise OSError("the caller has left")
        if message["type"] == "http.response.start":
            stream.status = message["status"]
            stream.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            started.set()
        elif message["type"] == "http.response.body":
            if message.get("body"):
                stream._chunks.put_nowait(message["body"])
            if not message.get("more_body"):
                stream._chunks.put_nowait(None)

    raw = [(b"host", b"localhost:3000"), *((k.lower().encode(), v.encode()) for k, v in headers.items())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": raw,
        "client": ("192.0.2.8", 40001), "server": ("localhost", 3000), "state": {},
    }  # fmt: skip
    running = asyncio.create_task(app(scope, receive, send))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await started.wait()
        yield stream
    finally:
        stream.leave()
        async with asyncio.timeout(PATIENCE_S):
            await running


@pytest.fixture
def settings_of(settings: Settings) -> Callable[..., Settings]:
    """The settings of the test with some of them changed."""
    return lambda **changed: settings.model_copy(update=changed)
