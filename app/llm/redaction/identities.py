"""National identity numbers whose form gives them away, or that a word names; check digits are python-stdnum's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple

import regex

from app.llm.redaction.found import Found, words_before


class _Form(NamedTuple):
    """How a number is written. `numbers`: modules of stdnum of which one must accept it; `words`: must stand before it.

    `or_words`: with one of the words before it, the form is enough.
    """

    pattern: str
    numbers: tuple[str, ...] = ()
    words: str = ""
    or_words: bool = False
    has_letters: bool = False


_EIGHT_DIGITS = regex.compile(r"\d(?:\W?\d){7}", regex.ASCII)
"""What no identity number without letters does without."""
_FORMS = (
    # United States: social security, and the taxpayer's number in its place
    _Form(r"\d{3}-\d{2}-\d{4}", ("us.ssn", "us.itin", "us.atin"), r"ssn|social security|itin|taxpayer", or_words=True),
    _Form(r"\d{3} ?\d{2} ?\d{4}", words=r"ssn|social security"),
    # United Kingdom: national insurance
    _Form(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", has_letters=True),
    # Spain: DNI and NIE
    _Form(r"\d{2}\.?\d{3}\.?\d{3}[- ]?[A-Z]", ("es.dni",)),
    _Form(r"[XYZ][- ]?\d{7}[- ]?[A-Z]", ("es.nie",), has_letters=True),
    # France: sécurité sociale
    _Form(r"[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", ("fr.nir",)),
    # Germany: Steuer-Identifikationsnummer
    _Form(r"\d{2} \d{3} \d{3} \d{3}", ("de.idnr",)),
    _Form(r"\d{11}", ("de.idnr",), r"steuer|idnr|ident|tin"),
    # Italy: codice fiscale
    _Form(
        r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]",
        ("it.codicefiscale",),
        has_letters=True,
    ),
    # Brazil: CPF and CNPJ
    _Form(r"\d{3}\.\d{3}\.\d{3}-\d{2}", ("br.cpf",), r"cpf", or_words=True),
    _Form(r"\d{11}", ("br.cpf",), r"cpf"),
    _Form(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", ("br.cnpj",), r"cnpj", or_words=True),
    _Form(r"\d{14}", ("br.cnpj",), r"cnpj"),
    # India: Aadhaar, and the tax department's PAN
    _Form(r"[2-9]\d{3}([ -])\d{4}\1\d{4}", ("in_.aadhaar",), r"aadha+r|आधार|uid", or_words=True),
    _Form(r"[2-9]\d{11}", ("in_.aadhaar",), r"aadha+r|आधार|uid"),
    _Form(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", ("in_.pan",), has_letters=True),
    # Korea: 주민등록번호. Those given since October 2020 have no check digit, so the date decides
    _Form(r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8]\d{6}"),
    # China: 居民身份证
    _Form(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]", ("cn.ric",)),
    # Japan: マイナンバー
    _Form(r"\d{4}([ -]?)\d{4}\1\d{4}", ("jp.in_",), r"マイナンバー|個人番号|my ?number"),
    # Emirates; Saudi Arabia
    _Form(r"784-?(?:19|20)\d{2}-?\d{7}-?\d"),
    _Form(r"[12]\d{9}", words=r"هوية|الهوية|إقامة|الإقامة|iqama|national id|saudi id"),
)


class _Reader(NamedTuple):
    pattern: regex.Pattern[str]
    words: regex.Pattern[str] | None
    form: _Form


@lru_cache(maxsize=1)
def _readers() -> tuple[_Reader, ...]:
    return tuple(
        _Reader(
            regex.compile(rf"(?<![\w.,+-]){form.pattern}(?![\w-]|[.,]\d)", regex.IGNORECASE | regex.ASCII),
            regex.compile(form.words, regex.IGNORECASE) if form.words else None,
            form,
        )
        for form in _FORMS
    )


def identities(text: str) -> Iterator[Found]:
    """Yield national identity numbers. `text` is plain."""
    short = not _EIGHT_DIGITS.search(text)
    for pattern, words, form in _readers():
        if short and not form.has_letters:
            continue
        for match in pattern.finditer(text):
            named = words is not None and words_before(words, text, match.start())
            if named and (form.or_words or not form.numbers):
                accepted = True
            else:
                accepted = (words is None or named or form.or_words) and _is_valid(match.group(), form)
            if accepted:
                yield Found(match.start(), match.end(), "ID", _compact(match.group()))


def _is_valid(number: str, form: _Form) -> bool:
    if not form.numbers:
        return not form.words
    return any(import_module(f"stdnum.{name}").is_valid(number.upper()) for name in form.numbers)


def _compact(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).upper()
