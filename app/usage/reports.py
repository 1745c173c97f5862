"""What the screens and the API show of a month: spend by day, by whom, by model, the pace, and the calls behind it.

A month is given by its first day; days and months are those of UTC. Amounts are micro-dollars. Each report is a few
sums; none reads more rows than it shows.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.context import Context
from app.core.errors import InvalidInput
from app.tenancy import queries as people
from app.usage import budgeting, sums
from app.usage.budgeting import BudgetView
from app.usage.budgets import next_start, period_start
from app.usage.models import UsageEvent
from app.usage.pace import project
from app.usage.report_shapes import (
    CallPage,
    CallRow,
    DaySpend,
    KeySpend,
    MemberSpend,
    ModelSpend,
    MonthReport,
    TeamSpend,
)
from app.usage.schemas import Share
from app.usage.sums import Behind, Span

__all__ = [
    "Behind", "CallPage", "CallRow", "DaySpend", "KeySpend", "MemberSpend", "ModelSpend", "MonthReport", "TeamSpend",
    "calls", "days", "keys", "members", "models", "month", "month_of", "months", "teams",
]  # fmt: skip

MOST_ROWS = 500
MOST_CALLS = 200
MOSTLY = 0.8
"""From this share on the dearest runs are said to be nearly always of one feature."""
FIRST_MONTH = date(2020, 1, 1)


def month_of(ctx: Context, text: str = "") -> date:
    """Return the first day of the month that "2026-11" names; empty: the present one.

    Raises:
        InvalidInput: it names none, or one that is still to come.
    """
    present = period_start("month", ctx.ports.clock.now().date())
    if not text:
        return present
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        _refuse_month()
    if not FIRST_MONTH <= found <= present:
        _refuse_month()
    return found


def _refuse_month() -> NoReturn:
    raise InvalidInput("Name a month that has begun, like 2026-11.", code="usage.month", field="month")


async def months(ctx: Context) -> tuple[date, ...]:
    """Return the months that have calls, and the present one, newest first; at most 24."""
    present = period_start("month", ctx.ports.clock.now().date())
    async with ctx.db.read() as session:
        first = await sums.first_use(session)
    oldest = period_start("month", first.date()) if first else present
    found = [present]
    while found[-1] > oldest and len(found) < 24:
        found.append(period_start("month", found[-1] - timedelta(days=1)))
    return tuple(found)


async def month(ctx: Context, *, month: date) -> MonthReport:
    """Return a month all told."""
    span, now = span_of(month), ctx.ports.clock.now()
    is_present = month == period_start("month", now.date())
    budgets = await budgeting.list_all(ctx)
    async with ctx.db.read() as session:
        features = await sums.shares(session, since=span.since, until=span.until, by="feature")
        providers = await sums.shares(session, since=span.since, until=span.until, by="provider")
        runs, half = await sums.run_cost_at(session, span, percent=50)
        _, twentieth = await sums.run_cost_at(session, span, percent=95)
        dear = await sums.dear_features(session, span, from_micros=max(1, twentieth))
        earlier, saved = await sums.saved(session, span)
        first = await sums.first_use(session) if is_present else None
        lately = Span(max(now - timedelta(days=7), span.since, first or span.since), now)
        by_spender = await sums.by_spender(session, lately) if is_present else ()
    by_feature = tuple(_share(row) for row in features)
    cost = sum(share.cost_micros for share in by_feature)
    return MonthReport(
        month=month,
        until=next_start("month", month) - timedelta(days=1),
        is_present=is_present,
        attempts=sum(share.attempts for share in by_feature),
        tokens_in=sum(share.tokens_in for share in by_feature),
        tokens_out=sum(share.tokens_out for share in by_feature),
        cost_micros=cost,
        estimated_micros=sum(share.estimated_micros for share in by_feature),
        runs=runs,
        half_micros=half,
        twentieth_micros=twentieth,
        twentieth_feature=_mostly(dear),
        earlier_answers=earlier,
        saved_micros=saved,
        by_feature=by_feature,
        by_provider=tuple(_share(row) for row in providers),
        budget=next((one for one in budgets if (one.kind, one.period) == ("tenant", "month")), None),
        pace=project(by_spender, budgets, lately=lately, spent_micros=cost) if is_present else None,
    )


async def days(ctx: Context, *, month: date) -> tuple[DaySpend, ...]:
    """Return what each feature cost on each day that has calls, by day and feature."""
    async with ctx.db.read() as session:
        rows = await sums.by_day(session, span_of(month))
    return tuple(
        DaySpend(date.fromisoformat(str(row[0])), str(row[1]), int(row[2]), int(row[5]), int(row[6])) for row in rows
    )


async def members(ctx: Context, *, month: date) -> tuple[MemberSpend, ...]:
    """Return what each person cost, dearest first; then members who cost nothing but have a budget."""
    budgets = _by_subject(await budgeting.list_all(ctx), "user")
    async with ctx.db.read() as session:
        rows = await sums.by_columns(session, span_of(month), col(UsageEvent.user_id), limit=MOST_ROWS, keys=False)
        present = [user.id for _, user in await people.members(session)]
        wanted = [row[0] for row in rows]
        idle = [user_id for user_id in present if user_id in budgets and user_id not in wanted]
        names = await _people(session, [*wanted, *idle])
    spent = [
        MemberSpend(row[0], names.get(row[0], ""), int(row[1]), int(row[4]), int(row[5]), budgets.get(row[0], ()))
        for row in rows
    ]
    return (*spent, *(MemberSpend(one, names.get(one, ""), 0, 0, 0, budgets[one]) for one in idle))


async def keys(ctx: Context, *, month: date) -> tuple[KeySpend, ...]:
    """Return what each API key cost, dearest first."""
    budgets = _by_subject(await budgeting.list_all(ctx), "api_key")
    async with ctx.db.read() as session:
        rows = await sums.by_columns(session, span_of(month), col(UsageEvent.api_key_id), limit=MOST_ROWS, keys=True)
        names = await _keys(session)
    return tuple(
        KeySpend(row[0], names.get(row[0], ""), int(row[1]), int(row[4]), int(row[5]), budgets.get(row[0], ()))
        for row in rows
    )


async def teams(ctx: Context, *, month: date) -> tuple[TeamSpend, ...]:
    """Return what each team cost, dearest first."""
    budgets = _by_subject(await budgeting.list_all(ctx), "team")
    async with ctx.db.read() as session:
        rows = await sums.by_columns(session, span_of(month), col(UsageEvent.team_id), limit=MOST_ROWS)
        names = {team.id: team.name for team in await people.teams(session)}
    return tuple(
        TeamSpend(row[0], names.get(row[0], ""), int(row[1]), int(row[4]), int(row[5]), budgets.get(row[0], ()))
        for row in rows
    )


async def models(ctx: Context, *, month: date) -> tuple[ModelSpend, ...]:
    """Return what each model cost, dearest first; the built-in writer at no charge."""
    columns = (col(UsageEvent.provider), col(UsageEvent.model), col(UsageEvent.kind))
    async with ctx.db.read() as session:
        rows = await sums.by_columns(session, span_of(month), *columns, limit=MOST_ROWS)
    return tuple(ModelSpend(row[0], row[1], row[2] == "embedded", *(int(one) for one in row[3:8])) for row in rows)


async def calls(ctx: Context, *, month: date, behind: Behind, cursor: str | None = None, limit: int = 50) -> CallPage:
    """Return the calls behind a bar, dearest first.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    span, wanted = span_of(month), max(1, min(limit, MOST_CALLS))
    after = _position(cursor)
    async with ctx.db.read() as session:
        rows = await sums.calls_behind(session, span, behind, after=after, limit=wanted + 1)
        count, cost = await sums.behind_in_all(session, span, behind)
        names, key_names = await names_of(session, rows)
    shown = rows[:wanted]
    items = tuple(call_row(row, names, key_names) for row in shown)
    return CallPage(items, _cursor(shown[-1]) if len(rows) > wanted else None, count, cost)


