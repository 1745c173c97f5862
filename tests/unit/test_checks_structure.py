"""Checks of form: parts, sections, tables, steps, code, structured data, and text that stops too early."""

from typing import Any

import pytest

from tests.checking import said, verdict

SECTIONS: dict[str, Any] = {
    "form": "markdown",
    "sections": ("Headline", "Details"),
    "parts": ({"at": "sections.Details", "label": "Details"},),
}
TABLE: dict[str, Any] = {
    "form": "table",
    "columns": ("topic", "risk"),
    "parts": ({"at": "rows[].topic", "label": "Topic"},),
}
CUES: dict[str, Any] = {"form": "srt", "parts": ({"at": "cues[]", "label": "Cues"},)}


def test_all_lists_must_be_there_and_be_lists() -> None:
    check = {"check": "schema", "required": ["headlines", "paths"], "arrays": ["headlines", "paths"]}

    assert "passed" == verdict(check, {"headlines": ["a"], "paths": []}).status
    assert ["headlines: A list belongs here.", "paths: “paths” is missing."] == said(verdict(check, {"headlines": "a"}))
    assert "All two lists are present" == verdict(check, {}).label_text()


def test_items_must_be_of_the_shape_that_the_sheet_sets() -> None:
    check = {"check": "schema", "required": ["pairs", "tags"], "arrays": ["pairs", "tags"]}
    parts = ({"at": "pairs[].title", "label": "Titles"}, {"at": "tags[]", "label": "Tags"})

    assert ["pairs[0]: This item has no parts.", "tags[1]: A text belongs here."] == said(
        verdict(check, {"pairs": ["a"], "tags": ["a", {"b": 1}]}, parts=parts)
    )


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ("", "There is no text."),
        ("I cannot.", "The answer is not in the form that was asked for."),
        ('{"headlines": ["a', "The answer stops before its end."),
    ],
)
def test_an_answer_that_cannot_be_read_fails_the_schema_and_leaves_the_rest_unchecked(
    text: str, said_of_it: str
) -> None:
    check = {"check": "schema", "required": ["headlines"], "arrays": ["headlines"]}

    assert [f".: {said_of_it}"] == said(verdict(check, text, form="json"))
    assert "not_checked" == verdict({"check": "count", "at": "headlines", "min": 1}, text, form="json").status


def test_sections_stand_in_order_under_the_headings_of_the_language() -> None:
    check = {"check": "sections", "required": ["Headline", "Details"], "order": True}

    assert "passed" == verdict(check, "## Überschrift\nA\n\n## Einzelheiten\nB", language="de", **SECTIONS).status
    assert ["sections.Details: The section “Einzelheiten” is missing."] == said(
        verdict(check, "## Überschrift\nA", language="de", **SECTIONS)
    )
    assert ["sections.Headline: “Headline” should read “Überschrift”."] == said(
        verdict(check, "## Headline\nA\n\n## Einzelheiten\nB", language="de", **SECTIONS)
    )
    assert ["sections.Details: “Details” stands in the wrong place."] == said(
        verdict(check, "## Details\nB\n\n## Headline\nA", **SECTIONS)
    )
    assert ["sections.Details: Nothing stands under “Details”."] == said(
        verdict(check, "## Headline\nA\n\n## Details\n\n", **SECTIONS)
    )


def test_a_table_has_rows_and_each_row_its_columns() -> None:
    check = {"check": "table", "columns": ["topic", "risk"]}

    assert "passed" == verdict(check, {"rows": [{"topic": "a", "risk": ""}]}, **TABLE).status
    assert ["rows: There are no rows."] == said(verdict(check, {"rows": []}, **TABLE))
    assert [
        "rows[0].risk: Row 1 has no “risk”.",
        "rows[0]: Row 1 has a column nobody asked for: “odd”.",
        "rows[1]: This item has no parts.",
    ] == said(verdict(check, {"rows": [{"topic": "a", "odd": 1}, "text"]}, **TABLE))


def test_a_value_is_one_of_a_few() -> None:
    check = {"check": "one_of", "at": "rows[].risk", "values": ["low", "high"]}

    assert [
        "rows[1].risk: “odd” is none of: low, high.",
        "rows[2].risk: One of these belongs here: low, high.",
    ] == said(verdict(check, {"rows": [{"risk": "low"}, {"risk": "odd"}, {}]}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Turn it over.\n2. Pull.\n\nThen:\n\n1. Push.", []),
        ("١. افتح\n٢. أغلق", []),
        ("1. Turn.\n3. Push.", [".: Step 3 where 2 should be."]),
        ("No steps.", [".: 0 numbered steps, 1 at least."]),
        ("1. a\n2. b\n3. c\n4. d", [".: 4 numbered steps, 3 at most."]),
    ],
)
def test_steps_are_counted_on(text: str, expected: list[str]) -> None:
    assert expected == said(verdict({"check": "numbered_steps", "min": 1, "max": 3}, text))


