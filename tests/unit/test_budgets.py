"""Budgets in money: soft ones lower the tier, hard ones refuse, and nothing that runs at once overspends them."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.tenancy import accounts, api_keys, teams
from app.tenancy.schemas import NewApiKey, Profile
from app.tenancy.teams import TeamForm
from app.usage import budgeting, budgets, checking, ledger, service
from app.usage.budgeting import BudgetChange, BudgetForm
from app.usage.budgets import Allowance
from app.usage.errors import BudgetUsedUp
from app.usage.refusals import dollars
from app.usage.schemas import Attempt

COST = 1250


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both: what locks and sums differently is tried on each."""
    return str(getattr(request, "param", "sqlite"))


both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "chat", "provider": "My OpenAI", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 900, "tokens_in": 1000, "tokens_out": 500} | more))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def budget(ctx: Context, limit: int | None = None, soft: int | None = None, **more: Any) -> Any:
    form = BudgetForm(**({"kind": "tenant"} | more), limit_micros=limit, soft_micros=soft)
    return await budgeting.create(ctx, form=form)


async def hold(ctx: Context, micros: int, feature: str = "chat") -> Any:
    return await ledger.reserve(ctx, call_id=new_id(), feature=feature, micros=micros)


async def spend(ctx: Context, **more: Any) -> None:
    await service.record(ctx, attempt(**more))


async def standing(ctx: Context) -> list[tuple[int, int]]:
    return [(one.spent_micros, one.reserved_micros) for one in await budgeting.list_all(ctx)]


async def test_without_budgets_everything_is_allowed(ctx: Context) -> None:
    assert await budgets.allowance(ctx, feature="chat") == Allowance(None, None, ())


@both
async def test_two_hundred_at_once_overspend_nothing(ctx: Context) -> None:
    """A budget of 10, each call holding an upper estimate of 1: ten run, and the ledger agrees."""
    await budget(ctx, limit=10_000_000)
    answers = await asyncio.gather(*(hold(ctx, 1_000_000) for _ in range(200)), return_exceptions=True)
    held = [one for one in answers if not isinstance(one, BaseException)]
    refused = [one for one in answers if isinstance(one, BudgetUsedUp)]

    assert (len(held), len(refused)) == (10, 190)
    assert await standing(ctx) == [(0, 10_000_000)]
    await asyncio.gather(*(ledger.settle(ctx, one, attempts=[attempt()]) for one in held))
    assert await standing(ctx) == [(10 * COST, 0)]
    assert await checking.check(ctx) == checking.Books(
        {"available": -10 * COST, "reserved": 0, "spent:chat": 10 * COST}, 0, ()
    )


async def test_a_soft_budget_lowers_the_tier(ctx: Context) -> None:
    await budget(ctx, soft=2 * COST)
    await spend(ctx)
    before = await budgets.allowance(ctx, feature="chat")
    await spend(ctx)
    after = await budgets.allowance(ctx, feature="chat")

    assert (before.ceiling, after) == (None, Allowance(None, "fast", ("budget.soft_reached.tenant",)))


async def test_a_hard_budget_says_what_is_left_and_then_refuses(ctx: Context) -> None:
    await budget(ctx, limit=2 * COST)
    await spend(ctx)
    left = await budgets.allowance(ctx, feature="chat")
    await spend(ctx)
    with pytest.raises(BudgetUsedUp) as refused:
        await budgets.allowance(ctx, feature="chat")

    assert left.left_micros == COST
    assert refused.value.status == 402


async def test_a_refusal_names_the_budget_when_it_begins_anew_and_whom_to_ask(ctx: Context, clock: ManualClock) -> None:
    clock.advance(timedelta(days=9, hours=12))  # the 10th of January 2026
    await budget(ctx, limit=10_500_000)
    with pytest.raises(BudgetUsedUp) as refused:
        await hold(ctx, 11_000_000)

    assert refused.value.code == "budget.used_up"
    assert refused.value.params == {
        "kind": "tenant",
        "name": "this workspace",
        "limit": "$10.50",
        "period": "month",
        "resets_on": "2026-02-01",
        "ask": "ana",
    }
    assert refused.value.retry_after_s == 21 * 86_400 + 43_200
    assert refused.value.text().startswith("The budget of $10.50 for this workspace does not allow this.")


