"""Which tier a task goes to: each step of the policy, what stands above what, and the reason that is told."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.ports import Message, Tier
from app.llm.policy import Cascade, QualitySteps, Route, RoutingPolicy, Rule, SecondOpinion, TemplateRule
from app.llm.task import Task
from app.llm.tiering import decide

OPINION = SecondOpinion(enabled=True, simple_up_from=0.6, complex_up_from=0.8, complex_down_below=0.2)
STEPS = QualitySteps(saver=-1, best=1)


def task(tier: Tier = "fast", **more: Any) -> Task:
    return Task("generation", tier, (Message("user", "x"),), template_id="newsletter", task_kind="marketing", **more)


def decided(policy: RoutingPolicy, tier: Tier = "fast", *, ceiling: Any = None, score: Any = None, **more: Any) -> Any:
    found = decide(task(tier, **more), policy, ceiling=ceiling, score=score)
    return found.tier, found.rule.code


@pytest.mark.parametrize("tier", ["fast", "strong", "critical"])
def test_a_policy_that_says_nothing_follows_the_template(tier: Tier) -> None:
    assert decided(RoutingPolicy(), tier, quality="best", score=0.99, failed_checks=3) == (tier, "why.rule.template")


def test_the_first_rule_that_agrees_decides() -> None:
    rules = (
        Rule(name="German", languages=("de",), tier="critical"),
        Rule(name="Mail", kinds=("marketing",), tier="strong"),
        Rule(name="All", tier="critical"),
    )

    assert decided(RoutingPolicy(rules=rules), language="en") == ("strong", "why.rule.rule")


@pytest.mark.parametrize(
    ("rule", "tier", "expected"),
    [
        ({"at_least": "strong"}, "fast", "strong"),
        ({"at_least": "strong"}, "critical", "critical"),
        ({"at_most": "fast"}, "critical", "fast"),
        ({"tier": "fast"}, "critical", "fast"),
    ],
)
def test_a_rule_sets_a_tier_or_a_bound(rule: dict[str, Any], tier: Tier, expected: Tier) -> None:
    assert decided(RoutingPolicy(rules=(Rule(name="r", **rule),)), tier)[0] == expected


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ({"kinds": ("legal",)}, {}),
        ({"languages": ("ar",)}, {"language": "en"}),
        ({"qualities": ("best",)}, {"quality": "balanced"}),
        ({"longer_than_tokens": 4096}, {"max_tokens": 4096}),
    ],
)
def test_a_rule_that_does_not_agree_is_passed_over(rule: dict[str, Any], more: dict[str, Any]) -> None:
    policy = RoutingPolicy(rules=(Rule(name="r", tier="critical", **rule),))

    assert decided(policy, **more) == ("fast", "why.rule.template")


def test_a_rules_bound_holds_against_the_quality_switch() -> None:
    policy = RoutingPolicy(rules=(Rule(name="Thrift", at_most="fast"),), quality=STEPS)

    assert decided(policy, quality="best")[0] == "fast"


def test_a_templates_own_tier_goes_before_the_rules() -> None:
    policy = RoutingPolicy(
        rules=(Rule(name="Thrift", at_most="fast"),), templates={"newsletter": TemplateRule(tier="critical")}
    )

    assert decided(policy) == ("critical", "why.rule.own")


@pytest.mark.parametrize(
    ("quality", "tier", "expected"),
    [
        ("saver", "strong", ("fast", "why.rule.saver")),
        ("best", "fast", ("strong", "why.rule.best")),
        ("best", "critical", ("critical", "why.rule.template")),
        ("saver", "fast", ("fast", "why.rule.template")),
        ("saver", "critical", ("critical", "why.rule.template")),
    ],
)
def test_the_quality_switch_moves_a_tier_but_lowers_nothing_critical(quality: Any, tier: Tier, expected: Any) -> None:
    assert decided(RoutingPolicy(quality=STEPS), tier, quality=quality) == expected


@pytest.mark.parametrize(
    ("tier", "score", "expected"),
    [
        ("fast", 0.6, ("strong", "why.rule.harder")),
        ("fast", 0.59, ("fast", "why.rule.template")),
        ("fast", 1.0, ("strong", "why.rule.harder")),
        ("strong", 0.8, ("critical", "why.rule.harder")),
        ("strong", 0.19, ("fast", "why.rule.easier")),
        ("critical", 0.0, ("critical", "why.rule.template")),
        ("fast", None, ("fast", "why.rule.template")),
    ],
)
def test_the_second_opinion_moves_one_tier_within_what_the_template_declares(
    tier: Tier, score: float | None, expected: Any
) -> None:
    assert decided(RoutingPolicy(second_opinion=OPINION), tier, score=score) == expected


@pytest.mark.parametrize(
    ("policy", "more"),
    [
        ({"templates": {"newsletter": TemplateRule(tier="strong")}}, {}),
        ({"rules": (Rule(name="r", tier="strong"),)}, {}),
        ({"quality": STEPS}, {"quality": "best"}),
        ({}, {"pin": "tier:strong"}),
        ({"pin": "tier:strong"}, {}),
    ],
)
def test_the_second_opinion_is_not_asked_where_somebody_has_decided(policy: Any, more: Any) -> None:
    with_opinion = RoutingPolicy(second_opinion=OPINION, **policy)

    assert decided(with_opinion, score=0.0, **more)[0] == "strong"


def test_what_failed_its_checks_is_corrected_one_tier_up_and_says_so() -> None:
    found = decide(task(failed_checks=2), RoutingPolicy(cascade=Cascade(escalate=True)))

    assert (found.tier, found.rule.code, found.rule.params) == ("strong", "why.rule.failed_checks", {"checks": 2})


def test_the_runs_pin_goes_before_the_workspaces() -> None:
    assert decided(RoutingPolicy(pin="tier:critical"), pin="tier:strong") == ("strong", "why.rule.asked")
    assert decided(RoutingPolicy(pin="tier:critical")) == ("critical", "why.rule.pin")


def test_a_pin_to_a_tier_that_is_none_changes_nothing() -> None:
    assert decided(RoutingPolicy(), pin="tier:golden") == ("fast", "why.rule.template")


def test_the_budget_stands_above_everything() -> None:
    assert decided(RoutingPolicy(pin="tier:critical"), "critical", ceiling="fast") == ("fast", "why.rule.budget")


def test_a_budget_that_allows_the_tier_is_no_reason() -> None:
    assert decided(RoutingPolicy(), ceiling="strong") == ("fast", "why.rule.template")


def test_a_route_brings_its_models_and_those_it_falls_back_on() -> None:
    policy = RoutingPolicy(
        templates={"newsletter": TemplateRule(route="press")},
        routes={"press": Route(models=("a", "b"), fallback="spare"), "spare": Route(models=("b", "c"))},
    )

    assert decide(task(), policy).first == ("a", "b", "c")


def test_a_circle_that_was_stored_all_the_same_ends() -> None:
    policy = RoutingPolicy(
        templates={"newsletter": TemplateRule(route="one")},
        routes={"one": Route(models=("a",), fallback="two"), "two": Route(models=("b",), fallback="one")},
    )

    assert decide(task(), policy).first == ("a", "b")


def test_every_step_that_moved_the_tier_is_told_in_order() -> None:
    policy = RoutingPolicy(quality=STEPS, cascade=Cascade(escalate=True))

    told = decide(task(quality="best", failed_checks=1), policy, ceiling="strong").reasons

    assert [one.code for one in told] == [
        "why.rule.template",
        "why.rule.best",
        "why.rule.failed_checks",
        "why.rule.budget",
    ]