def test_steps_begin_with_what_to_do() -> None:
    check = {"check": "numbered_steps", "min": 1, "max": 3, "imperative": True}

    assert [".: Begin with what to do, not with “you”."] == said(verdict(check, "1. Pull it out.\n2. You push it in."))
    assert "not_checked" == verdict(check, "1. Ziehen.", language="de").status


def test_code_blocks_are_counted_closed_and_named() -> None:
    check = {"check": "code_blocks", "min": 2, "languages_named": True}

    assert "passed" == verdict(check, "```json\n{}\n```\n\n~~~sh\nls\n~~~").status
    assert [".: 1 code blocks, 2 at least.", ".: Say which language this code is in."] == said(
        verdict(check, "So:\n\n```\nx\n```")
    )
    assert ".: This code block is never closed." in said(verdict(check, "```json\n{}"))


def test_changes_stand_under_known_headings_of_the_language() -> None:
    check = {"check": "changelog_sections", "allowed": ["Added", "Fixed"]}
    head = "## [1.2.0] - 2026-11-23\n\n"

    assert "passed" == verdict(check, head + "### Added\n- a\n\n### Fixed\n- b", form="markdown").status
    assert "passed" == verdict(check, head + "### Hinzugefügt\n- a", form="markdown", language="de").status
    assert [".: “News” is none of: Added, Fixed."] == said(verdict(check, head + "### News\n- a", form="markdown"))
    assert [".: “Added” comes twice."] == said(verdict(check, head + "### Added\n- a\n### Added\n- b", form="markdown"))
    assert [".: Nothing stands under “Added”."] == said(
        verdict(check, head + "### Added\n\n### Fixed\n- b", form="markdown")
    )
    assert [".: None of the headings is there: Added, Fixed."] == said(verdict(check, head + "- a", form="markdown"))


def test_only_the_allowed_tags_are_let_through() -> None:
    check = {"check": "html", "allowed": ["br"]}

    assert "passed" == verdict(check, "One<br/>two <3 three < four").status
    assert [".: The tag <script> is not allowed here."] == said(verdict(check, "a<br><script src='x'>"))


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("json", '{"a": [1, 2]}', '{"a": [1, 2,]}'),
        ("yaml", "a:\n  - 1\n  - {b: c}", "a: [1"),
        ("python", "def f(x):\n    return x", "def f(x)\n    return x"),
        ("xml", "<speak>Hi <break/></speak>", "<speak>Hi</spoke>"),
        ("svg", '<svg xmlns="a"><path d="M0 0"/></svg>', "<p/>"),
        ("regex", r"^[a-z]+(-[a-z]+)*$", "(a"),
    ],
)
def test_artefacts_parse_or_say_why_not(language: str, right: str, wrong: str) -> None:
    check = {"check": "parses", "language": language, "at": "code"}

    assert "passed" == verdict(check, {"code": right}).status
    assert "failed" == verdict(check, {"code": wrong}).status


@pytest.mark.parametrize("language", ["json", "yaml", "python", "regex"])
def test_deep_nesting_is_refused_before_a_parser_sees_it(language: str) -> None:
    result = verdict({"check": "parses", "language": language, "at": "code"}, {"code": "[" * 50_000})

    assert [f"code: Does not parse as {language.upper()}: too deeply nested."] == said(result)


def test_xml_with_entities_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'

    assert "failed" == verdict({"check": "parses", "language": "xml", "at": "code"}, {"code": bomb}).status


def test_a_language_without_a_parser_is_not_checked() -> None:
    assert "not_checked" == verdict({"check": "parses", "language": "sql", "at": "code"}, {"code": "select"}).status


def test_every_block_of_a_language_must_parse_and_there_must_be_one() -> None:
    check = {"check": "parses", "language": "json", "at": "code.json"}

    assert ["code.json[1]: Does not parse as JSON: Expecting value, line 1."] == said(
        verdict(check, "```json\n{}\n```\n\n```json\nx\n```\n\n```sh\nnot json\n```", form="markdown")
    )
    assert "not_checked" == verdict(check, "no code", form="markdown").status


