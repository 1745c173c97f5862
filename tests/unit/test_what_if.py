"""Another policy over the ledger, and the question which model it would be: nothing is sent for either."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.content.which_model import which_model
from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.llm import policies, providers
from app.llm.policy import GatewayPolicy, default_policy
from app.llm.schemas import ProviderForm
from app.llm.what_if import what_if
from app.usage.models import UsageEvent

MILLION = 1_000_000
MODELS = (
    {"id": "small", "tier": "fast", "input_price": 1 * MILLION, "output_price": 2 * MILLION},
    {"id": "large", "tier": "strong", "input_price": 10 * MILLION, "output_price": 20 * MILLION},
)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    """A workspace with a cheap and a dear model; no model is ever called here, so the port is absent."""
    ctx: Context = await ctx_of("ana")
    ctx = replace(ctx, ports=replace(ctx.ports, models=None))
    form = ProviderForm.model_validate(
        {"kind": "mistral", "name": "One", "api_key": "sk-very-secret", "models": MODELS}
    )
    await providers.create(ctx, form=form)
    return ctx


async def write_down(ctx: Context, count: int = 1, **more: Any) -> None:
    """Write `count` calls of 1,000 tokens read and 500 written into the ledger, by the cheap model."""
    row = {
        "feature": "generation", "provider": "One", "kind": "mistral", "model": "small", "outcome": "ok",
        "tier": "fast", "asked_tier": "fast", "template_id": "newsletter", "task_kind": "marketing", "language": "en",
        "tokens_in": 1000, "tokens_out": 500, "cost_micros": 2000, "created_at": ctx.ports.clock.now(),
    }  # fmt: skip
    async with ctx.db.write() as session:
        session.add_all(UsageEvent(id=new_id(), call_id=uuid4(), **(row | more)) for _ in range(count))


def policy(**routing: Any) -> GatewayPolicy:
    return GatewayPolicy.model_validate({"routing": routing})


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_the_ledger_under_another_policy_costs_what_its_tokens_cost_there(ctx: Context) -> None:
    await write_down(ctx, 3)
    await write_down(ctx, 1, template_id="shorten")

    found = await what_if(ctx, policy(templates={"newsletter": {"tier": "strong"}}))

    assert (found.calls, found.moved_calls, found.known) == (4, 3, True)
    assert (found.now_micros, found.then_micros) == (4 * 2000, 3 * 20_000 + 2000)
    assert [(one.tier, one.now_percent, one.then_percent) for one in found.tiers] == [
        ("fast", 100.0, 25.0),
        ("strong", 0.0, 75.0),
        ("critical", 0.0, 0.0),
    ]
    assert [(one.template_id, one.from_model, one.to_model, one.calls) for one in found.moved] == [
        ("newsletter", "small", "large", 3)
    ]


async def test_the_same_policy_moves_nothing(ctx: Context) -> None:
    await write_down(ctx, 2)

    found = await what_if(ctx, policy())

    assert (found.moved_calls, found.now_micros, found.then_micros) == (0, 4000, 4000)


async def test_what_the_decision_looked_at_is_looked_at_again(ctx: Context) -> None:
    strong = {"model": "large", "tier": "strong", "cost_micros": 20_000}
    await write_down(ctx, quality="best", **strong)
    await write_down(ctx, failed_checks=2, **strong)
    await write_down(ctx, score_permille=900, **strong)

    same = {
        "quality": {"best": 1},
        "cascade": {"escalate": True},
        "second_opinion": {"enabled": True, "simple_up_from": 0.9},
    }
    assert (await what_if(ctx, policy(**same))).moved_calls == 0
    assert (await what_if(ctx, policy())).then_micros == 3 * 2000


async def test_failed_calls_earlier_answers_old_calls_and_other_workspaces_are_left_out(
    ctx: Context, ctx_of: Any
) -> None:
    await write_down(ctx, outcome="failed")
    await write_down(ctx, served="exact")
    await write_down(ctx, created_at=ctx.ports.clock.now() - timedelta(days=31))
    await write_down(await ctx_of("bo"))

    found = await what_if(ctx, policy(), days=30)

    assert (found.calls, found.now_micros, found.tiers[0].now_percent) == (0, 0, 0.0)


async def test_a_model_without_a_price_is_guessed_and_said_to_be(ctx: Context) -> None:
    form = ProviderForm.model_validate(
        {"kind": "openai-compatible", "name": "Two", "base_url": "http://127.0.0.1:9/v1", "models": [{"id": "mine"}]}
    )
    await providers.create(ctx, form=form)
    await write_down(ctx, 2)

    found = await what_if(ctx, policy(pin="Two"))

    assert (found.known, found.then_micros) == (False, 2 * ctx.ports.settings.flat_price)


async def test_what_the_built_in_writer_wrote_stays_free_where_nobody_else_is(ctx: Context) -> None:
    await write_down(ctx, provider="Built-in writer", kind="embedded", model="rules", cost_micros=0)

    found = await what_if(ctx, policy(ban=["One"]))

    assert (found.now_micros, found.then_micros) == (0, 0)


async def test_a_draft_that_cannot_work_is_refused_by_field(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await what_if(ctx, policy(pin="gone"))

    assert refused.value.field == "routing.pin"


async def test_the_question_is_answered_with_the_whole_order_and_its_price(ctx: Context) -> None:
    found = await which_model(ctx, template_id="google-rsa", language="de", quality="best")

    assert [(step.place, step.model) for step in found.steps[:2]] == [("chosen", "large"), ("later", "small")]
    assert found.chosen is not None
    assert (found.tier, found.rule.code, found.chosen.code) == ("strong", "why.rule.best", "why.chosen.best")
    assert found.chosen.cost_micros > found.steps[1].cost_micros > 0
    assert found.steps[-1].embedded
    assert found.score is None


async def test_with_a_provider_down_it_goes_to_the_next(ctx: Context) -> None:
    views = await providers.list_providers(ctx)
    found = await which_model(ctx, template_id="google-rsa", down=[views[0].id])

    assert [step.place for step in found.steps] == ["passed", "passed", "chosen"]
    assert found.chosen is not None
    assert found.chosen.embedded


async def test_with_everybody_down_nobody_is_chosen(ctx: Context) -> None:
    views = await providers.list_providers(ctx)

    assert (await which_model(ctx, template_id="google-rsa", down=[view.id for view in views])).chosen is None


async def test_with_the_budget_used_up_it_goes_to_the_fast_tier(ctx: Context) -> None:
    found = await which_model(ctx, template_id="press-release", budget_used_up=True)

    assert (found.tier, found.rule.code) == ("fast", "why.rule.budget")


async def test_a_draft_is_tried_without_being_in_force(ctx: Context) -> None:
    found = await which_model(ctx, template_id="google-rsa", policy=policy(pin="One/large"))

    assert found.chosen is not None
    assert (found.chosen.model, found.chosen.code) == ("large", "why.chosen.pin")
    assert await policies.current(ctx) == default_policy()


async def test_an_unknown_template_or_language_is_refused(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await which_model(ctx, template_id="gone")
    with pytest.raises(InvalidInput):
        await which_model(ctx, template_id="google-rsa", language="xx")


async def test_a_workspace_that_does_not_guess_prices_sees_whom_that_rules_out(ctx: Context) -> None:
    form = ProviderForm.model_validate(
        {"kind": "openai-compatible", "name": "Two", "base_url": "http://127.0.0.1:9/v1", "models": [{"id": "mine"}]}
    )
    await providers.create(ctx, form=form)
    await write_down(ctx)
    blocking = GatewayPolicy.model_validate({"unknown_price": "block", "routing": {"pin": "Two"}})

    told = await which_model(ctx, template_id="google-rsa", policy=blocking)
    replayed = await what_if(ctx, blocking)

    assert (told.steps[-1].place, told.steps[-1].code, told.steps[-1].model) == ("never", "why.no_price", "mine")
    assert told.rule.code == "why.rule.not_there"
    assert (replayed.known, replayed.moved_calls) == (True, 0)
