"""Reports of a month: by day, member, key, team and model; runs, savings, the pace, the calls behind a bar, CSV."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.tenancy import api_keys, teams
from app.tenancy.schemas import NewApiKey
from app.tenancy.teams import TeamForm
from app.usage import budgeting, csv_export, reports, service
from app.usage.budgeting import BudgetForm
from app.usage.reports import Behind
from app.usage.schemas import Attempt

COST = 1250
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "chat", "provider": "My OpenAI", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 900, "tokens_in": 1000, "tokens_out": 500} | more))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def spend(ctx: Context, times: int = 1, **more: Any) -> None:
    for _ in range(times):
        await service.record(ctx, attempt(**more))


async def test_a_month_is_summed_by_day_and_feature(ctx: Context, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=23, minutes=59))
    await spend(ctx)
    clock.advance(timedelta(minutes=2))
    await spend(ctx, 2, feature="repair")
    await spend(ctx, model="gpt-unheard-of")

    found = [(one.day, one.feature, one.calls, one.cost_micros, one.estimated_micros) for one in
             await reports.days(ctx, month=JANUARY)]  # fmt: skip
    assert found == [
        (date(2026, 1, 1), "chat", 1, COST, 0),
        (date(2026, 1, 2), "chat", 1, 20_000, 20_000),
        (date(2026, 1, 2), "repair", 2, 2 * COST, 0),
    ]


async def test_a_month_holds_nothing_of_its_neighbours(ctx: Context, clock: ManualClock) -> None:
    await spend(ctx)
    clock.advance(timedelta(days=31))
    await spend(ctx, 2)
    january = await reports.month(ctx, month=JANUARY)
    february = await reports.month(ctx, month=FEBRUARY)

    assert (january.attempts, january.is_present, january.pace, january.until) == (1, False, None, date(2026, 1, 31))
    assert (february.attempts, february.is_present, february.cost_micros) == (2, True, 2 * COST)
    assert await reports.months(ctx) == (FEBRUARY, JANUARY)


async def test_a_workspace_without_calls_has_its_present_month(ctx: Context) -> None:
    month = await reports.month(ctx, month=JANUARY)

    assert await reports.months(ctx) == (JANUARY,)
    assert (month.runs, month.half_micros, month.twentieth_feature, month.budget) == (0, 0, "", None)
    assert month.pace is not None
    assert (month.pace.is_known, month.pace.month_micros) == (False, 0)


@pytest.mark.parametrize(("text", "found"), [("", JANUARY), ("2026-01", JANUARY), ("2025-12", date(2025, 12, 1))])
def test_a_month_is_named(ctx_at: Context, text: str, found: date) -> None:
    assert reports.month_of(ctx_at, text) == found


@pytest.mark.parametrize("text", ["2026-02", "2026-1", "2019-12", "x", "2026-01-01"])
def test_a_month_that_is_none_is_refused(ctx_at: Context, text: str) -> None:
    with pytest.raises(InvalidInput):
        reports.month_of(ctx_at, text)


@pytest.fixture
def ctx_at(ports: Any) -> Context:
    return Context(ports=ports, request_id="x")


async def test_people_keys_and_teams_have_rows_with_their_budgets(ctx: Context, ctx_of: Any) -> None:
    bo = await ctx_of("bo", role="editor", of=ctx)
    team = await teams.create(ctx, form=TeamForm(name="Press"))
    await teams.assign(ctx, user_id=bo.user_id, team_id=team.id)
    key = await api_keys.create(ctx, form=NewApiKey(name="Bot", scopes=["documents:read"]))
    idle = await ctx_of("cy", role="editor", of=ctx)
    for kind, subject in (("user", ctx.user_id), ("user", idle.user_id), ("team", team.id), ("api_key", key.id)):
        await budgeting.create(ctx, form=BudgetForm(kind=kind, subject_id=subject, limit_micros=10**6))
    await spend(ctx)
    await spend(bo, 2)
    await spend(replace(ctx, api_key_id=key.id), 3)

    members = await reports.members(ctx, month=JANUARY)
    keys = await reports.keys(ctx, month=JANUARY)
    by_team = await reports.teams(ctx, month=JANUARY)
    assert [(one.name, one.calls, [b.used_micros for b in one.budgets]) for one in members] == [
        ("bo", 2, []),
        ("ana", 1, [4 * COST]),
        ("cy", 0, [0]),
    ]
    assert [(one.name, one.calls, len(one.budgets)) for one in keys] == [("Bot", 3, 1)]
    assert [(one.name, one.calls, len(one.budgets)) for one in by_team] == [("", 4, 0), ("Press", 2, 1)]


async def test_models_are_listed_with_the_built_in_writer_at_no_charge(ctx: Context) -> None:
    await spend(ctx, 2, provider="Built in", kind="embedded", model="built-in")
    await spend(ctx)

    assert [(one.model, one.embedded, one.calls, one.tokens_out, one.cost_micros) for one in
            await reports.models(ctx, month=JANUARY)] == [
        ("gpt-5-mini", False, 1, 500, COST),
        ("built-in", True, 2, 1000, 0),
    ]  # fmt: skip


async def test_a_run_costs_what_its_calls_cost_together(ctx: Context) -> None:
    run = new_id()
    await spend(ctx, generation_id=run)
    await spend(ctx, generation_id=run, feature="repair")
    await spend(ctx, 18)
    await spend(ctx, model="gpt-5", feature="picture")
    await spend(ctx, provider="Built in", kind="embedded", model="built-in")
    month = await reports.month(ctx, month=JANUARY)

    assert (month.runs, month.half_micros, month.twentieth_micros) == (20, COST, 2 * COST)
    assert month.twentieth_feature == ""


async def test_the_feature_of_the_dearest_runs_is_named_where_it_is_nearly_always_the_same(ctx: Context) -> None:
    await spend(ctx, 19)
    await spend(ctx, 2, model="gpt-5", feature="picture")

    assert (await reports.month(ctx, month=JANUARY)).twentieth_feature == "picture"


async def test_earlier_answers_are_counted_with_what_they_saved(ctx: Context) -> None:
    await spend(ctx)
    await spend(ctx, served="exact", saved_micros=COST, billable=False)
    await spend(ctx, served="answer", saved_micros=50, billable=False)
    month = await reports.month(ctx, month=JANUARY)

    assert (month.earlier_answers, month.saved_micros, month.runs) == (2, COST + 50, 1)


async def test_the_pace_of_seven_days_is_carried_on_to_the_end_of_the_month(ctx: Context, clock: ManualClock) -> None:
    for kind, limit in (("tenant", 12 * COST), ("user", 11 * COST), ("feature", 99 * COST)):
        subject = {"subject_id": ctx.user_id} if kind == "user" else {"feature": "chat"} if kind == "feature" else {}
        await budgeting.create(ctx, form=BudgetForm(kind=kind, limit_micros=limit, **subject))
    await budgeting.create(ctx, form=BudgetForm(kind="tenant", period="day", limit_micros=COST * 99))
    for _ in range(10):
        await spend(ctx)
        clock.advance(timedelta(days=1))
    month = await reports.month(ctx, month=JANUARY)

    assert month.pace is not None
    assert (month.pace.is_known, month.pace.day_micros) == (True, COST)
    assert month.pace.month_micros == 10 * COST + 21 * COST
    assert [(one.budget.kind, one.day) for one in month.pace.reaches] == [
        ("user", date(2026, 1, 12)),
        ("tenant", date(2026, 1, 13)),
    ]
    assert month.budget is not None
    assert month.budget.used_micros == 10 * COST


async def test_the_calls_behind_a_bar_come_dearest_first_and_page_by_page(ctx: Context) -> None:
    await spend(ctx, 3)
    await spend(ctx, 2, model="gpt-5")
    await spend(ctx, feature="repair")
    seen: list[int] = []
    cursor = None
    while True:
        page = await reports.calls(ctx, month=JANUARY, behind=Behind(feature="chat"), cursor=cursor, limit=2)
        seen += [one.cost_micros for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [6250, 6250, COST, COST, COST]
    assert (page.calls, page.cost_micros) == (5, 2 * 6250 + 3 * COST)


async def test_each_bar_opens_its_own_calls(ctx: Context, clock: ManualClock) -> None:
    key = await api_keys.create(ctx, form=NewApiKey(name="Bot", scopes=["documents:read"]))
    team = await teams.create(ctx, form=TeamForm(name="Press"))
    await spend(ctx)
    await spend(replace(ctx, api_key_id=key.id), 2)
    await teams.assign(ctx, user_id=ctx.user_id, team_id=team.id)
    clock.advance(timedelta(days=1))
    await spend(ctx, 3, provider="Two", model="gpt-5")

    async def behind(**bar: Any) -> int:
        return (await reports.calls(ctx, month=JANUARY, behind=Behind(**bar))).calls

    assert await behind(day=date(2026, 1, 1)) == 3
    assert await behind(user_id=ctx.user_id) == 4
    assert await behind(api_key_id=key.id) == 2
    assert await behind(team_id=team.id) == 3
    assert await behind(provider="Two", model="gpt-5") == 3
    assert await behind(model="gpt-6") == 0


@pytest.mark.parametrize("cursor", ["x", "AAAA", "'; drop table usage_event; --", "é" * 32])
async def test_a_cursor_of_nobodys_is_refused(ctx: Context, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await reports.calls(ctx, month=JANUARY, behind=Behind(), cursor=cursor)


async def test_a_month_leaves_as_csv_without_formulas(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_export, "AT_ONCE", 2)
    key = await api_keys.create(ctx, form=NewApiKey(name="@SUM(A1)", scopes=["documents:read"]))
    await spend(ctx, 2, model="=1+1", first_token_ms=7)
    await spend(replace(ctx, api_key_id=key.id), provider="-2", template_id="google-rsa")
    text = "".join([piece async for piece in csv_export.month_as_csv(ctx, month=JANUARY)])
    lines = text.split("\r\n")

    assert len(lines) == 5
    assert lines[0].split(",")[:4] == ["time_utc", "call", "attempt", "feature"]
    assert lines[1].startswith("2026-01-01T00:00:00+00:00,")
    assert ",ana,,My OpenAI,'=1+1,,model,ok,,1000,500,False,0.020000,False,0.000000,7,900" in lines[1]
    assert ",google-rsa,ana,'@SUM(A1),'-2,gpt-5-mini," in lines[3]
    assert ",0.001250,True," in lines[3]


async def test_another_workspaces_month_is_not_seen(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await spend(ana)
    month = await reports.month(bo, month=JANUARY)

    assert (month.attempts, month.by_feature) == (0, ())
    assert await reports.days(bo, month=JANUARY) == ()
    assert await reports.members(bo, month=JANUARY) == ()
    assert await reports.models(bo, month=JANUARY) == ()
    assert (await reports.calls(bo, month=JANUARY, behind=Behind())).items == ()


def test_a_span_ends_where_the_next_month_begins() -> None:
    span = reports.span_of(date(2026, 12, 1))

    assert (span.since, span.until) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
