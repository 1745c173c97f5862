"""Colours that go together and can be read: made from a brand's own, or from one of the house's sets."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from typing import Literal

RGB = tuple[int, int, int]
Mode = Literal["paper", "colour", "night"]

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text of any size."""
WEAKEST_BUTTON = 2.4
"""A brand colour that is told less than that from paper is no button; it colours the words on a dark one."""
PAPER: RGB = (251, 250, 247)
INK: RGB = (28, 27, 25)
WHITE: RGB = (255, 255, 255)
BLACK: RGB = (0, 0, 0)
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})$")

HOUSE: tuple[tuple[str, str, str], ...] = (
    ("#0F5F57", "#C2410C", "#D9C49A"),
    ("#C2410C", "#0F5F57", "#EBC9A8"),
    ("#2F3FBF", "#E8823A", "#B9C0F0"),
    ("#7A2E5D", "#E0703C", "#E3C7D6"),
    ("#8A6D3B", "#0F5F57", "#E2CD9C"),
    ("#1F4D7A", "#D9A441", "#B7CCDF"),
)
"""Main colour, the one that stands out from it, and a calm tone: the series of the screen's charts and their kin."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What a picture is coloured with. `ink`, `accent` and `quiet` can be read on `ground`; shapes need not be.

    `shapes` are the motif's colours on `ground`, the strongest first; `panel` is the ground of a picture's other
    half, `panel_shapes` are the colours on it.
    """

    ground: RGB
    ink: RGB
    quiet: RGB
    accent: RGB
    button: RGB
    button_ink: RGB
    shapes: tuple[RGB, RGB, RGB]
    panel: RGB
    panel_shapes: tuple[RGB, RGB, RGB]


def parse(text: str) -> RGB | None:
    """Return the colour that `#rgb` or `#rrggbb` stands for, None where it is none."""
    found = _HEX.match(text.strip())
    if not found:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(color: RGB) -> float:
    """Return relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in (v / 255 for v in color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """Return `one` with a share of `other`, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(color: RGB, ground: RGB, *, ratio: float = TEXT_CONTRAST) -> RGB:
    """Return `color`, darkened or lightened just so far that it can be told from `ground`."""
    goal = WHITE if contrast(WHITE, ground) > contrast(BLACK, ground) else BLACK
    for step in range(21):
        tried = mix(color, goal, step / 20)
        if contrast(tried, ground) >= ratio:
            return tried
    return goal


def ink_on(ground: RGB) -> RGB:
    """Return the house's paper or ink, whichever stands out more."""
    return PAPER if contrast(PAPER, ground) >= contrast(INK, ground) else INK


def palette(colors: tuple[str, ...], *, mode: Mode, pick: int) -> Palette:
    """Return the colours of a picture; without usable colours of a brand, house set number `pick`."""
    brand = [found for found in map(parse, colors) if found]
    main, pop, tone = _brand(brand) if brand else _house(pick)
    return {"paper": _paper, "colour": _colour, "night": _night}[mode](main, pop, tone)


def _house(pick: int) -> tuple[RGB, RGB, RGB]:
    main, pop, tone = (parse(text) or INK for text in HOUSE[pick % len(HOUSE)])
    return main, pop, tone


def _brand(brand: list[RGB]) -> tuple[RGB, RGB, RGB]:
    """A brand's first colour rules; nearly black or white ones make room for a livelier second."""
    brand = sorted(brand[:4], key=lambda color: not 0.015 < luminance(color) < 0.85) if len(brand) > 1 else brand
    main = brand[0]
    pop = brand[1] if len(brand) > 1 and luminance(brand[1]) < 0.85 else _counterpart(main)
    tone = brand[2] if len(brand) > 2 and luminance(brand[2]) > 0.3 else mix(main, PAPER, 0.68)
    return main, pop, tone


