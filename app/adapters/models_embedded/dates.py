"""Dates of the brief as the language writes them."""

from __future__ import annotations

import datetime

from babel.dates import format_date, format_skeleton


def parse_date(text: str) -> datetime.date | None:
    """Return the date of an ISO text, None where it is none."""
    try:
        return datetime.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def long_date(text: str, cldr: str) -> str:
    """Write an ISO date in full; other text stays as it is."""
    date = parse_date(text)
    return format_date(date, format="long", locale=cldr) if date else text.strip()


def short_date(text: str, cldr: str) -> str:
    """Write an ISO date with day and short month only; other text stays as it is."""
    date = parse_date(text)
    return (
        format_skeleton("MMMd", datetime.datetime.combine(date, datetime.time()), locale=cldr) if date else text.strip()
    )
