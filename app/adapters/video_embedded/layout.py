"""Where things stand in a frame of any shape. Pure. The text of a card and the captions have zones that never meet.

+---------------------------+      +-----------+   tall (9:16 and the like): the networks lay their own buttons
| folio               brand |      | folio     |   over the top tenth and the bottom fifth; captions and headings
|                           |      |           |   keep clear of both
|  stage: heading, picture  |      |  stage    |
|                           |      |           |
|===========================|      |===========|
|  band: captions           |      |  band     |
+---------------------------+      |           |
                                   +-----------+
"""

from __future__ import annotations

from dataclasses import dataclass

TALL = 1.6  # height / width from which networks show a clip full screen, under their own controls
WIDE = 1.25  # width / height from which a heading stands beside its picture rather than above it


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Its height."""
        return self.bottom - self.top

    def mirrored(self, width: int) -> Box:
        """Return it as it stands in a page that is read from the right."""
        return Box(width - self.right, self.top, width - self.left, self.bottom)


@dataclass(frozen=True, slots=True)
class Layout:
    """The zones of one clip. `band` is where captions stand, None without any; `unit` scales type and rules."""

    width: int
    height: int
    unit: float
    folio: Box
    stage: Box
    band: Box | None
    captions: Box | None

    @property
    def is_wide(self) -> bool:
        """Whether a heading stands beside its picture."""
        return self.stage.width / max(self.stage.height, 1) > WIDE


def plan(width: int, height: int, *, has_captions: bool) -> Layout:
    """Return the zones for a frame of this size."""
    unit = min(width, height) / 100
    margin = round(6 * unit)
    is_tall = height / width >= TALL
    top = round(height * 0.09) if is_tall else round(5 * unit)
    folio = Box(margin, top, width - margin, top + round(4.5 * unit))
    floor = round(height * (0.81 if is_tall else 1)) - (0 if is_tall else margin)
    band = captions = None
    if has_captions:
        band_top = round(height * (0.63 if is_tall else 0.74))
        band = Box(0, band_top, width, height)
        captions = Box(
            margin, band_top + round(2.5 * unit), width - margin, floor if is_tall else height - round(4 * unit)
        )
        floor = band_top - round(4 * unit)
    stage = Box(margin, folio.bottom + round(5.5 * unit), width - margin, floor)
    return Layout(width, height, unit, folio, stage, band, captions)
