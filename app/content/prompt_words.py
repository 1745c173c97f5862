"""Turns limits, checks and locale profiles into the words of a prompt, so that no prompt types a number again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.content.checks.phrases import footer_line
from app.content.profiles import LocaleProfile
from app.content.template import BannedList, Limit, Template, Unit

MAX_PHRASES = 12
"""Phrases of a banned list that a prompt names; the check knows all of them."""

_WIDE = "full-width ones count two"
_SIGN = "a Han, kana or Hangul sign 2"
_UNITS: Mapping[Unit, str] = {
    "chars": "characters",
    "graphemes": "characters",
    "utf16": "characters (an emoji counts two)",
    "bytes": "bytes in UTF-8 (a letter with an accent costs 2, a Han, kana, Hangul, Arabic or Devanagari sign 2 to 3)",
    "cjk2": "characters",
    "x_weighted": "characters as X counts them",
    "threads": "characters (an emoji costs its bytes)",
    "gsm7": "characters of the GSM alphabet (^ { } [ ] ~ | \\ and € cost 2)",
    "ucs2": "characters, because the text leaves the GSM alphabet",
    "words": "words",
    "px_arial20": "pixels in Arial 20",
    "px_arial14": "pixels in Arial 14",
    "joined": "characters of the list joined by commas",
    "count": "items",
    "seconds": "seconds",
    "cps": "characters a second",
    "cpl": "characters a line",
    "wpm": "words a minute",
    "px": "pixels",
    "chapters": "chapter lines",
}
_PIXELS_PER_SIGN = {"px_arial20": (10, 20), "px_arial14": (7, 14)}
"""Arial's usual width of a Latin letter in running text, and of a square sign, at that size in pixels."""


@dataclass(frozen=True, slots=True)
class PromptWords:
    """What the prompts of one template in one language may ask for."""

    template: Template
    profile: LocaleProfile
    limits: Mapping[str, Limit]
    banned: Mapping[str, BannedList]

    @property
    def unspaced(self) -> bool:
        """Whether the language writes without spaces, so that length is given in signs."""
        return self.profile.script in ("Japanese", "Han")

    def room(self, limit_id: str) -> str:
        """Return a limit in words: `at most 30 characters (East Asian wide characters count two)`."""
        limit = self.limits[limit_id]
        low, high = self._bounds(limit_id, limit)
        if limit.unit == "words":
            return self._words(low, high)
        unit = self._unit(limit.unit)
        if limit.unit in _PIXELS_PER_SIGN and high is not None:
            sign = _PIXELS_PER_SIGN[limit.unit][self.profile.script in ("Japanese", "Han", "Hangul")]
            unit = f"{unit} (about {high / sign:.0f} characters here; wide letters such as W and M cost more)"
        return f"{_span(None if low in (0, 1) else low, high)} {unit}"

    def _bounds(self, limit_id: str, limit: Limit) -> tuple[float | None, float | None]:
        """Return a limit's bounds; the template's own check of it may narrow or widen them."""
        check = next((check for check in self.template.checks if check.params.get("limit") == limit_id), None)
        low, high = (check.number("min"), check.number("max")) if check else (None, None)
        return limit.min if low is None else low, limit.max if high is None else high

    def _unit(self, unit: Unit) -> str:
        """Return a unit in words; what only other scripts pay for is left out."""
        wide = self.profile.script in ("Japanese", "Han", "Hangul")
        if unit == "cjk2":
            return f"characters ({_WIDE})" if wide else "characters"
        if unit == "x_weighted":
            return f"characters as X counts them (a link 23, an emoji 2{', ' + _SIGN if wide else ''})"
        return _UNITS[unit]

    def count_of(self, path: str) -> str:
        """Return how many items the template's own count check wants at a path: `8 to 15`, `exactly 3`.

        Raises:
            LookupError: the template counts nothing there.
        """
        check = next((check for check in self.template.checks if check.kind == "count" and check.at == path), None)
        if check is None:
            raise LookupError(f"{self.template.id} has no count check at {path}")
        low, high = check.number("min") or None, check.number("max")
        return f"exactly {low:g}" if low == high and low is not None else _span(low, high)

    def words_of(self, path: str) -> str:
        """Return how long the template's own words check wants a path to be, in the measure of the language.

        Raises:
            LookupError: the template counts no words there.
        """
        check = next((check for check in self.template.checks if check.kind == "words" and check.at == path), None)
        if check is None:
            raise LookupError(f"{self.template.id} has no words check at {path}")
        return self._words(check.number("min"), check.number("max"))

    def _words(self, low: float | None, high: float | None) -> str:
        low = low or None
        if not self.unspaced:
            return f"{_span(low, high)} words"
        twice = [None if bound is None else bound * 2 for bound in (low, high)]  # a Han or kana sign is half a word
        return f"{_span(*twice)} characters"

    def heading(self, section: str) -> str:
        """Return the heading of a section in the language."""
        return self.profile.heading(section)

    def day(self, iso: str) -> str:
        """Return an ISO date as the language writes it; an absent one is empty."""
        if not iso:
            return ""
        from babel.dates import format_date  # loads CLDR: only prompts with a date need it

        return str(format_date(dt.date.fromisoformat(iso), "long", locale=self.profile.cldr))

    def spoken(self, seconds: float) -> str:
        """Return how much text fills a time when spoken: `about 290 words`."""
        amount = seconds * self.profile.speech.per_minute / 60
        return f"about {amount:.0f} {'words' if self.profile.speech.unit == 'words' else 'characters'}"

    def avoid(self, name: str) -> str:
        """Return phrases of a banned list in the language, quoted; English ones where the language has none."""
        found = self.banned[name].in_language(self.profile.code) or self.banned[name].in_language("en")
        return ", ".join(f'"{phrase}"' for phrase in found[:MAX_PHRASES])

    def footer(self, slot: str) -> str:
        """Return the line of a mail's footer with its slot, as the check looks for it."""
        line = footer_line(slot, self.profile.code) or footer_line(slot, "en")
        return line.text if line else ""


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}" if high is not None else "any number of"
