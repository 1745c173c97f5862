"""Every template of the catalogue is sound by itself: its form, prompts, checks, example and sample agree."""

from __future__ import annotations

import json
import re

import pytest

from app.content.catalogue_files import load_catalogue
from app.content.checks.model import CheckContext, CheckResult
from app.content.checks.registry import checks_of, kinds, problems, run_checks
from app.content.inputs import validate_inputs
from app.content.outputs import Output, parse_output, values_at
from app.content.profiles import LANGUAGES
from app.content.template import Template, template_schema

CATALOGUE = load_catalogue()
TEMPLATES = [template.id for template in CATALOGUE.all()]

CORE_KINDS = frozenset({
    "all_caps_words", "audio", "banned", "call_to_action", "citations_resolve", "code_blocks", "contains_input",
    "count", "count_equals_field", "covers_list", "dates", "disclosure", "distinct", "emoji", "exclamations",
    "fold", "hashtags", "image", "jsonld", "keyword", "language_is", "length", "length_ratio", "numbered_steps",
    "numbers_from_inputs", "one_of", "parses", "pattern", "pixel_width", "preserves", "question_count",
    "quotes_verbatim", "readability", "register", "same_length_as", "schema", "sections", "sms_segments",
    "speech_duration", "subtemplate", "subtitles", "sums_to", "table", "timecodes", "urls", "video", "words",
    "words_near_field",
})  # fmt: skip


def example_of(template: Template) -> Output:
    """Return the example of a template, parsed."""
    assert template.example, template.id
    output = template.example.output
    return parse_output(template, output if isinstance(output, str) else json.dumps(output, ensure_ascii=False))


def verdict(template: Template) -> tuple[CheckResult, ...]:
    """Return what all checks say about the example on the English sample."""
    context = CheckContext(
        template=template,
        inputs=validate_inputs(template, CATALOGUE.sample(template.id)),
        locale="en",
        profile=CATALOGUE.profile("en"),
        limits=CATALOGUE.limits,
        banned=CATALOGUE.banned,
    )
    return run_checks(example_of(template), context)


def test_there_are_32_templates_in_all_16_categories() -> None:
    assert len(TEMPLATES) == 32
    assert len(CATALOGUE.categories) == 16
    assert {template.category for template in CATALOGUE.all()} == set(CATALOGUE.categories)


def test_at_least_40_of_the_48_core_kinds_of_check_are_in_use() -> None:
    used = {check.kind for template in CATALOGUE.all() for check in checks_of(template)}

    assert len(CORE_KINDS) == 48
    assert len(CORE_KINDS & used) >= 40


def test_every_kind_of_check_that_a_template_names_is_built() -> None:
    assert CATALOGUE.not_built(kinds()) == {}


def test_a_kind_that_nobody_built_is_listed_by_template() -> None:
    assert CATALOGUE.not_built(set(kinds()) - {"fold"}) == {"linkedin-post": ("fold",)}


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_the_example_passes_every_check_on_the_sample(template_id: str) -> None:
    failed = [
        f"{result.id} at {finding.path}: {finding.text()}"
        for result in verdict(CATALOGUE.get(template_id))
        if result.status == "failed"
        for finding in result.findings
    ]

    assert failed == []


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_only_the_brand_voice_goes_unchecked_on_the_example(template_id: str) -> None:
    unchecked = {
        result.kind: result.reason.code if result.reason else ""
        for result in verdict(CATALOGUE.get(template_id))
        if result.status == "not_checked"
    }

    assert set(unchecked) <= {"brand_terms", "language_is", "register", "locale_format", "readability"}, unchecked
    assert not any(code.endswith(("broke", "no_code", "absent", "no_limit")) for code in unchecked.values()), unchecked


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_the_checks_take_the_parameters_they_are_given(template_id: str) -> None:
    template = CATALOGUE.get(template_id)

    assert len(template.checks) >= 2
    assert [problem for check in template.checks for problem in problems(check)] == []


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_every_part_and_every_check_points_at_something_in_the_example(template_id: str) -> None:
    template = CATALOGUE.get(template_id)
    output = example_of(template)
    elsewhere = {"total"}  # the end of the last row: the check works it out
    paths = {part.at for part in template.output.parts} | {check.at for check in template.checks if check.at}

    assert output.problem is None
    assert {path for path in paths - elsewhere if not values_at(output, path)} == set()


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_what_a_part_asks_for_is_what_its_count_check_counts(template_id: str) -> None:
    template = CATALOGUE.get(template_id)
    for part in template.output.parts:
        counted = next((c for c in template.checks if c.kind == "count" and f"{c.at}[]" == part.at), None)
        if counted and part.wanted:
            low, high = counted.number("min") or 0, counted.number("max")
            told = [float(figure) for figure in re.findall(r"\d+", part.wanted)]

            assert told in ([low, high], [high]), part.at


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_a_limit_on_the_sheet_is_checked_there_too(template_id: str) -> None:
    template = CATALOGUE.get(template_id)
    checked = {limit for check in template.checks for limit in (*check.texts("limit"), *check.texts("limits"))}

    assert {part.limit for part in template.output.parts if part.limit} <= checked


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_what_differs_by_language_is_written_for_all_eleven(template_id: str) -> None:
    for check in CATALOGUE.get(template_id).checks:
        for name in ("regex", "values"):
            value = check.params.get(name)
            if isinstance(value, dict):
                assert tuple(sorted(value)) == tuple(sorted(LANGUAGES)), f"{check.kind} {name}"


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_every_field_is_labelled_and_bounded(template_id: str) -> None:
    for field in CATALOGUE.get(template_id).fields:
        assert field.label
        if field.type in ("longtext", "kb"):
            assert 500 < (field.max_length or 20_000) <= 20_000
        if field.type == "list":
            assert field.max_length
            assert field.max_items
        if field.type == "number":
            assert field.min is not None
            assert field.max is not None


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_a_template_can_be_found_by_at_least_five_other_names(template_id: str) -> None:
    template = CATALOGUE.get(template_id)

    assert len(set(template.synonyms)) >= 5
    assert template.name.casefold() not in {synonym.casefold() for synonym in template.synonyms}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template_id", TEMPLATES)
def test_the_sample_of_every_language_is_a_brief_that_passes(template_id: str, language: str) -> None:
    template = CATALOGUE.get(template_id)
    inputs = validate_inputs(template, {**CATALOGUE.sample(template_id, language), "language": language})

    assert {field.name for field in template.fields if field.required} <= set(inputs.given)


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_a_skipped_check_is_one_that_every_text_gets_and_says_why(template_id: str) -> None:
    template = CATALOGUE.get(template_id)
    everywhere = {"language_is", "script_share", "locale_format", "register", "not_truncated", "not_an_echo"}

    assert set(template.skips) <= everywhere
    assert all(len(reason.split()) >= 4 for reason in template.skips.values())


def test_the_schema_for_editors_is_up_to_date() -> None:
    committed = (CATALOGUE.folder / "template.schema.json").read_text("utf-8")
    made = json.dumps(template_schema(), indent=2, ensure_ascii=False) + "\n"

    assert made == committed, "python3 -m app schema > app/content/template.schema.json"
