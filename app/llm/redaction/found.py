"""What every family of patterns hands back, and the text that they all read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal, NamedTuple

import regex

from app.core.text import ascii_digits

Kind = Literal["LOGIN", "EMAIL", "IBAN", "CARD", "ID", "PHONE", "IP", "NAME"]

_UNQUOTABLE = regex.compile(r'["\\\p{Cc}]')
_PUNCTUATION = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ", "\u2007": " ",
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-", "\uff0d": "-",
        "＋": "+", "（": "(", "）": ")", "＠": "@", "．": ".", "：": ":", "／": "/",
        "\u200e": " ", "\u200f": " ", "\u202a": " ", "\u202c": " ", "\u2066": " ", "\u2069": " ",
    }
)  # fmt: skip

_FOREIGN = regex.compile(rf"[^\P{{Nd}}0-9]|[{''.join(map(chr, _PUNCTUATION))}]")


class Found(NamedTuple):
    """A piece of personal data: text[start:end]. Two with the same kind and key are the same datum, however spelled."""

    start: int
    end: int
    kind: Kind
    key: str


def plain(text: str) -> str:
    """Return the text with every digit as 0 to 9 and plain spaces, dashes and brackets; every place stays."""
    return ascii_digits(text).translate(_PUNCTUATION) if _FOREIGN.search(text) else text


def digits_of(text: str) -> str:
    """Return the ASCII digits of a text."""
    return "".join(char for char in text if "0" <= char <= "9")


def words_before(pattern: regex.Pattern[str], text: str, at: int, *, within: int = 40) -> bool:
    """Whether one of the pattern's words stands shortly before a place, in the same paragraph."""
    before = text[max(0, at - within) : at]
    return bool(pattern.search(before[before.rfind("\n\n") + 1 :]))


def without_overlaps(found: Iterable[Found], text: str) -> list[Found]:
    """Return the findings in order, the longest of those that overlap; a login in an address comes before all.

    Of two that are equally long the first given is taken.

    What cannot stand between the quotes of a JSON string as it is, is no datum of ours: so it can be put back there.
    """
    taken: list[Found] = []  # in order, so that only two neighbours can be in the way
    for one in sorted(found, key=lambda one: (one.kind != "LOGIN", one.start - one.end, one.start)):
        at = bisect_left(taken, one)
        before_fits = at == 0 or taken[at - 1].end <= one.start
        after_fits = at == len(taken) or one.end <= taken[at].start
        if before_fits and after_fits and not _UNQUOTABLE.search(text, one.start, one.end):
            taken.insert(at, one)
    return taken
