"""Where a long word of a Latin script may be cut: before the last consonant between two vowels, as printers of German,
Romance languages and (less often) English do. Used for words that would else force a headline to be small.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

SHORTEST_WORD = 13
SHORTEST_PART = 4
_VOWELS = "aeiouy"
_UNITS = re.compile(r"sch|tsch|ch|ck|ph|th|sh|qu|gn|[bcdfgkptv][lr]|pf|st(?=[aeiouyäöü])|.", re.IGNORECASE)


def cut_points(word: str) -> list[int]:
    """Return the places in a long word where a hyphen may stand, as counts of letters before it."""
    if len(word) < SHORTEST_WORD or not word.isalpha():
        return []
    flat = "".join(unicodedata.normalize("NFD", letter)[0].lower() for letter in word)
    vowels = [at for at, letter in enumerate(flat) if letter in _VOWELS]
    points = []
    for one, other in pairwise(vowels):
        if other - one < 2:
            continue
        between = word[one + 1 : other]
        units = _UNITS.findall(between)
        points.append(other - len(units[-1]))
    return [at for at in points if SHORTEST_PART <= at <= len(word) - SHORTEST_PART]