def test_subtitles_parse_block_by_block() -> None:
    check = {"check": "parses", "language": "srt", "at": "."}

    assert "passed" == verdict(check, "1\n00:00:01,000 --> 00:00:02,000\nHi", **CUES).status
    assert [".: Does not parse as SRT: a block without a time line, block 2."] == said(
        verdict(check, "1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:03 -> 4\nYou", **CUES)
    )


def test_structured_data_has_what_search_engines_ask_for() -> None:
    check = {"check": "jsonld", "type": "Product"}
    offer = {"price": "129.50", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}
    product = {"@context": "https://schema.org/", "@type": "Product", "name": "Chair", "offers": offer}

    assert "passed" == verdict(check, {"jsonld": product}).status
    assert "passed" == verdict(check, {"jsonld": {**product, "offers": [offer]}}).status
    assert [
        "jsonld.@context: @context must be https://schema.org.",
        "jsonld.@type: @type must be Product.",
        "jsonld.name: “name” is missing.",
    ] == said(verdict(check, {"jsonld": {"offers": offer}}))
    broken = {**product, "offers": {"price": "129,50", "priceCurrency": "€"}}
    assert {
        "jsonld.offers.price: “129,50” is no price. Write digits with a point, like 129.50.",
        "jsonld.offers.priceCurrency: “€” is no currency. Write three letters, like EUR.",
        "jsonld.offers.availability: “availability” is missing.",
    } == set(said(verdict(check, {"jsonld": broken})))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("All is said.", "en"),
        ("Is it? (Yes.)", "en"),
        ("Mit freundlichen Grüßen\nInes Marchetti", "de"),
        ("See https://aldersay.example/one and read on about it at https://aldersay.example/two", "en"),
        ("Some words for the list below, which is long enough:\n- a first item of the list that goes on and on", "en"),
        ("Good. #OfficeChairs #Repair", "en"),
        ("終わりです。", "ja"),
        ("انتهى الكلام.", "ar"),
        ("यह अंत है।", "hi"),
        ("Er sagte: „Gut.“ Und »gut«.", "de"),
        ("Smile :( and a) first, b) second.", "en"),
        ("| a | b |\n| - | - |\n| one of the many cells here | another of the many cells |", "en"),
        ("“First paragraph of a quotation.\n\n“Second paragraph of it.”", "en"),
        ("مرحبًا\n\nمع خالص التحية،", "ar"),
    ],
)
def test_a_text_that_ends_well(text: str, language: str) -> None:
    result = verdict({"check": "not_truncated"}, text, language=language)

    assert [] == said(result)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It ends in the middle of a sentence that was never", "finding.cut.end"),
        ("It ends with a comma,", "finding.cut.end"),
        ("It opens (a bracket and goes on.", "finding.cut.open"),
        ("He said: “and never stopped.", "finding.cut.open"),
        ("```json\n{", "finding.cut.fence"),
        ("", "finding.unreadable.empty"),
    ],
)
def test_a_text_that_was_cut_short(text: str, told: str) -> None:
    assert [told] == [finding.code for finding in verdict({"check": "not_truncated"}, text).findings]


def test_an_answer_that_stops_inside_its_form_was_cut_short() -> None:
    assert "failed" == verdict({"check": "not_truncated"}, '{"a": "b', form="json").status
    assert (
        "passed"
        == verdict({"check": "not_truncated"}, {"a": "A headline without a full stop that is rather long"}).status
    )


def test_every_answer_of_a_quiz_is_one_of_its_options() -> None:
    check = {"check": "key_in_range", "key": "items[].answer", "of": "items[].options"}
    options = ["Pull", "Push", "Turn"]
    items = [{"options": options, "answer": answer} for answer in (0, 2, "B", "turn", "1")]

    assert "passed" == verdict(check, {"items": items}).status
    assert ["items[0].answer: The answer “3” is none of the 3 options."] == said(
        verdict(check, {"items": [{"options": options, "answer": 3}]})
    )
    assert "failed" == verdict(check, {"items": [{"options": options}]}).status


def test_the_right_answers_are_spread() -> None:
    check = {"check": "key_balance", "max_share": 0.5}
    options = ["a", "b", "c"]

    def quiz(*answers: int) -> dict[str, object]:
        return {"items": [{"options": options, "answer": answer} for answer in answers]}

    assert "passed" == verdict(check, quiz(0, 1, 2, 1)).status
    assert ["items: Option 2 is right in 3 of 4."] == said(verdict(check, quiz(1, 1, 1, 0)))
    assert "not_checked" == verdict(check, quiz(1, 1)).status
