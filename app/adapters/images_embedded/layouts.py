"""How a picture is divided: a layout is a few boxes for type and one for a motif, thought for reading from the left.

Each layout knows every shape of page: tall (a story), upright, square, lying, wide, and a banner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.adapters.images_embedded.mark import has_words
from app.adapters.images_embedded.motifs import STANDING, SUBJECTS, tiles
from app.adapters.images_embedded.pages import SMALLEST_TYPE_PX, Column, Ink, Page, second_sentence
from app.adapters.images_embedded.palette import RGB, mix, readable
from app.adapters.images_embedded.shapes import Box
from app.adapters.images_embedded.typesetting import Wish

if TYPE_CHECKING:
    from app.adapters.images_embedded.faces import Role

TALL, LYING, WIDE, BANNER, STRIP = 0.68, 1.22, 1.6, 2.7, 4.5
"""Width by height from which on a page counts as such."""

SHORT_HEADLINE, WIDE_LETTERS = 18, 0x1100
"""Up to how many letters a headline is a short one; from which code point on a letter counts for two."""

Layout = Callable[[Page], None]


def panel(page: Page) -> None:
    """A picture panel with a motif on a colour of its own, beside or above the type."""
    w, h, ratio = page.w, page.h, page.w / page.h
    if ratio >= LYING:
        share = 0.30 if ratio >= BANNER else 0.40
        picture = Box(w * (1 - share), 0, w * share, h)
        text = Box(page.margin, page.margin, w * (1 - share) - page.margin * 2, h - page.margin * 2)
        low = ratio < BANNER
    else:
        low = False
        share = 0.50 if ratio < TALL else 0.44
        picture = Box(0, 0, w, h * share)
        top = picture.bottom + page.margin * 0.85
        text = Box(page.margin, top, w - page.margin * 2, h - top - foot_of(page))
    _subject(page, page.placed(picture), page.palette.panel, page.palette.panel_shapes)
    page.column(page.placed(text), Ink.of(page.palette), Column(largest=_largest(page, text), low=low))


def poster(page: Page) -> None:
    """Type above, the motif standing on the lower edge of the same ground; beside it where the page lies."""
    w, h, ratio = page.w, page.h, page.w / page.h
    if ratio >= LYING:
        share = 0.32 if ratio >= BANNER else 0.44
        picture = Box(w * (1 - share), h * 0.06, w * share, h * 0.94)
        text = Box(page.margin, page.margin, w * (1 - share) - page.margin * 1.6, h - 2 * page.margin)
        _subject(page, page.placed(picture), page.palette.ground, page.palette.shapes, bare=True)
        page.column(page.placed(text), Ink.of(page.palette), Column(largest=_largest(page, text), low=ratio < BANNER))
        return
    picture = Box(0, h * 0.54, w, h * 0.46)
    top = page.margin if ratio >= TALL else h * 0.085
    text = Box(page.margin, top, w - 2 * page.margin, picture.y - top - page.margin * 0.4)
    _subject(page, picture, page.palette.ground, page.palette.shapes, bare=True)
    page.column(text, Ink.of(page.palette), Column(largest=_largest(page, text)))


def sheet(page: Page) -> None:
    """A proof sheet: a white sheet with crop marks on the brand's tone, rules, and a small motif as its stamp."""
    w, h, ratio = page.w, page.h, page.w / page.h
    palette = page.palette
    desk = mix(palette.ground, palette.shapes[2], 0.55)
    page.painter.rectangle(Box(0, 0, w, h), desk)
    edge = page.margin * 0.95
    high = edge if ratio >= TALL else h * 0.085
    paper = Box(edge, high, w - 2 * edge, h - 2 * high)
    white: RGB = mix(palette.ground, (255, 255, 255), 0.75) if sum(palette.ground) > 380 else palette.ground
    page.painter.rectangle(paper, white)
    _crop_marks(page, paper, readable(palette.ink, desk, ratio=3.0))
    inner = paper.inset(page.margin * 0.75)
    rule = max(1.0, page.margin * 0.03)
    if ratio >= LYING:
        rows = 3 if ratio < BANNER else 2
        across, stamp = 1, inner.h / rows
    else:
        across = max(4, round(inner.w / (inner.h * 0.13)))
        rows = max(1, round(inner.h * 0.26 / (inner.w / across)))
        stamp = inner.w / across * rows
    ink = Ink(white, palette.ink, palette.quiet, readable(palette.accent, white), palette.button, palette.button_ink)
    band = inner
    if ratio >= LYING:
        band = Box(inner.x, inner.y, inner.w - stamp * 1.35, inner.h)
        spot = Box(inner.right - stamp, inner.y, stamp, inner.h)
        page.painter.rectangle(page.placed(Box(spot.x - stamp * 0.18, inner.y, rule, inner.h)), palette.quiet)
    else:
        band = Box(inner.x, inner.y, inner.w, inner.h - stamp - page.margin * 0.7)
        spot = Box(inner.x, inner.bottom - stamp, inner.w, stamp)
        page.painter.rectangle(Box(inner.x, spot.y - page.margin * 0.35, inner.w, rule), palette.quiet)
    page.column(page.placed(band), ink, Column(largest=_largest(page, band), low=LYING <= ratio < BANNER))
    spot = page.placed(spot)
    page.painter.rectangle(spot, mix(white, palette.shapes[2], 0.35))
    tiles(page.painter.within(spot), spot, palette.shapes, page.chance, across=across)


