"""Why this model, who else had a part in the text, and what each cost: what the run screen says of one variant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from state.run_view import WhyView, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.content.events import Chosen, VariantDone
    from app.content.provenance import WrittenBy

Params = dict[str, str | int | float]

RULE_TEXTS = {
    "why.rule.template": "The template asks for this kind of model.",
    "why.rule.rule": "The rule “{rule}” of the workspace.",
    "why.rule.own": "The workspace has decided so for this template.",
    "why.rule.route": "The workspace's route “{route}”.",
    "why.rule.best": "The best quality was asked for.",
    "why.rule.saver": "The lowest cost was asked for.",
    "why.rule.balanced": "The workspace's setting for balanced quality.",
    "why.rule.harder": "This brief looks harder than most.",
    "why.rule.easier": "This brief looks easier than most.",
    "why.rule.failed_checks": "The text before failed its checks ({checks}): one tier up.",
    "why.rule.asked": "This run asks for it.",
    "why.rule.pin": "The workspace writes everything so.",
    "why.rule.not_there": "What was asked for is not connected, or ruled out.",
    "why.rule.budget": "The budget is nearly used up: a cheaper kind of model.",
}
"""The English of the rules as app/llm/tiering.py has them; `components.strings` refuses two texts for one key."""


@dataclass
class RuleView:
    """Which rule decided on the kind of model."""

    code: str = ""
    text: str = ""
    params: Params = field(default_factory=dict)
    tier: str = ""


@dataclass
class LegView:
    """One call that a text took: finished, broken off, or beaten by a quicker one."""

    name: str = ""
    cost: str = ""
    outcome: str = "ok"


@dataclass
class Seam:
    """Where one provider went on for another: after `at_chars` characters, in the line `path`."""

    at_chars: int
    path: str
    broke: str
    went_on: str = ""


@dataclass
class Origin:
    """Where a variant's text came from, as the page says it; amounts are written out, "" for no charge."""

    rule: RuleView = field(default_factory=RuleView)
    legs: list[LegView] = field(default_factory=list)
    served: str = "model"
    written_at: str = ""
    saved: str = ""


def why_views(event: Chosen) -> list[WhyView]:
    """Return the candidates with their verdicts and prices, in order."""
    return [
        WhyView(
            label=label,
            code=code,
            text=text,
            params=dict(params),
            won=code.startswith("why.chosen"),
            cost=amount(int(params.get("cost_micros", 0))),
        )
        for label, code, text, params in event.why
    ]


def rule_view(event: Chosen) -> RuleView:
    """Return the rule that decided, which the verdict on the chosen one names."""
    for _, code, _, params in event.why:
        if code.startswith("why.chosen"):
            rule = str(params.get("rule_code", ""))
            return RuleView(rule, RULE_TEXTS.get(rule, ""), dict(params), str(params.get("tier", "")))
    return RuleView()


def add_origin(origin: Origin, event: VariantDone) -> None:
    """Take what is known once the text is whole."""
    origin.legs = leg_views(event.legs) if len(event.legs) > 1 else []
    origin.served = event.served
    origin.written_at = event.written_at.isoformat() if event.written_at else ""
    origin.saved = amount(event.saved_micros)


def leg_views(legs: Sequence[WrittenBy]) -> list[LegView]:
    """Return the calls in order; the built-in writer by its name."""
    return [LegView(f"{leg.model}, {leg.provider}", amount(leg.cost_micros), leg.outcome) for leg in legs]


def amount(micros: int) -> str:
    """Return an amount, "" for no charge."""
    return money(micros) if micros else ""
