"""Texts cut where a voice may take a breath: at paragraphs, ends of sentences, commas, words; in that order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import regex

from app.media.recipes import Said

_ENDS = (
    re.compile(r"\n\s*\n+"),
    re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？।؟۔])[」』”’)\]]*\s*"),
    re.compile(r"(?<=[,;:—–])\s+|(?<=[，、；：،؛])\s*"),
    re.compile(r"\s+"),
)


def parts_of(text: str, *, most: int) -> list[str]:
    """Return the text in parts of at most `most` characters, as long as possible and cut as early in the list above
    as they allow; a word that is longer than that is cut where it must be. Nothing that is said is lost.
    """
    return _parts(text.strip(), most, _ENDS)


def _parts(text: str, most: int, ends: tuple[re.Pattern[str], ...]) -> list[str]:
    if len(text) <= most:
        return [text] if text else []
    if not ends:
        return [text[at : at + most] for at in range(0, len(text), most)]
    pieces: list[str] = []
    for piece in _cut(text, ends[0]):
        pieces += _parts(piece, most, ends[1:])
    return _packed(pieces, most)


def _cut(text: str, end: re.Pattern[str]) -> list[str]:
    places = [0, *(found.end() for found in end.finditer(text)), len(text)]
    return [text[a:b].strip() for a, b in pairwise(places) if text[a:b].strip()]


def _packed(pieces: Iterable[str], most: int) -> list[str]:
    packed: list[str] = []
    for piece in pieces:
        glue = "" if packed and _is_spaceless(packed[-1][-1]) else " "
        if packed and len(packed[-1]) + len(glue) + len(piece) <= most:
            packed[-1] += glue + piece
        else:
            packed.append(piece)
    return packed


def _is_spaceless(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [sentence for paragraph in _cut(text, _ENDS[0]) for sentence in _cut(paragraph, _ENDS[1])]


def as_spoken(text: str, said: Iterable[Said]) -> str:
    """Return the text with every listed word as it sounds: whole words only, whatever their case, longest first."""
    words = {one.written.casefold(): one.spoken for one in said}
    if not words:
        return text
    listed = "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = regex.compile(rf"(?<![\p{{L}}\p{{N}}_])(?:{listed})(?![\p{{L}}\p{{N}}_])", regex.IGNORECASE)
    return str(pattern.sub(lambda found: words.get(found[0].casefold(), found[0]), text))