def _counterpart(color: RGB) -> RGB:
    """Return a warm colour beside a cold one, a cold one beside a warm."""
    hue, light, strength = colorsys.rgb_to_hls(*(v / 255 for v in color))
    warm = strength > 0.12 and (hue < 0.17 or hue > 0.9)
    made = colorsys.hls_to_rgb(0.48 if warm else 0.055, 0.26 if warm and light > 0.3 else 0.45, 0.78)
    red, green, blue = (round(v * 255) for v in made)
    return red, green, blue


def _paper(main: RGB, pop: RGB, tone: RGB) -> Palette:
    ground = mix(tone, PAPER, 0.78)
    strong = readable(main, ground) if contrast(main, ground) >= WEAKEST_BUTTON else INK
    return Palette(
        ground=ground,
        ink=mix(INK, main, 0.08),
        quiet=readable(mix(INK, ground, 0.28), ground),
        accent=readable(pop if _is_colourful(pop) else main, ground),
        button=strong,
        button_ink=readable(main, INK) if strong == INK and _is_colourful(main) else _on_button(strong),
        shapes=(_told(main, ground), _told(pop, ground), _tone_on(tone, ground)),
        panel=main,
        panel_shapes=_on_colour(main, pop, tone),
    )


def _colour(main: RGB, pop: RGB, tone: RGB) -> Palette:
    ground, ink = min(
        ((readable(main, ink, ratio=TEXT_CONTRAST + 0.3), ink) for ink in (PAPER, INK)),
        key=lambda pair: sum(abs(a - b) for a, b in zip(pair[0], main, strict=True)),
    )
    shapes = _on_colour(ground, pop, tone)
    button = ink
    return Palette(
        ground=ground,
        ink=ink,
        quiet=readable(mix(ink, ground, 0.16), ground),
        accent=readable(mix(tone, ink, 0.1), ground),
        button=button,
        button_ink=readable(ground, button),
        shapes=shapes,
        panel=mix(tone, PAPER, 0.55),
        panel_shapes=(
            _told(ground, mix(tone, PAPER, 0.55)),
            _told(pop, mix(tone, PAPER, 0.55)),
            mix(tone, INK, 0.12),
        ),
    )


def _night(main: RGB, pop: RGB, tone: RGB) -> Palette:
    ground = mix((20, 20, 19), main, 0.1)
    light = readable(main, ground, ratio=3.0)
    lively = readable(pop, ground, ratio=4.5)
    button = readable(pop, ground, ratio=4.5)
    return Palette(
        ground=ground,
        ink=PAPER,
        quiet=readable(mix(PAPER, ground, 0.28), ground),
        accent=lively,
        button=button,
        button_ink=_on_button(button),
        shapes=(light, lively, mix(ground, tone, 0.28)),
        panel=mix(ground, main, 0.55),
        panel_shapes=_on_colour(mix(ground, main, 0.55), pop, tone),
    )


def _on_colour(ground: RGB, pop: RGB, tone: RGB) -> tuple[RGB, RGB, RGB]:
    """Return shapes on a full colour: a light one, the lively one, and the ground's own shade."""
    light = mix(tone, PAPER, 0.45)
    if contrast(light, ground) < 1.6:
        light = mix(ground, INK, 0.7)
    lively = pop if contrast(pop, ground) >= 1.5 else readable(pop, ground, ratio=1.9)
    shade = mix(ground, BLACK, 0.2) if luminance(ground) > 0.03 else mix(ground, WHITE, 0.12)
    return light, lively, shade


def _on_button(button: RGB) -> RGB:
    return readable(ink_on(button), button)


def _is_colourful(color: RGB) -> bool:
    return max(color) - min(color) > 36


def _told(color: RGB, ground: RGB) -> RGB:
    return readable(color, ground, ratio=1.6)


def _tone_on(tone: RGB, ground: RGB) -> RGB:
    return tone if contrast(tone, ground) >= 1.2 else mix(tone, INK, 0.14)
