"""The sheet of every form: lines, counters, numbers, and notes on the line they belong to."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.catalogue_files import load_catalogue
from app.content.checks.registry import run_checks
from app.content.outputs import parse_output, parse_partial, replace_at
from app.content.template import Template
from app.content.typesetting import SetLine, set_lines
from tests.checking import context_of, output_of, template_of

LIMITS = load_catalogue().limits
HEADLINES: Mapping[str, str] = {
    "at": "headlines[]",
    "label": "Headlines",
    "item": "Headline",
    "limit": "google_ads.rsa.headline",
}
AD = template_of(
    {"check": "length", "at": "headlines[]", "limit": "google_ads.rsa.headline"},
    form="json",
    parts=(HEADLINES, {"at": "paths[]", "label": "Paths"}),
)


def sheet(template: Template, text: object, **context: Any) -> tuple[SetLine, ...]:
    output = output_of(template, text)
    results = run_checks(output, context_of(template, **context))
    return set_lines(template, output, results, LIMITS)


def test_items_are_numbered_and_counted_against_the_limit() -> None:
    lines = sheet(
        AD, {"headlines": ["The Repairable Office Chair", "Ergonomic Office Chairs That Last"], "paths": ["p"]}
    )

    assert [("1", 27, 30, "ok"), ("2", 33, 30, "over"), ("1", None, None, "ok")] == [
        (line.number, line.used, line.limit, line.state) for line in lines
    ]
    assert ["Headlines", "Headlines", "Paths"] == [line.part_label for line in lines]


def test_the_note_on_a_long_line_strikes_out_its_end_and_says_how_much_is_over() -> None:
    line = sheet(AD, {"headlines": ["Ergonomic Office Chairs That Last"], "paths": []})[0]
    note = line.findings[0]

    assert " Last" == line.text[note.start : note.end]
    assert "33 of 30. Three over." == note.text()
    assert "Ergonomic Office Chairs" == note.suggestion
    assert "hard" == line.severity


def test_a_suggestion_can_be_set_at_the_path_of_its_line() -> None:
    output = output_of(AD, {"headlines": ["Ergonomic Office Chairs That Last"], "paths": []})
    line = set_lines(AD, output, run_checks(output, context_of(AD)), LIMITS)[0]

    changed = replace_at(output, line.path, line.findings[0].suggestion or "")

    assert () == set_lines(AD, changed, run_checks(changed, context_of(AD)), LIMITS)[0].findings


@pytest.mark.parametrize("sent", ["```json\n", "{", '{\n  "headlines": ', '{"headlines": ['])
def test_the_marks_of_a_form_are_no_text_while_it_is_being_written(sent: str) -> None:
    assert () == set_lines(AD, parse_partial(AD, sent), (), LIMITS)


def test_a_sheet_grows_while_the_answer_is_written() -> None:
    output = parse_partial(AD, '{"headlines": ["The Repairable Office Chair", "Ergonomic Off')
    lines = set_lines(AD, output, (), LIMITS)

    assert [("The Repairable Office Chair", 27), ("Ergonomic Off", 13)] == [(line.text, line.used) for line in lines]


def test_prose_has_one_line_a_paragraph_and_its_counter_on_the_last() -> None:
    post = template_of(
        {"check": "exclamations", "max": 0, "at": "."}, parts=({"at": ".", "label": "Post", "limit": "linkedin.post"},)
    )
    lines = sheet(post, "One line.\n\nTwo! lines.\n\nThree.")

    assert ["paragraphs[0]", "paragraphs[1]", "paragraphs[2]"] == [line.path for line in lines]
    assert [None, None, 30] == [line.used for line in lines]
    assert [("failed", "!")] == [
        (line.state, line.text[note.start : note.end]) for line in lines for note in line.findings
    ]


def test_prose_of_one_paragraph_keeps_the_path_of_the_whole() -> None:
    post = template_of(parts=({"at": ".", "label": "Message", "limit": "sms.gsm7.single"},))
    line = sheet(post, "It’s on until Sunday.")[0]

    assert (".", 21, 70, "ucs2") == (line.path, line.used, line.limit, line.unit)


def test_a_document_is_set_in_its_own_order_and_loses_nothing() -> None:
    document = template_of(
        {"check": "sections", "required": ["Headline", "Details"], "order": True},
        form="markdown",
        sections=("Headline", "Details"),
        parts=({"at": "sections.Headline", "label": "Headline"}, {"at": "sections.Details", "label": "Details"}),
    )
    text = "Preamble.\n\n## Details\n\nOne.\n\nTwo.\n\n## Extra\n\nThree.\n\n## Headline\n\nFour."
    lines = sheet(document, text)

    assert [
        (0, "paragraphs[0]", "Preamble."),
        (1, "sections.Details.paragraphs[0]", "One."),
        (1, "sections.Details.paragraphs[1]", "Two."),
        (1, "paragraphs[4]", "## Extra"),
        (1, "paragraphs[5]", "Three."),
        (0, "sections.Headline", "Four."),
    ] == [(line.part_index, line.path, line.text) for line in lines]


def test_every_path_of_a_document_can_be_edited() -> None:
    document = template_of(
        form="markdown", sections=("Details",), parts=({"at": "sections.Details", "label": "Details"},)
    )
    output = parse_output(document, "Before.\n\n## Details\n\nOne.\n\nTwo.\n\n## Extra\n\nThree.")

    for line in set_lines(document, output, (), LIMITS):
        changed = replace_at(output, line.path, "NEW")
        assert output.text.replace(line.text, "NEW") == changed.text


def test_a_note_on_the_whole_text_stands_at_the_paragraph_it_points_at() -> None:
    document = template_of(
        {"check": "numbers_from_inputs", "at": "."},
        form="markdown",
        sections=("Headline", "Details"),
        parts=({"at": "sections.Headline", "label": "Headline"}, {"at": "sections.Details", "label": "Details"}),
    )
    lines = sheet(document, "## Headline\n\nNew chairs\n\n## Details\n\nFine.\n\nSave 35 % now.")
    noted = [line for line in lines if line.findings]

    assert ["sections.Details.paragraphs[1]"] == [line.path for line in noted]
    assert "35" == noted[0].text[noted[0].findings[0].start : noted[0].findings[0].end]
    assert "Where is 35 from? It is in no source." == noted[0].findings[0].text()


def test_a_mail_has_its_parts_and_notes_of_the_body_go_to_the_paragraph() -> None:
    mail = template_of(
        {"check": "exclamations", "max": 0, "at": "body"},
        form="email",
        parts=({"at": "subject", "label": "Subject", "limit": "email.subject"}, {"at": "body", "label": "Body"}),
    )
    lines = sheet(mail, {"subject": "Hello", "body": "Dear Ann,\n\nBuy! Now.\n\nBye"})

    assert [
        ("subject", "ok"),
        ("body.paragraphs[0]", "ok"),
        ("body.paragraphs[1]", "failed"),
        ("body.paragraphs[2]", "ok"),
    ] == [(line.path, line.state) for line in lines]


def test_a_table_has_one_line_a_cell_numbered_by_row() -> None:
    table = template_of(
        {"check": "one_of", "at": "rows[].risk", "values": ["low", "high"]},
        form="table",
        columns=("topic", "risk"),
        parts=({"at": "rows[].topic", "label": "Topic"}, {"at": "rows[].risk", "label": "Risk"}),
    )
    lines = sheet(table, {"rows": [{"topic": "Term", "risk": "low"}, {"topic": "Price", "risk": "odd"}]})

    assert [("1", "Term", "ok"), ("2", "Price", "ok"), ("1", "low", "ok"), ("2", "odd", "failed")] == [
        (line.number, line.text, line.state) for line in lines
    ]


def test_cues_are_measured_by_their_longest_line_in_their_script() -> None:
    cues = template_of(form="srt", parts=({"at": "cues[]", "label": "Subtitles", "limit": "subtitle.line"},))
    english = sheet(cues, "1\n00:00:01,000 --> 00:00:03,000\nShort\nand a longer line")[0]
    japanese = sheet(cues, "1\n00:00:01,000 --> 00:00:03,000\nこの椅子はとても長く使えます", language="ja")[0]

    assert (17, 42, "ok") == (english.used, english.limit, english.state)
    assert (14, 13, "over") == (japanese.used, japanese.limit, japanese.state)


def test_a_list_in_a_list_is_numbered_twice_and_an_object_is_written_out() -> None:
    quiz = template_of(
        form="json", parts=({"at": "items[].options[]", "label": "Options"}, {"at": "jsonld", "label": "Data"})
    )
    lines = sheet(quiz, {"items": [{"options": ["a", "b"]}, {"options": ["c"]}], "jsonld": {"@type": "Product"}})

    assert ["1.1", "1.2", "2.1", ""] == [line.number for line in lines]
    assert {"@type": "Product"} == json.loads(lines[-1].text)


def test_what_could_not_be_read_is_shown_as_it_came() -> None:
    lines = sheet(AD, "I am sorry.\n\nI cannot do that.")

    assert ["I am sorry.", "I cannot do that."] == [line.text for line in lines]


def test_a_line_that_is_too_short_says_so() -> None:
    pair = template_of(
        {"check": "length", "at": "text", "limit": "seo.description"},
        form="json",
        parts=({"at": "text", "label": "Description", "limit": "seo.description"},),
    )

    assert "under" == sheet(pair, {"text": "Too short."})[0].state


@given(st.text(alphabet=st.characters()), st.sampled_from(["text", "markdown", "json", "email", "table", "srt"]))
def test_a_sheet_can_be_set_of_anything(text: str, form: str) -> None:
    shape: dict[str, Any] = {"form": form, "parts": ({"at": ".", "label": "All", "limit": "x.post"},)}
    shape |= {"columns": ("a",)} if form == "table" else {}
    shape |= {"sections": ("Details",)} if form == "markdown" else {}
    template = template_of(
        {"check": "numbers_from_inputs", "at": "."}, {"check": "length", "limit": "x.post", "at": "."}, **shape
    )

    for line in sheet(template, text):
        for note in line.findings:
            assert note.start is None or 0 <= note.start <= (note.end or 0) <= len(line.text)
