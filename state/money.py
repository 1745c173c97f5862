"""Money in words: micro-dollars become what a person reads. Every screen writes amounts with these."""

from __future__ import annotations

import re
from decimal import Decimal

MICROS = 1_000_000
CENT = 10_000


def price(micros: int) -> str:
    """Return what one call or text costs; cents and below are written out, since most cost less than one."""
    dollars = micros / MICROS
    if abs(dollars) >= 1:
        return f"{_sign(micros)}${abs(dollars):,.2f}"
    return f"{_sign(micros)}${abs(dollars):.{4 if abs(micros) >= 100 or not micros else 6}f}"


def total(micros: int) -> str:
    """Return a sum of many: dollars with cents, or as one price where it is less than a cent."""
    return f"{_sign(micros)}${abs(micros) / MICROS:,.2f}" if abs(micros) >= CENT or not micros else price(micros)


def limit(micros: int) -> str:
    """Return an amount that somebody has set: whole dollars stand without cents."""
    return total(micros) if micros % MICROS else f"${micros // MICROS:,}"


def rate(micros: int) -> str:
    """Return a price per million tokens: cents at least, and what it has beyond."""
    words = f"{micros / MICROS:,.6f}".rstrip("0")
    whole, _, cents = words.partition(".")
    return f"${whole}.{cents:0<2}"


def about(micros: int) -> str:
    """Return an amount that is an estimate: no more figures than can be meant."""
    return f"${round(micros / MICROS):,}" if abs(micros) >= 10 * MICROS else total(micros)


def bound(micros: int) -> str:
    """Return an amount that others are compared with: two figures that count, no more."""
    if micros <= 0:
        return "$0"
    dollars = float(f"{micros / MICROS:.2g}")
    if dollars >= 10:
        return f"${dollars:,.0f}"
    return f"${dollars:.2f}" if dollars >= 0.1 else f"${dollars:.6f}".rstrip("0").rstrip(".")


def micros_of(words: str) -> int | None:
    """Return the micro-dollars of an amount as people type it, "1,250" or "$0.50"; None where it is no such amount."""
    plain = words.strip().removeprefix("$").strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    if not re.fullmatch(r"\d{1,9}([.,]\d{1,6})?", plain):
        return None
    return int(Decimal(plain.replace(",", ".")) * MICROS)


def _sign(micros: int) -> str:
    return "−" if micros < 0 else ""
