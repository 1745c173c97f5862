"""What the gateway is asked for: the first text of a variant, and the one repair of it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from app.content.catalogue_files import load_catalogue
from app.content.checks.model import CheckResult
from app.content.inputs import Inputs, validate_inputs
from app.content.outputs import STRUCTURED, Output
from app.content.rendering import render_messages, repair_messages
from app.content.schemas import RunRequest
from app.content.template import Complexity, Template
from app.core.ports import Brief, Tier
from app.llm.task import Task

SAMPLE_TEMPLATE = "google-rsa"
FEATURE = "generation"
REPAIR_FEATURE = "repair"
REPAIR_TEMPERATURE = 0.3  # a correction is no place for new ideas

_TIERS: Mapping[Complexity, Tier] = {"simple": "fast", "complex": "strong", "critical": "critical"}
_MAX_TOKENS: Mapping[Complexity, int] = {"simple": 4096, "complex": 4096, "critical": 8192}


def sample_brief() -> Brief:
    """Return the sample of one small template: what the built-in writer is tried out on."""
    catalogue = load_catalogue()
    template = catalogue.get(SAMPLE_TEMPLATE)
    return Brief(template.id, "en", validate_inputs(template, catalogue.sample(template.id)).values)


def written_from(inputs: Inputs) -> dict[str, object]:
    """Return what the built-in writer reads: the fields, and how they are to be said."""
    return {**inputs.values, "tone": inputs.tone, "register": inputs.register}


def first_ask(template: Template, inputs: Inputs, *, request: RunRequest, generation_id: UUID, variant: int) -> Task:
    """Return the task that asks for one variant, counted from 0; only the first may be an earlier answer."""
    profile = load_catalogue().profile(inputs.language)
    return Task(
        feature=FEATURE,
        tier=_TIERS[template.complexity],
        messages=render_messages(template, inputs, profile, variant=variant),
        brief=Brief(template.id, inputs.language, written_from(inputs), variant=variant),
        generation_id=generation_id,
        max_tokens=_MAX_TOKENS[template.complexity],
        json_output=template.output.form in STRUCTURED,
        template_id=template.id,
        task_kind=template.category,
        language=inputs.language,
        quality=request.quality,
        pin=request.pin,
        fresh=request.fresh,
        reuse=variant == 0,
    )


def repair_ask(
    template: Template,
    inputs: Inputs,
    *,
    request: RunRequest,
    generation_id: UUID,
    variant: int,
    previous: Output,
    failing: tuple[CheckResult, ...],
    paths: tuple[str, ...],
) -> Task:
    """Return the task that asks again for the places `paths` of a text, because of the checks that failed."""
    profile = load_catalogue().profile(inputs.language)
    whole = "." in paths
    return Task(
        feature=REPAIR_FEATURE,
        tier=_TIERS[template.complexity],
        messages=repair_messages(template, inputs, profile, previous=previous, failing=failing, variant=variant),
        brief=Brief(
            template.id, inputs.language, written_from(inputs), variant=variant, only=paths, previous=previous.text
        ),
        generation_id=generation_id,
        max_tokens=_MAX_TOKENS[template.complexity],
        temperature=REPAIR_TEMPERATURE,
        json_output=not whole or template.output.form in STRUCTURED,
        template_id=template.id,
        task_kind=template.category,
        language=inputs.language,
        quality=request.quality,
        pin=request.pin,
        reuse=False,
        failed_checks=len(failing),
    )
