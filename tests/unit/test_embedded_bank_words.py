"""Phrases that machine checks look for, held to those checks: every phrase of a bank, used by a sample or not."""

from __future__ import annotations

import pytest
import regex

from app.adapters.models_embedded.bank import Phrase
from app.adapters.models_embedded.bank_shelf import languages, load_bank
from app.content.catalogue_files import load_catalogue
from app.content.checks.banned_words import find_phrases
from app.content.checks.promises import asks_to_act

ASKING = ("newsletter.cta", "newsletter.cta_plain", "cold-email.ask")
NEVER_ASKING = (
    "newsletter.greeting", "newsletter.opening", "newsletter.intro", "newsletter.item_note", "newsletter.closing",
    "cold-email.opener", "cold-email.offer", "cold-email.relevance",
)  # fmt: skip
EVERYWHERE = ("ai_cliche", "superlative", "engagement_bait", "blame_customer", "amazon_promo", "spam_subject")


def wordings(phrases: tuple[Phrase, ...]) -> list[str]:
    """Return both forms of address of each phrase, its slots filled with a neutral sign."""
    texts = dict.fromkeys(text for phrase in phrases for text in (phrase.formal, phrase.informal))
    return [regex.sub(r"\{\w+\}", "–", text) for text in texts]


def pattern(template_id: str, name: str, language: str) -> str:
    """Return the pattern a template's check uses in a language."""
    for spec in load_catalogue().get(template_id).checks:
        if spec.text("name") == name:
            found = spec.by_language("regex")
            return found[language] if isinstance(found, dict) else str(found)
    raise AssertionError(f"{template_id} has no check {name}")


@pytest.mark.parametrize("role", ASKING)
@pytest.mark.parametrize("language", languages())
def test_a_call_to_action_is_found_as_one(language: str, role: str) -> None:
    missed = [text for text in wordings(load_bank(language).phrases[role]) if not asks_to_act(text, language)]

    assert missed == []


@pytest.mark.parametrize("role", NEVER_ASKING)
@pytest.mark.parametrize("language", languages())
def test_no_other_phrase_of_a_mail_is_taken_for_one(language: str, role: str) -> None:
    found = {
        text: asked
        for text in wordings(load_bank(language).phrases[role])
        for asked in sentences_asking(text, language)
    }

    assert found == {}


def sentences_asking(text: str, language: str) -> list[str]:
    """Return the words by which any sentence of a phrase asks to act."""
    pieces = regex.split(r"(?<=[.?!。？।؟])\s*", text)
    return [asked for piece in pieces if piece and (asked := asks_to_act(piece, language))]


@pytest.mark.parametrize(
    ("role", "template_id", "name"),
    [
        ("user-stories.story", "user-stories", "story-form"),
        ("user-stories.criterion", "user-stories", "given-when-then"),
        ("training-outline.aim", "training-outline", "aim-verb"),
    ],
)
@pytest.mark.parametrize("language", languages())
def test_every_phrase_has_the_form_of_its_template(language: str, role: str, template_id: str, name: str) -> None:
    wanted = pattern(template_id, name, language)
    missed = [text for text in wordings(load_bank(language).phrases[role]) if not regex.search(wanted, text)]

    assert missed == []


@pytest.mark.parametrize("name", EVERYWHERE)
@pytest.mark.parametrize("language", languages())
def test_no_phrase_holds_banned_words(language: str, name: str) -> None:
    banned = load_catalogue().banned[name].in_language(language)
    bank = load_bank(language)
    found = {
        (role, text): hits
        for role, phrases in bank.phrases.items()
        for text in wordings(phrases)
        if (hits := [text[start:end] for start, end in find_phrases(text, banned, language)])
    }

    assert found == {}
