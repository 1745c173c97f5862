"""Which model a template would go to, and why: the whole decision, explained, and nothing sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.content.asking import first_ask
from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.schemas import RunRequest
from app.core.context import Context
from app.core.ids import NOBODY
from app.core.ports import ProviderDown, Quality, Tier
from app.llm import policies
from app.llm.candidates import candidates, vitals
from app.llm.classifier import score_of
from app.llm.events import Decision, Verdict
from app.llm.policy import GatewayPolicy
from app.llm.routing import Candidate, Plan, explain, plan
from app.usage import price_list
from app.usage.estimates import is_priced

Place = Literal["passed", "chosen", "later", "never"]
CEILING_WHEN_USED_UP: Tier = "fast"


@dataclass(frozen=True, slots=True)
class Step:
    """One model on the way. `code` finds the reason's text, `text` is its English; the cost is in micro-dollars.

    `first_token_ms`: its median of late, None where nothing is known.
    """

    place: Place
    label: str
    provider: str
    model: str
    tier: Tier
    embedded: bool
    code: str
    text: str
    params: Mapping[str, str | int | float]
    cost_micros: int
    cost_known: bool
    first_token_ms: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for the tier."""

    code: str
    text: str
    params: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class WhichModel:
    """The answer: every model in the order in which it would be asked. `rule` is the reason that decided on the tier.

    `score` is the classifier's, None where it has no opinion.
    """

    tier: Tier
    rule: Why
    reasons: tuple[Why, ...]
    steps: tuple[Step, ...]
    score: float | None
    policy_version: int

    @property
    def chosen(self) -> Step | None:
        """The model that would write; None: nobody could."""
        return next((step for step in self.steps if step.place == "chosen"), None)


async def which_model(
    ctx: Context,
    *,
    template_id: str,
    language: str = "en",
    quality: Quality = "balanced",
    pin: str = "",
    down: Collection[str] = (),
    budget_used_up: bool = False,
    policy: GatewayPolicy | None = None,
) -> WhichModel:
    """Return which model would write a template's sample, were the providers `down` (by id) not to answer.

    `policy` is a draft; without it the one in force holds.

    Raises:
        NotFound: there is no such template.
        InvalidInput: the language is not written, or the draft cannot work.
    """
    catalogue = load_catalogue()
    template = catalogue.get(template_id)
    sample = catalogue.sample(template_id, language) | {"language": language}
    inputs = validate_inputs(template, sample)
    request = RunRequest(template_id, sample, quality=quality, pin=pin)
    task = first_ask(template, inputs, request=request, generation_id=NOBODY, variant=0)
    await price_list.refresh(ctx.ports)
    found = await candidates(ctx)
    if policy is None:
        policy = await policies.current(ctx)
    else:
        policies.check(policy.routing, found)
    priced = [one for one in found if policy.unknown_price == "flat" or is_priced(one)]
    ceiling = CEILING_WHEN_USED_UP if budget_used_up else None
    decided = plan(task, priced, policy=policy.routing, ceiling=ceiling, score=score_of(task))
    at = next((i for i, one in enumerate(decided.order) if one.key not in down), len(decided.order))
    return _answer(ctx, decided, at=at, unpriced=[one for one in found if one not in priced])


def _answer(ctx: Context, decided: Plan, *, at: int, unpriced: Sequence[Candidate]) -> WhichModel:
    failures = [ProviderDown(params={"provider": one.target.provider}) for one in decided.order[:at]]
    why = explain(decided, at=at, failures=failures, flat_micros=ctx.ports.settings.flat_price)
    reasons = tuple(Why(one.code, one.text, one.params) for one in decided.tiering.reasons)
    steps = (*_steps(decided, why, at), *(_step("never", one, _no_price(one)) for one in unpriced))
    return WhichModel(decided.tier, reasons[-1], reasons, steps, decided.score, decided.version)


def _no_price(candidate: Candidate) -> Verdict:
    params = {"cost_micros": 0}
    return Verdict(
        candidate.label, "why.no_price", "Never asked: its price is unknown, and the workspace does not guess.", params
    )


def _steps(decided: Plan, why: Decision, at: int) -> tuple[Step, ...]:
    everybody = [*decided.order, *decided.unable, *decided.banned]
    places: list[Place] = [
        "never" if i >= len(decided.order) else "passed" if i < at else "chosen" if i == at else "later"
        for i in range(len(everybody))
    ]
    return tuple(
        _step(place, candidate, verdict)
        for place, candidate, verdict in zip(places, everybody, why.verdicts, strict=True)
    )


def _step(place: Place, candidate: Candidate, verdict: Verdict) -> Step:
    target = candidate.target
    return Step(
        place=place,
        label=verdict.label,
        provider=target.provider,
        model=target.model,
        tier=target.tier,
        embedded=candidate.embedded,
        code=verdict.code,
        text=verdict.text,
        params=verdict.params,
        cost_micros=int(verdict.params["cost_micros"]),
        cost_known=is_priced(candidate),
        first_token_ms=vitals.pulse(candidate.key, target.model).first_ms(0.5),
    )
