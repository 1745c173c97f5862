"""Which model writes: a pure decision over candidates, and a reason for each that a person can read.

tiering.py finds the tier; here its models come first, in the workspace's order or the cheapest first; then stronger
ones, then weaker ones. What a pin or a route names goes before, what the budget does not allow comes after. The
built-in writer is last; what rests after errors comes after even that. What is banned is never asked.
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
from app.llm.policy import RoutingPolicy
from app.llm.task import Task
from app.llm.tiering import NOT_THERE, OVER_BUDGET, TIERS, Reason, Tiering, decide, rank
from app.usage.prices import Price, cost_of
from app.usage.tokens import estimate_tokens

__all__ = ["TIERS", "Candidate", "Plan", "explain", "is_named", "plan"]

NEAREST: dict[Tier, tuple[Tier, ...]] = {
    "fast": ("fast", "strong", "critical"),
    "strong": ("strong", "critical", "fast"),
    "critical": ("critical", "strong", "fast"),
}
USUAL_TOKENS_OUT = 500
"""What an answer is reckoned at when prices are compared."""
UNKNOWN_IS_DEAR = 1_000_000_000
"""Micro-dollars: where the cheapest goes first, a model without a known price goes after those that have one."""
FOLLOW_TEMPLATES = RoutingPolicy()
NO_COST = {"cost_micros": 0}


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
    """Whom to ask, in order, and those who cannot be asked at all. `first` were named by a pin or a route.

    `version` is the policy's; with it and the ledger's row a decision can be made again.
    """

    task: Task
    order: tuple[Candidate, ...]
    unable: tuple[Candidate, ...]
    tiering: Tiering
    banned: tuple[Candidate, ...] = ()
    first: tuple[Candidate, ...] = ()
    ceiling: Tier | None = None
    score: float | None = None
    version: int = 0
    cheapest: bool = False

    @property
    def tier(self) -> Tier:
        """The tier that was decided on."""
        return self.tiering.tier

    @property
    def rule(self) -> Reason:
        """Why it is that tier."""
        return self.tiering.rule


def plan(
    task: Task,
    candidates: Sequence[Candidate],
    *,
    policy: RoutingPolicy = FOLLOW_TEMPLATES,
    ceiling: Tier | None = None,
    score: float | None = None,
) -> Plan:
    """Return the order in which `candidates` (in the workspace's order) are asked for `task`.

    `ceiling`: above this tier the budget allows nothing, unless nobody else is left; `score`: see classifier.py.
    """
    tiering = decide(task, policy, ceiling=ceiling, score=score)
    banned = tuple(c for c in candidates if any(is_named(c, ref) for ref in policy.ban))
    free = [c for c in candidates if c not in banned]
    able = [c for c in free if not (c.embedded and task.brief is None)]
    first = [c for ref in tiering.first for c in able if is_named(c, ref)]
    over = [c for c in able if ceiling is not None and rank(c.target.tier) > rank(ceiling)]
    if tiering.first and not first:
        tiering = tiering.without_named(NOT_THERE)
    elif first and all(c in over for c in first):
        tiering = tiering.without_named(OVER_BUDGET)
    ranks = {tier: place for place, tier in enumerate(NEAREST[tiering.tier])}

    def place(candidate: Candidate) -> tuple[bool, bool, bool, int, int, int]:
        named = first.index(candidate) if candidate in first else len(first)
        return (
            candidate.rest is not None,
            candidate.embedded and candidate not in first,
            candidate in over,
            named,
            ranks[candidate.target.tier],
            _cost(task, candidate, UNKNOWN_IS_DEAR) if policy.order == "cheapest" else 0,
        )

    return Plan(
        task=task,
        order=tuple(sorted(able, key=place)),  # a stable sort: among equals the workspace's order stays
        unable=tuple(c for c in free if c.embedded and task.brief is None),
        banned=banned,
        tiering=tiering,
        first=tuple(first),
        ceiling=ceiling,
        score=score,
        version=policy.version,
        cheapest=policy.order == "cheapest",
    )


def is_named(candidate: Candidate, ref: str) -> bool:
    """Whether `ref` (`<provider>` or `<provider>/<model>`, by id or by name) means this candidate."""
    wanted = ref.casefold()
    names = (candidate.key.casefold(), candidate.target.provider.casefold())
    return any(wanted in (name, f"{name}/{candidate.target.model.casefold()}") for name in names)


def explain(plan: Plan, *, at: int, failures: Sequence[AppError], flat_micros: int) -> Decision:
    """Return every candidate's verdict at the moment when `plan.order[at]` is asked; `failures` are of those before."""
    costs = [_cost(plan.task, candidate, flat_micros) for candidate in plan.order]
    labels = _labels([*plan.order, *plan.unable, *plan.banned])
    verdicts = []
    for index, candidate in enumerate(plan.order):
        params: dict[str, str | int | float] = {"cost_micros": costs[index]}
        if index < at:
            code, text = "why.failed", "Tried just now: {error}"
            params |= {"error": failures[index].text(), "error_code": failures[index].code}
        elif index == at:
            code, text = _chosen(plan, at)
            params |= {**plan.rule.params, "tier": plan.tier, "rule_code": plan.rule.code, "policy": plan.version}
        else:
            code, text, more = _waiting(plan, candidate, cost=costs[index], chosen_cost=costs[at])
            params |= more
        verdicts.append(Verdict(labels[index], code, text, params))
    for candidate, label in zip([*plan.unable, *plan.banned], labels[len(plan.order) :], strict=True):
        if candidate in plan.banned:
            verdicts.append(Verdict(label, "why.banned", "Never asked: the workspace has ruled it out.", NO_COST))
        else:
            verdicts.append(Verdict(label, "why.needs_brief", "Writes templates only.", NO_COST))
    return Decision(tuple(verdicts), tier=plan.tier, reasons=_told(plan), policy_version=plan.version)


def _told(plan: Plan) -> tuple[Verdict, ...]:
    return tuple(Verdict("", one.code, one.text, one.params) for one in plan.tiering.reasons)


_CHOSEN_BY_RULE: dict[str, tuple[str, str]] = {
    "why.rule.rule": ("why.chosen.rule", "Chosen: the workspace's rule “{rule}” asks for this kind of model."),
    "why.rule.own": ("why.chosen.own", "Chosen: the workspace has set this template to this kind of model."),
    "why.rule.route": ("why.chosen.route", "Chosen: first on the workspace's route “{route}”."),
    "why.rule.best": ("why.chosen.best", "Chosen: the best quality was asked for."),
    "why.rule.saver": ("why.chosen.saver", "Chosen: the lowest cost was asked for."),
    "why.rule.balanced": ("why.chosen.balanced", "Chosen: the workspace's setting for balanced quality."),
    "why.rule.harder": ("why.chosen.harder", "Chosen: this brief looks harder than most, so one tier up."),
    "why.rule.easier": ("why.chosen.easier", "Chosen: this brief looks easier than most, so one tier down."),
    "why.rule.failed_checks": ("why.chosen.failed_checks", "Chosen: {checks} checks had failed, so one tier up."),
    "why.rule.asked": ("why.chosen.asked", "Chosen: this run asks for it."),
    "why.rule.pin": ("why.chosen.pin", "Chosen: the workspace writes everything with it."),
    "why.rule.not_there": ("why.chosen.not_there", "Chosen: what was asked for is not there; the nearest to it."),
    "why.rule.budget": ("why.chosen.budget", "Chosen: the budget is nearly used up, so a cheaper kind of model."),
}
_CHOSEN_BY_NAME = ("why.rule.route", "why.rule.asked", "why.rule.pin")


def _chosen(plan: Plan, at: int) -> tuple[str, str]:
    candidate = plan.order[at]
    if candidate.rest is not None:
        return "why.chosen.nobody_else", "Chosen although it had errors: nobody else is left."
    if candidate.embedded and candidate not in plan.first:
        return "why.chosen.built_in", "Chosen: no other provider is connected and well."
    if at:
        return "why.chosen.next", "Chosen: the next in order."
    if candidate in plan.first and plan.rule.code in _CHOSEN_BY_NAME:
        return _CHOSEN_BY_RULE[plan.rule.code]
    if candidate.target.tier != plan.tier:
        return "why.chosen.nearest", "Chosen: the nearest to what this template asks for."
    if plan.rule.code in _CHOSEN_BY_RULE:
        return _CHOSEN_BY_RULE[plan.rule.code]
    if plan.cheapest:
        return "why.chosen.cheapest", "Chosen: the cheapest that is well and right for this template."
    return "why.chosen.first", "Chosen: the first in order that is right for this template."


def _waiting(
    plan: Plan, candidate: Candidate, *, cost: int, chosen_cost: int
) -> tuple[str, str, dict[str, str | int | float]]:
    if candidate.rest is not None:
        since = {"since": _clock_time(candidate.rest.since), "until": _clock_time(candidate.rest.until)}
        return "why.resting", "Skipped: errors since {since}. Rests until {until}.", dict(since)
    if candidate.embedded:
        return "why.last", "Last in order. Rules and phrase banks, no AI model.", {}
    tier = candidate.target.tier
    if plan.ceiling is not None and rank(tier) > rank(plan.ceiling):
        return "why.over_budget", "Well. Dearer than the budget allows now.", {}
    if tier != plan.tier:
        if rank(tier) > rank(plan.tier):
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
