"""What two questions must have in common before one answer serves both, however close their vectors are.

A cosine alone serves "20 % off" for "30 % off" at 0.97: so figures, names, quotations, negations, weekdays and the like
must be the same in both, and hardly a word of weight may stand in one alone.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex
import yaml

from app.core.text import ascii_digits

_FIGURE = regex.compile(r"\d+(?:[.,:/'’٫٬-]\d+)*", regex.ASCII)
_MONEY = regex.compile(r"[$€£¥₹₩₽%‰٪％]|(?<!\p{L})(?:R\$|EUR|USD|GBP|JPY|CNY|INR|KRW|BRL|CHF|AED|SAR)(?!\p{L})")
_QUOTED = regex.compile(r"[\"“„«‘「『](.{1,80}?)[\"”“»’」』]")
_ADDRESS = regex.compile(r"\[[A-Z]{2,5}_\d+\]|\S+@\S+|\w+://\S+|[@#]\w+")
_CAPITALISED = regex.compile(r"(?<=[^.!?:;\s\n][\s]|[(\"'“„«])\p{Lu}[\p{L}\p{M}\d'’-]*|(?<!\p{L})\p{Lu}{2,}(?!\p{Ll})")
_WORDS = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")
_ENDINGS = regex.compile(r"(?:ings?|edly|ied|ies|ed|es|s|ly)$")
_NO_NAMES = frozenset({"I", "I'm", "I've", "I'd", "I'll", "I’m", "I’ve", "I’d", "I’ll"})
LOOSE_WORDS = 1
"""One word may have been added; a word in the place of another is two, and keeps them apart. Figures: bench cache."""


def kept_apart_by(one: str, other: str, *, language: str) -> str:
    """Return the name of the first guard that keeps two questions apart, empty when none does."""
    first, second = facts(one, language), facts(other, language)
    for name in first:
        if first[name] != second[name]:
            return name
    return "words" if len(_weighty(one, language) ^ _weighty(other, language)) > LOOSE_WORDS else ""


def facts(text: str, language: str) -> dict[str, object]:
    """Return what must be the same in two questions, by the name of the guard."""
    return {
        "addresses": Counter(_ADDRESS.findall(text)),
        "figures": Counter(_FIGURE.findall(ascii_digits(text))),
        "money": Counter(_MONEY.findall(text)),
        "quotes": Counter(quote.casefold() for quote in _QUOTED.findall(text)),
        "names": frozenset(name.casefold() for name in _CAPITALISED.findall(text) if name not in _NO_NAMES),
        "decisive": _decisive_words(text, language),
        "asks": _asks(text, language),
    }


def _decisive_words(text: str, language: str) -> Counter[str]:
    known = _decisive(language)
    found = Counter(known[word] for word in _words(text) if word in known)
    found.update(known[match] for match in _inside_words(language).findall(text))
    return found


def _asks(text: str, language: str) -> bool:
    """Whether it is a question: "pending transaction?" wants another answer than the plain "pending transaction"."""
    first = next(iter(_words(text)), "")
    return bool(regex.search(r"[?？؟]", text)) or first in _openers(language)


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORDS.findall(text.casefold())]


def _weighty(text: str, language: str) -> frozenset[str]:
    """Return the stems of the words that are neither light nor decisive, and the signs of scripts without spaces."""
    skipped = _light(language) | _decisive(language).keys()
    weighty: set[str] = set()
    for word in _words(text):
        if _DENSE.search(word):
            weighty.update(char for char in word if char not in skipped)
        elif word not in skipped:
            weighty.add(_ENDINGS.sub("", word) if len(word) > 4 else word)
    return frozenset(weighty)


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, Any]:  # Any: a file of ours, two levels deep or three
    lexicon: dict[str, Any] = yaml.load(
        Path(__file__).with_name("words.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    return lexicon


@lru_cache(maxsize=16)
def _decisive(language: str) -> dict[str, str]:
    """Return every decisive word and what it stands for: `won't` and `not` are the same negation."""
    groups: dict[str, str] = _lexicon()["decisive"].get(language, {})
    return {word: word if group == "each" else group for group, words in groups.items() for word in words.split()}


@lru_cache(maxsize=16)
def _inside_words(language: str) -> regex.Pattern[str]:
    dense = sorted((word for word in _decisive(language) if _DENSE.search(word)), key=len, reverse=True)
    return regex.compile("|".join(map(regex.escape, dense)) or r"(?!)")


@lru_cache(maxsize=16)
def _light(language: str) -> frozenset[str]:
    return frozenset(str(_lexicon()["light"].get(language, "")).split())


@lru_cache(maxsize=16)
def _openers(language: str) -> frozenset[str]:
    return frozenset(str(_lexicon()["openers"].get(language, "")).split())
