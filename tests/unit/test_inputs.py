"""A brief is made canonical or refused with the field, a code and the way out; nothing else can happen to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.content.catalogue_files import load_catalogue
from app.content.inputs import Inputs, validate_inputs
from app.content.template import Field, Template
from app.core.errors import InvalidInput


def template_of(*fields: Field) -> Template:
    """Return a template with these fields and nothing of interest besides."""
    step = {"id": "write", "system": "x", "user": "".join(f"{{{{ given('', {field.name}) }}}}" for field in fields)}
    return Template.model_validate(
        {
            "id": "t",
            "version": 1,
            "name": "T",
            "category": "ads",
            "purpose": "p",
            "complexity": "simple",
            "fields": [field.model_dump(exclude_defaults=True) | {"label": field.label} for field in fields],
            "output": {"form": "text", "parts": [{"at": ".", "label": "Text"}]},
            "steps": [step],
            "checks": [{"check": "emoji", "max": 0}, {"check": "exclamations", "max": 0}],
        }
    )


def read(kind: str, raw: object, **spec: object) -> object:
    """Return what a field of a kind makes of a value."""
    field = Field.model_validate({"name": "field", "type": kind, "label": "Field", **spec})
    return validate_inputs(template_of(field), {"field": raw}).values["field"]


def refusal(kind: str, raw: object, **spec: object) -> InvalidInput:
    """Return the refusal of a value."""
    with pytest.raises(InvalidInput) as caught:
        read(kind, raw, **spec)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "raw", "canonical"),
    [
        ("text", "  Aldersay One \n", "Aldersay One"),
        ("text", "two\nlines\tand a tab", "two lines and a tab"),
        ("text", "nul\x00 bell\x07 escape\x1b", "nul bell escape"),
        ("text", 12, "12"),
        ("text", "${SECRET} os.environ/KEY {{ 7*7 }}", "${SECRET} os.environ/KEY {{ 7*7 }}"),
        ("text", "\u200b \u2060", ""),
        ("longtext", "one\r\ntwo\rthree\x0b", "one\ntwo\nthree"),
        ("list", "a\n\n  b  \n", ("a", "b")),
        ("list", ["a", "", None, "b\nc"], ("a", "b c")),
        ("number", "12", 12),
        ("number", 2.5, 2.5),
        ("number", "٢٥", 25),
        ("number", "１２", 12),
        ("number", "", None),
        ("number", "1e3", 1000),
        ("url", "https://aldersay.example/parts?x=1#y", "https://aldersay.example/parts?x=1#y"),
        ("url", "http://例え.jp/", "http://例え.jp/"),
        ("url", "https://[::1]:8080/", "https://[::1]:8080/"),
        ("date", "2026-11-23", "2026-11-23"),
        ("date", "٢٠٢٦-١١-٢٣", "2026-11-23"),
        ("money", "389.00 EUR", "389.00 EUR"),
        ("money", "EUR 389.00", "389.00 EUR"),
        ("money", "389 eur", "389 EUR"),
        ("money", "389.00\u00a0EUR", "389.00 EUR"),
        ("locale", "zh-Hans", "zh-Hans"),
        ("kb", "First.\n\nSecond.", "[1] First.\n\n[2] Second."),
        ("kb", "[1] First.\nStill first.\n[2] Second.", "[1] First.\nStill first.\n\n[2] Second."),
    ],
)
def test_a_value_is_made_canonical(kind: str, raw: object, canonical: object) -> None:
    assert canonical == read(kind, raw)


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("text", "x" * 501, "input.too_long"),
        ("text", {"a": 1}, "input.type"),
        ("text", True, "input.type"),
        ("text", "half a pair \ud83d", "input.encoding"),
        ("longtext", "x" * 20_001, "input.too_long"),
        ("list", ["x"] * 51, "input.too_many"),
        ("list", ["x" * 301], "input.too_long"),
        ("list", {"a": "b"}, "input.type"),
        ("list", 7, "input.type"),
        ("number", "many", "input.number"),
        ("number", "nan", "input.number"),
        ("number", "inf", "input.number"),
        ("number", float("inf"), "input.number"),
        ("number", "1e999", "input.number"),
        ("number", "1,5", "input.number"),
        ("number", True, "input.type"),
        ("url", "ftp://aldersay.example", "input.url"),
        ("url", "javascript:alert(1)", "input.url"),
        ("url", "aldersay.example", "input.url"),
        ("url", "https://", "input.url"),
        ("url", "https://user:word@aldersay.example", "input.url"),
        ("url", "https://a b.example", "input.url"),
        ("url", "https://[::1", "input.url"),
        ("url", "https://a.example:99999/", "input.url"),
        ("date", "2026-02-30", "input.date"),
        ("date", "23.11.2026", "input.date"),
        ("date", "2026-11-23T10:00", "input.date"),
        ("money", "389", "input.money"),
        ("money", "389,00 EUR", "input.money"),
        ("money", "EUR 389 USD", "input.money"),
        ("money", "389.00 QQQ", "input.currency"),
        ("locale", "tlh", "input.option"),
        ("kb", "[1] One.\n[3] Three.", "input.passages"),
        ("kb", "[1] One.\n[2]\n[3] Three.", "input.passages"),
    ],
)
def test_a_malformed_value_is_refused_with_field_and_code(kind: str, raw: object, code: str) -> None:
    refused = refusal(kind, raw)

    assert ("field", code, 422) == (refused.field, refused.code, refused.status)
    assert "{" not in refused.text()


@pytest.mark.parametrize("raw", [4, 16, "1000"])
def test_a_number_outside_its_range_is_refused_with_the_range(raw: object) -> None:
    assert "Field must be from 5 to 15." == refusal("number", raw, min=5, max=15).text()


@pytest.mark.parametrize("raw", ["", None, "   ", "\u200b", [], (), "\n\n"])
def test_an_absent_required_value_is_refused(raw: object) -> None:
    refused = refusal("list" if isinstance(raw, list | tuple) else "text", raw, required=True)

    assert ("input.required", "Field is needed.") == (refused.code, refused.text())


def test_a_table_is_read_from_rows_objects_or_a_pasted_sheet() -> None:
    wanted = ({"start": "0", "end": "2.5"}, {"start": "3", "end": "4"})

    for raw in (
        [{"start": "0", "end": "2.5"}, {"start": 3, "end": 4}],
        [["0", "2.5"], ["3", "4"]],
        "0\t2.5\n3\t4",
        "start;end\n0;2.5\n3;4",
        "0,2.5\n\n3,4\n",
    ):
        assert wanted == read("table", raw, columns=["start", "end"])


@pytest.mark.parametrize("raw", [[{"begin": "0"}], [["1", "2", "3"]], ["text"], "1\t2\t3", 5])
def test_a_table_with_other_columns_is_refused(raw: object) -> None:
    assert "input." in refusal("table", raw, columns=["start", "end"]).code


def test_an_option_outside_the_list_is_refused_with_the_list() -> None:
    assert "Field must be one of: 15, 30." == refusal("enum", "20", options=["15", "30"]).text()


def test_an_unknown_field_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        validate_inputs(load_catalogue().get("shorten"), {"text": "a", "words": 5, "lenght\x00\x1b": 1})

    assert ("lenght", "input.unknown_field") == (caught.value.field, caught.value.code)
    assert "words" in caught.value.text()


def test_the_common_inputs_have_defaults() -> None:
    inputs = validate_inputs(load_catalogue().get("shorten"), {"text": "a b c", "words": 5}, default_language="ar")

    assert ("ar", "plain", "auto", 1) == (inputs.language, inputs.tone, inputs.register, inputs.variants)


@pytest.mark.parametrize(
    ("name", "raw"),
    [("language", "xx"), ("language", 3), ("tone", "loud"), ("register", "rude"), ("variants", 0), ("variants", 6),
     ("variants", 2.5), ("variants", True), ("variants", "²"), ("variants", "12")],
)  # fmt: skip
def test_a_common_input_outside_its_range_is_refused(name: str, raw: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate_inputs(load_catalogue().get("shorten"), {"text": "a", "words": 5, name: raw})

    assert name == caught.value.field


def test_absent_values_have_the_empty_form_of_their_type() -> None:
    catalogue = load_catalogue()
    inputs = validate_inputs(catalogue.get("subtitles-srt"), {"transcript": "Hello."})
    quiz = validate_inputs(catalogue.get("quiz-multiple-choice"), {"topic": "Hello.", "count": "3"})

    assert ((), None, "Hello.") == (inputs.values["timings"], quiz.values["options"], inputs.source_text)


def blns(shared_data: Path) -> list[str]:
    """Return the big list of naughty strings."""
    strings: list[str] = json.loads((shared_data / "blns" / "blns.json").read_text("utf-8"))
    return strings


def fields_that_differ() -> list[tuple[Template, str]]:
    """Return each field whose rules no field before it has, and each common input, with a template that has it."""
    found: dict[str, tuple[Template, str]] = {}
    for template in load_catalogue().all():
        for field in template.fields:
            rules = field.model_dump(exclude={"name", "label", "help", "placeholder"})
            found.setdefault(json.dumps(rules, sort_keys=True), (template, field.name))
        for name in ("language", "tone", "register", "variants", "another"):
            found.setdefault(name, (template, name))
    return list(found.values())


def test_every_naughty_string_in_every_field_passes_or_is_refused(shared_data: Path) -> None:
    refused = passed = 0
    for template, name in fields_that_differ():
        sample = load_catalogue().sample(template.id)
        for naughty in blns(shared_data):
            for raw in (naughty, [naughty]):
                try:
                    inputs = validate_inputs(template, {**sample, name: raw})
                except InvalidInput as problem:
                    refused += 1
                    assert problem.field == name and problem.code.startswith("input.")
                else:
                    passed += 1
                    assert isinstance(inputs, Inputs)
                    inputs.source_text.encode()

    assert refused > 10_000
    assert passed > 10_000


def test_every_naughty_string_is_refused_or_kept_as_it_reads(shared_data: Path) -> None:
    template = load_catalogue().get("shorten")
    for naughty in blns(shared_data):
        visible = naughty.strip().replace("\r\n", "\n")
        if visible and visible.isprintable():
            kept = validate_inputs(template, {"text": naughty, "words": 5}).values["text"]

            assert visible == kept
