"""Pictures, sound and clips at the simulated providers: which request goes to which wire.

A wire of media lists its routes; each handler gets the request with what is set for its provider, and may raise
BadRequest, which is worded as the vendor does.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from bench.simulator.delivery import Delivery, send_whole
from bench.simulator.wire import Frames

if TYPE_CHECKING:
    from bench.simulator.log import Seen
    from bench.simulator.providers import Provider
    from bench.simulator.server import Simulator
    from bench.simulator.settings import Fault

SIMULATED = {"X-Simulated": "galley"}


@dataclass(frozen=True, slots=True)
class MediaAsk:
    """One request for media, with its provider's present setting."""

    simulator: Simulator
    provider: Provider
    request: web.Request
    fault: Fault | None
    seen: Seen

    async def whole(self, data: bytes, *, media_type: str = "application/json") -> web.StreamResponse:
        """Answer in one piece."""
        error = orjson.dumps(self.provider.wire.refusal("server_error").body)
        return await send_whole(
            self.request, data, pace=self.provider.pace, fault=self.fault, seen=self.seen, error=error,
            headers=SIMULATED, media_type=media_type,
        )  # fmt: skip

    async def json(self, body: object) -> web.StreamResponse:
        """Answer with JSON."""
        return await self.whole(orjson.dumps(body))

    async def stream(self, pieces: list[bytes], *, media_type: str, malformed: bytes) -> web.StreamResponse:
        """Answer piece by piece at the provider's pace, a piece counting as a token; an error in it is the vendor's."""
        response = web.StreamResponse(headers={**SIMULATED, "Content-Type": media_type})
        response.enable_chunked_encoding()
        await response.prepare(self.request)
        error = orjson.dumps(self.provider.wire.refusal("server_error").body) + b"\n"
        frames = Frames(b"", b"", b"", b"", b"", in_band_error=error, malformed=malformed)
        delivery = Delivery(self.request, response, self.provider.pace, self.fault, self.seen, self.seen.started_s)
        await delivery.stream(frames, pieces)
        await response.write_eof()
        return response


MediaHandler = Callable[[MediaAsk], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class MediaRoute:
    """Where a handler answers: `path` is what the tail of the address ends with, as a pattern."""

    providers: tuple[str, ...]
    method: str
    path: re.Pattern[str]
    handle: MediaHandler


def media_handler(provider: str, method: str, tail: str) -> MediaHandler | None:
    """Return who answers, None where the request is not one for media."""
    return next(
        (
            route.handle
            for route in _routes()
            if provider in route.providers and method == route.method and route.path.search(tail)
        ),
        None,
    )


def _routes() -> tuple[MediaRoute, ...]:
    from bench.simulator.wire_audio import AUDIO_ROUTES
    from bench.simulator.wire_elevenlabs import ELEVENLABS_ROUTES
    from bench.simulator.wire_images import IMAGE_ROUTES
    from bench.simulator.wire_images_local import PICTURE_SERVER_ROUTES
    from bench.simulator.wire_images_stability import STABILITY_ROUTES
    from bench.simulator.wire_video_forms import VIDEO_ROUTES

    return (
        *IMAGE_ROUTES,
        *STABILITY_ROUTES,
        *PICTURE_SERVER_ROUTES,
        *AUDIO_ROUTES,
        *ELEVENLABS_ROUTES,
        *VIDEO_ROUTES,
    )
