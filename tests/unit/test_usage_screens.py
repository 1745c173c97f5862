"""What the money pages show of real ledger rows: the month, the calls behind a bar, budgets, bills, workspaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import InvalidInput
from app.usage import budgeting, invoices, service
from app.usage.budgeting import BudgetForm
from app.usage.prices import Price
from app.usage.schemas import Attempt
from state.session import SessionState
from state.usage import FEW, MANY, UsageState
from state.usage_bills import BillsState
from state.usage_budgets import _changed, _new, budget_row
from state.usage_month import stacking
from state.usage_operator import OperatorState

DOLLAR = 1_000_000
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def spend(ctx: Context, micros: int, *, day: int = 18, hour: int = 9, **more: Any) -> None:
    """Book a call of `micros` on a day of November."""
    clock = ManualClock(datetime(2026, 11, day, hour, tzinfo=UTC))
    usual: dict[str, Any] = {
        "feature": "generation", "provider": "Acme", "kind": "openai", "model": "pen-1", "outcome": "ok", "total_ms": 5,
        "tokens_in": 0, "tokens_out": DOLLAR, "own_price": Price(1, micros, "test"), "template_id": "google-rsa",
    }  # fmt: skip
    await service.record(replace(ctx, ports=replace(ctx.ports, clock=clock)), Attempt(**(usual | more)))


async def shown(ctx: Context) -> UsageState:
    state = UsageState(_reflex_internal_init=True)
    await state._read(ctx, "")
    return state


async def test_the_month_is_told_drawn_and_its_dearest_day_is_open(ctx: Context) -> None:
    await spend(ctx, 3 * DOLLAR, day=17)
    await spend(ctx, 9 * DOLLAR, day=18, feature="media")
    await budgeting.create(ctx, form=BudgetForm(kind="tenant", limit_micros=400 * DOLLAR))

    state = await shown(ctx)

    assert (state.month, state.spent, state.budget, state.pace) == ("2026-11", "$12.00", "$400", "$13.33")
    assert [layer.feature for layer in state.wide.layers] == ["generation", "media"]
    assert (state.chosen_kind, state.chosen_day) == ("day", "2026-11-18")
    assert [(row.feature, row.template, row.who, row.cost) for row in state.calls] == [
        ("media", "Google responsive search ad", "ana", "$9.00")
    ]
    assert [row.amount for row in state.days] == ["$3.00", "$9.00"]
    assert len(state.wide.columns) == 30


async def test_a_workspace_without_calls_has_nothing_to_show(ctx: Context) -> None:
    state = await shown(ctx)

    assert (state.loaded, state.has_calls, state.calls) == (True, False, [])


async def test_every_kind_of_bar_opens_its_own_calls(ctx: Context) -> None:
    await spend(ctx, DOLLAR, day=3)
    await spend(ctx, 2 * DOLLAR, day=4, feature="media", model="brush-2")
    state = await shown(ctx)
    opened = {}
    for kind, value in (
        ("day", "2026-11-03"),
        ("feature", "media"),
        ("model", state.models[1].id),
        ("member", state.members[0].id),
    ):
        state._choose(kind, value)
        await state._read_calls(ctx)
        opened[kind] = (state.calls_n, state.calls_amount)

    assert opened == {"day": (1, "$1.00"), "feature": (1, "$2.00"), "model": (1, "$1.00"), "member": (2, "$3.00")}


async def test_all_calls_are_paged_dearest_first(ctx: Context) -> None:
    for cost in range(1, MANY + 5):
        await spend(ctx, cost * 10_000)
    state = await shown(ctx)
    few = [row.cost for row in state.calls]
    await state._read_calls(ctx, page=0)
    first = [row.cost for row in state.calls]
    await state._read_calls(ctx, page=1)
    second = [row.cost for row in state.calls]

    assert (len(few), len(first), len(second)) == (FEW, MANY, 4)
    assert second == ["$0.0400", "$0.0300", "$0.0200", "$0.0100"]
    assert (state.calls_n, state.calls_at, first[0]) == (MANY + 4, MANY, "$0.5400")


async def test_a_member_stands_against_their_own_limit(ctx: Context) -> None:
    await spend(ctx, 15 * DOLLAR)
    await budgeting.create(
        ctx, form=BudgetForm(kind="user", subject_id=ctx.user_id, limit_micros=20 * DOLLAR, soft_micros=10 * DOLLAR)
    )

    member = (await shown(ctx)).members[0]

    assert (member.amount, member.limit, member.percent) == ("$15.00", "$20", "75%")
    assert (member.share, member.limit_share) == (75, 100)


async def test_the_purse_shows_a_budget_or_what_was_spent_or_nothing(ctx: Context) -> None:
    session = SessionState(_reflex_internal_init=True)
    await session._read_purse(ctx)
    nothing = (session.spent, session.budget)
    await spend(ctx, 3 * DOLLAR, day=20)
    await session._read_purse(ctx)
    spent = (session.spent, session.budget)
    await budgeting.create(ctx, form=BudgetForm(kind="tenant", limit_micros=12 * DOLLAR))
    await session._read_purse(ctx)

    assert nothing == ("", "")
    assert spent == ("$3.00", "")
    assert (session.spent, session.budget, session.budget_share) == ("$3.00", "$12", 25)


async def test_the_purse_is_closed_to_who_may_not_read_usage(ctx: Context) -> None:
    await spend(ctx, DOLLAR)
    session = SessionState(_reflex_internal_init=True)
    await session._read_purse(replace(ctx, scopes=frozenset()))

    assert session.spent == ""


async def test_a_budget_says_how_near_its_ends_it_is(ctx: Context) -> None:
    view = await budgeting.create(
        ctx, form=BudgetForm(kind="tenant", soft_micros=80 * DOLLAR, limit_micros=100 * DOLLAR)
    )
    said = [budget_row(replace(view, spent_micros=spent * DOLLAR)).state for spent in (0, 63, 64, 80, 99, 100, 130)]

    assert said == ["", "", "near", "slowed", "slowed", "stopped", "stopped"]
    row = budget_row(view)
    assert (row.soft, row.hard, row.soft_share, row.hard_share) == ("$80", "$100", 80, 100)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"soft": "", "hard": ""}, "hard"),
        ({"soft": "lots", "hard": ""}, "soft"),
        ({"soft": "", "hard": "-4"}, "hard"),
        ({"soft": "20", "hard": "10"}, "soft"),
    ],
)
def test_nonsense_in_the_budget_form_is_named_at_its_field(form: dict[str, str], field: str, engine: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _changed(form)

    assert refused.value.field == field


@pytest.mark.parametrize("told", [{"period": "year"}, {"subject": "Robert'); drop table"}])
def test_a_forged_budget_form_is_refused(told: dict[str, str], engine: str) -> None:
    with pytest.raises(InvalidInput):
        _new("feature", {"soft": "", "hard": "10", **told})


async def test_the_differences_of_a_bill_come_largest_first(ctx: Context) -> None:
    await spend(ctx, 4 * DOLLAR, day=3)
    await spend(ctx, 2 * DOLLAR, day=4)
    bill = "date,model,amount\n2026-11-03,pen-1,4.00\n2026-11-04,pen-1,9.50\n2026-11-04,pen-9,1.00\n"
    kept = await invoices.import_bill(ctx, form=invoices.InvoiceForm(provider="Acme", csv=bill))
    state = BillsState(_reflex_internal_init=True)
    await state._read(ctx)
    await state._compare(ctx, str(kept.invoice.id))

    assert [(row.model, row.drift, row.verdict) for row in state.drifts] == [
        ("pen-1", "+$7.50", "differs"),
        ("pen-9", "+$1.00", "not_booked"),
    ]
    assert (state.agreeing, state.billers, state.bills[0].agrees) == (1, ["Acme"], False)
    usage = await shown(ctx)
    assert (usage.agreement, usage.biller, usage.billed, usage.booked) == ("differ", "Acme", "$14.50", "$6.00")


async def test_only_an_operator_sees_all_workspaces(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await spend(ana, 9 * DOLLAR)
    await spend(bo, DOLLAR)
    stranger, operator = OperatorState(_reflex_internal_init=True), OperatorState(_reflex_internal_init=True)
    await stranger._read(ana)
    await operator._read(replace(ana, is_operator=True))

    assert (stranger.allowed, stranger.workspaces) == (False, [])
    assert [(row.name, row.cost, row.share) for row in operator.workspaces] == [
        ("Ana", "$9.00", 100),
        ("Bo", "$1.00", 11.1),
    ]
    assert (operator.curve.people, operator.curve.cost) == ("50%", "90%")


def test_more_features_than_tones_are_drawn_together(engine: str) -> None:
    order, drawn_as = stacking({name: cost for cost, name in enumerate("abcdefg", start=1)})

    assert order == ["d", "e", "f", "g", "other"]
    assert (drawn_as["a"], drawn_as["g"]) == ("other", "g")
