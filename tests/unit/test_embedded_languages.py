"""Every template in every language: the built-in writer's text for the sample brief passes all hard checks.

One language: pytest tests/unit/test_embedded_languages.py -q -k "de-". Add -rA to see the warnings too.
"""

from __future__ import annotations

import pytest

from app.adapters.models_embedded.bank import BankError
from app.adapters.models_embedded.bank_shelf import languages, load_bank
from app.adapters.models_embedded.recipes import RECIPES
from app.adapters.models_embedded.writer import can_write, write
from app.content.catalogue_files import FOLDER, load_catalogue, load_samples
from app.content.checks.model import CheckContext, CheckResult
from app.content.checks.registry import hard_failures, run_checks
from app.content.inputs import validate_inputs
from app.content.outputs import parse_output
from app.content.profiles import LANGUAGES
from app.core.ports import Brief

VARIANTS = range(5)


def checked(template_id: str, language: str, variant: int) -> tuple[str, tuple[CheckResult, ...]]:
    """Return the text written for the sample brief, and the verdict on it."""
    catalogue = load_catalogue()
    template = catalogue.get(template_id)
    raw = {**catalogue.sample(template_id, language), "language": language}
    inputs = validate_inputs(template, raw)
    given = {**inputs.values, "tone": inputs.tone, "register": inputs.register}
    text = write(Brief(template_id, language, given, variant=variant))
    context = CheckContext(
        template=template,
        inputs=inputs,
        locale=language,
        limits=catalogue.limits,
        banned=catalogue.banned,
        profile=catalogue.profile(language),
    )
    return text, run_checks(parse_output(template, text), context)


def told(results: tuple[CheckResult, ...]) -> list[str]:
    """Return one readable line for each finding."""
    return [
        f"{result.id} at {finding.path}: {finding.text()}"
        for result in results
        for finding in result.findings
        if result.status == "failed"
    ]


@pytest.mark.parametrize("template_id", sorted(RECIPES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_passes_all_hard_checks(language: str, template_id: str) -> None:
    if not can_write(template_id, language):
        pytest.skip(f"declared: no {template_id} in {language}")
    if template_id not in load_samples(FOLDER, language):
        pytest.skip(f"no sample of {template_id} in {language} yet")
    for variant in VARIANTS:
        text, results = checked(template_id, language, variant)
        warnings = told(tuple(result for result in results if result.severity == "warn"))
        print(f"--- {language} {template_id} variant {variant}\n{text}\n", *warnings, sep="\n  warn: ")

        assert told(hard_failures(results)) == [], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bank_is_complete(language: str) -> None:
    if language not in languages():
        pytest.skip(f"declared: the writer has no phrases in {language}")
    try:
        bank = load_bank(language)
    except BankError as error:
        pytest.fail(str(error))

    assert language == bank.language


def test_every_template_is_written_in_every_language() -> None:
    missing = [
        (template.id, language)
        for template in load_catalogue().all()
        for language in LANGUAGES
        if not can_write(template.id, language)
    ]

    assert missing == []
