"""Which letters are set in which font, and how they are measured.

A script's own fonts come first; a letter that they lack is taken from the next font that has it, and one that none has
is left out: a picture shows no empty boxes. HarfBuzz joins, orders and places the letters of every script, from its
wheel alone. Files are mapped once per process; fonts, which hold a place on the axes, are opened once per picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import uharfbuzz

Script = Literal["latn", "arab", "deva", "jpan", "kore", "hans"]
Role = Literal["headline", "italic", "display", "body", "strong"]

FOLDER = Path(__file__).parent / "fonts"


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
    """Return the code points that a font file has letters for."""
    return frozenset(_loaded(name).unicodes)


@cache
def _loaded(name: str) -> uharfbuzz.Face:
    from uharfbuzz import Blob, Face

    path = next(path for ending in ("ttf", "otf") if (path := FOLDER / f"{name}.{ending}").exists())
    return Face(Blob.from_file_path(str(path)))


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


@dataclass(frozen=True, slots=True)
class Glyph:
    """A shape of a font and where it stands, in shares of the size: from the run's start, and above its line."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shaped:
    """Letters as they are drawn: glyphs from left to right, and how far they reach in shares of the size."""

    glyphs: tuple[Glyph, ...]
    width: float


@dataclass(slots=True)
class Faces:
    """The fonts of one picture."""

    _open: dict[Face, uharfbuzz.Font] = field(default_factory=dict)
    _shaped: dict[tuple[Face, str, bool], Shaped] = field(default_factory=dict)

    def font(self, face: Face) -> uharfbuzz.Font:
        """Return the font, in its own units."""
        if face not in self._open:
            from uharfbuzz import Font

            font = Font(_loaded(face.name))
            if face.axes:
                font.set_var_coords_design(list(face.axes))
            self._open[face] = font
        return self._open[face]

    def shaped(self, face: Face, text: str, *, rtl: bool = False) -> Shaped:
        """Return the glyphs of a text of one direction: joined, in ligatures and clusters, kerned, with its marks."""
        key = (face, text, rtl)
        if key not in self._shaped:
            self._shaped[key] = _shaped(self.font(face), text, "rtl" if rtl else "ltr")
        return self._shaped[key]

    def width(self, face: Face, text: str, *, rtl: bool = False) -> float:
        """Return how wide the text is when set at one pixel."""
        return self.shaped(face, text, rtl=rtl).width


def _shaped(font: uharfbuzz.Font, text: str, direction: str) -> Shaped:
    from uharfbuzz import Buffer, shape

    buffer = Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    buffer.language = "und"  # else it is the machine's, and the same seed draws another picture elsewhere
    shape(font, buffer)
    em, x = font.face.upem, 0
    glyphs = []
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(Glyph(info.codepoint, (x + place.x_offset) / em, place.y_offset / em))
        x += place.x_advance
    return Shaped(tuple(glyphs), x / em)
