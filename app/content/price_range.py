"""What a run may cost, before it is made: by the model that would be asked first. Nothing is sent.

A correction of a text that fails its checks is a call more, and is not in the range.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.content.asking import first_ask
from app.content.catalogue_files import load_catalogue
from app.content.inputs import Inputs, validate_inputs
from app.content.schemas import RunRequest
from app.content.template import Template
from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import NOBODY
from app.llm import policies
from app.llm.candidates import candidates
from app.llm.classifier import score_of
from app.llm.routing import plan
from app.usage import price_list
from app.usage.estimates import PriceRange, estimate
from app.usage.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run may cost, and who would be asked first; "" where there is nobody to ask."""

    range: PriceRange
    provider: str = ""
    model: str = ""
    tier: str = ""


async def price_range(ctx: Context, *, request: RunRequest) -> PriceRange:
    """Return what all variants may cost; a brief that is not complete yet is reckoned by the template's sample.

    Raises:
        NotFound: there is no such template.
    """
    return (await run_estimate(ctx, request=request)).range


async def run_estimate(ctx: Context, *, request: RunRequest) -> RunEstimate:
    """Return what all variants may cost, and who would write them.

    Raises:
        NotFound: there is no such template.
    """
    await price_list.refresh(ctx.ports)
    template = load_catalogue().get(request.template_id)
    inputs = _inputs(template, request)
    ask = first_ask(template, inputs, request=request, generation_id=NOBODY, variant=0)
    policy = await policies.current(ctx)
    decided = plan(ask, await candidates(ctx), policy=policy.routing, score=score_of(ask))
    found = estimate(
        sum(estimate_tokens(message.text) for message in ask.messages),
        ask.max_tokens,
        decided.order[:1],
        flat_micros=ctx.ports.settings.flat_price,
        calls=inputs.variants,
    )
    if not decided.order:
        return RunEstimate(found)
    target = decided.order[0].target
    return RunEstimate(found, target.provider, target.model, target.tier)


def _inputs(template: Template, request: RunRequest) -> Inputs:
    try:
        return validate_inputs(template, request.inputs)
    except InvalidInput:
        sample = load_catalogue().sample(template.id)
        variants = str(request.inputs.get("variants", "1"))
        return validate_inputs(template, {**sample, "variants": int(variants) if variants in "12345" else 1})
