"""A line of text cut into runs: one font, one direction, one colour each, in the order in which they are drawn.

Lines of both directions are put in visual order here. In an Arabic line a Latin word or a number keeps its own signs,
as in `20%` or `@name`, and an address is one piece. The letters of one run are shaped by HarfBuzz.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.adapters.images_embedded.bidi import Kind, levels, visual
from app.adapters.images_embedded.faces import Face, Role, Script, chain, covered

_LEFT_TO_RIGHT = re.compile(r"[#@$€£+]?[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ .,:/@&+'’%€$£=?_-]*[A-Za-z0-9À-ɏ])?[%€$£+]?")
_JOINERS = {0x200C, 0x200D, 0xFE0E, 0xFE0F}


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font, direction and colour."""

    text: str
    face: Face
    rtl: bool = False
    accent: bool = False


def cleaned(text: str, script: Script, role: Role) -> str:
    """Return the text without control characters and without letters that no font has."""
    faces = chain(script, role)
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        point = ord(letter)
        if letter.isspace():
            kept.append(" ")
        elif point in _JOINERS or (
            unicodedata.category(letter)[0] != "C" and any(point in covered(face.name) for face in faces)
        ):
            kept.append(letter)
    return " ".join("".join(kept).replace("\ufe0f", "").replace("\ufe0e", "").split())


def runs_of(pieces: Sequence[tuple[str, bool]], script: Script, role: Role) -> list[Run]:
    """Return the runs of a line from left to right; `pieces` are its texts and whether each is accented, in order."""
    text = "".join(piece for piece, _ in pieces)
    accents = [accent for piece, accent in pieces for _ in piece]
    rtl = script == "arab"
    found = levels(text, rtl=rtl, held=_held(text) if rtl else ())
    runs: list[Run] = []
    run_levels: list[int] = []
    for letter, level, accent in zip(text, found, accents, strict=True):
        last = runs[-1] if runs else None
        fresh = last is None or run_levels[-1] != level or last.accent != accent
        face = _face(
            letter, _faces_at(level, script, role, accent=accent), before=None if fresh or not last else last.face
        )
        if last is None or fresh or last.face != face:
            runs.append(Run(letter, face, level % 2 == 1, accent))
            run_levels.append(level)
        else:
            runs[-1] = replace(last, text=last.text + letter)
    return visual(runs, run_levels)


def _held(text: str) -> list[tuple[int, int, Kind]]:
    """Return what runs from the left inside Arabic; numbers alone are ordered among themselves as Arabic ones are."""
    return [
        (found.start(), found.end(), "L" if any(letter.isalpha() for letter in found[0]) else "AN")
        for found in _LEFT_TO_RIGHT.finditer(text)
    ]


def _faces_at(level: int, script: Script, role: Role, *, accent: bool) -> tuple[Face, ...]:
    if script != "arab":
        return chain(script, "italic" if accent and role == "headline" else role)
    faces = chain(script, role)
    # Digits and Latin come from the Latin font first, so that they match.
    return faces if level % 2 else (*faces[1:], faces[0])


def _face(letter: str, faces: tuple[Face, ...], *, before: Face | None) -> Face:
    """Return the first font that has the letter; what belongs to the letter before it stays in that one's."""
    if before and (letter == " " or unicodedata.combining(letter) or ord(letter) in _JOINERS):
        return before
    return next((face for face in faces if ord(letter) in covered(face.name)), faces[0])
