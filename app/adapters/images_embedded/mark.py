"""The small mark in the corner: a sheet with a tick, and the words that no model painted this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters.images_embedded.palette import RGB, ink_on, mix, readable
from app.adapters.images_embedded.shapes import Box
from app.adapters.images_embedded.typesetting import Wish

if TYPE_CHECKING:
    from app.adapters.images_embedded.pages import Page

SAYS = "Drawn by Galley, no AI"
SHORTEST_WITH_WORDS_PX = 420


def draw_mark(page: Page) -> None:
    """Draw the mark in the margin at the foot, where the reader's eye leaves the page."""
    tall = max(8.0, page.margin * 0.24)
    pad = max(4.0, (page.margin - tall) * 0.34)
    wide = tall
    block = None
    if has_words(page):
        block = page.type.fit(SAYS, Wish("body", page.w, tall * 2, tall * 0.84, 8, 1))
        wide += tall * 0.45 + block.width
    y = page.h - pad - tall
    x = pad if page.rtl else page.w - pad - wide
    ground = _ground(page, Box(x, y, wide, tall))
    ink = readable(mix(ink_on(ground), ground, 0.35), ground, ratio=3.2)
    line = max(1.0, tall * 0.09)
    page.painter.line(
        [(x + tall * 0.8, y), (x, y), (x, y + tall), (x + tall * 0.85, y + tall), (x + tall * 0.85, y + tall * 0.55)],
        line,
        ink,
    )
    page.painter.line(
        [(x + tall * 0.25, y + tall * 0.5), (x + tall * 0.46, y + tall * 0.72), (x + tall, y + tall * 0.12)],
        line * 1.3,
        ink,
    )
    if block:
        top = y + (tall - block.size * 0.7) / 2
        page.type.draw(page.canvas, block, x + tall * 1.45, top, ink=ink, accent=ink, align="start", width=block.width)


def has_words(page: Page) -> bool:
    """Whether there is room for the words beside the mark."""
    return min(page.w, page.h) >= SHORTEST_WITH_WORDS_PX


def _ground(page: Page, box: Box) -> RGB:
    from PIL.Image import Resampling

    part = page.image.crop((int(box.x), int(box.y), int(box.right) + 1, int(box.bottom) + 1))
    red, green, blue = part.resize((1, 1), Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]  # RGB has three
    return int(red), int(green), int(blue)
