"""From words and a seed to a finished picture: style and chance choose layout, colours and motif; the same seed always
the same picture. The file says how it was made, and a small mark in the corner too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from app.adapters.images_embedded import recipe
from app.adapters.images_embedded.faces import Faces
from app.adapters.images_embedded.layouts import lay_out
from app.adapters.images_embedded.mark import draw_mark
from app.adapters.images_embedded.pages import Page, Words, opened_logo
from app.adapters.images_embedded.palette import Mode, palette
from app.adapters.images_embedded.shapes import Painter
from app.adapters.images_embedded.typesetting import Typesetter
from app.core.media_ports import Design, SetText

LONGEST_HEADLINE, LONGEST_SUBLINE, LONGEST_CALL, LONGEST_BRAND = 160, 320, 40, 48


@dataclass(frozen=True, slots=True)
class Style:
    """Which layouts and grounds a style chooses among."""

    layouts: tuple[str, ...]
    modes: tuple[Mode, ...]
    sans: bool = False


STYLES: dict[str, Style] = {
    "editorial": Style(("panel", "sheet", "type"), ("paper",)),
    "bold": Style(("poster", "type", "panel"), ("colour",)),
    "geometric": Style(("pattern", "panel"), ("paper", "colour"), sans=True),
    "night": Style(("poster", "panel", "type"), ("night",)),
    "proof": Style(("sheet",), ("paper",)),
}
"""The styles by name; any other name leaves the choice to the seed."""
ANY = Style(("panel", "poster", "pattern", "sheet", "type"), ("paper", "colour", "night"))


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished picture as PNG, and the texts that stand on it; the mark in the corner is none of them."""

    data: bytes
    words: tuple[SetText, ...]


def compose(design: Design, *, width_px: int, height_px: int, seed: int, variation: int = 0) -> Composed:
    """Return a picture of exactly this size. `variation` counts other pictures of the same seed."""
    from PIL import Image, ImageDraw

    words = words_of(design)
    chance = Random(f"{seed}:{variation}")  # noqa: S311 - a picture, not a secret
    style = STYLES.get(design.style.strip().lower(), ANY)
    layout = style.layouts[(seed + variation) % len(style.layouts)]
    mode = _mode(style, layout, chance)
    colors = palette(design.colors, mode=mode, pick=seed // 7 + variation)
    image = Image.new("RGB", (width_px, height_px), colors.ground)
    type_ = Typesetter(Faces(), design.locale)
    page = Page(
        image=image,
        canvas=ImageDraw.Draw(image),
        painter=Painter(image),
        type=type_,
        palette=colors,
        words=words,
        chance=chance,
        logo=opened_logo(design.logo),
        rtl=type_.script(words.headline) == "arab",
        margin=margin_of(width_px, height_px),
        sans=style.sans,
    )
    lay_out(page, layout)
    set_texts = tuple(type_.set)
    draw_mark(page)
    made = recipe.Recipe(replace(design, logo=b""), seed, variation, layout)
    return Composed(recipe.as_png(image, made), set_texts)


def margin_of(width_px: int, height_px: int) -> float:
    """Return the page's margin: a share of its short side, a little more on long ones."""
    short, long = sorted((width_px, height_px))
    return max(8.0, short * 0.062 + min(long - short, short) * 0.012)


def words_of(design: Design) -> Words:
    """Return the words to set, each at most as long as it can be read on a picture."""
    return Words(
        headline=_short(design.headline, LONGEST_HEADLINE),
        subline=_short(design.subline, LONGEST_SUBLINE),
        call_to_action=_short(design.call_to_action, LONGEST_CALL),
        brand=_short(design.brand, LONGEST_BRAND),
    )


def _mode(style: Style, layout: str, chance: Random) -> Mode:
    fitting = [mode for mode in style.modes if not (layout == "sheet" and mode == "night")]
    if layout == "sheet" and "paper" in fitting:
        return "paper"
    return chance.choice(fitting)


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0] if " " in text[limit // 2 : limit] else text[:limit]
    return cut.rstrip(" ,.;:、。") + "…"
