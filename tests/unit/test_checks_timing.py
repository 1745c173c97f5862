"""Checks of time and of privacy: speech, time codes, subtitles; addresses and numbers that nobody gave."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.content.catalogue_files import load_catalogue
from app.content.checks.privacy import card_is_valid, iban_is_valid
from app.content.checks.timing import clock_seconds, speech_seconds
from app.content.profiles import LANGUAGES
from tests.checking import said, verdict

ROWS: dict[str, Any] = {
    "form": "table",
    "columns": ("start", "end", "say"),
    "parts": ({"at": "rows[].say", "label": "Say"},),
    "fields": {"seconds": "number"},
}
CUES: dict[str, Any] = {"form": "srt", "parts": ({"at": "cues[]", "label": "Cues"},)}
READABLE = {"check": "subtitles", "limits": ["subtitle.line", "subtitle.lines", "subtitle.cps", "subtitle.seconds"]}


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("0:05", 5),
        ("01:02:03.5", 3723.5),
        ("12", 12),
        (12, 12),
        ("12 s", 12),
        ("٠:٠٥", 5),
        ("soon", None),
        (None, None),
    ],
)
def test_a_time_code_is_read_in_any_form(code: object, seconds: float | None) -> None:
    assert seconds == clock_seconds(code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_speech_takes_its_time_in_every_language(language: str) -> None:
    profile = load_catalogue().profile(language)
    minute = {"words": "word " * profile.speech.per_minute, "chars": "字" * profile.speech.per_minute}[
        profile.speech.unit
    ]

    assert 60 == pytest.approx(speech_seconds(minute, profile), abs=1)


def test_stage_directions_are_not_spoken() -> None:
    profile = load_catalogue().profile("en")

    assert speech_seconds("Hello there", profile) == speech_seconds("Hello (pause) there [music]", profile)


@pytest.mark.parametrize(
    ("count", "code"),
    [(145, None), (131, None), (159, None), (120, "finding.speech.short_words"), (175, "finding.speech.long_words")],
)
def test_a_speech_may_be_a_tenth_off(count: int, code: str | None) -> None:
    check = {"check": "speech_duration", "field": "minutes", "tolerance": 0.1}
    result = verdict(check, "word " * count, fields={"minutes": "number"}, inputs={"minutes": 1})

    assert ([code] if code else []) == [finding.code for finding in result.findings]


def test_a_speech_that_is_too_long_says_how_many_words_fit() -> None:
    check = {"check": "speech_duration", "field": "minutes", "tolerance": 0.1}

    assert [".: Takes 1:15 to say, 1:00 wanted: 181 words, about 145 fit."] == said(
        verdict(check, "word " * 181, fields={"minutes": "number"}, inputs={"minutes": 1})
    )


def test_of_a_table_only_what_is_said_is_timed() -> None:
    check = {"check": "speech_duration", "field": "seconds", "tolerance": 0.1}
    rows = [{"start": 0, "end": 12, "say": "word " * 29, "overlay": "word " * 50}]

    assert "passed" == verdict(check, {"rows": rows}, inputs={"seconds": 12}, **ROWS).status


def test_rows_follow_on_each_other_and_end_in_time() -> None:
    check = {"check": "timecodes", "monotonic": True, "total_field": "seconds"}
    good = [{"start": "0:00", "end": "0:05"}, {"start": 5, "end": "0:30"}]
    bad = [{"start": "0:00", "end": "0:10"}, {"start": "0:05", "end": "0:20"}, {"start": "later", "end": "0:20"}]

    assert "passed" == verdict(check, {"rows": good}, inputs={"seconds": 30}, **ROWS).status
    assert [
        "rows[1].start: 0:05 comes after 0:10.",
        "rows[2].start: No time code here.",
        "rows[2].end: 0:20 comes after 0:20.",
        "rows[2].end: Ends at 0:20, 0:30 wanted.",
    ] == said(verdict(check, {"rows": bad}, inputs={"seconds": 30}, **ROWS))


def test_chapters_rise() -> None:
    check = {"check": "timecodes", "at": "chapters[].at", "monotonic": True}

    assert ["chapters[2].at: 0:30 comes after 1:00."] == said(
        verdict(check, {"chapters": [{"at": "00:00"}, {"at": "01:00"}, {"at": "00:30"}]})
    )


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n\n".join(f"{n}\n00:00:{a} --> 00:00:{b}\n{text}" for n, (a, b, text) in enumerate(cues, start=1))


def test_a_cue_is_short_stands_long_enough_and_can_be_read() -> None:
    long_line = "This is a very long subtitle line that goes over it"
    text = srt(
        ("00,000", "01,000", long_line),
        ("01,000", "01,500", "ok"),
        ("02,000", "10,000", "ok"),
        ("11,000", "13,000", "a\nb\nc"),
    )

    assert [
        "cues[0]: 51 of 42 characters in a line.",
        "cues[0]: 51 characters a second, 20 at most.",
        "cues[1]: On screen for 0.5 s, 0.83 s at least.",
        "cues[2]: On screen for 8 s, 7 s at most.",
        "cues[3]: 3 lines, 2 at most.",
    ] == said(verdict(READABLE, text, **CUES))


def test_the_part_of_a_line_that_is_too_long_is_marked() -> None:
    text = "First line\nThis is a very long subtitle line that goes over"
    finding = verdict(READABLE, srt(("00,000", "06,000", text)), **CUES).findings[0]

    assert " goes over" == text[finding.start : finding.end]


def test_line_and_pace_are_those_of_the_language() -> None:
    text = srt(("00,000", "04,000", "この椅子は長く使えます。それに"))

    assert "passed" == verdict(READABLE, text, **CUES).status
    assert ["cues[0]: 15 of 13 characters in a line."] == said(verdict(READABLE, text, language="ja", **CUES))


def test_no_two_cues_stand_at_once() -> None:
    check = {"check": "no_overlap_in_time"}

    assert "passed" == verdict(check, srt(("00,000", "01,000", "a"), ("01,000", "02,000", "b")), **CUES).status
    assert [
        "cues[1]: Starts at 0.5 s, before the one before ends at 1 s.",
        "cues[2]: Ends before it starts.",
    ] == said(
        verdict(check, srt(("00,000", "01,000", "a"), ("00,500", "02,000", "b"), ("04,000", "03,000", "c")), **CUES)
    )


PRIVACY = {"check": "pii_not_in_inputs"}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to ines@aldersay.com today.", "email", "ines@aldersay.com"),
        ("Call +49 202 555 0147 now", "phone", "+49 202 555 0147"),
        ("Call (0202) 555-0147 now", "phone", "(0202) 555-0147"),
        ("Call 555-123-4567 now", "phone", "555-123-4567"),
        ("اتصل على ٠٢٠٢٥٥٥٠١٤٧", "phone", "٠٢٠٢٥٥٥٠١٤٧"),
        ("Card 4111 1111 1111 1111", "card", "4111 1111 1111 1111"),
        ("IBAN DE89 3704 0044 0532 0130 00", "iban", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_personal_data_that_nobody_gave_is_found(text: str, kind: str, value: str) -> None:
    result = verdict(PRIVACY, text)

    assert [(f"finding.privacy.{kind}", value)] == [
        (finding.code, text[finding.start : finding.end]) for finding in result.findings
    ]


@pytest.mark.parametrize(
    "text", ["ines@aldersay.com", "+49 202 555 0147", "4111 1111 1111 1111", "DE89370400440532013000"]
)
def test_personal_data_of_the_brief_or_the_passages_passes(text: str) -> None:
    written = text.replace("DE89370400440532013000", "DE89 3704 0044 0532 0130 00").replace("+49 202", "+49(202)")

    assert "passed" == verdict(PRIVACY, f"Here: {written}", inputs={"brief": text}).status
    assert "passed" == verdict(PRIVACY, f"Here: {written}", sources=(text,)).status


@pytest.mark.parametrize(
    "text",
    [
        "press@aldersay.example",
        "On 2026-11-23 and 23.11.2026, 01.02.2026",
        "1,299,500 euros, 0.123456789, 12345678",
        "Item 4111111111111112 and 1111 1111 1111 1111",
        "2024-2026, 14:30-16:00, 10 000 000",
        "Maxwell (1831-1879), 1 160 000 000, 30 000-24 000",
        "https://aldersay.example/0202-555-0147-0000",
        "`0202 555 0147 00`",
    ],
)
def test_what_only_looks_like_personal_data_passes(text: str) -> None:
    assert [] == said(verdict(PRIVACY, text))


def test_check_digits_are_counted() -> None:
    assert card_is_valid("4111 1111 1111 1111") and not card_is_valid("4111 1111 1111 1112")
    assert iban_is_valid("GB82 WEST 1234 5698 7654 32") and not iban_is_valid("GB82 WEST 1234 5698 7654 33")


def test_of_a_corpus_all_cards_accounts_and_addresses_are_found_and_nothing_else_is(shared_data: Path) -> None:
    corpus = json.loads((shared_data / "presidio-pii" / "sentences.json").read_text("utf-8"))
    exact = {"CREDIT_CARD", "IBAN_CODE", "EMAIL_ADDRESS"}
    missed, false_alarms = [], []
    for row in corpus:
        marked = [(finding.start or 0, finding.end or 0) for finding in verdict(PRIVACY, row["full_text"]).findings]
        spans = [(span["start_position"], span["end_position"], span["entity_type"]) for span in row["spans"]]
        missed += [
            span for span in spans if span[2] in exact and not any(a < span[1] and span[0] < b for a, b in marked)
        ]
        false_alarms += [(a, b) for a, b in marked if not any(a < span[1] and span[0] < b for span in spans)]

    assert ([], []) == (missed, false_alarms)
