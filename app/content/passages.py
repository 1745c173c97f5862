"""A text cut into its paragraphs, with their places."""

from __future__ import annotations

from typing import NamedTuple

import regex

_GAP = regex.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+")


class Span(NamedTuple):
    """A piece of a text and where it stands, in code points."""

    start: int
    end: int
    text: str


def paragraphs(text: str) -> list[Span]:
    """Return the paragraphs of a text: what blank lines part."""
    found, start = [], 0
    for match in _GAP.finditer(text):
        found.append((start, match.start()))
        start = match.end()
    found.append((start, len(text)))
    return [span for start, end in found if (span := trimmed(text, start, end)).text]


def trimmed(text: str, start: int, end: int) -> Span:
    """Return a piece of the text without the space around it."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Span(start, start + len(piece), piece)