async def test_a_budget_of_zero_refuses_what_costs_and_lets_what_is_free_run(ctx: Context) -> None:
    await budget(ctx, limit=0)
    free = attempt(provider="Built in", kind="embedded", model="built-in")
    with pytest.raises(BudgetUsedUp):
        await hold(ctx, 1)
    with pytest.raises(BudgetUsedUp):
        await budgets.allowance(ctx, feature="chat")
    settlement = await ledger.settle(ctx, await hold(ctx, 0), attempts=[free])

    assert settlement.cost_micros == 0


@both
async def test_each_kind_of_budget_counts_its_own(ctx: Context, ctx_of: Any, clock: ManualClock) -> None:
    bo = await ctx_of("bo", role="editor", of=ctx)
    team = await teams.create(ctx, form=TeamForm(name="Press"))
    await teams.assign(ctx, user_id=bo.user_id, team_id=team.id)
    key = await api_keys.create(ctx, form=NewApiKey(name="Bot", scopes=["documents:read"]))
    program = Context(ports=ctx.ports, request_id="x", tenant_id=ctx.tenant_id, user_id=ctx.user_id, api_key_id=key.id)
    for more in (
        {"kind": "tenant"},
        {"kind": "team", "subject_id": team.id},
        {"kind": "user", "subject_id": ctx.user_id},
        {"kind": "api_key", "subject_id": key.id},
        {"kind": "feature", "feature": "repair"},
    ):
        await budget(ctx, limit=1_000_000, **more)
    await spend(ctx)  # Ana herself
    await spend(bo, feature="repair")  # Bo, in the team
    await spend(program)  # Ana's key

    spent = {one.kind: one.spent_micros for one in await budgeting.list_all(ctx)}
    assert spent == {"tenant": 3 * COST, "team": COST, "user": 2 * COST, "api_key": COST, "feature": COST}
    assert (await checking.check(ctx)).faults == ()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("team", "Press"), ("user", "ana"), ("api_key", "Bot"), ("feature", "chat"), ("tenant", "this workspace")],
)
async def test_a_refusal_calls_the_subject_by_its_name(ctx: Context, kind: str, name: str) -> None:
    team = await teams.create(ctx, form=TeamForm(name="Press"))
    await teams.assign(ctx, user_id=ctx.user_id, team_id=team.id)
    key = await api_keys.create(ctx, form=NewApiKey(name="Bot", scopes=["documents:read"]))
    program = Context(ports=ctx.ports, request_id="x", tenant_id=ctx.tenant_id, user_id=ctx.user_id, api_key_id=key.id)
    subject = {"team": team.id, "user": ctx.user_id, "api_key": key.id}.get(kind)
    await budget(ctx, limit=0, kind=kind, subject_id=subject, feature="chat" if kind == "feature" else "")
    with pytest.raises(BudgetUsedUp) as refused:
        await hold(program, 1)

    assert (refused.value.params["name"], refused.value.params["kind"]) == (name, kind)


async def test_a_person_without_a_name_is_called_by_their_address(ctx: Context) -> None:
    await accounts.update_profile(ctx, form=Profile(name=""))
    await budget(ctx, limit=0, kind="user", subject_id=ctx.user_id)
    with pytest.raises(BudgetUsedUp) as refused:
        await hold(ctx, 1)

    assert refused.value.params["name"] == "ana@ana.example.org"


