"""Server-sent events (WHATWG HTML, 9.2): numbered, with a comment while nothing happens.

With a recorder (an Idempotency-Key came) the source is read to its end even when the caller leaves, so that a repeat
gets the whole result; without one, leaving stops the source.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.telemetry import log

MEDIA_TYPE = "text/event-stream"
BEAT_EVERY_S = 15.0
BEAT = b": keep-alive\n\n"

Recorder = Callable[[int, str, bytes | None], Awaitable[None]]
"""(status, media type, body or None where nothing is to be kept), called once at the end."""

_unwatched: set[asyncio.Task[None]] = set()


def frame(name: str, number: int, data: object) -> bytes:
    """Return one event on the wire."""
    return b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), number, orjson.dumps(data))


class EventStream(Response):
    """An answer that sends the frames of `source`, which it closes. `is_final` says afterwards whether it succeeded."""

    media_type = MEDIA_TYPE

    def __init__(self, source: AsyncGenerator[bytes], *, is_final: Callable[[], bool]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._source = source
        self._is_final = is_final
        self._recorder: Recorder | None = None
        self._recorded: list[bytes] = []
        self._gone = False
        self._sending = asyncio.Lock()
        self._sent_s = 0.0

    def record(self, recorder: Recorder) -> None:
        """Hand the whole stream to `recorder` at its end, and read it to its end in any case."""
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        reading = asyncio.create_task(self._read(send))
        _unwatched.add(reading)
        reading.add_done_callback(_unwatched.discard)
        await asyncio.sleep(0)  # the first frame goes before what looks after it is set up
        beating = asyncio.create_task(self._beat(send))
        watching = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._gone = self._gone or watching.done()
            beating.cancel()
            watching.cancel()
            if not reading.done() and self._recorder is None:
                reading.cancel()
        if reading.done() and not reading.cancelled():
            reading.result()
        elif self._recorder is None:
            await asyncio.wait({reading})

    async def _read(self, send: Send) -> None:
        whole = False
        try:
            async with aclosing(self._source) as frames:
                async for one in frames:
                    if self._recorder is not None:
                        self._recorded.append(one)
                    await self._send(send, one)
                    if self._gone and self._recorder is None:
                        return
            whole = True
            await self._send(send, b"", more=False)
        finally:
            if self._recorder is not None:
                kept = b"".join(self._recorded) if whole and self._is_final() else None
                await self._recorder(self.status_code, MEDIA_TYPE, kept)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        if self._gone:
            return
        self._sent_s = asyncio.get_running_loop().time()
        try:
            async with self._sending:
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except OSError as error:  # the connection broke before the server said so
            self._gone = True
            log.info("stream.left", error=type(error).__name__)

    async def _beat(self, send: Send) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            if asyncio.get_running_loop().time() - self._sent_s >= BEAT_EVERY_S:
                await self._send(send, BEAT)


async def _gone(receive: Receive) -> None:
    """Return when the caller has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
