"""Phrase banks are strict: translators learn from the error which place of which file is wrong, and why."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from app.adapters.models_embedded.bank import BankError
from app.adapters.models_embedded.bank_file import BankReader
from app.adapters.models_embedded.bank_shelf import BANKS, languages, load_bank
from app.adapters.models_embedded.roles import ROLES


@pytest.fixture
def raw() -> Any:  # a parsed file has no type yet
    return yaml.safe_load((BANKS / "en.yaml").read_text(encoding="utf-8"))


def refusal(raw: Any) -> str:
    with pytest.raises(BankError) as caught:
        BankReader("banks/xx.yaml").bank(raw, language="en")
    return str(caught.value)


def test_the_english_bank_fills_every_role() -> None:
    assert set(ROLES) == set(load_bank("en").phrases)


def test_a_language_without_a_file_is_refused_by_name() -> None:
    with pytest.raises(BankError, match=r"banks/tlh\.yaml"):
        load_bank("tlh")


def test_english_is_always_there() -> None:
    assert "en" in languages()


def test_a_missing_role_is_named(raw: Any) -> None:
    del raw["x-post"]["hook"]

    assert refusal(raw) == "banks/xx.yaml: x-post: missing hook"


def test_an_unknown_role_is_named(raw: Any) -> None:
    raw["x-post"]["hooks"] = []

    assert refusal(raw) == "banks/xx.yaml: x-post: unknown hooks"


def test_an_unknown_family_is_named(raw: Any) -> None:
    raw["x-posts"] = {}

    assert refusal(raw) == "banks/xx.yaml: the file: unknown x-posts"


def test_a_translated_slot_is_named_with_those_allowed(raw: Any) -> None:
    raw["cold-email"]["offer"][0] = "Unser Angebot: {angebot}."

    assert refusal(raw) == "banks/xx.yaml: cold-email.offer[0]: unknown slot {angebot}; allowed: offer"


def test_a_broken_brace_is_named(raw: Any) -> None:
    raw["cold-email"]["offer"][0] = "Unser Angebot: {offer."

    assert refusal(raw).startswith("banks/xx.yaml: cold-email.offer[0]: braces:")


def test_a_phrase_that_cannot_fit_is_refused(raw: Any) -> None:
    raw["google-rsa"]["headline"][0] = "このページで詳しい内容をすべて確認できます"

    assert refusal(raw) == "banks/xx.yaml: google-rsa.headline[0]: is 42 long without its slots, limit 30 (cjk2)"


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("Look at this!", "! is an exclamation mark"),
        ("A “quoted” word", "“ is a quotation mark: use {open}, {close}"),
        ("In 3 steps", "has a digit; figures come from the brief only"),
        ("٣ steps", "has a digit; figures come from the brief only"),
    ],
)
def test_what_no_phrase_may_hold_is_refused(raw: Any, phrase: str, reason: str) -> None:
    raw["x-post"]["hook"][1] = phrase

    assert refusal(raw) == f"banks/xx.yaml: x-post.hook[1]: {reason}"


def test_a_question_role_needs_one_question(raw: Any) -> None:
    raw["cold-email"]["ask"][0] = "Let us talk next week."

    assert refusal(raw) == "banks/xx.yaml: cold-email.ask[0]: needs exactly one question mark"


def test_too_few_phrases_are_counted(raw: Any) -> None:
    raw["user-stories"]["story"] = raw["user-stories"]["story"][:2]

    assert "user-stories.story: needs at least 5 phrases" in refusal(raw)


def test_a_bare_yes_is_told_to_be_quoted(raw: Any) -> None:
    raw["words"]["in_stock"].append(True)

    assert refusal(raw).endswith("expected text, found True (put it in double quotes)")


def test_the_language_must_match_the_file(raw: Any) -> None:
    raw["language"] = "de"

    assert refusal(raw) == "banks/xx.yaml: language: must be en, the name of the file"


def test_two_forms_of_address_share_their_slots(raw: Any) -> None:
    entry = {"formal": "Bitte prüfen Sie: {offer}.", "informal": "Bitte prüfe: {offer}."}
    changed = copy.deepcopy(raw)
    changed["cold-email"]["offer"].append(entry)
    phrase = BankReader("banks/xx.yaml").bank(changed, language="en").phrases["cold-email.offer"][-1]

    assert (phrase.formal, phrase.informal, phrase.slots) == (entry["formal"], entry["informal"], frozenset({"offer"}))


def test_an_unknown_tone_is_refused(raw: Any) -> None:
    raw["x-post"]["hook"][0] = {"text": "Here is the point.", "tone": ["loud"]}

    assert refusal(raw) == "banks/xx.yaml: x-post.hook[0]: unknown tone loud"


def test_a_quiz_item_has_exactly_four_wrong_answers(raw: Any) -> None:
    raw["quiz-multiple-choice"]["items"][0]["wrong"].pop()

    assert refusal(raw) == "banks/xx.yaml: quiz-multiple-choice.items[0]: needs exactly 4 wrong answers, has 3"
