"""Figures in running text, read in every way they can be meant: `1.299` is 1299 in Berlin and 1.299 in London.

Two texts agree on a figure when their readings meet; so 1 299,50 = 1,299.50 = ١٬٢٩٩٫٥٠ = १,२९९.५०,
and 12,34,567 = 1234567.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import regex

from app.content.checks.lexicons import lexicon
from app.content.checks.links import find_emails, find_urls
from app.core.text import ascii_digits

_SPACES = "\u00a0\u202f\u2009 "
_FIGURE = regex.compile(
    rf"(?<![A-Za-zÀ-ɏ_\d]|\d[.,'])\d+(?:(?:[.,'’٫٬]|(?<=\d)[{_SPACES}](?=\d{{3}}(?!\d)))\d+)*", regex.ASCII
)
_SPACED = regex.compile(rf"[{_SPACES}]")
_MYRIADS = frozenset({"ja", "zh-Hans", "ko"})
_SEPARATOR = regex.compile(rf"[.,'’٫٬{_SPACES}]")
_LIST_MARK = regex.compile(r"^[ \t]*\d{1,3}[.)、．](?=\s)", regex.MULTILINE)
_CURRENCY = r"(?:[$€£¥₹₩₽]|R\$|US\$|EUR|USD|GBP|JPY|CNY|INR|KRW|BRL|CHF|AED|SAR|円|元|원|ريال|درهم|دولار|रुपये)"
_CURRENCY_BEFORE = regex.compile(rf"{_CURRENCY}\s?$")
_MILLION_LETTER = regex.compile(r"[mM](?!\p{L})")
"""£30m is thirty million; without the currency sign, 30m is thirty metres."""
_UNIT_AFTER = regex.compile(rf"\s?(?:[%٪％‰]|{_CURRENCY})")
_GROUPED = regex.compile(r"\d{1,3}(?:\D\d{3})+|\d{1,2}(?:\D\d{2})+\D\d{3}")


class Figure(NamedTuple):
    """A figure as written, where it stands, and every value it can mean.

    `parts` are the values of its pieces where it may be several (23.11.2026, 20 200); `bare`: no %, currency or scale.
    """

    start: int
    end: int
    text: str
    readings: frozenset[str]
    parts: frozenset[str]
    bare: bool


def figures(text: str, language: str, *, skip_links: bool = False) -> list[Figure]:
    """Return the figures of a text, in order.

    List marks (`1.`) are left out; with `skip_links` so are digits in web and mail addresses.
    """
    plain = ascii_digits(text)
    blocked = [match.span() for match in _LIST_MARK.finditer(plain)]
    if skip_links:
        blocked += [(link.start, link.end) for link in (*find_urls(text), *find_emails(text))]
        blocked.sort()
    found: list[Figure] = []
    at = 0
    for match in _FIGURE.finditer(plain):
        while at < len(blocked) and blocked[at][1] <= match.start():
            at += 1
        if at < len(blocked) and blocked[at][0] <= match.start():
            continue
        figure = _figure(plain, match.start(), match.end(), language)
        if found and not found[-1].bare and language in _MYRIADS and _adds_up(plain, found[-1], figure):
            figure = _sum(found.pop(), figure)
        found.append(figure)
    return [figure._replace(text=text[figure.start : figure.end]) for figure in found]


def _adds_up(plain: str, before: Figure, figure: Figure) -> bool:
    """Whether 3万5千 goes on: a scaled figure with the next one right behind it."""
    between = plain[before.end : figure.start]
    return len(between) <= 1 and not between.strip() and plain[before.end - 1].isalpha()


def _sum(before: Figure, figure: Figure) -> Figure:
    try:
        total = sum((Decimal(next(iter(part.readings))) for part in (before, figure)), Decimal(0))
    except ArithmeticError:
        return figure
    readings = frozenset((format(total.normalize(), "f"),))
    return Figure(before.start, figure.end, "", readings, frozenset(), before.bare)


def _figure(plain: str, start: int, end: int, language: str) -> Figure:
    token = plain[start:end]
    priced = _CURRENCY_BEFORE.search(plain, max(0, start - 5), start)
    scale, stop = _scale(plain, end, language)
    if not scale and priced and _MILLION_LETTER.match(plain, end):
        scale, stop = 6, end + 1
    readings = readings_of(token)
    irregular = bool(_SPACED.search(token)) or (token in readings and len(_SEPARATOR.findall(token)) > 1)
    if scale:
        readings = frozenset(_scaled(reading, scale) for reading in readings)
    bare = not scale and not priced and not _UNIT_AFTER.match(plain, end)
    pieces = frozenset(_whole(piece) for piece in _SEPARATOR.split(token)) if irregular else frozenset[str]()
    return Figure(start, stop if scale else end, token, readings, pieces, bare)


def readings_of(token: str) -> frozenset[str]:
    """Return every value that a figure of ASCII digits and separators can mean, as plain decimals."""
    marks = _SEPARATOR.findall(token)
    if not marks:
        return frozenset((_whole(token),))
    last = marks[-1]
    head, _, tail = token.rpartition(last)
    readings = set()
    if marks.count(last) == 1 and last not in _SPACES + "'’٬":
        readings.add(_decimal(_SEPARATOR.sub("", head), tail))
    if _GROUPED.fullmatch(token) and len(set(marks)) == 1 and last != "٫":
        readings.add(_whole(_SEPARATOR.sub("", token)))
    return frozenset(readings or {token})


def _whole(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _decimal(whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return _whole(whole) + ("." + fraction if fraction else "")


@lru_cache(maxsize=16)
def _scale_pattern(language: str) -> tuple[regex.Pattern[str], dict[str, int]] | None:
    scales: dict[str, int] = {word.casefold(): power for word, power in lexicon("scales").get(language, {}).items()}
    if not scales:
        return None
    names = "|".join(regex.escape(word) for word in sorted(scales, key=len, reverse=True))
    # 千克 is a kilogram, not a thousand of anything
    stop = "(?![克瓦米卡焦赫帕字伏])" if language in _MYRIADS else r"(?!\p{L})"
    return regex.compile(rf"[\s\u00a0\u202f]?({names}){stop}", regex.IGNORECASE), scales


def _scale(plain: str, at: int, language: str) -> tuple[int, int]:
    known = _scale_pattern(language)
    match = known[0].match(plain, at) if known else None
    return (known[1][match.group(1).casefold()], match.end()) if known and match else (0, at)


def _scaled(value: str, power: int) -> str:
    whole, _, fraction = value.partition(".")
    digits = fraction[:power].ljust(power, "0")
    return _decimal(whole + digits, fraction[power:])


def known_values(text: str, languages: tuple[str, ...]) -> frozenset[str]:
    """Return every value that a brief can be said to hold: all readings and pieces, with and without the scale word."""
    values: set[str] = set()
    for language in dict.fromkeys(languages):
        before: Figure | None = None
        for figure in figures(text, language):
            values |= figure.readings | figure.parts | readings_of(ascii_digits(figure.text))
            if before and text[before.end : figure.start] in ("–", "-", "/") and len(figure.text) < len(before.text):
                values.add(before.text[: -len(figure.text)] + figure.text)  # 1620–21 says 1621
            before = figure
    return frozenset(values)


def number_of(value: object, language: str) -> float | None:
    """Return a JSON value as a number: itself, or the one figure in a text (`25 min`, `1.299,50 €`); else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    found = figures(str(value)[:200], language)
    if len(found) != 1:
        return None
    readings = found[0].readings
    comma_decimals = language in COMMA_DECIMALS
    preferred = [reading for reading in readings if ("." in reading) == (comma_decimals == ("," in found[0].text))]
    reading = (preferred or sorted(readings))[0] if len(readings) > 1 else next(iter(readings))
    try:
        return float(reading)
    except ValueError:
        return None


COMMA_DECIMALS = frozenset({"es", "pt-BR", "fr", "de", "it"})
"""Languages of ours that write 1,5 for one and a half (CLDR 46)."""
