"""What models send becomes an output: fences, chatter, half-written text, and edits by path."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.outputs import Output, parse_output, parse_partial, replace_at, to_text, values_at
from app.content.paths import NoSuchPath
from app.content.template import Template
from tests.checking import template_of

LISTS = template_of(form="json", parts=({"at": "headlines[]", "label": "H"}, {"at": "paths[]", "label": "P"}))
ITEMS = template_of(form="json", parts=({"at": "items[].options[]", "label": "O"},))
MAIL = template_of(form="email", parts=({"at": "subject", "label": "S"}, {"at": "body", "label": "B"}))
TABLE = template_of(form="table", parts=({"at": "rows[].aim", "label": "A"},), columns=("module", "aim"))
CUES = template_of(form="srt", parts=({"at": "cues[]", "label": "C"},))
TEXT = template_of()
DOCUMENT = template_of(
    form="markdown",
    parts=({"at": "sections.Headline", "label": "H"}, {"at": "sections.Details", "label": "D"}),
    sections=("Headline", "Details"),
)
SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello\nyou\n\n2\n00:00:03,000 --> 00:00:04,000\nBye"


@pytest.mark.parametrize(
    "sent",
    [
        '{"headlines": ["a"], "paths": []}',
        '```json\n{"headlines": ["a"], "paths": []}\n```',
        'Here you are:\n\n{"headlines": ["a"], "paths": []}\n\nAnything else?',
        'Sure!\n```\n{"headlines": ["a"], "paths": []}\n```\nDone.',
        '\ufeff{"headlines": ["a"],\r\n"paths": []}',
    ],
)
def test_json_is_found_in_whatever_stands_around_it(sent: str) -> None:
    output = parse_output(LISTS, sent)

    assert {"headlines": ["a"], "paths": []} == output.data
    assert output.problem is None


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("I cannot do that.", "not_json"),
        ('{"headlines": ["a"', "cut_json"),
        ('{"headlines": ["a",]}', "broken_json"),
        ('["a"]', "other_json"),
        ('{"headlines": NaN}', "broken_json"),
        ("[" * 100_000, "not_json"),
        ('{"a":' * 100_000, "cut_json"),
    ],
)
def test_what_cannot_be_read_says_why(sent: str, problem: str) -> None:
    output = parse_output(LISTS, sent)

    assert problem == output.problem
    assert {} == output.data


def test_a_bare_list_is_put_under_the_only_list_there_is() -> None:
    assert {"items": [{"options": ["a"]}]} == parse_output(ITEMS, '[{"options": ["a"]}]').data


def test_a_table_is_read_from_rows_of_objects_of_lists_and_from_markdown() -> None:
    rows = [{"module": "One", "aim": "Explain | name"}]

    assert rows == parse_output(TABLE, json.dumps({"rows": rows})).data["rows"]
    assert rows == parse_output(TABLE, json.dumps([["One", "Explain | name"]])).data["rows"]
    assert (
        rows == parse_output(TABLE, "So:\n\n| Aim | Module |\n| --- | :-: |\n| Explain \\| name | One |\n").data["rows"]
    )


def test_what_stands_beside_the_rows_is_kept() -> None:
    assert "not advice" == parse_output(TABLE, '{"rows": [], "note": "not advice"}').data["note"]


def test_a_mail_is_read_from_lines_as_well() -> None:
    assert {"subject": "Hi", "body": "Dear Ann\n\nBye"} == parse_output(MAIL, "**Betreff:** Hi\n\nDear Ann\n\nBye").data


def test_headings_of_any_language_name_the_sections_by_their_english_ids() -> None:
    output = parse_output(DOCUMENT, "# Überschrift\nHallo\n\n**Einzelheiten:**\nEins\n\n### Mehr\nZwei")

    assert {"Headline": "Hallo", "Details": "Eins\n\n### Mehr\nZwei"} == output.data["sections"]


def test_a_heading_inside_a_code_block_opens_no_section() -> None:
    output = parse_output(DOCUMENT, "## Details\n```\n## Headline\n```\nend")

    assert ["Details"] == list(output.data["sections"])  # type: ignore[call-overload]


def test_a_document_that_is_fenced_as_a_whole_is_unwrapped() -> None:
    assert "## Details\nx" == parse_output(DOCUMENT, "```markdown\n## Details\nx\n```").text


def test_subtitles_are_read_with_points_commas_and_without_numbers() -> None:
    output = parse_output(CUES, "00:00:01.500 --> 00:00:02,750\nHi\n\nno time\n\n" + SRT)

    assert {"start_s": 1.5, "end_s": 2.75, "text": "Hi"} == output.data["cues"][0]  # type: ignore[index]
    assert [2] == output.data["broken"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (LISTS, '{"headlines": ["a", "é"], "paths": ["x"]}'),
        (MAIL, '{"subject": "s", "body": "b\\n\\nc"}'),
        (TABLE, '{"rows": [{"module": "m", "aim": "a"}]}'),
        (DOCUMENT, "## Headline\n\nOne\n\n## Details\n\nTwo"),
        (CUES, SRT),
        (TEXT, "One\n\nTwo"),
    ],
)
def test_the_canonical_text_gives_the_same_output_again(template: Template, text: str) -> None:
    once = parse_output(template, text)
    again = parse_output(template, once.text)

    assert (once.text, once.data) == (again.text, again.data)
    assert to_text(once) == once.text


@pytest.mark.parametrize(
    ("template", "sent", "data"),
    [
        (LISTS, '```json\n{"headlines": ["abc", "de', {"headlines": ["abc", "de"]}),
        (LISTS, '{"headlines": ["abc"], "pa', {"headlines": ["abc"]}),
        (LISTS, '{"headlines": ["a"], "paths": []}\n```', {"headlines": ["a"], "paths": []}),
        (LISTS, "Here ", {}),
        (TABLE, '{"rows": [{"module": "On', {"rows": [{"module": "On"}]}),
        (MAIL, '{"subject": "Hel', {"subject": "Hel"}),
        (MAIL, '{"sub', {}),
    ],
)
def test_half_written_text_gives_what_is_there(template: Template, sent: str, data: object) -> None:
    output = parse_partial(template, sent)

    assert data == output.data
    assert output.problem is None


def test_a_half_written_document_has_its_sections() -> None:
    assert {"Headline": "One"} == parse_partial(DOCUMENT, "```md\n## Headline\nOne\n\n## Det").data["sections"] | {}  # type: ignore[operator]


def test_paths_lead_to_values_in_order_and_leave_out_what_is_missing() -> None:
    output = parse_output(ITEMS, '{"items": [{"options": ["a", "b"]}, {}, {"options": ["c"]}]}')

    assert [("items[0].options[0]", "a"), ("items[0].options[1]", "b"), ("items[2].options[0]", "c")] == values_at(
        output, "items[].options[]"
    )
    assert [("items[2].options[0]", "c")] == values_at(output, "items[2].options[]")
    assert [] == values_at(output, "items[9].options[]")


def test_the_whole_is_the_text_or_every_value_of_a_structure() -> None:
    assert [(".", "One\n\nTwo")] == values_at(parse_output(TEXT, "One\n\nTwo"), ".")
    assert [("headlines[0]", "a"), ("paths[0]", 7)] == values_at(
        parse_output(LISTS, '{"headlines": ["a"], "ok": true, "paths": [7]}'), "."
    )


def test_paths_lead_into_paragraphs_code_and_the_title() -> None:
    output = parse_output(DOCUMENT, "# Überschrift\nA\n\nB\n\n## Details\n```json\n{}\n```")

    assert [("sections.Headline.paragraphs[1]", "B")] == values_at(output, "sections.Headline.paragraphs[1]")
    assert [("code.json[0]", "{}")] == values_at(output, "code.json")
    assert [] == values_at(output, "code.yaml")
    assert [("title", "Überschrift")] == values_at(output, "title")


@pytest.mark.parametrize(
    ("template", "text", "path", "expected"),
    [
        (LISTS, '{"headlines": ["a", "b"], "paths": []}', "headlines[1]", ["a", "NEW"]),
        (ITEMS, '{"items": [{"options": ["a"]}]}', "items[0].options[0]", ["NEW"]),
        (TABLE, '{"rows": [{"module": "m", "aim": "a"}]}', "rows[0].aim", ["NEW"]),
        (CUES, SRT, "cues[0].text", ["NEW", "Bye"]),
        (CUES, SRT, "cues[0]", ["NEW", "Bye"]),
        (MAIL, '{"subject": "s", "body": "one\\n\\ntwo"}', "body.paragraphs[1]", ["one\n\nNEW"]),
    ],
)
def test_one_value_is_replaced_and_the_text_follows(
    template: Template, text: str, path: str, expected: list[str]
) -> None:
    changed = replace_at(parse_output(template, text), path, "NEW")
    whole = {"headlines[1]": "headlines[]", "cues[0]": "cues[]", "cues[0].text": "cues[]", "body.paragraphs[1]": "body"}

    assert expected == [value for _, value in values_at(changed, whole.get(path, path))]
    assert changed.data == parse_output(template, changed.text).data


def test_a_section_is_replaced_inside_its_document() -> None:
    output = parse_output(DOCUMENT, "## Headline\n\nOne\n\n## Details\n\nTwo\n\nThree\n\nEND")
    changed = replace_at(replace_at(output, "sections.Headline", "Uno"), "sections.Details.paragraphs[1]", "Tre")

    assert "## Headline\n\nUno\n\n## Details\n\nTwo\n\nTre\n\nEND" == changed.text
    assert "Uno" == changed.data["sections"]["Headline"]  # type: ignore[index]


def test_a_number_stays_a_number() -> None:
    output = parse_output(LISTS, '{"headlines": ["a"], "paths": [], "minutes": 15}')

    assert 20 == replace_at(output, "minutes", "20").data["minutes"]
    assert "soon" == replace_at(output, "minutes", "soon").data["minutes"]


def test_a_paragraph_of_plain_text_is_replaced() -> None:
    assert "One\n\nNEW\n\nThree" == replace_at(parse_output(TEXT, "One\n\nTwo\n\nThree"), "paragraphs[1]", "NEW").text


@pytest.mark.parametrize(
    "path", ["headlines[5]", "headlines[]", "nothing", "headlines[0].x", "..", "a[", "a" * 999, "."]
)
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    output = parse_output(LISTS, '{"headlines": ["a"], "paths": []}')

    with pytest.raises(NoSuchPath):
        replace_at(output, path, "x")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.text(alphabet=st.characters()) | JSON_VALUES.map(json.dumps),
    st.sampled_from([LISTS, MAIL, TABLE, CUES, TEXT, DOCUMENT]),
)
def test_nothing_that_a_model_sends_raises(sent: str, template: Template) -> None:
    for output in (parse_output(template, sent), parse_partial(template, sent)):
        assert isinstance(output, Output)
        for part in template.output.parts:
            values_at(output, part.at)
        values_at(output, ".")
        to_text(output)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))), st.integers(0, 200))
def test_every_beginning_of_an_answer_can_be_read(headlines: list[str], length: int) -> None:
    sent = json.dumps({"headlines": headlines, "paths": []}, ensure_ascii=False)[:length]

    found = [value for _, value in values_at(parse_partial(LISTS, sent), "headlines[]")]

    assert all(isinstance(value, str) for value in found)
    assert found[:-1] == headlines[: max(0, len(found) - 1)]