def pattern(page: Page) -> None:
    """A field of tiles along an edge, the type on the rest."""
    w, h, ratio = page.w, page.h, page.w / page.h
    if ratio >= LYING:
        rows = 2 if ratio >= BANNER else 3 if h < w * 0.62 else 4
        side = h / rows
        columns = 2 if ratio < BANNER else 3
        field = Box(w - side * columns, 0, side * columns, h)
        text = Box(page.margin, page.margin, field.x - page.margin * 2, h - 2 * page.margin)
        across, low = columns, ratio < BANNER
    else:
        low = False
        across = 4 if ratio > 0.5 else 3
        side = w / across
        rows = 2 if ratio > 0.9 else 3
        field = Box(0, 0, w, side * (rows if ratio > TALL else rows + (across == 3)))
        while field.h > h * 0.46:
            field = Box(0, 0, w, field.h - side)
        top = field.bottom + page.margin * 0.85
        text = Box(page.margin, top, w - 2 * page.margin, h - top - foot_of(page))
    field = page.placed(field)
    page.painter.rectangle(field, page.palette.panel)
    tiles(page.painter.within(field), field, page.palette.panel_shapes, page.chance, across=across)
    page.column(page.placed(text), Ink.of(page.palette), Column(largest=_largest(page, text), low=low))


def type_only(page: Page) -> None:
    """Type as the picture: as large as it goes, under a bar, with one quarter disc in the corner."""
    w, h, ratio = page.w, page.h, page.w / page.h
    palette = page.palette
    corner = min(w, h) * (0.5 if ratio < BANNER else 0.9)
    spot = page.placed(Box(w - corner, h - corner, corner, corner))
    x = spot.x if page.rtl else spot.right
    page.painter.disc(x, h, corner, mix(palette.ground, palette.shapes[2], 0.5))
    page.painter.disc(x, h, corner * 0.46, palette.shapes[1])
    top = page.margin if ratio >= TALL else h * 0.085
    text = Box(page.margin, top, w - 2 * page.margin, h - top - foot_of(page))
    if ratio >= WIDE:
        text = Box(text.x, text.y, text.w * (0.84 if ratio < BANNER else 0.72), text.h)
    else:
        text = Box(text.x, text.y, text.w, text.h - corner * 0.30)
    bar = max(2.0, page.margin * 0.11)
    page.painter.rectangle(page.placed(Box(text.x, text.y, text.w * 0.24, bar)), palette.accent)
    lower = Box(text.x, text.y + bar + page.margin * 0.5, text.w, text.h - bar - page.margin * 0.5)
    page.column(
        page.placed(lower), Ink.of(palette), Column(largest=_largest(page, lower) * 1.25, spread=ratio >= LYING)
    )


