"""A page that is being composed: its canvas, colours and words, and the column of type that every layout has."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from app.adapters.images_embedded.palette import RGB, Palette, contrast, luminance
from app.adapters.images_embedded.shapes import Box, Painter
from app.adapters.images_embedded.typesetting import Block, Typesetter, Wish

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SMALLEST_TYPE_PX = 11
_SENTENCE_END = re.compile(r"[.!?؟।](?=\s)|[。！？](?=.)")
MAX_LOGO_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on the picture."""

    headline: str
    subline: str = ""
    call_to_action: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a column of type."""

    ground: RGB
    text: RGB
    quiet: RGB
    accent: RGB
    button: RGB
    button_ink: RGB

    @classmethod
    def of(cls, palette: Palette) -> Ink:
        """Return the colours on the page's own ground."""
        return cls(palette.ground, palette.ink, palette.quiet, palette.accent, palette.button, palette.button_ink)


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of type is to look. Shares are of the column's height; `low`: the text stands at its foot;
    `spread`: only the call to action does.
    """

    largest: float
    low: bool = False
    spread: bool = False
    brand: bool = True
    accent: bool = True
    button: bool = True


@dataclass(slots=True)
class Page:
    """One picture in the making. `margin` in pixels; `rtl`: it is read from the right."""

    image: Image
    canvas: ImageDraw
    painter: Painter
    type: Typesetter
    palette: Palette
    words: Words
    chance: Random
    logo: Image | None
    rtl: bool
    margin: float
    sans: bool = False

    @property
    def unit(self) -> float:
        """What sizes of small type are made of: grows with the page's area, not with its longer side."""
        return float((self.image.width * self.image.height) ** 0.5) * 0.06

    @property
    def w(self) -> float:
        """Width in pixels."""
        return self.image.width

    @property
    def h(self) -> float:
        """Height in pixels."""
        return self.image.height

    def placed(self, box: Box) -> Box:
        """Return a box that was thought for reading from the left as it lies on this page."""
        return box.mirrored(self.w) if self.rtl else box

    def column(self, box: Box, ink: Ink, look: Column) -> None:
        """Set brand, headline, subline and call to action into a box."""
        gap = max(6.0, min(self.margin * 0.62, box.h * 0.075))
        top, bottom = box.y, box.bottom
        if look.brand and (self.words.brand or self.logo) and box.h > 96:
            tall = max(SMALLEST_TYPE_PX, min(self.unit * 0.44, box.h * 0.07))
            top += self.brand(Box(box.x, top, box.w, tall), ink) + gap
        foot = bottom
        button: Block | None = None
        if look.button and self.words.call_to_action and bottom - top > 90:
            button = self._button_block(box.w, bottom - top)
            foot -= button.height * 2.5 + gap
        head, sub = self._text_blocks(Box(box.x, top, box.w, foot - top), gap, look)
        between = gap + head.size * 0.06
        used = head.height + (between + sub.height if sub else 0)
        y = max(top, foot - used) if look.low else top
        self.type.draw(self.canvas, head, box.x, y, ink=ink.text, accent=ink.accent, align="start", width=box.w)
        y += head.height + between
        if sub:
            self.type.draw(self.canvas, sub, box.x, y, ink=ink.quiet, accent=ink.accent, align="start", width=box.w)
            y += sub.height + gap
        if button:
            self.button(
                button,
                box,
                bottom if look.low or look.spread else min(y + gap * 0.3 + button.height * 2.5, bottom),
                ink,
            )

    def _text_blocks(self, box: Box, gap: float, look: Column) -> tuple[Block, Block | None]:
        subline = self.words.subline if box.h > 70 else ""
        accent_from = second_sentence(self.words.headline) if look.accent else None
        wish = Wish(
            role="display" if self.sans else "headline",
            width=box.w,
            height=max(10.0, box.h * (0.64 if subline else 1.0)),
            largest=look.largest,
            smallest=max(SMALLEST_TYPE_PX, look.largest * 0.16),
            most_lines=6,
            accent_from=accent_from,
        )
        head = self.type.fit(self.words.headline, wish)
        if not subline:
            return head, None
        room = box.h - head.height - gap - head.size * 0.06
        largest = max(SMALLEST_TYPE_PX, min(max(head.size * 0.46, self.unit * 0.44), self.unit * 0.60))
        if room < SMALLEST_TYPE_PX * 1.1:
            return head, None
        sub = self.type.fit(
            subline,
            Wish(
                "body",
                min(box.w, largest * 26),
                room,
                largest,
                max(SMALLEST_TYPE_PX, largest * 0.62),
                most_lines=5,
                part="subline",
            ),
        )
        return head, sub

    def brand(self, box: Box, ink: Ink) -> float:
        """Put the logo, else the brand's name, at the beginning of a box; return how high it is."""
        if self.logo is not None:
            return self._logo(box, ink)
        wish = Wish("strong", box.w - box.h * 1.4, box.h * 1.8, box.h, SMALLEST_TYPE_PX, 1, part="brand")
        block = self.type.fit(self.words.brand, wish)
        mark = block.size * 0.62
        spot = Box(box.x, box.y + (block.size * 0.70 - mark) / 2, mark, mark)
        right = block.script == "arab"
        self.painter.rectangle(Box(box.right - mark, spot.y, mark, mark) if right else spot, ink.accent)
        x = box.x if right else box.x + mark * 1.6
        self.type.draw(
            self.canvas, block, x, box.y, ink=ink.text, accent=ink.accent, align="start", width=box.w - mark * 1.6
        )
        return block.height

    def _logo(self, box: Box, ink: Ink) -> float:
        from PIL.Image import Resampling

        assert self.logo is not None
        tall = min(box.h * 2.1, box.w * 0.5 * self.logo.height / self.logo.width)
        size = (max(1, round(tall * self.logo.width / self.logo.height)), max(1, round(tall)))
        small = self.logo.resize(size, Resampling.LANCZOS)
        x, y = round(box.right - size[0] if self.rtl else box.x), round(box.y)
        if contrast(mean_color(small), ink.ground) < 1.8:  # a white logo on paper: it gets a plate of its own
            pad = round(tall * 0.22)
            plate = (28, 27, 25) if luminance(ink.ground) > 0.4 else (251, 250, 247)
            self.painter.rounded(Box(x, y, size[0] + 2 * pad, size[1] + 2 * pad), plate, pad * 0.4)
            self.image.paste(small, (x + pad, y + pad), small)
            return size[1] + 2 * pad
        self.image.paste(small, (x, y), small)
        return size[1]

    def _button_block(self, width: float, height: float) -> Block:
        largest = max(SMALLEST_TYPE_PX, min(self.unit * 0.48, height * 0.085))
        smallest = max(SMALLEST_TYPE_PX, largest * 0.6)
        return self.type.fit(
            self.words.call_to_action,
            Wish("strong", width - largest * 2.2, largest * 1.5, largest, smallest, 1, part="call_to_action"),
        )

    def button(self, block: Block, box: Box, bottom: float, ink: Ink) -> None:
        """Draw the call to action as a button whose lower edge is at `bottom`."""
        pad = block.size * 1.1
        wide, tall = block.width + 2 * pad, block.height * 2.5
        x = box.right - wide if self.rtl else box.x
        self.painter.rounded(Box(x, bottom - tall, wide, tall), ink.button, max(2.0, tall * 0.09))
        y = bottom - tall + (tall - block.height) / 2 + block.size * 0.06
        self.type.draw(
            self.canvas, block, x + pad, y, ink=ink.button_ink, accent=ink.button_ink, align="center", width=block.width
        )


def second_sentence(text: str) -> int | None:
    """Return after how many letters (spaces not counted) a short second sentence begins, None where there is none."""
    for end in _SENTENCE_END.finditer(text):
        before, after = ("".join(part.split()) for part in (text[: end.end()], text[end.end() :]))
        if 3 <= len(after) <= 34 and len(before) <= 48:
            return len(before)
    return None


def mean_color(image: Image) -> RGB:
    """Return the mean colour of what is not transparent."""
    raw = image.convert("RGBA").resize((16, 16)).tobytes()
    seen = [raw[at : at + 3] for at in range(0, len(raw), 4) if raw[at + 3] > 96] or [bytes((127, 127, 127))]
    red, green, blue = (round(sum(part) / len(seen)) for part in zip(*seen, strict=True))
    return red, green, blue


def opened_logo(data: bytes) -> Image | None:
    """Return a logo as an image with transparency; None where the bytes are no picture of a sane size."""
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    if not data:
        return None
    try:
        with Images.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as found:
            if found.width * found.height > MAX_LOGO_PIXELS or not found.width * found.height:
                return None
            logo = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Images.DecompressionBombError):
        return None
    edges = logo.getchannel("A").getbbox()
    return logo.crop(edges) if edges else None
