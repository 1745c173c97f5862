"""Which font has a letter."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Role = Literal["heading", "caption", "folio"]
Script = Literal["latin", "arabic", "devanagari", "han", "japanese", "korean"]

FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x0600, 0x06FF, "arabic"), (0x0750, 0x077F, "arabic"), (0x08A0, 0x08FF, "arabic"), (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFC, "arabic"), (0x0900, 0x097F, "devanagari"), (0xA8E0, 0xA8FF, "devanagari"),
    (0x3000, 0x30FF, "japanese"), (0x31F0, 0x31FF, "japanese"), (0xFF00, 0xFFEF, "japanese"),
    (0x1100, 0x11FF, "korean"), (0x3130, 0x318F, "korean"), (0xAC00, 0xD7AF, "korean"),
    (0x3400, 0x9FFF, "han"), (0xF900, 0xFAFF, "han"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def script_of(sign: str) -> Script | None:
    """Return the script of one letter; None for what stands in all of them: digits, spaces, punctuation."""
    code = ord(sign)
    for first, last, script in RANGES:
        if first <= code <= last:
            return script
    return "latin" if sign.isalpha() else None


class Faces:
    """Fonts of one language by role, script and size."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.base: Script = {"ar": "arabic", "hi": "devanagari", "ja": "japanese", "ko": "korean", "zh": "han"}.get(
            locale[:2], "latin"
        )  # type: ignore[assignment]
        self._fonts: dict[tuple[Role, Script, int], FreeTypeFont] = {}

    def font(self, role: Role, script: Script, size: int) -> FreeTypeFont:
        key = (role, script, size)
        if key not in self._fonts:
            self._fonts[key] = self._load(*key)
        return self._fonts[key]

    def _load(self, role: Role, script: Script, size: int) -> FreeTypeFont:
        from PIL import ImageFont

        if script != "latin":
            return ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", size)
        name, axes = {
            "heading": ("newsreader.woff2", [520, 60]),
            "caption": ("instrument-sans.woff2", [100, 600]),
            "folio": ("instrument-sans.woff2", [100, 600]),
        }[role]
        font = ImageFont.truetype(str(FONTS / name), size)
        font.set_variation_by_axes(axes)
        return font
