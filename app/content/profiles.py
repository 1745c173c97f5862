"""What writing for one language and its first market means: told to the model, and read by the checks.

One file per language under app/content/locales; a key that is not named here is an error when the file is loaded.
"""

from __future__ import annotations

from typing import Literal

import pydantic

from app.content.template import Strict

Register = Literal["formal", "informal"]
Language = Literal["en", "es", "pt-BR", "fr", "de", "it", "ar", "hi", "ja", "zh-Hans", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "es", "pt-BR", "fr", "de", "it", "ar", "hi", "ja", "zh-Hans", "ko")


class Formality(Strict):
    """How the reader is spoken to. `by_category` overrides the default for one category of templates."""

    default: Register
    formal: str
    informal: str
    rule: str
    by_category: dict[str, Register] = pydantic.Field(default_factory=dict)


class Address(Strict):
    """Names and greetings. `{name}` stands for the name as the rule wants it."""

    name_order: Literal["given-family", "family-given"]
    greeting_formal: str
    greeting_informal: str
    closing_formal: str
    closing_informal: str
    rule: str


class Quotation(Strict):
    """Quotation marks, with the spaces that belong to them."""

    open: str
    close: str
    inner_open: str
    inner_close: str


class Numbers(Strict):
    """How 1299.5, a fifth and 389 euros are written. The examples are what CLDR prints for the `cldr` locale."""

    decimal: str
    group: str
    example: str
    percent: str
    currency: str
    rule: str = ""


class Dates(Strict):
    """How 23 November 2026 and half past two in the afternoon are written."""

    long: str
    short: str
    time: str
    rule: str = ""


class Subtitles(Strict):
    """Line length in characters and reading speed in characters a second (limit `subtitle.line` and `subtitle.cps`)."""

    chars_per_line: int
    chars_per_second: int


class Speech(Strict):
    """Pace of calm narration: words a minute, or characters a minute where words are not spaced."""

    unit: Literal["words", "chars"]
    per_minute: int


class LocaleProfile(Strict):
    """One language with its first market."""

    code: Language
    name: str = pydantic.Field(description="in its own language")
    english_name: str
    cldr: str
    script: Literal["Latin", "Arabic", "Devanagari", "Japanese", "Han", "Hangul"]
    direction: Literal["ltr", "rtl"]
    spelling: str = pydantic.Field(description="which variety, in one sentence")
    formality: Formality
    address: Address
    quotation: Quotation
    spacing: str = ""
    numbers: Numbers
    dates: Dates
    week_start: Literal["monday", "saturday", "sunday"]
    units: Literal["metric", "imperial"]
    idioms: str
    hashtags: str
    ad_disclosure: str
    taboo_claims: tuple[str, ...] = pydantic.Field(min_length=1, description="claims to avoid, as they are written")
    sensitive: str
    end_mark: str = pydantic.Field(description="closes a press release")
    subtitles: Subtitles
    speech: Speech
    headings: dict[str, str] = pydantic.Field(description="English id of a section to the heading in this language")
    disclosures: dict[str, str] = pydantic.Field(description="kind of disclosure to the exact sentence")

    def heading(self, section: str) -> str:
        """Return the heading of a section; its English id where the language has none."""
        return self.headings.get(section, section)

    def register_for(self, chosen: str, *, category: str) -> Register:
        """Return the register that `chosen` (auto, formal, informal) comes to in a category of templates."""
        if chosen == "formal":
            return "formal"
        if chosen == "informal":
            return "informal"
        return self.formality.by_category.get(category, self.formality.default)
