"""The built-in writer on any brief that passed the form: it writes in the form asked for, the same each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.models_embedded.bank_shelf import languages
from app.adapters.models_embedded.recipes import RECIPES
from app.adapters.models_embedded.writer import CannotWrite, can_write, write
from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.outputs import parse_output
from app.content.template import Field
from app.core.errors import InvalidInput
from app.core.ports import Brief

ANY_TEXT = st.text(max_size=120) | st.sampled_from(
    [
        "",
        ".",
        "!",
        "“",
        "(",
        "{product}",
        "{}",
        "%s",
        "مرحبا بالعالم",
        "今日は雨です。家にいます。",
        "🎉🎉",
        "a, b, c",
        "«",
        "1.299,50 €",
        "\u202eabc",
    ]
)


def values(field: Field) -> st.SearchStrategy[object]:
    """Return raw values of a field, most of them valid."""
    if field.type in ("text", "longtext", "kb"):
        return ANY_TEXT
    if field.type == "list":
        return st.lists(ANY_TEXT, max_size=6)
    if field.type == "number":
        return st.none() | st.integers(int(field.min or 0), int(field.max or 200))
    others: dict[str, st.SearchStrategy[object]] = {
        "url": st.sampled_from(["", "https://example.com/a?b=c"]),
        "date": st.sampled_from(["", "2026-11-23"]),
        "money": st.sampled_from(["", "389.00 EUR", "12 JPY"]),
        "table": st.just(()),
    }
    return others.get(field.type, st.just(""))


def sample(template_id: str, **changes: object) -> Brief:
    """Return the brief of the English sample."""
    catalogue = load_catalogue()
    inputs = validate_inputs(catalogue.get(template_id), catalogue.sample(template_id))
    return Brief(template_id, "en", {**inputs.values, "tone": inputs.tone, "register": inputs.register, **changes})


@pytest.mark.parametrize("template_id", sorted(RECIPES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_brief_that_passed_the_form_is_written(template_id: str, data: st.DataObject) -> None:
    template = load_catalogue().get(template_id)
    raw = {field.name: data.draw(values(field)) for field in template.fields}
    try:
        inputs = validate_inputs(template, raw)
    except InvalidInput:
        return
    language = data.draw(st.sampled_from(languages()))
    text = write(Brief(template_id, language, inputs.values, variant=data.draw(st.integers(0, 4))))

    assert text.strip()
    assert parse_output(template, text).problem is None


@pytest.mark.parametrize("template_id", sorted(RECIPES))
def test_every_naughty_string_in_every_field_is_written(template_id: str, shared_data: Path) -> None:
    template = load_catalogue().get(template_id)
    naughty = json.loads((shared_data / "blns" / "blns.json").read_text(encoding="utf-8"))
    brief = sample(template_id)
    for field in template.fields:
        if field.type not in ("text", "longtext", "list", "kb"):
            continue
        for text in naughty[::3]:
            try:
                inputs = validate_inputs(template, {**load_catalogue().sample(template_id), field.name: text})
            except InvalidInput:
                continue

            assert write(replace(brief, inputs=inputs.values)).strip()


@pytest.mark.parametrize("filler", ["word ", "一", "a, ", ". ", "كلمة ", "🎉"])
@pytest.mark.parametrize("template_id", ["shorten", "summarise", "contract-summary", "subtitles-srt", "linkedin-post"])
def test_twenty_thousand_characters_are_written(template_id: str, filler: str) -> None:
    field = next(field.name for field in load_catalogue().get(template_id).fields if field.type == "longtext")
    source = (filler * 20_000)[:20_000]

    assert write(sample(template_id, **{field: source})).strip()


@pytest.mark.parametrize("template_id", sorted(RECIPES))
def test_only_the_required_fields_are_enough(template_id: str) -> None:
    template = load_catalogue().get(template_id)
    brief = sample(template_id)
    needed = {field.name: brief.inputs[field.name] for field in template.fields if field.required}

    assert parse_output(template, write(replace(brief, inputs=needed))).problem is None


@pytest.mark.parametrize("template_id", sorted(RECIPES))
def test_the_same_brief_is_written_the_same_way(template_id: str) -> None:
    assert write(sample(template_id)) == write(sample(template_id))


@pytest.mark.parametrize(
    "template_id", sorted(set(RECIPES) - {"subtitles-srt", "changelog-entry", "sms-campaign", "support-reply"})
)
def test_a_second_variant_differs(template_id: str) -> None:
    brief = sample(template_id)

    assert write(brief) != write(replace(brief, variant=1))


def test_a_repair_writes_only_the_named_places() -> None:
    brief = sample("google-rsa")
    before = json.loads(write(brief))
    after = json.loads(write(replace(brief, only=("descriptions[1]",), previous=json.dumps(before))))

    assert after["descriptions"][1] != before["descriptions"][1]
    assert {**after, "descriptions": ""} == {**before, "descriptions": ""}


def test_a_repair_of_an_unreadable_text_writes_all_of_it() -> None:
    after = json.loads(write(replace(sample("google-rsa"), only=("headlines[0]",), previous="no JSON")))

    assert len(after["headlines"]) >= 8


def test_the_tone_chooses_among_greetings() -> None:
    plain, warm = (json.loads(write(sample("newsletter", tone=tone)))["body"] for tone in ("plain", "warm"))

    assert plain.startswith("Hello,")
    assert warm.startswith("Hello and welcome back,")


def test_the_register_chooses_the_greeting_of_a_letter() -> None:
    profile = load_catalogue().profile("en")
    formal = json.loads(write(sample("cold-email", register="formal")))["body"]

    assert formal.endswith(profile.address.closing_formal)


def test_an_unknown_template_or_language_cannot_be_written() -> None:
    assert not can_write("google-rsa", "tlh")
    with pytest.raises(CannotWrite):
        write(replace(sample("google-rsa"), locale="tlh"))


def test_a_speech_without_memories_keeps_its_time() -> None:
    from app.content.checks.timing import speech_seconds

    text = write(sample("speech-toast", memories=(), minutes=5))

    assert 270 <= speech_seconds(text, load_catalogue().profile("en")) <= 330


def test_a_word_that_cannot_be_cut_stays_whole() -> None:
    assert write(sample("shorten", text="0:0:0:0¡0¡0", words=5)) == "0:0:0:0¡0¡0"


@pytest.mark.parametrize("count", [1, 7, 20, 40])
def test_a_quiz_has_as_many_different_questions_as_asked_for(count: int) -> None:
    items = json.loads(write(sample("quiz-multiple-choice", topic="Photosynthesis", count=count)))["items"]

    assert len({item["question"] for item in items}) == count
    assert all(0 <= item["answer"] < len(item["options"]) == 4 for item in items)


def test_a_narrow_brief_still_finds_enough_headlines() -> None:
    brief = sample("google-rsa", product="x", keywords=("x",), audience="", offer="", landing_url="")
    written = json.loads(write(brief))

    assert len(written["headlines"]) >= 8
    assert len(written["descriptions"]) >= 2


def test_a_second_sentence_on_a_topic_is_explained_as_the_first_is() -> None:
    contract = "Invoices are due within 30 days. A fee of 40 EUR is charged for each late payment."
    rows = json.loads(write(sample("contract-summary", contract=contract)))["rows"]

    assert ["Payment", "Payment"] == [row["topic"] for row in rows]
    assert rows[0]["plain_words"] == rows[1]["plain_words"]


@pytest.mark.parametrize("language", ["ja", "zh-Hans"])
def test_a_text_message_has_no_space_behind_a_full_stop(language: str) -> None:
    inputs = validate_inputs(load_catalogue().get("sms-campaign"), load_catalogue().sample("sms-campaign", language))

    assert "。 " not in write(Brief("sms-campaign", language, inputs.values))
