"""The provider simulator: one loopback process that speaks the wire formats of vendors and of a local server.

Every provider answers on the shared port under its own path, and on a port of its own whose listener can be closed.
Any key is good unless it starts with `bad-`; any model exists unless its name starts with `missing-`. Every answer
carries the header `X-Simulated: galley`, and the model lists hold names with `simulated` in them.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bench.simulator.answers import AnswerBook
from bench.simulator.control import add_control_routes
from bench.simulator.log import Log
from bench.simulator.pictures import PictureDesk
from bench.simulator.providers import PATHS, Provider, new_providers
from bench.simulator.service import serve
from bench.simulator.wire_video import VideoDesk, add_video_routes

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MAX_BODY_BYTES = 32 * 2**20


@dataclass
class Simulator:
    """A running simulator. `port` is the shared one; `own_ports` has one per provider."""

    host: str = "127.0.0.1"
    port: int = 0
    providers: dict[str, Provider] = field(default_factory=new_providers)
    answers: AnswerBook = field(default_factory=AnswerBook)
    log: Log = field(default_factory=Log)
    videos: VideoDesk = field(default_factory=VideoDesk)
    pictures: PictureDesk = field(default_factory=PictureDesk)
    own_ports: dict[str, int] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _own_sites: dict[str, web.SockSite] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the shared port."""
        return f"http://{self.host}:{self.port}"

    def base_url(self, provider: str, *, own_port: bool = False) -> str:
        """Return the base URL to give a client of `provider`, in the form its own SDK expects."""
        port = self.own_ports[provider] if own_port else self.port
        return f"http://{self.host}:{port}{PATHS[provider]}"

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        add_control_routes(app, self)
        add_video_routes(app, self)
        for name in self.providers:
            app.router.add_route("*", f"/{name}/{{tail:.*}}", self._handler(name))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        self.port, _ = await self._listen(self.port)
        for name in self.providers:
            self.own_ports[name], self._own_sites[name] = await self._listen(0)

    async def stop(self) -> None:
        """Stop listening and break what is open."""
        for provider in self.providers.values():
            provider.break_open()
        if self._runner is not None:
            await self._runner.cleanup()

    async def apply_listener(self, name: str) -> None:
        """Close or open the provider's own listener, as its fault demands."""
        provider = self.providers[name]
        refuses = provider.fault is not None and provider.fault.kind == "refuse"
        if refuses and name in self._own_sites:
            await self._own_sites.pop(name).stop()
            provider.break_open()
        elif not refuses and name not in self._own_sites:
            _, self._own_sites[name] = await self._listen(self.own_ports[name])

    async def _listen(self, port: int) -> tuple[int, web.SockSite]:
        assert self._runner is not None
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        raw = socket.socket(family, socket.SOCK_STREAM)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.bind((self.host, port))
        site = web.SockSite(self._runner, raw)
        await site.start()
        return raw.getsockname()[1], site

    def _handler(self, name: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            provider = self.providers[name]
            task = asyncio.current_task()
            assert task is not None
            provider.open_requests[task] = request
            try:
                return await serve(self, provider, request)
            except ConnectionError:
                return web.Response(status=499)  # to nobody: the caller has gone, or was reset on purpose
            finally:
                provider.open_requests.pop(task, None)

        return handle


@asynccontextmanager
async def running(*, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Simulator]:
    """Run a simulator inside this process."""
    simulator = Simulator(host=host, port=port)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()
