"""The colours of a clip: those of a proof sheet, with the brand's own where they can carry text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Rgb = tuple[int, int, int]

PAPER: Rgb = (0xFB, 0xFA, 0xF7)
INK: Rgb = (0x21, 0x20, 0x1C)
MUTED: Rgb = (0x63, 0x63, 0x5E)
FAINT: Rgb = (0xDA, 0xD9, 0xD6)
ACCENT: Rgb = (0x0F, 0x5F, 0x57)
MARK: Rgb = (0xC2, 0x41, 0x0C)
CAPTION_CONTRAST = 7.0  # WCAG 2.2, 1.4.6 (AAA): captions are read in a glance
DARK_ENOUGH = 4.5  # below it a colour would have to become another one
MARK_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: what is not text
DARKENING = 0.92


@dataclass(frozen=True, slots=True)
class Palette:
    """`band` carries the captions in `on_band`, `edge` is the strip along its top; `mark` underlines on paper."""

    band: Rgb
    edge: Rgb
    mark: Rgb
    on_band: Rgb = PAPER


def palette(colors: Sequence[str]) -> Palette:
    """Return the palette for a brand's colours, most important first; what cannot be read as #rrggbb is left out.

    A colour that is nearly dark enough for captions is darkened; one that is far from it stays what it is, as a strip.
    """
    known = [color for color in map(_parsed, colors) if color is not None]
    dark = [color for color in known if contrast(color, PAPER) >= DARK_ENOUGH]
    band = edge = dark[0] if dark else (INK if known else ACCENT)
    while contrast(band, PAPER) < CAPTION_CONTRAST:
        band = _darker(band)
    if known and known[0] not in dark:
        edge = known[0]
    others = [color for color in known if color != edge and color not in dark[:1]]
    return Palette(band, edge, next((color for color in others if contrast(color, PAPER) >= MARK_CONTRAST), MARK))


def _parsed(text: str) -> Rgb | None:
    digits = text.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        return None
    return red, green, blue


def _darker(color: Rgb) -> Rgb:
    red, green, blue = (int(part * DARKENING) for part in color)
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Rgb) -> float:
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