async def test_a_day_and_a_month_begin_anew_by_themselves(ctx: Context, clock: ManualClock) -> None:
    clock.advance(timedelta(days=30))  # the last day of January
    await budget(ctx, limit=COST, period="day")
    await budget(ctx, limit=2 * COST, period="month")
    await spend(ctx)
    with pytest.raises(BudgetUsedUp):
        await budgets.allowance(ctx, feature="chat")
    clock.advance(timedelta(days=1))
    left = await budgets.allowance(ctx, feature="chat")

    assert left.left_micros == COST
    assert await standing(ctx) == [(0, 0), (0, 0)]
    assert {one.resets_on for one in await budgeting.list_all(ctx)} == {date(2026, 2, 2), date(2026, 3, 1)}
    await spend(ctx)
    assert await standing(ctx) == [(COST, 0), (COST, 0)]


async def test_a_call_over_midnight_counts_for_the_day_when_it_began(ctx: Context, clock: ManualClock) -> None:
    await budget(ctx, limit=10_000, period="day")
    reservation = await hold(ctx, 5000)
    clock.advance(timedelta(days=1))
    await ledger.settle(ctx, reservation, attempts=[attempt()])

    assert await standing(ctx) == [(0, 0)]
    assert (await checking.check(ctx)).faults == ()


async def test_what_was_swept_counts_and_is_corrected(ctx: Context, clock: ManualClock) -> None:
    await budget(ctx, limit=1_000_000)
    reservation = await hold(ctx, 5000)
    clock.advance(timedelta(hours=2))
    await ledger.sweep_workspace(ctx, older_than=timedelta(hours=1))
    swept = await standing(ctx)
    await ledger.settle(ctx, reservation, attempts=[attempt()])

    assert (swept, await standing(ctx)) == ([(5000, 0)], [(COST, 0)])


@both
async def test_a_new_budget_knows_what_was_spent_and_is_held(ctx: Context, clock: ManualClock) -> None:
    await spend(ctx)
    clock.advance(timedelta(days=31))
    await spend(ctx)
    reservation = await hold(ctx, 700)
    await budget(ctx, limit=COST + 700)
    with pytest.raises(BudgetUsedUp):
        await hold(ctx, 1)

    assert await standing(ctx) == [(COST, 700)]
    await ledger.settle(ctx, reservation, attempts=[])
    assert await standing(ctx) == [(COST, 0)]


@both
async def test_budgets_set_while_calls_run_miss_none_of_them(ctx: Context) -> None:
    async def call() -> None:
        await ledger.settle(ctx, await hold(ctx, 5000), attempts=[attempt()])

    calls = [call() for _ in range(30)]
    kinds = [("tenant", None), ("user", ctx.user_id), ("feature", None)]
    forms = [{"kind": kind, "subject_id": who, "feature": "chat" if kind == "feature" else ""} for kind, who in kinds]
    await asyncio.gather(*calls[:10], *(budget(ctx, limit=10**9, **form) for form in forms), *calls[10:])

    assert await standing(ctx) == [(30 * COST, 0)] * 3
    assert (await checking.check(ctx)).faults == ()


async def test_the_allowance_follows_what_this_process_spends(ctx: Context) -> None:
    await budget(ctx, limit=10_000)
    first = await budgets.allowance(ctx, feature="chat")
    await hold(ctx, 4000)
    second = await budgets.allowance(ctx, feature="chat")

    assert (first.left_micros, second.left_micros) == (10_000, 6_000)


async def test_the_allowance_of_another_process_is_two_seconds_old_at_most(ctx: Context, clock: ManualClock) -> None:
    view = await budget(ctx, limit=10_000)
    await budgets.allowance(ctx, feature="chat")
    async with ctx.db.write() as session:  # as another process would
        row = await budgeting.queries.budget(session, view.id)
        row.spent_micros = 9_000
    old = await budgets.allowance(ctx, feature="chat")
    clock.advance(timedelta(seconds=2))
    new = await budgets.allowance(ctx, feature="chat")

    assert (old.left_micros, new.left_micros) == (10_000, 1_000)


