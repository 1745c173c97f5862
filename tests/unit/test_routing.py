"""Which model is asked first, and the reason that is given for each."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.ports import Brief, Message, ModelTarget, ProviderDown, ProviderKind, Tier
from app.llm import routing, tiering
from app.llm.breaker import Rest
from app.llm.candidates import built_in_target
from app.llm.kinds import guess_kind
from app.llm.policy import RoutingPolicy
from app.llm.routing import Candidate, explain, plan
from app.llm.task import Task
from app.usage.prices import Price

NOW = datetime(2026, 3, 1, 13, 48, tzinfo=UTC)
FLAT_MICROS = 20_000


def task(tier: Tier = "fast", *, brief: bool = True) -> Task:
    return Task("templates", tier, (Message("user", "x" * 400),), brief=Brief("t", "en", {}) if brief else None)


def model(
    name: str,
    tier: Tier = "fast",
    *,
    provider: str = "One",
    kind: ProviderKind = "openai",
    price: int = 0,
    rest: bool = False,
) -> Candidate:
    return Candidate(
        key=provider,
        label=name,
        target=ModelTarget(provider, kind, name, tier=tier),
        own_price=Price(price, price, "test") if price else None,
        rest=Rest(NOW, NOW + timedelta(seconds=30)) if rest else None,
    )


BUILT_IN = Candidate("built-in", "Built-in writer", built_in_target())


def order(tier: Tier, *candidates: Candidate) -> list[str]:
    return [candidate.label for candidate in plan(task(tier), candidates).order]


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        ("fast", ["small", "large", "huge"]),
        ("strong", ["large", "huge", "small"]),
        ("critical", ["huge", "large", "small"]),
    ],
)
def test_the_tier_that_is_asked_for_comes_first_then_its_neighbours(tier: Tier, expected: list[str]) -> None:
    models = [model("huge", "critical"), model("small", "fast"), model("large", "strong")]

    assert order(tier, *models) == expected


def test_within_a_tier_the_workspaces_order_stays() -> None:
    assert order("fast", model("b"), model("a"), model("c")) == ["b", "a", "c"]


def test_the_built_in_writer_is_last_whatever_the_tier() -> None:
    assert order("fast", BUILT_IN, model("huge", "critical"), model("small")) == ["small", "huge", "Built-in writer"]


def test_what_rests_is_asked_only_when_nobody_else_is_left() -> None:
    assert order("fast", model("tired", rest=True), BUILT_IN, model("well")) == ["well", "Built-in writer", "tired"]


def test_a_task_without_a_brief_is_not_for_the_built_in_writer() -> None:
    decided = plan(task(brief=False), [model("well"), BUILT_IN])
    rows = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()

    assert [candidate.label for candidate in decided.order] == ["well"]
    assert rows[-1][:2] == ("Built-in writer", "why.needs_brief")


def test_every_candidate_has_a_reason() -> None:
    decided = plan(
        task(),
        [
            model("Small", price=250_000),
            model("Haiku", price=1_000_000),
            model("Nano", price=200_000),
            model("Opus", "critical"),
            model("Tired", rest=True),
            BUILT_IN,
        ],
    )

    rows = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()

    assert [(label, code) for label, code, _, _ in rows] == [
        ("Small", "why.chosen.first"),
        ("Haiku", "why.costs_more"),
        ("Nano", "why.later"),
        ("Opus", "why.stronger"),
        ("Built-in writer", "why.last"),
        ("Tired", "why.resting"),
    ]
    assert rows[1][3]["times"] == 4
    assert rows[5][3]["since"] == "13:48 UTC"
    assert all("{" not in text.format(**params) for _, _, text, params in rows)


def test_a_candidate_that_just_failed_says_how() -> None:
    decided = plan(task("strong"), [model("Sonnet", "strong"), model("Small")])
    failed = ProviderDown(params={"provider": "One", "reason": "x"})

    rows = explain(decided, at=1, failures=[failed], flat_micros=FLAT_MICROS).rows()

    assert (rows[0][1], rows[0][3]["error"]) == ("why.failed", "One cannot be reached.")
    assert rows[1][1] == "why.chosen.next"


def test_a_weaker_model_says_that_it_is_one() -> None:
    decided = plan(task("critical"), [model("Opus", "critical"), model("Small")])

    assert explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()[1][1] == "why.weaker"


@pytest.mark.parametrize(
    ("candidates", "code"),
    [
        ([BUILT_IN], "why.chosen.built_in"),
        ([model("Opus", "critical")], "why.chosen.nearest"),
        ([model("Tired", rest=True)], "why.chosen.nobody_else"),
    ],
)
def test_a_choice_that_is_not_the_usual_one_says_why(candidates: list[Candidate], code: str) -> None:
    rows = explain(plan(task(), candidates), at=0, failures=[], flat_micros=FLAT_MICROS).rows()

    assert rows[0][1] == code


def test_models_of_one_name_are_told_apart_by_their_provider() -> None:
    decided = plan(task(), [model("Small", provider="Paris"), model("Small", provider="Lyon"), model("Large")])

    labels = [row[0] for row in explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()]

    assert labels == ["Small, Paris", "Small, Lyon", "Large"]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sk-ant-api03-abc", "anthropic"),
        ("sk-proj-abcdef", "openai"),
        ("sk-" + "T3BlbkFJ" * 6, "openai"),
        ("sk-" + "0123456789abcdef" * 2, "deepseek"),
        ("AIzaSyAbc", "gemini"),
        ("  AIzaSyAbc\n", "gemini"),
        ("Ab3" * 10 + "xy", "mistral"),
        ("sk-or-v1-abc", "openai-compatible"),
        ("gsk_abc", "openai-compatible"),
        ("", None),
        ("hello", None),
    ],
)
def test_a_key_tells_its_kind_by_its_shape(key: str, kind: str | None) -> None:
    guess = guess_kind(key)

    assert (guess.kind if guess else None) == kind


def chosen(*candidates: Candidate, policy: RoutingPolicy, **more: Any) -> tuple[str, str]:
    """Return (label, code) of the model that is asked first."""
    ceiling, score = more.pop("ceiling", None), more.pop("score", None)
    decided = plan(replace(task(), **more), candidates, policy=policy, ceiling=ceiling, score=score)
    first = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).verdicts[0]
    return first.label, first.code


SMALL, LARGE, HUGE = model("small"), model("large", "strong", provider="Two"), model("huge", "critical")


@pytest.mark.parametrize("pin", ["Two", "two/large"])
def test_a_pinned_model_goes_first_by_its_provider_or_its_name(pin: str) -> None:
    assert chosen(SMALL, LARGE, BUILT_IN, policy=RoutingPolicy(), pin=pin) == ("large", "why.chosen.asked")
    assert chosen(SMALL, LARGE, BUILT_IN, policy=RoutingPolicy(pin=pin)) == ("large", "why.chosen.pin")


def test_a_pin_to_the_built_in_writer_is_kept() -> None:
    assert chosen(SMALL, BUILT_IN, policy=RoutingPolicy(), pin="built-in") == ("Built-in writer", "why.chosen.asked")


def test_a_pinned_model_that_rests_lets_others_go_first() -> None:
    tired = model("large", "strong", provider="Two", rest=True)

    assert chosen(SMALL, tired, policy=RoutingPolicy(), pin="Two")[0] == "small"


def test_a_pin_to_nobody_falls_back_to_the_rules_and_says_so() -> None:
    assert chosen(SMALL, LARGE, policy=RoutingPolicy(pin="gone")) == ("small", "why.chosen.not_there")


def test_a_banned_model_is_never_asked_and_says_so() -> None:
    decided = plan(task(), [SMALL, LARGE, BUILT_IN], policy=RoutingPolicy(ban=("one/small", "built-in")))
    rows = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()

    assert [(label, code) for label, code, _, _ in rows] == [
        ("large", "why.chosen.nearest"),
        ("small", "why.banned"),
        ("Built-in writer", "why.banned"),
    ]


def test_the_budget_lowers_the_tier_and_puts_what_is_dearer_after_all_others() -> None:
    decided = plan(task("critical"), [HUGE, LARGE, SMALL, BUILT_IN], policy=RoutingPolicy(), ceiling="fast")
    rows = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS).rows()

    assert [(label, code) for label, code, _, _ in rows] == [
        ("small", "why.chosen.budget"),
        ("large", "why.over_budget"),
        ("huge", "why.over_budget"),
        ("Built-in writer", "why.last"),
    ]


def test_a_pinned_model_that_the_budget_does_not_allow_waits() -> None:
    assert chosen(SMALL, LARGE, policy=RoutingPolicy(), pin="Two", ceiling="fast") == ("small", "why.chosen.budget")


def test_with_a_budget_the_nearest_is_a_cheaper_one() -> None:
    decided = plan(task("strong"), [HUGE, SMALL], policy=RoutingPolicy(), ceiling="strong")

    assert [one.label for one in decided.order] == ["small", "huge"]


def test_the_cheapest_goes_first_where_the_workspace_says_so_and_an_unknown_price_last() -> None:
    dear, cheap = model("dear", price=2_000_000), model("cheap", price=100_000)
    unknown = model("unknown", kind="openai-compatible")
    policy = RoutingPolicy(order="cheapest")
    decided = plan(task(), [unknown, dear, cheap, LARGE], policy=policy)

    assert [one.label for one in decided.order] == ["cheap", "dear", "unknown", "large"]
    assert chosen(unknown, dear, cheap, policy=policy) == ("cheap", "why.chosen.cheapest")


@pytest.mark.parametrize(
    ("said", "more", "expected"),
    [
        ({"quality": {"best": 1}}, {"quality": "best"}, "why.chosen.best"),
        ({"rules": [{"name": "Thorough", "tier": "strong"}]}, {}, "why.chosen.rule"),
        ({"templates": {"x": {"tier": "strong"}}}, {"template_id": "x"}, "why.chosen.own"),
        ({"second_opinion": {"enabled": True, "simple_up_from": 0.5}}, {"score": 0.7}, "why.chosen.harder"),
        ({"cascade": {"escalate": True}}, {"failed_checks": 2}, "why.chosen.failed_checks"),
        ({}, {"pin": "tier:strong"}, "why.chosen.asked"),
        (
            {"templates": {"x": {"route": "press"}}, "routes": {"press": {"models": ["Two"]}}},
            {"template_id": "x"},
            "why.chosen.route",
        ),
    ],
)
def test_the_chosen_one_names_the_rule_that_decided(said: Any, more: Any, expected: str) -> None:
    policy = RoutingPolicy.model_validate(said)

    assert chosen(SMALL, LARGE, HUGE, BUILT_IN, policy=policy, **more) == ("large", expected)


def test_a_decision_can_be_made_again_from_what_it_tells() -> None:
    policy = RoutingPolicy.model_validate({"version": 7, "cascade": {"escalate": True}})
    decided = plan(replace(task(), failed_checks=2), [SMALL, LARGE], policy=policy)

    decision = explain(decided, at=0, failures=[], flat_micros=FLAT_MICROS)

    assert (decision.tier, decision.policy_version) == ("strong", 7)
    assert [one.code for one in decision.reasons] == ["why.rule.template", "why.rule.failed_checks"]
    params = decision.verdicts[0].params
    assert (params["tier"], params["rule_code"], params["policy"], params["checks"]) == (
        "strong",
        "why.rule.failed_checks",
        7,
        2,
    )


def test_every_reason_for_a_tier_has_words_for_the_model_that_it_brings() -> None:
    source = Path(tiering.__file__).read_text("utf-8")
    reasons = set(re.findall(r'"(why\.rule\.\w+)"', source)) - {"why.rule.template"}

    assert reasons == set(routing._CHOSEN_BY_RULE)
