"""A line of text cut into runs: one font, one direction, one colour each, in the order in which they are drawn.

Right-to-left lines are put in visual order here, by the part of the bidirectional algorithm that a headline needs:
Latin words, numbers and addresses run from the left inside Arabic. The letters of one run are shaped by HarfBuzz.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    runs: list[Run] = []
    if script != "arab":
        for text, accent in pieces:
            runs += _by_face(text, chain(script, "italic" if accent and role == "headline" else role), accent=accent)
        return _joined(runs)
    for text, accent in pieces:
        at = 0
        for found in _LEFT_TO_RIGHT.finditer(text):
            runs += _reading_right(text[at : found.start()], script, role, accent=accent)
            # Digits and Latin come from the Latin font alone, so that they match.
            inner = _by_face(found[0], chain(script, role)[1:], accent=accent)
            runs += _joined(inner)[::-1]
            at = found.end()
        runs += _reading_right(text[at:], script, role, accent=accent)
    return runs[::-1]


def _reading_right(text: str, script: Script, role: Role, *, accent: bool) -> list[Run]:
    return _joined(_by_face(text, chain(script, role), accent=accent, rtl=True))


def _by_face(text: str, faces: tuple[Face, ...], *, accent: bool, rtl: bool = False) -> Iterable[Run]:
    before: Face | None = None
    for letter in text:
        follows = letter == " " or unicodedata.combining(letter) or ord(letter) in _JOINERS
        if before is None or not follows:
            point = ord(letter)
            before = next((face for face in faces if point in covered(face.name)), faces[0])
        yield Run(letter, before, rtl, accent)


def _joined(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and (last.face, last.rtl, last.accent) == (run.face, run.rtl, run.accent):
            joined[-1] = Run(last.text + run.text, run.face, run.rtl, run.accent)
        else:
            joined.append(run)
    return joined
