"""What each vendor's video models take: a wanted size and length, fitted to the nearest that exists. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.ports import ModelTarget

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Sizes in pixels and lengths in seconds of one model."""

    sizes: tuple[Size, ...]
    seconds: tuple[int, ...]


LANDSCAPE_AND_PORTRAIT = ((1280, 720), (720, 1280))
SORA = Shapes(LANDSCAPE_AND_PORTRAIT, (4, 8, 12))
"""platform.openai.com/docs/api-reference/videos/create, 2026-03: `size` and `seconds`."""
SORA_PRO = Shapes((*LANDSCAPE_AND_PORTRAIT, (1792, 1024), (1024, 1792)), SORA.seconds)
RUNWAY = Shapes(LANDSCAPE_AND_PORTRAIT, (5, 10))
"""docs.dev.runwayml.com/api, version 2024-11-06: the ratios and lengths that all its models share."""
RUNWAY_TURBO = Shapes(
    (*LANDSCAPE_AND_PORTRAIT, (1104, 832), (832, 1104), (960, 960), (1584, 672)), tuple(range(2, 11))
)  # gen4_turbo of the same page
VEO = Shapes((*LANDSCAPE_AND_PORTRAIT, (1920, 1080), (1080, 1920)), (4, 6, 8))
"""ai.google.dev/gemini-api/docs/video: aspectRatio 16:9 or 9:16; 1080p in 8 seconds only."""


def shapes_of(target: ModelTarget) -> Shapes:
    """Return what the target's model takes."""
    if target.kind == "runway":
        return RUNWAY_TURBO if target.model == "gen4_turbo" else RUNWAY
    if target.kind == "gemini":
        return VEO
    return SORA_PRO if target.model.endswith("-pro") else SORA


def fitted(target: ModelTarget, *, width_px: int, height_px: int, duration_s: float) -> tuple[Size, int]:
    """Return the size nearest in shape, then in pixels, and the shortest length that is long enough."""
    shapes = shapes_of(target)
    seconds = _long_enough(shapes.seconds, duration_s)
    sizes = shapes.sizes if target.kind != "gemini" or seconds == VEO.seconds[-1] else LANDSCAPE_AND_PORTRAIT
    wanted = width_px / height_px

    def distance(size: Size) -> tuple[float, int]:
        ratio = size[0] / size[1] / wanted
        return round(max(ratio, 1 / ratio), 3), abs(size[0] * size[1] - width_px * height_px)

    return min(sizes, key=distance), seconds


def _long_enough(lengths: Sequence[int], wanted_s: float) -> int:
    return next((length for length in lengths if length >= wanted_s - 0.5), lengths[-1])
