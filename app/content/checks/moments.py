"""Dates in running text, in eleven languages; a numeric one is read in every order it can be meant."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import regex

from app.content.checks.lexicons import lexicon
from app.content.folding import fold
from app.core.text import ascii_digits

Day = tuple[int | None, int, int]
"""Year (None where none is written), month, day."""

_ISO = regex.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", regex.ASCII)
_NUMERIC = regex.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d.]\d|\d)", regex.ASCII)
_EAST_ASIAN = regex.compile(r"(?:(\d{4})\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]", regex.ASCII)


class Moment(NamedTuple):
    """A date as written, where it stands, and every day it can mean."""

    start: int
    end: int
    text: str
    days: frozenset[Day]


@lru_cache(maxsize=16)
def _month_names(language: str) -> dict[str, int]:
    names: dict[str, int] = {}
    for month, forms in enumerate(str(lexicon("months").get(language, "")).split(), start=1):
        for form in forms.replace("_", " ").split("/"):
            names[form.casefold()] = month
            names.setdefault(fold(form), month)
    return names


@lru_cache(maxsize=16)
def _named(language: str) -> tuple[regex.Pattern[str], regex.Pattern[str]] | None:
    names = "|".join(regex.escape(name) for name in sorted(_month_names(language), key=len, reverse=True))
    if not names:
        return None
    month = rf"(?P<month>{names})(?![\p{{L}}\p{{M}}])\.?"
    year = r"(?:,?\s?(?:de\s|del\s)?(?P<year>\d{4})(?!\d))?"
    day = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°|ª)?"
    first = regex.compile(rf"{day}\.?[\s\u00a0]{{0,2}}(?:de\s|of\s)?{month}{year}", regex.IGNORECASE)
    second = regex.compile(rf"(?<!\p{{L}}){month}\s{day}{year}", regex.IGNORECASE)
    return first, second


def moments(text: str, language: str) -> list[Moment]:
    """Return the dates of a text, in order. Numeric dates without a year are left out: they look like fractions."""
    plain = ascii_digits(text)
    found = [
        *(_moment(match, _days(int(match[1]), (int(match[2]), int(match[3])))) for match in _ISO.finditer(plain)),
        *(_moment(match, _either_order(match)) for match in _NUMERIC.finditer(plain)),
        *(_moment(match, _days(int(match[1]) if match[1] else None, (int(match[2]), int(match[3]))))
          for match in _EAST_ASIAN.finditer(plain)),
        *_by_name(plain, language),
    ]  # fmt: skip
    placed: list[Moment] = []
    for moment in sorted(found, key=lambda moment: (moment.start, -moment.end)):
        if moment.days and (not placed or moment.start >= placed[-1].end):
            placed.append(moment)
    return placed


def _moment(match: regex.Match[str], days: frozenset[Day]) -> Moment:
    return Moment(match.start(), match.end(), match.group(), days)


def _by_name(plain: str, language: str) -> list[Moment]:
    patterns = _named(language)
    names = _month_names(language)
    found = []
    for pattern in patterns or ():
        for match in pattern.finditer(plain):
            month = names.get(match["month"].casefold()) or names[fold(match["month"])]
            year = int(match["year"]) if match["year"] else None
            found.append(_moment(match, _days(year, (month, int(match["day"])))))
    return found


def _either_order(match: regex.Match[str]) -> frozenset[Day]:
    one, two, year = int(match[1]), int(match[3]), int(match[4])
    year += 2000 if year < 100 else 0
    return _days(year, (two, one), (one, two))


def _days(year: int | None, *orders: tuple[int, int]) -> frozenset[Day]:
    return frozenset((year, month, day) for month, day in orders if _exists(year, month, day))


def _exists(year: int | None, month: int, day: int) -> bool:
    try:
        date(year or 2024, month, day)  # 2024 is a leap year
    except ValueError:
        return False
    return True


def same_day(one: Moment, other: Moment) -> bool:
    """Whether two dates can mean the same day; a missing year agrees with any."""
    return any(a[1:] == b[1:] and (a[0] is None or b[0] is None or a[0] == b[0]) for a in one.days for b in other.days)


def months_named(text: str) -> set[int]:
    """Return the months whose names stand in a text, in any language: November is 11 where months are figures."""
    folded = text.casefold()
    named = ((name, month) for language in lexicon("months") for name, month in _month_names(language).items())
    return {month for name, month in named if len(name) > 4 and name in folded}  # `dec` is also in `decide`


def moments_in_any_language(text: str) -> list[Moment]:
    """Return the dates of a brief, whatever language it is in."""
    found = {(moment.start, moment.end): moment for language in lexicon("months") for moment in moments(text, language)}
    return list(found.values())
