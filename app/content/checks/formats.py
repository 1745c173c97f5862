"""Check that figures, dates and amounts are written as the language writes them, not as another does."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.content.checks.figures import COMMA_DECIMALS
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.links import find_emails, find_urls
from app.content.checks.model import Finding
from app.core.text import ascii_digits

_SIGN = r"(?:[$€£¥₹₩]|R\$)"
_COMMA_GROUPS_POINT = regex.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3})+\.\d{1,2}(?![\d.,])|(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d.,])"
)
_POINT_GROUPS_COMMA = regex.compile(
    r"(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d{1,2}(?![\d.,])|(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.,])"
)
_POINT_DECIMAL = regex.compile(
    rf"(?<![\d.,:])\d+\.\d{{1,2}}(?=\s?(?:%|{_SIGN}))|(?<={_SIGN}\s?)\d+\.\d{{1,2}}(?![\d.,])"
)
_COMMA_DECIMAL = regex.compile(rf"(?<![\d.,:])\d+,\d{{1,2}}(?=\s?(?:%|{_SIGN}))|(?<={_SIGN}\s?)\d+,\d{{1,2}}(?![\d.,])")
_LAKHS = regex.compile(r"(?<![\d.,])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])")
_MILLIONS = regex.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d,])|(?<![\d.,])\d{3},\d{3}(?![\d,])")
_SIGN_FIRST = regex.compile(r"€\s?\d[\d.,]*\d|€\s?\d")
_SIGN_LAST = regex.compile(r"(?<![\d.,])\d[\d.,]*\s?€")
_NUMERIC_DATE = regex.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d./-])")
_ARABIC_INDIC = regex.compile(r"[\u0660-\u0669\u06f0-\u06f9]")
_WESTERN = regex.compile(r"[0-9]")
SIGN_LAST = frozenset({"es", "fr", "de", "it"})
SIGN_FIRST = frozenset({"en", "ja", "zh-Hans", "ko", "hi", "pt-BR"})
"""Where the euro sign stands (CLDR 46)."""
MONTH_SECOND = frozenset({"es", "pt-BR", "fr", "de", "it", "ar", "hi"})
"""Languages of ours that write the day first in a numeric date; English does both, the East writes the year first."""


def _label(scope: Scope) -> Label:
    return Label("locale_format", {"language": scope.context.profile.english_name, "code": scope.language})


@check("locale_format", params=("field",), severity="warn", label=_label)
def locale_format(scope: Scope) -> Iterator[Finding]:
    """No figure, amount or date that can be read only as another language writes it."""
    texts = scope.material.prose if not scope.spec.at else scope.texts()
    for path, text in texts:
        if not any(char.isdigit() for char in text):
            continue
        plain = _blanked(ascii_digits(text), text)
        for code, start, end in _misfits(plain, scope.language):
            yield scope.finding(
                path, f"format.{code}", start=start, end=end, written=text[start:end], example=_example(scope, code)
            )
    yield from _two_kinds_of_digits(scope, texts)


def _example(scope: Scope, code: str) -> str:
    profile = scope.context.profile
    return {"date": profile.dates.short, "sign": profile.numbers.currency}.get(code, profile.numbers.example)


def _blanked(plain: str, text: str) -> str:
    """Return the text with addresses blanked out: they have points of their own."""
    for link in (*find_urls(text), *find_emails(text)):
        plain = plain[: link.start] + " " * (link.end - link.start) + plain[link.end :]
    return plain


def _misfits(plain: str, language: str) -> Iterator[tuple[str, int, int]]:
    if language in COMMA_DECIMALS:
        patterns = [("number", _COMMA_GROUPS_POINT), ("number", _POINT_DECIMAL)]
    else:
        patterns = [("number", _POINT_GROUPS_COMMA), ("number", _COMMA_DECIMAL)]
        patterns.append(("number", _MILLIONS if language == "hi" else _LAKHS))
    if language in SIGN_LAST:
        patterns.append(("sign", _SIGN_FIRST))
    elif language in SIGN_FIRST:
        patterns.append(("sign", _SIGN_LAST))
    for code, compiled in patterns:
        yield from ((code, *match.span()) for match in compiled.finditer(plain))
    for match in _NUMERIC_DATE.finditer(plain):
        first, second = int(match[1]), int(match[3])
        if language in MONTH_SECOND and second > 12 >= first:
            yield "date", *match.span()
        if language in ("ja", "zh-Hans", "ko"):
            yield "date", *match.span()


def _two_kinds_of_digits(scope: Scope, texts: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> Iterator[Finding]:
    if scope.language != "ar":
        return
    western = any(_WESTERN.search(text) for _, text in texts)
    for path, text in texts if western else ():
        match = _ARABIC_INDIC.search(text)
        if match:
            yield scope.finding(path, "format.digits", start=match.start(), end=match.end())
            return
