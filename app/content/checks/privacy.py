"""Check that no personal data turns up that nobody gave."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.content.checks.kinds import Scope, check
from app.content.checks.links import find_emails, find_urls
from app.content.checks.model import Finding
from app.content.checks.moments import moments
from app.content.markup import without_code
from app.core.text import ascii_digits

_PHONE = regex.compile(
    r"(?<![\w.,/-]|\d[ \u00a0\u202f])(?:(?:(?:\+|00|0)\d|\(0?\d{2,4}\)[ \u00a0/-]?\d)[\d \u00a0()./-]{4,20}\d"
    r"|\d{3}[-. ]\d{3}[-. ]\d{4})(?![\w%])",
    regex.ASCII,
)
_CARD = regex.compile(r"(?<![\d.,-])\d(?:[ -]?\d){11,18}(?![\d-])", regex.ASCII)
_IBAN = regex.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,30}(?!\w)", regex.ASCII)
SHORTEST_PHONE = 8
LONGEST_PHONE = 15
"""Digits. ITU-T E.164 allows 15 at most."""
_SAFE_MAIL = regex.compile(r"@(?:[\w-]+\.)*example(?:\.(?:com|org|net))?$", regex.IGNORECASE)
"""RFC 2606 keeps these for examples: they belong to nobody."""


@check("pii_not_in_inputs")
def pii_not_in_inputs(scope: Scope) -> Iterator[Finding]:
    """No mail address, phone, card or account number that is not in the brief or the passages."""
    brief = scope.material.brief
    given_mails = {link.text.casefold() for link in find_emails(brief)}
    given_digits = _digits(ascii_digits(brief))
    given_letters = regex.sub(r"\W", "", brief).upper()
    for path, text in scope.material.everything:
        if len(text) < SHORTEST_PHONE:
            continue
        for link in find_emails(text):
            if link.text.casefold() not in given_mails and not _SAFE_MAIL.search(link.text):
                yield scope.finding(path, "privacy.email", start=link.start, end=link.end, value=link.text)
        for kind, start, end in _numbers(without_code(text), scope.language):
            value = text[start:end]
            known = _compact(value) in given_letters if kind == "iban" else _digits(ascii_digits(value)) in given_digits
            if not known:
                yield scope.finding(path, f"privacy.{kind}", start=start, end=end, value=value)


def _digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")


def _compact(text: str) -> str:
    return text.replace(" ", "").upper()


def _numbers(text: str, language: str) -> Iterator[tuple[str, int, int]]:
    plain = ascii_digits(text)
    taken = [(link.start, link.end) for link in find_urls(plain)]
    for match in _IBAN.finditer(plain):
        if iban_is_valid(match[0]):
            taken.append(match.span())
            yield "iban", *match.span()
    for match in _CARD.finditer(plain):
        if not _inside(match.span(), taken) and card_is_valid(match[0]):
            taken.append(match.span())
            yield "card", *match.span()
    phones = list(_PHONE.finditer(plain))
    if phones:
        taken += [(moment.start, moment.end) for moment in moments(plain, language)]
    for match in phones:
        if not _inside(match.span(), taken) and _looks_dialled(match[0]):
            yield "phone", *match.span()


def _inside(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _looks_dialled(text: str) -> bool:
    """Whether a run of digits is a phone number: of their length, and not two figures around a dash or a decimal."""
    digits = _digits(text)
    fits = SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE
    return fits and not digits.startswith("000") and not regex.fullmatch(r"0[.,]\d+", text)


def card_is_valid(number: str) -> bool:
    """Whether the digits pass the Luhn test and begin like a payment card's (ISO/IEC 7812)."""
    digits = [int(char) for char in _digits(number)]
    shortest = 12 if digits[:1] in ([5], [6]) else 13  # Maestro has cards of 12 digits
    if not shortest <= len(digits) <= 19 or digits[0] not in (1, 2, 3, 4, 5, 6) or len(set(digits)) == 1:
        return False
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def iban_is_valid(number: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    compact = _compact(number)
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
