"""Which model writes: a pure decision over candidates, and a reason for each that a person can read.

The workspace's order decides among models of the tier that the task asks for; then come stronger ones, then weaker
ones. The built-in writer is last; what rests after errors comes after even that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.errors import AppError
from app.core.ports import ModelTarget, Tier
from app.llm.breaker import Rest
from app.llm.events import Decision, Verdict
from app.llm.task import Task
from app.usage.prices import Price, cost_of
from app.usage.tokens import estimate_tokens

TIERS: tuple[Tier, ...] = ("fast", "strong", "critical")
NEAREST: dict[Tier, tuple[Tier, ...]] = {
    "fast": ("fast", "strong", "critical"),
    "strong": ("strong", "critical", "fast"),
    "critical": ("critical", "strong", "fast"),
}
USUAL_TOKENS_OUT = 500
"""What an answer is reckoned at when prices are compared."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of one provider. `key` is the breaker's name for the provider; `rest` is set while it rests."""

    key: str
    label: str
    target: ModelTarget
    own_price: Price | None = None
    rest: Rest | None = None

    @property
    def embedded(self) -> bool:
        """Whether this is the built-in writer."""
        return self.target.kind == "embedded"


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ask, in order, and those who cannot be asked at all."""

    task: Task
    order: tuple[Candidate, ...]
    unable: tuple[Candidate, ...]


def plan(task: Task, candidates: Sequence[Candidate]) -> Plan:
    """Return the order in which `candidates` (in the workspace's order) are asked for `task`."""
    able = [c for c in candidates if not (c.embedded and task.brief is None)]
    unable = tuple(c for c in candidates if c.embedded and task.brief is None)
    ranks = {tier: rank for rank, tier in enumerate(NEAREST[task.tier])}
    # A stable sort: among equals the workspace's order stays.
    order = sorted(able, key=lambda c: (c.rest is not None, c.embedded, ranks[c.target.tier]))
    return Plan(task, tuple(order), unable)


def explain(plan: Plan, *, at: int, failures: Sequence[AppError], flat_micros: int) -> Decision:
    """Return every candidate's verdict at the moment when `plan.order[at]` is asked; `failures` are of those before."""
    costs = [_cost(plan.task, candidate, flat_micros) for candidate in plan.order]
    labels = _labels([*plan.order, *plan.unable])
    verdicts = []
    for index, candidate in enumerate(plan.order):
        params: dict[str, str | int | float] = {"cost_micros": costs[index]}
        if index < at:
            code, text = "why.failed", "Tried just now: {error}"
            params |= {"error": failures[index].text(), "error_code": failures[index].code}
        elif index == at:
            code, text = _chosen(plan, at)
        else:
            code, text, more = _waiting(plan.task, candidate, cost=costs[index], chosen_cost=costs[at])
            params |= more
        verdicts.append(Verdict(labels[index], code, text, params))
    unable = labels[len(plan.order) :]
    verdicts += [Verdict(label, "why.needs_brief", "Writes templates only.", {"cost_micros": 0}) for label in unable]
    return Decision(tuple(verdicts))


def _chosen(plan: Plan, at: int) -> tuple[str, str]:
    candidate, task = plan.order[at], plan.task
    if candidate.rest is not None:
        return "why.chosen.nobody_else", "Chosen although it had errors: nobody else is left."
    if candidate.embedded:
        return "why.chosen.built_in", "Chosen: no other provider is connected and well."
    if at:
        return "why.chosen.next", "Chosen: the next in order."
    if candidate.target.tier != task.tier:
        return "why.chosen.nearest", "Chosen: the nearest to what this template asks for."
    return "why.chosen.first", "Chosen: the first in order that is right for this template."


def _waiting(
    task: Task, candidate: Candidate, *, cost: int, chosen_cost: int
) -> tuple[str, str, dict[str, str | int | float]]:
    if candidate.rest is not None:
        since = {"since": _clock_time(candidate.rest.since), "until": _clock_time(candidate.rest.until)}
        return "why.resting", "Skipped: errors since {since}. Rests until {until}.", dict(since)
    if candidate.embedded:
        return "why.last", "Last in order. Rules and phrase banks, no AI model.", {}
    tier = candidate.target.tier
    if tier != task.tier:
        stronger = TIERS.index(tier) > TIERS.index(task.tier)
        if stronger:
            return "why.stronger", "Well. Stronger than this template needs.", {}
        return "why.weaker", "Well. Weaker than this template asks for.", {}
    if chosen_cost and cost >= 2 * chosen_cost:
        return "why.costs_more", "Well. Costs {times} times as much.", {"times": round(cost / chosen_cost)}
    return "why.later", "Well. Next in order if this fails.", {}


def _cost(task: Task, candidate: Candidate, flat_micros: int) -> int:
    """Return about what the task would cost, in micro-dollars."""
    target = candidate.target
    tokens_in = sum(estimate_tokens(message.text) for message in task.messages)
    tokens_out = min(task.max_tokens, USUAL_TOKENS_OUT)
    return cost_of(
        target.kind,
        target.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        flat_micros=flat_micros,
        own=candidate.own_price,
    ).micros


def _labels(candidates: Sequence[Candidate]) -> list[str]:
    """Return each model's name, with its provider's where two are called alike."""
    alike = Counter(candidate.label for candidate in candidates)
    return [c.label if alike[c.label] == 1 else f"{c.label}, {c.target.provider}" for c in candidates]


def _clock_time(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"
