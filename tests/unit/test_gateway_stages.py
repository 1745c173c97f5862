"""What stands around the writing of a text: earlier answers, hidden data, money held and settled."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from app.core.ports import Brief, Message, ProviderDown
from app.llm import gateway, policies, providers
from app.llm.events import Chosen, Settled, Text
from app.llm.schemas import ProviderChange, ProviderForm
from app.llm.task import Task
from app.usage import budgeting, checking, service
from app.usage.budgeting import BudgetForm
from app.usage.errors import BudgetUsedUp, PriceUnknown
from tests.patience import PATIENCE_S
from tests.scripted import STOP, Studio, failing, studio_of, text_of

__all__ = ["studio_of"]

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

ASK = Task("chat", "fast", (Message("user", "Write to ana@example.org about the harbour."),), max_tokens=100)


async def ask(studio: Studio, **more: Any) -> list[Any]:
    return [event async for event in gateway.stream(studio.ctx, replace(ASK, **more))]


async def policy(studio: Studio, **more: Any) -> None:
    now = await policies.current(studio.ctx)
    await policies.change(studio.ctx, form=now.model_copy(update=more))


async def books(studio: Studio) -> dict[str, int]:
    found = await checking.check(studio.ctx)
    assert not found.faults
    return {account: micros for account, micros in found.balances.items() if micros}


async def test_the_same_question_gets_the_earlier_answer_and_is_booked_as_such(studio_of: Any) -> None:
    studio = await studio_of(One=["Dear harbour", STOP])
    first = (await ask(studio))[-1]

    chosen, text, again = await ask(studio)
    newest, _ = (await service.list_events(studio.ctx)).items

    assert isinstance(chosen, Chosen)
    assert (chosen.provider, chosen.why.verdicts[0].code) == ("One", "why.chosen.earlier")
    assert text == Text("Dear harbour")
    assert (again.served, again.cost_micros, again.saved_micros) == ("exact", 0, first.cost_micros)
    assert again.written_at is not None
    assert (newest.cost_micros, newest.model) == (0, "gpt-5-mini")
    assert studio.models.asked == ["One"]


async def test_a_fresh_one_is_written_on_demand(studio_of: Any) -> None:
    studio = await studio_of(One=["Dear harbour", STOP])
    await ask(studio)

    assert (await ask(studio, fresh=True))[-1].served == "model"
    assert studio.models.asked == ["One", "One"]


async def test_personal_data_stays_here_and_comes_back_in_the_answer(studio_of: Any) -> None:
    studio = await studio_of(One=["Sent to [EMA", failing(ProviderDown)], Two=["IL_1] today.", STOP])
    await policy(studio, redaction=True)

    events = await ask(studio)
    again = await ask(studio)

    assert text_of(events) == text_of(again) == "Sent to ana@example.org today."
    assert not [call for call in studio.models.calls if "ana@" in repr(call.messages)]
    assert events[-1].seams == (8,)


async def test_the_built_in_writer_sees_everything_since_it_is_here(studio_of: Any) -> None:
    studio = await studio_of()
    await policy(studio, redaction=True)

    await ask(studio, brief=Brief("t", "en", {}))

    assert "ana@" in studio.models.calls[0].messages[0].text


async def test_what_was_held_is_settled_to_what_it_cost(studio_of: Any) -> None:
    studio = await studio_of(One=["half ", failing(ProviderDown)], Two=["and half", STOP])

    settled = (await ask(studio))[-1]

    accounts = await books(studio)
    assert accounts == {"available": -settled.cost_micros, "spent:chat": settled.cost_micros}


async def test_a_caller_who_leaves_pays_for_what_was_written_and_no_more(studio_of: Any) -> None:
    studio = await studio_of(One=["Dear ", "harbour", lambda: asyncio.sleep(60)])

    async with aclosing(gateway.stream(studio.ctx, ASK)) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    accounts = await books(studio)

    assert set(accounts) == {"available", "spent:chat"}
    assert 0 < accounts["spent:chat"] < 100


async def test_without_budget_left_nobody_is_asked(studio_of: Any) -> None:
    studio = await studio_of(One=["x", STOP])
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=1))

    with pytest.raises(BudgetUsedUp):
        await ask(studio)

    assert studio.models.asked == []
    assert await books(studio) == {}


async def test_a_budget_that_is_used_up_does_not_stop_what_is_free(studio_of: Any) -> None:
    studio = await studio_of()
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=0))

    assert text_of(await ask(studio, brief=Brief("t", "en", {}))) == "built in"


async def test_a_budget_that_is_used_up_leaves_the_models_that_cost_nothing(studio_of: Any) -> None:
    studio = await studio_of(One=["x", STOP], Free=["free of charge", STOP])
    listed = {one.name: one for one in await providers.list_providers(studio.ctx)}
    model = {"id": listed["Free"].models[0].id, "input_price": 0, "output_price": 0}
    await providers.update(studio.ctx, listed["Free"].id, form=ProviderChange(models=(model,)))
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=0))

    events = await ask(studio)

    assert text_of(events) == "free of charge"
    assert studio.models.asked == ["Free"]
    assert events[0].why.verdicts[0].code == "why.chosen.budget"


async def test_within_a_budget_no_second_leg_overspends_it(studio_of: Any) -> None:
    studio = await studio_of(One=["half ", failing(ProviderDown)], Two=["and half", STOP])
    most = 240  # one text costs 215 at most, two do not fit
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=most))

    events = await ask(studio, brief=Brief("t", "en", {}))

    assert text_of(events) == "built in"
    assert studio.models.asked == ["One", "Built-in writer"]


async def test_many_at_once_spend_no_more_than_the_budget(studio_of: Any) -> None:
    studio = await studio_of(One=["x" * 400, STOP])
    limit = 1000
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=limit))

    results = await asyncio.gather(*(ask(studio, reuse=False) for _ in range(30)), return_exceptions=True)
    accounts = await books(studio)

    assert accounts["spent:chat"] <= limit
    assert {type(one) for one in results} == {list, BudgetUsedUp}


async def test_models_without_a_price_can_be_blocked(studio_of: Any) -> None:
    studio = await studio_of(built_in=False)
    form = ProviderForm(name="Odd", kind="openai", api_key="k" * 20, models=({"id": "no-such-model"},))
    await providers.create(studio.ctx, form=form)
    await policy(studio, unknown_price="block")

    with pytest.raises(PriceUnknown):
        await ask(studio)

    assert studio.models.asked == []


async def test_a_silent_provider_is_raced_only_where_the_policy_allows_it(studio_of: Any) -> None:
    async def silence() -> None:
        await asyncio.sleep(10 * PATIENCE_S)

    studio = await studio_of(One=[silence, "late", STOP], Two=["quick", STOP])
    settings = studio.ctx.ports.settings.model_copy(update={"hedge_after_ms": 20})
    studio.ctx = replace(studio.ctx, ports=replace(studio.ctx.ports, settings=settings))

    raced = await ask(studio, fresh=True)
    assert isinstance(raced[-1], Settled)

    assert text_of(raced) == "quick"
    assert [(leg.provider, leg.outcome) for leg in raced[-1].legs] == [("One", "cancelled"), ("Two", "ok")]
    assert [event.provider for event in raced if isinstance(event, Chosen)] == ["One", "Two"]
