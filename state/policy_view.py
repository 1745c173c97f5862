"""What the page of routing rules shows and takes: rows made from a policy, and a policy made from what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.core.errors import InvalidInput
from app.llm.policy import GatewayPolicy, RoutingPolicy
from state.run_why import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.ports import Tier
    from app.llm.policy import Rule
    from app.llm.schemas import ProviderView
    from app.llm.what_if import WhatIf

MOVES_SHOWN = 6
OWN_ROUTE = "for-"
"""How the page names the route of a template that goes to one model."""
SWITCHES = {
    "redaction": ("redaction",),
    "exact_reuse": ("exact_reuse",),
    "answer_reuse": ("answer_reuse",),
    "hedging": ("hedging",),
    "cascade": ("routing", "cascade", "escalate"),
    "second_opinion": ("routing", "second_opinion", "enabled"),
}
CHOICES = {
    "order": ("routing", "order"),
    "unknown_price": ("unknown_price",),
    "saver": ("routing", "quality", "saver"),
    "balanced": ("routing", "quality", "balanced"),
    "best": ("routing", "quality", "best"),
}


@dataclass
class ModelOption:
    """A model that a template may be sent to."""

    ref: str = ""
    label: str = ""


@dataclass
class KindName:
    """A category of templates, with the key of its name."""

    id: str = ""
    name: str = ""


@dataclass
class RuleRow:
    """A rule in parts that make a sentence; empty parts: any."""

    name: str = ""
    kinds: list[KindName] = field(default_factory=list)
    languages: str = ""
    quality: str = ""
    longer_than: int = 0
    effect: str = "at_least"
    tier: str = "strong"


@dataclass
class OverrideRow:
    """What was decided for one template: a tier, or a model by its label."""

    template_id: str = ""
    name: str = ""
    tier: str = ""
    model: str = ""


@dataclass
class TierRow:
    """What a kind of model gets: of the templates, and of the calls of the last days, as it was and as it would be."""

    tier: str = "fast"
    templates: int = 0
    now_percent: int = 0
    then_percent: int = 0
    now: str = ""
    then: str = ""


@dataclass
class MoveRow:
    """Calls that another model would have written."""

    template_id: str = ""
    name: str = ""
    before: str = ""
    after: str = ""
    calls: int = 0
    now: str = ""
    then: str = ""


def tier_rows(shares: Mapping[Tier, float], found: WhatIf) -> list[TierRow]:
    """Return the kinds of models with their shares, the cheapest first."""
    by_tier = {one.tier: one for one in found.tiers}
    rows = []
    for tier, percent in shares.items():
        row = TierRow(tier, round(percent))
        if one := by_tier.get(tier):
            row.now_percent, row.then_percent = round(one.now_percent), round(one.then_percent)
            row.now, row.then = amount(one.now_micros), amount(one.then_micros)
        rows.append(row)
    return rows


def move_rows(found: WhatIf) -> list[MoveRow]:
    """Return the largest movements."""
    from app.content.catalogue_files import load_catalogue

    names = {template.id: template.name for template in load_catalogue().all()}
    return [
        MoveRow(
            one.template_id,
            names.get(one.template_id, one.template_id),
            one.from_model,
            one.to_model,
            one.calls,
            amount(one.now_micros),
            amount(one.then_micros),
        )
        for one in found.moved[:MOVES_SHOWN]
    ]


def rule_rows(routing: RoutingPolicy) -> list[RuleRow]:
    """Return the rules in the order in which they are asked."""
    return [_rule_row(rule) for rule in routing.rules]


def _rule_row(rule: Rule) -> RuleRow:
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    effect = "tier" if rule.tier else "at_least" if rule.at_least else "at_most"
    kinds = [KindName(kind, catalogue.categories[kind].name) for kind in rule.kinds if kind in catalogue.categories]
    return RuleRow(
        name=rule.name,
        kinds=kinds,
        languages=", ".join(rule.languages),
        quality=", ".join(rule.qualities),
        longer_than=rule.longer_than_tokens,
        effect=effect,
        tier=rule.tier or rule.at_least or rule.at_most or "",
    )


def override_rows(routing: RoutingPolicy, models: list[ModelOption]) -> list[OverrideRow]:
    """Return what was decided for single templates, by template."""
    from app.content.catalogue_files import load_catalogue

    names = {template.id: template.name for template in load_catalogue().all()}
    labels = {one.ref: one.label for one in models}
    rows = []
    for template_id, own in sorted(routing.templates.items()):
        refs = routing.routes[own.route].models if own.route in routing.routes else ()
        model = ", ".join(labels.get(ref, ref) for ref in refs)
        rows.append(OverrideRow(template_id, names.get(template_id, template_id), own.tier or "", model))
    return rows


def model_options(views: list[ProviderView]) -> list[ModelOption]:
    """Return the models of the providers that are on, in order; the built-in writer too."""
    return [
        ModelOption(f"{view.id}/{model.id}", f"{model.label}, {view.name}" if model.label != view.name else view.name)
        for view in views
        if view.enabled
        for model in view.models
    ]


def with_value(policy: GatewayPolicy, path: tuple[str, ...], value: Any) -> GatewayPolicy:  # Any: JSON
    """Return the policy with one value changed.

    Raises:
        InvalidInput: it does not fit; `field` is the path.
    """
    raw = policy.model_dump(mode="json")
    place = raw
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return _valid(raw, at=".".join(path))


def with_rule(policy: GatewayPolicy, form: dict[str, str]) -> GatewayPolicy:
    """Return the policy with one more rule, the last to be asked.

    Raises:
        InvalidInput: it has no name, or a length that is none.
    """
    effect, _, tier = form.get("effect", "").partition(":")
    length = form.get("longer_than", "").strip()
    if length and not (length.isascii() and length.isdigit()):
        raise InvalidInput("Give a whole number.", code="policy.number", field="new_rule.longer_than")
    if not form.get("name", "").strip():
        raise InvalidInput("Name the rule: results show its name.", code="policy.rule_name", field="new_rule.name")
    rule = {
        "name": form["name"],
        "kinds": [form["kind"]] if form.get("kind") else [],
        "languages": [form["language"]] if form.get("language") else [],
        "qualities": [form["quality"]] if form.get("quality") else [],
        "longer_than_tokens": int(length or 0),
        effect: tier,
    }
    raw = policy.model_dump(mode="json")
    raw["routing"]["rules"].append(rule)
    return _valid(raw, at="new_rule.name")


def without_rule(policy: GatewayPolicy, place: int) -> GatewayPolicy:
    """Return the policy without the rule at `place`, counted from 0."""
    raw = policy.model_dump(mode="json")
    raw["routing"]["rules"] = [rule for at, rule in enumerate(raw["routing"]["rules"]) if at != place]
    return _valid(raw, at="routing.rules")


def with_override(policy: GatewayPolicy, template_id: str, target: str) -> GatewayPolicy:
    """Return the policy with one template sent to `target`: "tier:strong", or a model's reference.

    Raises:
        InvalidInput: nothing was chosen.
    """
    if not target:
        raise InvalidInput("Choose where it goes.", code="policy.target", field="new_override.target")
    raw = without_override(policy, template_id).model_dump(mode="json")
    if target.startswith("tier:"):
        raw["routing"]["templates"][template_id] = {"tier": target.removeprefix("tier:")}
    else:
        raw["routing"]["routes"][OWN_ROUTE + template_id] = {"models": [target]}
        raw["routing"]["templates"][template_id] = {"route": OWN_ROUTE + template_id}
    return _valid(raw, at="new_override.target")


def without_override(policy: GatewayPolicy, template_id: str) -> GatewayPolicy:
    """Return the policy with nothing decided for one template."""
    raw = policy.model_dump(mode="json")
    raw["routing"]["templates"].pop(template_id, None)
    raw["routing"]["routes"].pop(OWN_ROUTE + template_id, None)
    return _valid(raw, at="routing.templates")


def _valid(raw: dict[str, Any], *, at: str) -> GatewayPolicy:
    try:
        return GatewayPolicy.model_validate(raw)
    except ValidationError as wrong:
        raise InvalidInput(field=at) from wrong
