"""How an answer leaves: at the pace that was set, and broken as the fault says."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from bench.simulator.log import Seen
from bench.simulator.settings import Fault, Pace
from bench.simulator.wire import Frames

FRAMES_PER_WRITE = 16
"""At full speed so many tokens share one write; each stays a frame of its own."""
HUGE_PIECE = b"x" * 65_536


def reset(request: web.Request) -> None:
    """Break the connection with RST, as a killed process does."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def send_whole(
    request: web.Request,
    data: bytes,
    *,
    pace: Pace,
    fault: Fault | None,
    seen: Seen,
    error: bytes,
    headers: Mapping[str, str],
    media_type: str = "application/json",
) -> web.StreamResponse:
    """Answer in one piece; the faults of a stream have their counterpart here. `error` is the vendor's own."""
    kind = fault.kind if fault else None
    delay_s = pace.first_token_ms / 1000 + (seen.tokens_sent / pace.tokens_per_s if pace.tokens_per_s else 0.0)
    await asyncio.sleep(delay_s + (fault.delay_ms / 1000 if fault and kind == "slow_first_token" else 0.0))
    if kind == "malformed_line":
        data = data[: len(data) // 2]
    if kind in ("in_band_error", "no_finish"):
        data, media_type = error, "application/json"
    if kind in ("cut", "stall"):
        response = web.StreamResponse(headers={**headers, "Content-Length": str(len(data))})
        response.content_type = media_type
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        seen.outcome = "fault"
        if kind == "stall":
            await asyncio.Event().wait()
        reset(request)
        return response
    seen.outcome = "fault" if kind else "finished"
    return web.Response(body=data, content_type=media_type, headers=headers)


@dataclass(slots=True)
class Delivery:
    """One streamed answer on its way to one caller."""

    request: web.Request
    response: web.StreamResponse
    pace: Pace
    fault: Fault | None
    seen: Seen
    started_s: float

    async def stream(self, frames: Frames, encoded: list[bytes]) -> None:
        """Send the whole answer, or as much of it as the fault allows."""
        fault = self.fault.kind if self.fault else None
        if fault == "slow_first_token" and self.fault:
            await asyncio.sleep(self.fault.delay_ms / 1000)
        await self._write(frames.opening)
        limit = self.fault.after_tokens if self.fault and fault in _MIDWAY else len(encoded)
        source: Iterator[bytes] = itertools.cycle(encoded) if fault == "infinite" else iter(encoded[:limit])
        await self._tokens(frames, source)
        if fault in _MIDWAY:
            await self._break(frames)
        if fault == "malformed_line":
            await self._tokens(frames, iter(encoded[limit + 1 :]))
        if fault not in _MIDWAY or fault == "malformed_line":
            await self._write(frames.closing)
            self.seen.outcome = "finished"

    async def _tokens(self, frames: Frames, source: Iterator[bytes]) -> None:
        loop = asyncio.get_running_loop()
        first_s = self.started_s + self.pace.first_token_ms / 1000
        rate = self.pace.tokens_per_s
        before, after = frames.before, frames.after
        head = frames.first_before if frames.first_before is not None else before
        sent = 0
        while True:
            now = loop.time()
            due_s = first_s + (sent / rate if rate else 0.0)
            if now < due_s:
                await asyncio.sleep(due_s - now)
                now = loop.time()
            count = 1 + int((now - due_s) * rate) if rate else FRAMES_PER_WRITE if sent else 1
            batch = list(itertools.islice(source, count))
            if not batch:
                return
            joined = head + (after + before).join(batch) + after
            head = before
            await self._write(joined)
            sent += len(batch)
            self.seen.tokens_sent = sent
            if not rate:
                await asyncio.sleep(0)

    async def _write(self, data: bytes) -> None:
        step = self.pace.cut_bytes
        if not data:
            return
        if not step:
            await self.response.write(data)
            return
        for at in range(0, len(data), step):
            await self.response.write(data[at : at + step])
            await asyncio.sleep(0)

    async def _break(self, frames: Frames) -> None:
        fault = self.fault
        assert fault is not None
        self.seen.outcome = "fault"
        match fault.kind:
            case "cut":
                reset(self.request)
            case "stall":
                await asyncio.Event().wait()
            case "malformed_line":
                await self._write(frames.malformed)
            case "in_band_error":
                await self._write(frames.in_band_error)
            case "no_finish":
                await self._write(frames.cut_short + (b"data: [DONE]\n\n" if fault.done_mark else b""))
            case "huge_line":
                await self._write(frames.before + b'"')
                for _ in range(fault.size_bytes // len(HUGE_PIECE) + 1):
                    await self.response.write(HUGE_PIECE)
                await self._write(b'"' + frames.after + frames.closing)


_MIDWAY = {"cut", "stall", "malformed_line", "in_band_error", "no_finish", "huge_line"}
