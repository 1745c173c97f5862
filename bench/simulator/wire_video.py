"""Clips as OpenAI, Runway and Google make them: a task is begun, asked after, and its clip fetched.

A task takes the provider's `first_token_ms`. Of the faults, `in_band_error` lets a task fail, `filtered` lets it be
refused for its content, `no_finish` lets it end without a clip; a clip's delivery breaks by `cut`, `stall` and
`huge_line`. The clip is a real MP4 of a test picture and a tone, a quarter of the asked size, made once.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from aiohttp import web

from app.adapters.ffmpeg_program import run_ffmpeg
from bench.simulator.delivery import HUGE_PIECE, reset
from bench.simulator.log import Seen
from bench.simulator.settings import Fault
from bench.simulator.wire import BadRequest

if TYPE_CHECKING:
    from bench.simulator.providers import Provider
    from bench.simulator.server import Simulator

SIMULATED = {"X-Simulated": "galley"}
SHRINK = 4
End = Literal["clip", "error", "filtered", "nothing"]
_ENDS: dict[str, End] = {"in_band_error": "error", "filtered": "filtered", "no_finish": "nothing"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, freed of its wire format."""

    model: str
    prompt: str
    width: int
    height: int
    seconds: int
    has_first_frame: bool = False


@dataclass
class Task:
    """One clip in the making."""

    id: str
    wish: Wish
    begun_s: float
    takes_s: float
    end: End
    cancelled: bool = False

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return min((time.time() - self.begun_s) / self.takes_s, 1.0) if self.takes_s else 1.0

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.cancelled or self.share >= 1


@dataclass
class VideoDesk:
    """All tasks of one simulator."""

    tasks: dict[str, Task] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _clips: dict[tuple[int, int, int], bytes] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin(self, provider: Provider, wish: Wish, fault: Fault | None) -> Task:
        """Begin a task; a fault of the request decides its end."""
        end = _ENDS.get(fault.kind, "clip") if fault else "clip"
        made = Task(f"simulated-{next(self._numbers)}", wish, time.time(), provider.pace.first_token_ms / 1000, end)
        self.tasks[made.id] = made
        return made

    def found(self, name: str) -> Task:
        """Return a task.

        Raises:
            BadRequest: there is none of that name.
        """
        if name not in self.tasks:
            raise BadRequest(name, "unknown_model")
        return self.tasks[name]

    async def clip(self, task: Task) -> bytes:
        """Return the task's clip."""
        wish = task.wish
        size = (wish.width // SHRINK // 2 * 2, wish.height // SHRINK // 2 * 2, wish.seconds)
        async with self._making:
            if size not in self._clips:
                self._clips[size] = await _test_clip(*size)
        return self._clips[size]


async def _test_clip(width: int, height: int, seconds: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="galley-simulated-") as folder:
        await run_ffmpeg(
            [
                "-f", "lavfi", "-i", f"testsrc=size={width}x{height}:rate=12:duration={seconds}",
                "-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}",
                "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k",
                "-movflags", "+faststart", "-y", "clip.mp4",
            ],
            timeout_s=60, output_mb=16, cwd=Path(folder),
        )  # fmt: skip
        return (Path(folder) / "clip.mp4").read_bytes()


def told(body: object, seen: Seen, *, status: int = 200) -> web.Response:
    """Answer with JSON."""
    seen.status, seen.outcome = status, "finished"
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json", headers=SIMULATED)


async def delivered(
    request: web.Request, data: bytes, fault: Fault | None, seen: Seen, *, media_type: str = "video/mp4"
) -> web.StreamResponse:
    """Send a clip, as far as the fault allows."""
    kind = fault.kind if fault else None
    seen.outcome = "fault" if kind else "finished"
    response = web.StreamResponse(headers={**SIMULATED, "Content-Type": media_type})
    if kind != "huge_line":
        response.content_length = len(data)
    await response.prepare(request)
    if kind in ("cut", "stall"):
        await response.write(data[: len(data) // 2])
        if kind == "stall":
            await asyncio.Event().wait()
        reset(request)
        return response
    await response.write(data)
    if fault and kind == "huge_line":
        for _ in range(fault.size_bytes // len(HUGE_PIECE) + 1):
            await response.write(HUGE_PIECE)
    await response.write_eof()
    return response


def add_video_routes(app: web.Application, simulator: Simulator) -> None:
    """Mount /_clips: where Runway's clips lie, for whoever knows the address, with no key."""

    async def fetch(request: web.Request) -> web.StreamResponse:
        provider, name = simulator.providers["runway"], request.match_info["name"]
        showed = request.headers.get("authorization", "")  # a key that came along is a fault of the caller's
        seen = simulator.log.open(provider=provider.name, path=request.path, key=showed, started_s=time.time())
        if name not in simulator.videos.tasks:
            raise web.HTTPNotFound
        if provider.fault and provider.fault.kind == "wrong_content_type":
            return web.Response(text="<!doctype html><title>Expired</title>", content_type="text/html")
        task = simulator.videos.found(name)
        return await delivered(request, await simulator.videos.clip(task), provider.fault, seen)

    app.router.add_get("/_clips/{name}.mp4", fetch)
