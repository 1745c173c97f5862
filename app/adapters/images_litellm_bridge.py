"""LiteLLM asks Google and Stability for pictures from a thread, over a blocking client of httpx's.

The bridge is that client's transport: each request crosses into our event loop and over the one link of its call, where
the key, the address and the limits are held; so a cancelled call ends there too, and the thread with it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import httpx

from app.adapters.media_link import Stopped

if TYPE_CHECKING:
    from app.adapters.media_link import MediaLink


class Bridge(httpx.BaseTransport):
    """A blocking transport over a link of the running event loop."""

    def __init__(self, link: MediaLink) -> None:
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._asking: asyncio.Task[httpx.Response] | None = None
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request from the event loop, and wait for its whole answer.

        Raises:
            Stopped: it failed, or the call was given up.
        """
        body = request.read()
        copied = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        try:
            return asyncio.run_coroutine_threadsafe(self._ask(copied), self._loop).result()
        except (CancelledError, asyncio.CancelledError):
            raise Stopped("given up") from None

    async def stop(self) -> None:
        """Give the call up: whoever waits for its answer in a thread waits no longer."""
        self._closed = True
        if self._asking is not None:
            self._asking.cancel()
        await self._link.close()

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        if self._closed:
            raise Stopped("given up")
        self._asking = asyncio.ensure_future(self._answer(request))
        return await self._asking

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._link.handle_async_request(request)
        data = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=data, request=request)