def strip(page: Page) -> None:
    """All in one row: brand, headline, call to action, and tiles at the end."""
    w, h = page.w, page.h
    edge = max(4.0, h * 0.14)
    ink = Ink.of(page.palette)
    field = page.placed(Box(w - h, 0, h, h))
    page.painter.rectangle(field, page.palette.panel)
    tiles(page.painter.within(field), field, page.palette.panel_shapes, page.chance, across=2)
    start, end = edge, w - h - edge
    if page.words.brand or page.logo:
        wide = min(w * 0.21, h * 2.2)
        tall = max(SMALLEST_TYPE_PX, h * 0.17)
        page.brand(page.placed(Box(start, (h - tall) / 2, wide, tall)), ink)
        start += wide + edge
        page.painter.rectangle(page.placed(Box(start - edge * 0.5, edge, max(1.0, h * 0.012), h - 2 * edge)), ink.quiet)
        start += edge * 0.5
    if page.words.call_to_action:
        block = page.type.fit(
            page.words.call_to_action,
            Wish("strong", w * 0.2, h * 0.3, h * 0.19, SMALLEST_TYPE_PX, 1, part="call_to_action"),
        )
        wide = block.width + 2.2 * block.size
        page.button(block, page.placed(Box(end - wide, 0, wide, h)), (h + block.height * 2.5) / 2, ink)
        end -= wide + edge
    box = Box(start, edge, end - start, h - 2 * edge)
    role: Role = "display" if page.sans else "headline"
    from_word = second_sentence(page.words.headline)
    head = page.type.fit(page.words.headline, Wish(role, box.w, box.h, h * 0.42, SMALLEST_TYPE_PX, 3, from_word))
    place = page.placed(box)
    y = (h - head.height) / 2
    page.type.draw(page.canvas, head, place.x, y, ink=ink.text, accent=ink.accent, align="start", width=place.w)


LAYOUTS: dict[str, Layout] = {
    "panel": panel,
    "poster": poster,
    "sheet": sheet,
    "pattern": pattern,
    "type": type_only,
}


def lay_out(page: Page, layout: str) -> None:
    """Draw the page; one that is much wider than high has but one layout."""
    (strip if page.w / page.h >= STRIP else LAYOUTS[layout])(page)


def foot_of(page: Page) -> float:
    """Return the margin at the foot: larger on a story, where an app lays its own controls."""
    return page.margin if page.w / page.h >= TALL else page.h * 0.10


def _largest(page: Page, text: Box) -> float:
    """Return the largest type of a headline: it should rule the page, not burst it; a word or two may be larger."""
    letters = sum(2 if ord(letter) >= WIDE_LETTERS else 1 for letter in page.words.headline)
    short = 1 + 0.9 * max(0.0, 1 - letters / SHORT_HEADLINE)
    return max(14.0, min(text.w * 0.20, text.h * 0.30, page.unit * 2.33) * short)


def _subject(page: Page, box: Box, ground: RGB, colors: tuple[RGB, RGB, RGB], *, bare: bool = False) -> None:
    painter = page.painter.within(box)
    if not bare:
        painter.rectangle(box, ground)
    motif = page.chance.choice(STANDING if bare else SUBJECTS)
    motif(painter, box, colors, page.chance)


def _crop_marks(page: Page, paper: Box, color: RGB) -> None:
    long, gap, thick = page.margin * 0.42, page.margin * 0.16, max(1.0, page.margin * 0.018)
    for at_start, x in ((True, paper.x), (False, paper.right - thick)):
        page.painter.rectangle(Box(x, paper.y - gap - long, thick, long), color)
        if at_start != page.rtl or not has_words(page):  # the words of our own mark stand there
            page.painter.rectangle(Box(x, paper.bottom + gap, thick, long), color)
    for y in (paper.y, paper.bottom - thick):
        page.painter.rectangle(Box(paper.x - gap - long, y, long, thick), color)
        page.painter.rectangle(Box(paper.right + gap, y, long, thick), color)
