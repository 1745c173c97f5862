"""Limits, banned phrases and locale profiles are data with a source, complete in the languages they claim."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from app.content.catalogue_files import load_catalogue
from app.content.profiles import LANGUAGES

CATALOGUE = load_catalogue()
COMPILED_ON = "2026-11-23"
NATIVE_LISTS = (
    "ai_cliche", "superlative", "spam_subject", "engagement_bait", "blame_customer", "amazon_promo", "finance_claim",
    "health_claim",
)  # fmt: skip
SECTIONS = {section for template in CATALOGUE.all() for section in template.output.sections}
LOG_SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_limit_has_a_source_and_the_day_it_was_verified() -> None:
    assert len(CATALOGUE.limits) == 149
    for limit_id, limit in CATALOGUE.limits.items():
        assert len(limit.source) >= 6, limit_id
        assert limit.source not in ("same", "several"), limit_id
        assert dt.date.fromisoformat(limit.verified_on) <= dt.date.fromisoformat(COMPILED_ON), limit_id


def test_every_limit_limits_something() -> None:
    for limit_id, limit in CATALOGUE.limits.items():
        bounds = [limit.min, limit.max, limit.width]
        assert any(bound is not None for bound in bounds), limit_id
        assert limit.min is None or limit.max is None or limit.min <= limit.max, limit_id
        assert (limit.width is None) == (limit.unit != "px"), limit_id


@pytest.mark.parametrize("name", NATIVE_LISTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_banned_list_is_written_in_every_language(language: str, name: str) -> None:
    phrases = CATALOGUE.banned[name].in_language(language)

    assert 5 <= len(phrases) <= 14
    assert len(phrases) == len({phrase.casefold() for phrase in phrases})


def test_every_pattern_of_a_banned_list_compiles_and_finds_its_slot() -> None:
    patterns = [re.compile(source, re.IGNORECASE) for source in CATALOGUE.banned["placeholder"].regex]
    slots = ["[Your name]", "[insert date]", "[Firma]", "[会社名]", "[اسم]", "Lorem ipsum", "a TBD", "XXX", "<name>"]
    clean = ["[Name](https://aldersay.example)", "[1]", "[2.4.0]", "[named]", "a text", "Added [#12]", "XX"]

    assert [slot for slot in slots if not any(pattern.search(slot) for pattern in patterns)] == []
    assert [text for text in clean if any(pattern.search(text) for pattern in patterns)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_locale_profile_writes_numbers_and_dates_as_cldr_does(language: str) -> None:
    profile = CATALOGUE.profile(language)
    cldr = profile.cldr

    def plain(text: str) -> str:
        return re.sub(r"[\u200e\u200f]", "", text).replace("\u00a0", " ").replace("\u202f", " ")

    assert profile.dates.long == format_date(dt.date(2026, 11, 23), "long", locale=cldr)
    assert plain(profile.numbers.example) == plain(format_decimal(Decimal("1299.5"), "#,##0.00", locale=cldr))
    assert plain(profile.numbers.percent) == plain(format_percent(Decimal("0.2"), locale=cldr))
    assert plain(profile.numbers.currency) == plain(format_currency(Decimal(389), "EUR", locale=cldr))
    assert profile.numbers.decimal in profile.numbers.example
    assert profile.numbers.group in profile.numbers.example
    assert profile.direction == {"left-to-right": "ltr", "right-to-left": "rtl"}[Locale.parse(cldr).character_order]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_locale_profile_has_every_heading_that_a_template_asks_for(language: str) -> None:
    headings = CATALOGUE.profile(language).headings

    assert SECTIONS | LOG_SECTIONS <= set(headings)
    assert len(set(headings.values())) == len(headings)
    assert "legal_draft" in CATALOGUE.profile(language).disclosures


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_profile_is_written_in_the_script_of_its_language(language: str) -> None:
    scripts = {
        "Latin": r"[A-Za-zÀ-ž]", "Arabic": r"[\u0600-\u06ff]", "Devanagari": r"[\u0900-\u097f]",
        "Japanese": r"[\u3040-\u30ff\u4e00-\u9fff]", "Han": r"[\u4e00-\u9fff]", "Hangul": r"[\uac00-\ud7af]",
    }  # fmt: skip
    profile = CATALOGUE.profile(language)
    native = [*profile.headings.values(), *profile.disclosures.values(), *profile.taboo_claims, profile.end_mark]

    assert [text for text in native if not re.search(scripts[profile.script], text)] == []


def test_no_two_languages_share_a_disclosure() -> None:
    sentences = [CATALOGUE.profile(language).disclosures["legal_draft"] for language in LANGUAGES]

    assert len(set(sentences)) == len(LANGUAGES)


def test_auto_register_follows_the_category_and_a_choice_wins() -> None:
    spanish = CATALOGUE.profile("es")

    assert spanish.register_for("auto", category="ads") == "informal"
    assert spanish.register_for("auto", category="support") == "formal"
    assert spanish.register_for("informal", category="support") == "informal"
    assert all(
        set(CATALOGUE.profile(language).formality.by_category) <= set(CATALOGUE.categories) for language in LANGUAGES
    )
