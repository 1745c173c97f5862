"""Which letters are set in which font, and how they are measured.

A script's own fonts come first; a letter that they lack is taken from the next font that has it, and one that none has
is left out: a picture shows no empty boxes. `fonts/coverage.json` says which letters each file has, since Pillow
cannot tell. Fonts are opened once per picture: they are not safe to share between threads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.core.errors import Unavailable

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Script = Literal["latn", "arab", "deva", "jpan", "kore", "hans"]
Role = Literal["headline", "italic", "display", "body", "strong"]

FOLDER = Path(__file__).parent / "fonts"
SHARED_FOLDER = Path(__file__).parents[3] / "assets" / "fonts"
MEASURED_PX = 200


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, and where on its axes."""

    name: str
    axes: tuple[int, ...] = ()


_SERIF = Face("newsreader", (480, 60))
_SANS = Face("instrument-sans", (100, 400))
_SANS_STRONG = Face("instrument-sans", (100, 600))
_WIDE_SERIF, _WIDE_SANS = Face("noto-serif-regular"), Face("noto-sans-regular")
_CJK: dict[Script, str] = {"jpan": "jp", "kore": "kr", "hans": "sc"}
_CJK_WEIGHTS: dict[Role, str] = {"headline": "semibold", "display": "medium", "body": "medium", "strong": "medium"}
_JOINED: tuple[Script, ...] = ("arab", "deva")
"""Scripts whose letters are joined or reordered: that takes more than a font."""

_OWN: dict[tuple[Script, Role], tuple[Face, ...]] = {
    ("latn", "headline"): (_SERIF,),
    ("latn", "italic"): (Face("newsreader-italic", (480, 60)),),
    ("latn", "display"): (_SANS_STRONG,),
    ("latn", "body"): (_SANS,),
    ("latn", "strong"): (_SANS_STRONG,),
    ("arab", "headline"): (Face("noto-naskh-arabic-bold"), Face("newsreader", (620, 60))),
    ("arab", "display"): (Face("noto-sans-arabic-bold"), _SANS_STRONG),
    ("arab", "body"): (Face("noto-sans-arabic-regular"), _SANS),
    ("arab", "strong"): (Face("noto-sans-arabic-bold"), _SANS_STRONG),
    ("deva", "headline"): (Face("noto-serif-devanagari-bold"), Face("newsreader", (620, 60))),
    ("deva", "display"): (Face("noto-sans-devanagari-bold"), _SANS_STRONG),
    ("deva", "body"): (Face("noto-sans-devanagari-regular"), _SANS),
    ("deva", "strong"): (Face("noto-sans-devanagari-bold"), _SANS_STRONG),
}
_OWN |= {
    (script, role): (Face(f"noto-{'serif' if role == 'headline' else 'sans'}-{_CJK[script]}-{weight}"),)
    for script in _CJK
    for role, weight in _CJK_WEIGHTS.items()
}


def chain(script: Script, role: Role) -> tuple[Face, ...]:
    """Return the fonts of a role in the order in which they are asked for a letter."""
    role = "headline" if role == "italic" and script != "latn" else role
    serif = role in ("headline", "italic")
    kind, weight = ("serif", "semibold") if serif else ("sans", "medium")
    others = [Face(f"noto-{kind}-{place}-{weight}") for place in ("jp", "sc", "kr")]
    sans = [Face(f"noto-sans-{place}-medium") for place in ("jp", "sc", "kr")] if serif else []
    own = _OWN[script, role]
    latin = (_SERIF if serif else _SANS,) if script == "latn" else ()
    wide = _WIDE_SERIF if serif else _WIDE_SANS
    rest = (*latin, wide, *_others_joined(script, serif=serif), *others, *sans)
    return tuple(dict.fromkeys((*own, *rest)))


def _others_joined(script: Script, *, serif: bool) -> tuple[Face, ...]:
    role: Role = "headline" if serif else "strong"
    return tuple(_OWN[other, role][0] for other in _JOINED if other != script)


@cache
def covered(name: str) -> frozenset[int]:
    """Return the code points of a font file."""
    return _coverage()[name]


@cache
def _coverage() -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for name, spans in json.loads((FOLDER / "coverage.json").read_text()).items():
        points: set[int] = set()
        at = 0
        for skip, count in zip(spans[::2], spans[1::2], strict=True):
            points.update(range(at + skip, at + skip + count))
            at += skip + count
        found[name] = frozenset(points)
    return found


def script_of(text: str, locale: str) -> Script:
    """Return the script that rules a text: by its letters; Han letters alone may be of several languages."""
    counts = dict.fromkeys(("arab", "deva", "kana", "hang", "han", "latn"), 0)
    for letter in text:
        if kind := _kind_of(ord(letter)):
            counts[kind] += 1
    if counts["arab"] and counts["arab"] * 2 >= counts["latn"]:
        return "arab"
    if counts["deva"] and counts["deva"] * 2 >= counts["latn"]:
        return "deva"
    if counts["hang"]:
        return "kore"
    if counts["kana"]:
        return "jpan"
    if counts["han"]:
        return "jpan" if locale.startswith("ja") else "hans"
    return "latn"


def _kind_of(point: int) -> str:
    if 0x41 <= point <= 0x24F and chr(point).isalpha():
        return "latn"
    if 0x600 <= point <= 0x6FF or 0x750 <= point <= 0x77F or 0xFB50 <= point <= 0xFEFC:
        return "arab"
    if 0x900 <= point <= 0x97F:
        return "deva"
    if 0x3040 <= point <= 0x30FF:
        return "kana"
    if 0xAC00 <= point <= 0xD7A3 or 0x1100 <= point <= 0x11FF:
        return "hang"
    return "han" if 0x3400 <= point <= 0x9FFF else ""


@dataclass(slots=True)
class Faces:
    """The fonts of one picture."""

    _open: dict[tuple[Face, int], FreeTypeFont] = field(default_factory=dict)
    _widths: dict[tuple[Face, str], float] = field(default_factory=dict)

    def font(self, face: Face, size_px: int) -> FreeTypeFont:
        """Return the font at a size."""
        key = (face, size_px)
        if key not in self._open:
            self._open[key] = _opened(face, size_px)
        return self._open[key]

    def width(self, face: Face, text: str, *, rtl: bool = False) -> float:
        """Return how wide the text is when set at one pixel."""
        key = (face, text)
        if key not in self._widths:
            font = self.font(face, MEASURED_PX)
            self._widths[key] = font.getlength(text, direction="rtl" if rtl else None) / MEASURED_PX
        return self._widths[key]


def _opened(face: Face, size_px: int) -> FreeTypeFont:
    from PIL import ImageFont

    own = FOLDER / f"{face.name}.woff2"
    path = own if own.exists() else SHARED_FOLDER / f"{face.name}.woff2"
    font = ImageFont.truetype(str(path), size_px)
    if face.axes:
        font.set_variation_by_axes(list(face.axes))
    return font


def assert_joined(script: Script) -> None:
    """Refuse a script whose letters cannot be joined here.

    Raises:
        Unavailable: Pillow found no FriBidi on this machine.
    """
    from PIL import features

    if script in _JOINED and not features.check("raqm"):
        raise Unavailable(
            "Arabic and Hindi pictures need FriBidi on the server (Debian, Ubuntu: apt install libfribidi0).",
            code="images.fribidi_missing",
        )