async def test_a_budget_is_changed_and_taken_away(ctx: Context) -> None:
    view = await budget(ctx, limit=0)
    changed = await budgeting.change(ctx, budget_id=view.id, form=BudgetChange(limit_micros=10, soft_micros=5))
    await hold(ctx, 10)
    await budgeting.delete(ctx, budget_id=view.id)

    assert (changed.limit_micros, changed.soft_micros, changed.used_micros) == (10, 5, 0)
    assert await budgets.allowance(ctx, feature="chat") == Allowance()
    with pytest.raises(NotFound):
        await budgeting.delete(ctx, budget_id=view.id)


async def test_a_second_budget_of_the_same_kind_is_refused(ctx: Context) -> None:
    await budget(ctx, limit=1)
    await budget(ctx, limit=1, period="day")
    with pytest.raises(Conflict) as refused:
        await budget(ctx, limit=2)

    assert refused.value.code == "budget.exists"


async def test_there_are_at_most_so_many_budgets(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgeting, "MOST", 1)
    await budget(ctx, limit=1)
    with pytest.raises(Conflict) as refused:
        await budget(ctx, limit=1, period="day")

    assert refused.value.code == "budget.many"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"kind": "feature"}, "budget.feature_missing"),
        ({"kind": "user"}, "budget.subject_missing"),
        ({"kind": "user", "subject_id": new_id()}, "budget.subject_unknown"),
        ({"kind": "team", "subject_id": new_id()}, "budget.subject_unknown"),
        ({"kind": "api_key", "subject_id": new_id()}, "budget.subject_unknown"),
    ],
)
async def test_a_budget_for_nobody_is_refused(ctx: Context, form: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await budget(ctx, limit=1, **form)

    assert refused.value.code == code


@pytest.mark.parametrize("amounts", [{}, {"limit_micros": -1}, {"limit_micros": 1, "soft_micros": 2}])
def test_amounts_that_make_no_sense_are_refused(amounts: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        BudgetForm(kind="tenant", **amounts)


@both
async def test_another_workspaces_budgets_are_not_seen(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    view = await budget(ana, limit=0)

    assert await budgeting.list_all(bo) == []
    assert await budgets.allowance(bo, feature="chat") == Allowance()
    with pytest.raises(NotFound):
        await budgeting.change(bo, budget_id=view.id, form=BudgetChange(limit_micros=1))
    with pytest.raises(InvalidInput):
        await budget(bo, limit=0, kind="user", subject_id=ana.user_id)


@pytest.mark.parametrize(
    ("period", "day", "start", "following"),
    [
        ("month", date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1)),
        ("month", date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1)),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        ("day", date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_periods_begin_and_end(period: str, day: date, start: date, following: date) -> None:
    assert (budgets.period_start(period, day), budgets.next_start(period, day)) == (start, following)


@pytest.mark.parametrize(
    ("micros", "words"), [(0, "$0.00"), (1, "$0.000001"), (12_500_000, "$12.50"), (1_234_000_000, "$1,234.00")]
)
def test_amounts_are_written_in_dollars(micros: int, words: str) -> None:
    assert dollars(micros) == words


async def test_a_budget_that_miscounts_is_told(ctx: Context) -> None:
    view = await budget(ctx, limit=10_000)
    await spend(ctx)
    async with ctx.db.write() as session:
        row = await budgeting.queries.budget(session, view.id)
        row.spent_micros = 7

    assert (await checking.check(ctx)).faults == (
        f"the tenant budget counts (spent, held) (7, 0), the rows say ({COST}, 0)",
    )


async def test_the_workspaces_own_month_is_found_among_all_budgets(ctx: Context) -> None:
    await budget(ctx, limit=1, period="day")
    none = await budgeting.of_workspace(ctx)
    view = await budget(ctx, limit=10_000)

    assert (none, await budgeting.of_workspace(ctx)) == (None, view)
