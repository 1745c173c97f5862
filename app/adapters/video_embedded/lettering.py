"""Text as masks, so that each line can come and go by itself. Fonts, line breaks and directions are the composer's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from app.adapters.images_embedded.faces import Faces, Role
from app.adapters.images_embedded.typesetting import METRICS, Align, Block, Typesetter, Wish

if TYPE_CHECKING:
    from PIL.Image import Image

Kind = Literal["heading", "caption", "folio"]
ROLES: dict[Kind, Role] = {"heading": "headline", "caption": "strong", "folio": "strong"}
MOST_LINES: dict[Kind, int] = {"heading": 8, "caption": 4, "folio": 1}
CAPTION_LEADING = 0.88  # of running text's: a caption is two or three lines, read in a glance
RTL_LOCALES = ("ar", "fa", "he", "ur")
BLEED = 0.25  # of the size: swashes, marks and descenders reach beyond their line
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a mask of 8-bit coverage; `left` and `top` are where it stands in its box."""

    mask: Image
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A text that fits its box. `width` is its longest line's, `height` from the first capitals to the last foot."""

    lines: tuple[Line, ...]
    width: int
    height: int


class Lettering:
    """Sets the texts of one clip. Holds its own fonts: used by one thread at a time."""

    def __init__(self, locale: str) -> None:
        self.is_rtl = locale.split("-")[0] in RTL_LOCALES
        self._setter = Typesetter(Faces(), locale)

    def fit(
        self, text: str, *, kind: Kind, width: int, height: int, largest_px: float, smallest_px: float,
        align: Align = "start",
    ) -> Setting:  # fmt: skip
        """Return the text as large as it fits; `align` "start" is the right in a clip that is read from there."""
        wish = Wish(ROLES[kind], width, max(height, 1), largest_px, smallest_px, most_lines=MOST_LINES[kind])
        block = self._setter.fit(text, wish)
        if kind == "caption":
            block = replace(block, leading=block.leading * CAPTION_LEADING)
        tops = [round(number * block.leading * block.size) for number in range(len(block.lines))]
        lines = tuple(self._line(block, number, top, width, align) for number, top in enumerate(tops))
        return Setting(lines, round(block.width), round(block.height))

    def _line(self, block: Block, number: int, top: int, width: int, align: Align) -> Line:
        from PIL import Image, ImageDraw

        metrics, long, bleed = METRICS[block.script], block.widths[number], round(block.size * BLEED)
        high = round((metrics.top + metrics.bottom) * block.size)
        canvas = Image.new("RGB", (round(long) + 2 * bleed, high + 2 * bleed))
        alone = replace(block, lines=(block.lines[number],), widths=(long,))
        self._setter.draw(
            ImageDraw.Draw(canvas), alone, bleed, bleed, ink=WHITE, accent=WHITE, align="start", width=long
        )
        free = width - round(long)
        left = free // 2 if align == "center" else (free if (align == "start") == self.is_rtl else 0)
        return Line(canvas.getchannel("R"), left - bleed, top - bleed)


def tidy(text: str) -> str:
    """Return the text without marks that only a page understands."""
    return re.sub(r"[*_#`]+", "", " ".join(text.split()))