async def names_of(session: AsyncSession, rows: Sequence[UsageEvent]) -> tuple[dict[UUID | None, str], dict[UUID, str]]:
    """Return what the people and the API keys of these attempts are called."""
    names = await _people(session, [row.user_id for row in rows])
    return names, await _keys(session) if any(row.api_key_id for row in rows) else {}


def call_row(row: UsageEvent, names: Mapping[UUID | None, str], key_names: Mapping[UUID, str]) -> CallRow:
    """Return an attempt as it is shown."""
    return CallRow(
        id=row.id,
        call_id=row.call_id,
        attempt_no=row.attempt_no,
        created_at=row.created_at,
        feature=row.feature,
        template_id=row.template_id,
        generation_id=row.generation_id,
        user_id=row.user_id,
        user_name=names.get(row.user_id, ""),
        api_key_id=row.api_key_id,
        key_name=key_names.get(row.api_key_id, "") if row.api_key_id else "",
        team_id=row.team_id,
        provider=row.provider,
        model=row.model,
        tier=row.tier,
        embedded=row.kind == "embedded",
        served=row.served,
        saved_micros=row.saved_micros,
        outcome=row.outcome,
        error_code=row.error_code,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        tokens_estimated=row.tokens_estimated,
        cost_micros=row.cost_micros,
        cost_known=row.cost_known,
        first_token_ms=row.first_token_ms,
        total_ms=row.total_ms,
    )


def span_of(month: date) -> Span:
    """Return a month's first and last moment."""
    end = next_start("month", month)
    return Span(datetime(month.year, month.month, 1, tzinfo=UTC), datetime(end.year, end.month, 1, tzinfo=UTC))


def _mostly(dear: sums.Rows) -> str:
    """Return the feature of nearly all dear runs, "" where none stands out."""
    total = sum(int(row[1]) for row in dear)
    return str(dear[0][0]) if total and int(dear[0][1]) >= MOSTLY * total else ""


def _share(row: Any) -> Share:  # Any: a row of sums
    # PostgreSQL sums integers to Decimal.
    return Share(str(row[0]), *(int(one) for one in row[1:6]))


def _by_subject(budgets: Sequence[BudgetView], kind: str) -> dict[UUID | None, tuple[BudgetView, ...]]:
    found: dict[UUID | None, tuple[BudgetView, ...]] = {}
    for one in budgets:
        if one.kind == kind:
            found[one.subject_id] = (*found.get(one.subject_id, ()), one)
    return found


async def _people(session: AsyncSession, user_ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
    users = await people.users(session, [one for one in user_ids if one is not None])
    return {user.id: user.name or user.email or "" for user in users}


async def _keys(session: AsyncSession) -> dict[UUID, str]:
    return {key.id: key.name for key in await people.api_keys(session)}


def _cursor(row: UsageEvent) -> str:
    return base64.urlsafe_b64encode(row.cost_micros.to_bytes(8) + row.id.bytes).decode()


def _position(cursor: str | None) -> tuple[int, UUID] | None:
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 24:
        raise InvalidInput("This cursor cannot be used.", code="cursor.invalid", field="cursor")
    return int.from_bytes(raw[:8]), UUID(bytes=raw[8:])
