"""Where lines may end: after words, and in Chinese and Japanese between letters, by the rules of kinsoku.

Lines are chosen together, not one after the other: they come out evenly long, no single word is left over, and a break
stands where the sense has one (after a comma, before a content word) rather than inside a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.adapters.images_embedded.faces import Script
from app.adapters.images_embedded.hyphens import cut_points

NOT_FIRST = set(
    "、。，．・：；？！）」』】〉》〕］｝”’々ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ%％℃…‥)]}!?,.:;·"
)
"""JIS X 4051: never at the beginning of a line."""
NOT_LAST = set("（「『【〈《〔［｛“‘([{$¥￥€£#＃")
"""JIS X 4051: never at the end of a line."""
PENALTY_WEIGHT = 0.6
"""What a bad break weighs against uneven lines."""
_WESTERN = re.compile(r"[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ.,:/@&+'’%-]*")
_AFTER_SHORT, _AFTER_JOINT = 0.12, 0.7
_BETWEEN = frozenset("–—-×&+/|=·:;!?")
"""Signs that stand between spaces and hold on to both sides."""
_SOFT = {"-", "–", "—", "/"}


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never broken. `spaced`: a space follows inside a line. `penalty`: what a break after it costs.

    `accent`: it belongs to the part of the text that is set apart by colour. `hyphen`: a line that ends with it shows
    one.
    """

    text: str
    spaced: bool = True
    penalty: float = 0.0
    accent: bool = False
    hyphen: bool = False


def atoms_of(text: str, script: Script) -> list[Atom]:
    """Return the atoms of a text."""
    words = text.split()
    if script in ("jpan", "hans"):
        return _letters(" ".join(words), script)
    atoms: list[Atom] = []
    for at, word in enumerate(words):
        for piece in _pieces(word):
            parts = _syllables(piece) if script == "latn" else [piece]
            atoms += [Atom(part, spaced=False, penalty=0.35, hyphen=True) for part in parts[:-1]]
            atoms.append(Atom(parts[-1], spaced=False, penalty=0.25))
        joins = any(word in _BETWEEN for word in (word, *words[at + 1 : at + 2]))
        after = _AFTER_JOINT if joins else _AFTER_SHORT if len(word) <= 2 else _after(word)
        atoms[-1] = replace(atoms[-1], spaced=True, penalty=after)
    return atoms


def _syllables(word: str) -> list[str]:
    core = word.rstrip(",.;:!?)”»…")
    points = cut_points(core)
    return [word[start:end] for start, end in pairwise([0, *points, len(word)])]


def _after(word: str) -> float:
    return -0.5 if word[-1] in ".!?؟।" else -0.15 if word[-1] in ",;:،؛—–" else 0.0


def _pieces(word: str) -> list[str]:
    """Cut a word after its own hyphens and slashes, where both sides are long enough; an address is left whole."""
    if "." in word.strip(".") or "@" in word:
        return [word]
    pieces = [""]
    for at, letter in enumerate(word):
        pieces[-1] += letter
        if letter in _SOFT and at >= 3 and len(word) - at > 4:
            pieces.append("")
    return [piece for piece in pieces if piece] or [word]


def _letters(text: str, script: Script) -> list[Atom]:
    raw: list[str] = []
    at = 0
    while at < len(text):
        western = _WESTERN.match(text, at)
        raw.append(western[0] if western else text[at])
        at += len(raw[-1])
    joined: list[str] = []
    spaces: set[int] = set()
    for piece in raw:
        if piece == " ":
            spaces.add(len(joined) - 1)
        elif joined and (piece[0] in NOT_FIRST or joined[-1][-1] in NOT_LAST) and len(joined) - 1 not in spaces:
            joined[-1] += piece
        else:
            joined.append(piece)
    return [
        Atom(piece, spaced=at in spaces, penalty=_penalty(piece, joined[at + 1 : at + 2], script))
        for at, piece in enumerate(joined)
    ]


def _penalty(piece: str, following: list[str], script: Script) -> float:
    """Return what a break between two pieces costs: little at a phrase's end, much inside a word."""
    if not following:
        return 0.0
    last, first = piece[-1], following[0][0]
    if last in NOT_FIRST and unicodedata.category(last).startswith("P"):
        return -0.5
    if script == "hans":
        return 0.02 if last in "的了和与在是让把" else 0.12
    kinds = (_kind(last), _kind(first))
    if kinds == ("kana", "kana"):
        return 0.05 if last in "はがをに" else 0.45
    if kinds == ("kana", "han") or kinds[0] == "west" or kinds[1] == "west":
        return 0.02
    if kinds[0] == "kata" and kinds[1] == "kata":
        return 2.0
    if kinds == ("han", "kana"):
        return 0.9
    return 0.02 if kinds == ("kana", "kata") else 0.6 if kinds == ("han", "han") else 0.2


def _kind(letter: str) -> str:
    point = ord(letter)
    if 0x3040 <= point <= 0x309F:
        return "kana"
    if 0x30A0 <= point <= 0x30FF:
        return "kata"
    return "han" if point >= 0x3400 else "west"


@dataclass(frozen=True, slots=True)
class Measures:
    """Of each atom: its width, that of the space after it inside a line, and that of a hyphen at a line's end."""

    widths: tuple[float, ...]
    spaces: tuple[float, ...]
    tails: tuple[float, ...]


def line_count(measures: Measures, limit: float) -> int:
    """Return how few lines of width `limit` hold all atoms; a large number when an atom is wider than a line."""
    count, filled = 1, -1.0
    for at, width in enumerate(measures.widths):
        if width + measures.tails[at] > limit:
            return 1000
        wanted = width if filled < 0 else filled + measures.spaces[at - 1] + width
        if wanted + measures.tails[at] > limit:
            count, filled = count + 1, width
        else:
            filled = wanted
    return count


def break_lines(
    atoms: Sequence[Atom], measures: Measures, *, limit: float, count: int
) -> tuple[list[list[int]], float]:
    """Return the atoms' numbers by line, and what the breaks cost.

    At most `count` lines, none wider than `limit`, as even and sensible as can be.
    """
    total = len(atoms)
    even = min(limit, (sum(measures.widths) + sum(measures.spaces[:-1])) / count)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}] + [{} for _ in range(count)]
    for row in range(1, count + 1):
        for start, (cost, _) in best[row - 1].items():
            filled = 0.0
            for end in range(start + 1, total + 1):
                filled += measures.widths[end - 1] + (measures.spaces[end - 2] if end - 1 > start else 0.0)
                if filled > limit * 1.0001:
                    break
                last = end == total
                if not last and filled + measures.tails[end - 1] > limit * 1.0001:
                    continue
                uneven = ((filled - even) / limit) ** 2 * (1.4 if last and filled < even * 0.45 else 1.0)
                tried = cost + uneven + (0.0 if last else atoms[end - 1].penalty * PENALTY_WEIGHT)
                if end not in best[row] or tried < best[row][end][0]:
                    best[row][end] = (tried, start)
    rows = next((row for row in range(count, 0, -1) if total in best[row]), 0)
    lines: list[list[int]] = []
    end = total
    for row in range(rows, 0, -1):
        start = best[row][end][1]
        lines.append(list(range(start, end)))
        end = start
    return lines[::-1], best[rows][total][0] if rows else 0.0
