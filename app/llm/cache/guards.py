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
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
_ENDINGS = regex.compile(r"(?:ings?|edly|ied|ies|ed|es|s|ly)$")


def kept_apart_by(one: str, other: str, *, language: str) -> str:
    """Return the name of the first guard that keeps two questions apart, empty when none does."""
    first, second = _facts(one, language), _facts(other, language)
    for name in first:
        if first[name] != second[name]:
            return name
    return "" if _say_the_same(one, other, language) else "words"


def _facts(text: str, language: str) -> dict[str, object]:
    plain = ascii_digits(text)
    words = [word.replace("’", "'") for word in _WORDS.findall(text.casefold())]
    decisive = _decisive(language)
    dense = _decisive_dense(language)
    named = Counter(decisive[word] for word in words if word in decisive)
    named.update(dense[match] for match in (_dense_pattern(language).findall(text) if dense else ()))
    return {
        "figures": Counter(_FIGURE.findall(plain)),
        "money": Counter(_MONEY.findall(text)),
        "addresses": Counter(_ADDRESS.findall(text)),
        "quotes": Counter(quote.casefold() for quote in _QUOTED.findall(text)),
        "names": frozenset(name.casefold() for name in _CAPITALISED.findall(text) if name not in {"I", "I'm", "I've"}),
        "decisive": named,
    }


def _say_the_same(one: str, other: str, language: str) -> bool:
    first, second = _weighty(one, language), _weighty(other, language)
    return len(first ^ second) <= LOOSE_WORDS


LOOSE_WORDS = 1


def _weighty(text: str, language: str) -> frozenset[str]:
    light = _light(language)
    words = (word.replace("’", "'") for word in _WORDS.findall(text.casefold()))
    return frozenset(_ENDINGS.sub("", word) if len(word) > 4 else word for word in words if word not in light)


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, Any]:  # Any: a file of ours, two levels deep or three
    lexicon: dict[str, Any] = yaml.load(
        Path(__file__).with_name("words.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    return lexicon


@lru_cache(maxsize=16)
def _decisive(language: str) -> dict[str, str]:
    """Return every word that decides, to what it decides: `won't` and `not` are the same negation."""
    groups = _lexicon().get("decisive", {}).get(language, {})
    return {word: group for group, words in dict(groups).items() for word in str(words).split()}


@lru_cache(maxsize=16)
def _decisive_dense(language: str) -> dict[str, str]:
    return {word: group for word, group in _decisive(language).items() if _DENSE.search(word)}


@lru_cache(maxsize=16)
def _dense_pattern(language: str) -> regex.Pattern[str]:
    words = sorted(_decisive_dense(language), key=len, reverse=True)
    return regex.compile("|".join(map(regex.escape, words)) or r"(?!)")


@lru_cache(maxsize=16)
def _light(language: str) -> frozenset[str]:
    return frozenset(str(_lexicon().get("light", {}).get(language, "")).split())
