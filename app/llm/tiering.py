"""Which tier a task goes to, and why: pure. Each step can move the tier and leaves its reason; the last one decides.

    template -> rule -> template's own rule -> quality switch -> second opinion -> failed checks -> pin -> budget

What a template declares critical is lowered by nothing but a rule that names it, a pin, or the budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.ports import Tier
from app.llm.policy import RoutingPolicy, Rule
from app.llm.task import Task

TIERS: tuple[Tier, ...] = ("fast", "strong", "critical")
TIER_PIN = "tier:"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the tier is as it is. `code` finds the text on screen, `text` is its English, `params` fill its slots."""

    code: str
    text: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tiering:
    """The tier, every reason in the order in which it came, and the models that go first, by reference."""

    tier: Tier
    reasons: tuple[Reason, ...]
    first: tuple[str, ...] = ()

    @property
    def rule(self) -> Reason:
        """The reason that decided."""
        return self.reasons[-1]

    def without_named(self, reason: Reason) -> Tiering:
        """Return the same tier without what a pin or a route names, because of `reason`."""
        return replace(self, reasons=(*self.reasons, reason), first=())


NOT_THERE = Reason("why.rule.not_there", "What was asked for is not connected, or ruled out.")
OVER_BUDGET = Reason("why.rule.budget", "The budget is nearly used up: a cheaper kind of model.")


@dataclass(slots=True)
class _Course:
    """The tier on its way, within what a rule allows."""

    tier: Tier
    reasons: list[Reason]
    low: Tier = "fast"
    high: Tier = "critical"
    first: tuple[str, ...] = ()
    settled: bool = False

    def move(self, tier: Tier, reason: Reason) -> None:
        """Go to `tier`, as far as the rule allows; without a move there is no reason."""
        allowed = lower_of(higher_of(tier, self.low), self.high)
        if allowed != self.tier:
            self.tier = allowed
            self.reasons.append(reason)


def decide(task: Task, policy: RoutingPolicy, *, ceiling: Tier | None = None, score: float | None = None) -> Tiering:
    """Return the tier for `task`; `score` is the classifier's, `ceiling` the highest tier that the budget allows."""
    start = Reason("why.rule.template", "The template asks for this kind of model.")
    course = _Course(task.tier, [start])
    _by_rule(course, task, policy)
    _by_template(course, task, policy)
    _by_quality(course, task, policy)
    _by_score(course, task, policy, score)
    _by_failed_checks(course, task, policy)
    _by_pin(course, task, policy)
    if ceiling is not None and rank(course.tier) > rank(ceiling):
        course.tier, course.first = ceiling, ()
        course.reasons.append(OVER_BUDGET)
    return Tiering(course.tier, tuple(course.reasons), course.first)


def _by_rule(course: _Course, task: Task, policy: RoutingPolicy) -> None:
    rule = next((one for one in policy.rules if _agrees(one, task)), None)
    if rule is None:
        return
    reason = Reason("why.rule.rule", "The rule “{rule}” of the workspace.", {"rule": rule.name})
    if rule.tier is not None:
        course.settled = True
        course.move(rule.tier, reason)
    course.low, course.high = rule.at_least or course.low, rule.at_most or course.high
    course.move(course.tier, reason)


def _agrees(rule: Rule, task: Task) -> bool:
    return (
        (not rule.kinds or task.task_kind in rule.kinds)
        and (not rule.languages or task.language in rule.languages)
        and (not rule.qualities or task.quality in rule.qualities)
        and (not rule.longer_than_tokens or task.max_tokens > rule.longer_than_tokens)
    )


def _by_template(course: _Course, task: Task, policy: RoutingPolicy) -> None:
    own = policy.templates.get(task.template_id)
    if own is None:
        return
    course.settled, course.low, course.high = True, "fast", "critical"
    if own.tier is not None:
        course.move(own.tier, Reason("why.rule.own", "The workspace has decided so for this template."))
    course.first = models_of(own.route, policy)
    if course.first:
        course.reasons.append(Reason("why.rule.route", "The workspace's route “{route}”.", {"route": own.route}))


def _by_quality(course: _Course, task: Task, policy: RoutingPolicy) -> None:
    steps = policy.quality.of(task.quality)
    if steps < 0 and task.tier == "critical":
        return
    if task.quality == "best":
        reason = Reason("why.rule.best", "The best quality was asked for.")
    elif task.quality == "saver":
        reason = Reason("why.rule.saver", "The lowest cost was asked for.")
    else:
        reason = Reason("why.rule.balanced", "The workspace's setting for balanced quality.")
    course.move(stepped(course.tier, steps), reason)


def _by_score(course: _Course, task: Task, policy: RoutingPolicy, score: float | None) -> None:
    """The classifier moves only what nobody has decided, by one tier, within what the template declares."""
    opinion = policy.second_opinion
    if not opinion.enabled or score is None or course.settled or task.quality != "balanced":
        return
    params = {"score": round(score, 3)}
    up = Reason("why.rule.harder", "This brief looks harder than most.", params)
    if task.tier == "fast" and score >= opinion.simple_up_from:
        course.move("strong", up)
    elif task.tier == "strong" and score >= opinion.complex_up_from:
        course.move("critical", up)
    elif task.tier == "strong" and score < opinion.complex_down_below:
        course.move("fast", Reason("why.rule.easier", "This brief looks easier than most.", params))


def _by_failed_checks(course: _Course, task: Task, policy: RoutingPolicy) -> None:
    if task.failed_checks and policy.cascade.escalate:
        params = {"checks": task.failed_checks}
        reason = Reason("why.rule.failed_checks", "The text before failed its checks ({checks}): one tier up.", params)
        course.move(stepped(course.tier, 1), reason)


def _by_pin(course: _Course, task: Task, policy: RoutingPolicy) -> None:
    if not (pin := task.pin or policy.pin):
        return
    if task.pin:
        reason = Reason("why.rule.asked", "This run asks for it.")
    else:
        reason = Reason("why.rule.pin", "The workspace writes everything so.")
    if not pin.startswith(TIER_PIN):
        course.first = (pin,)
    elif (tier := tier_named(pin.removeprefix(TIER_PIN))) is not None:
        course.tier, course.first = tier, ()
    else:
        return
    course.reasons.append(reason)


def models_of(route: str, policy: RoutingPolicy) -> tuple[str, ...]:
    """Return the models of a route and of those it falls back on; one that comes round again ends it."""
    models: list[str] = []
    seen: set[str] = set()
    while route in policy.routes and route not in seen:
        seen.add(route)
        models += policy.routes[route].models
        route = policy.routes[route].fallback
    return tuple(dict.fromkeys(models))


def tier_named(name: str) -> Tier | None:
    """Return the tier of that name, None where there is none."""
    return next((tier for tier in TIERS if tier == name), None)


def rank(tier: Tier) -> int:
    """Return the tier's place, 0 for the cheapest."""
    return TIERS.index(tier)


def stepped(tier: Tier, steps: int) -> Tier:
    """Return the tier `steps` up (below 0: down), at most the first or last."""
    return TIERS[min(max(rank(tier) + steps, 0), len(TIERS) - 1)]


def higher_of(one: Tier, other: Tier) -> Tier:
    """Return the stronger of two tiers."""
    return one if rank(one) >= rank(other) else other


def lower_of(one: Tier, other: Tier) -> Tier:
    """Return the cheaper of two tiers."""
    return one if rank(one) <= rank(other) else other
