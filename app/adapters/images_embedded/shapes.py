"""Flat shapes with smooth edges: each is painted through a mask that was drawn larger and made smaller."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from app.adapters.images_embedded.palette import RGB

Point = tuple[float, float]
Place = Callable[[float, float], Point]
LARGE_PX = 3_000_000


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    @property
    def short(self) -> float:
        """The shorter side."""
        return min(self.w, self.h)

    def inset(self, across: float, down: float | None = None) -> Box:
        """Return the box without a margin on all sides."""
        down = across if down is None else down
        return Box(self.x + across, self.y + down, max(1.0, self.w - 2 * across), max(1.0, self.h - 2 * down))

    def mirrored(self, width: float) -> Box:
        """Return the box as it lies on a page that is read from the right."""
        return replace(self, x=width - self.right)


class Painter:
    """Paints shapes into a part of an image, or all of it."""

    def __init__(self, image: Image, clip: Box | None = None) -> None:
        self._image = image
        self._clip = clip or Box(0, 0, image.width, image.height)
        self._times = 4 if image.width * image.height <= LARGE_PX else 2

    def within(self, clip: Box) -> Painter:
        """Return a painter whose shapes also end at the edges of `clip`."""
        own = self._clip
        left, top = max(own.x, clip.x), max(own.y, clip.y)
        right, bottom = min(own.right, clip.right), min(own.bottom, clip.bottom)
        return Painter(self._image, Box(left, top, max(0.0, right - left), max(0.0, bottom - top)))

    def rectangle(self, box: Box, color: RGB) -> None:
        """Paint a rectangle with edges on whole pixels."""
        left, top = max(box.x, self._clip.x), max(box.y, self._clip.y)
        right, bottom = min(box.right, self._clip.right), min(box.bottom, self._clip.bottom)
        if right - left >= 0.5 and bottom - top >= 0.5:
            self._image.paste(color, (round(left), round(top), round(right), round(bottom)))

    def rounded(self, box: Box, color: RGB, radius: float) -> None:
        """Paint a rectangle with round corners."""

        def draw(mask: ImageDraw, at: Place, times: int) -> None:
            mask.rounded_rectangle([*at(box.x, box.y), *at(box.right, box.bottom)], radius * times, fill=255)

        self._paint(box, color, draw)

    def arch(self, box: Box, color: RGB) -> None:
        """Paint a rectangle whose head is half a disc."""

        def draw(mask: ImageDraw, at: Place, times: int) -> None:
            corners = [*at(box.x, box.y), *at(box.right, box.bottom)]
            mask.rounded_rectangle(corners, box.w / 2 * times, fill=255, corners=(True, True, False, False))

        self._paint(box, color, draw)

    def disc(self, x: float, y: float, radius: float, color: RGB) -> None:
        """Paint a disc."""

        def draw(mask: ImageDraw, at: Place, _: int) -> None:
            mask.ellipse([*at(x - radius, y - radius), *at(x + radius, y + radius)], fill=255)

        self._paint(_around(x, y, radius), color, draw)

    def ring(self, x: float, y: float, radius: float, width: float, color: RGB) -> None:
        """Paint a ring whose outer radius is `radius`."""
        inner = max(0.0, radius - width)

        def draw(mask: ImageDraw, at: Place, _: int) -> None:
            mask.ellipse([*at(x - radius, y - radius), *at(x + radius, y + radius)], fill=255)
            mask.ellipse([*at(x - inner, y - inner), *at(x + inner, y + inner)], fill=0)

        self._paint(_around(x, y, radius), color, draw)

    def slice(self, x: float, y: float, radius: float, start: float, end: float, color: RGB) -> None:
        """Paint a slice of a disc, from `start` to `end` in degrees, clockwise from the right."""

        def draw(mask: ImageDraw, at: Place, _: int) -> None:
            mask.pieslice([*at(x - radius, y - radius), *at(x + radius, y + radius)], start, end, fill=255)

        self._paint(_around(x, y, radius), color, draw)

    def polygon(self, points: Sequence[Point], color: RGB) -> None:
        """Paint what lies between the points."""
        xs, ys = [x for x, _ in points], [y for _, y in points]

        def draw(mask: ImageDraw, at: Place, _: int) -> None:
            mask.polygon([at(x, y) for x, y in points], fill=255)

        self._paint(Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)), color, draw)

    def line(self, points: Sequence[Point], width: float, color: RGB) -> None:
        """Paint a line through the points."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = Box(min(xs) - width, min(ys) - width, max(xs) - min(xs) + 2 * width, max(ys) - min(ys) + 2 * width)

        def draw(mask: ImageDraw, at: Place, times: int) -> None:
            mask.line([at(x, y) for x, y in points], fill=255, width=max(1, round(width * times)), joint="curve")

        self._paint(box, color, draw)

    def _paint(self, box: Box, color: RGB, draw: Callable[[ImageDraw, Place, int], None]) -> None:
        from PIL import Image as Images
        from PIL import ImageDraw as Draws

        left, top = math.floor(max(box.x, self._clip.x)), math.floor(max(box.y, self._clip.y))
        right, bottom = math.ceil(min(box.right, self._clip.right)), math.ceil(min(box.bottom, self._clip.bottom))
        right, bottom = min(right, self._image.width), min(bottom, self._image.height)
        left, top = max(left, 0), max(top, 0)
        if right <= left or bottom <= top:
            return
        times = self._times
        mask = Images.new("L", ((right - left) * times, (bottom - top) * times), 0)
        draw(Draws.Draw(mask), lambda x, y: ((x - left) * times, (y - top) * times), times)
        self._image.paste(color, (left, top, right, bottom), mask.reduce(times))


def _around(x: float, y: float, radius: float) -> Box:
    return Box(x - radius, y - radius, 2 * radius, 2 * radius)
