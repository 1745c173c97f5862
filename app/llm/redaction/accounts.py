"""Payment cards and bank accounts: their check digits tell them from other long numbers."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.llm.redaction.found import Found, digits_of, words_before

_CARD = regex.compile(r"(?<![\w.,+-])\d(?:[ -]?\d){11,18}(?![\w-]|[.,]\d)", regex.ASCII)
_CARD_WORDS = regex.compile(
    r"card|visa|master|amex|maestro|diners|discover|tarjeta|cart[ãaeo]|karte|carta|بطاقة|कार्ड|カード|卡|카드",
    regex.IGNORECASE,
)
_IBAN = regex.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", regex.ASCII | regex.IGNORECASE)
_LETTER_OR_DIGIT = regex.compile(r"[A-Za-z0-9]")
CARD_DIGITS = range(12, 20)  # ISO/IEC 7812-1: at most 19; Maestro begins at 12
IBAN_LENGTHS = range(15, 35)  # ISO 13616: Norway has 15, Malta 31, 34 is the most


def cards(text: str) -> Iterator[Found]:
    """Yield payment card numbers. `text` is plain."""
    for match in _CARD.finditer(text):
        digits = digits_of(match.group())
        if card_is_valid(digits) and (not _is_article(digits) or words_before(_CARD_WORDS, text, match.start())):
            yield Found(match.start(), match.end(), "CARD", digits)


def ibans(text: str) -> Iterator[Found]:
    """Yield account numbers; of a run that goes on in words, the part whose check digits are right. `text` is plain."""
    for match in _IBAN.finditer(text):
        run = match.group()
        for stop in range(len(run), IBAN_LENGTHS.start - 1, -1):
            ends_a_word = stop == len(run) or run[stop] in " -"
            whole = ends_a_word and not _LETTER_OR_DIGIT.match(text, match.start() + stop)
            if whole and iban_is_valid(run[:stop]):
                yield Found(match.start(), match.start() + stop, "IBAN", _compact(run[:stop]))
                break


def card_is_valid(digits: str) -> bool:
    """Whether digits pass the Luhn test and begin like a payment card's (ISO/IEC 7812)."""
    if len(digits) not in CARD_DIGITS or digits[0] not in "123456" or len(set(digits)) == 1:
        return False
    if len(digits) == CARD_DIGITS.start and digits[0] not in "56":  # only Maestro is that short
        return False
    return luhn_is_right(digits)


def luhn_is_right(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def iban_is_valid(text: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    compact = _compact(text)
    if len(compact) not in IBAN_LENGTHS:
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _is_article(digits: str) -> bool:
    """Whether it is as good an article number: a 13-digit GTIN, whose check digit a tenth of such cards fit too."""
    if len(digits) != 13:
        return False
    return sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0


def _compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "").upper()
