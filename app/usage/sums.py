"""SQL of sums over attempts, reservations and ledger lines. Amounts are micro-dollars, days are those of UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from app.usage.models import Budget, LedgerLine, Reservation, UsageEvent

Rows = Sequence[Any]
"""Any: rows of sums, whose columns each function names."""


class utc_day(FunctionElement[str]):  # noqa: N801 (an SQL function, named like one)
    """The day of a moment in UTC, as YYYY-MM-DD."""

    type = sa.String()
    inherit_cache = True
    name = "utc_day"


@compiles(utc_day, "sqlite")
def _day_on_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # Any: SQLAlchemy's compiler is untyped
    return f"date({compiler.process(element.clauses, **more)})"


@compiles(utc_day, "postgresql")
def _day_on_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # Any: as above
    return f"to_char({compiler.process(element.clauses, **more)} at time zone 'UTC', 'YYYY-MM-DD')"


COST = sa.func.coalesce(sa.func.sum(UsageEvent.cost_micros), 0)
GUESSED = sa.func.coalesce(
    sa.func.sum(sa.case((col(UsageEvent.cost_known).is_(False), UsageEvent.cost_micros), else_=0)), 0
)
CALLS = sa.func.count(col(UsageEvent.id))
TOKENS_IN = sa.func.coalesce(sa.func.sum(UsageEvent.tokens_in), 0)
TOKENS_OUT = sa.func.coalesce(sa.func.sum(UsageEvent.tokens_out), 0)
DAY = utc_day(col(UsageEvent.created_at))
RUN = sa.func.coalesce(col(UsageEvent.generation_id), col(UsageEvent.call_id))


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on, until before another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """Which calls: those of a bar. None: any. A person's are those without a key: a key has a bar of its own."""

    day: date | None = None
    feature: str | None = None
    user_id: UUID | None = None
    api_key_id: UUID | None = None
    team_id: UUID | None = None
    provider: str | None = None
    model: str | None = None


def within(span: Span) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a span."""
    return [col(UsageEvent.created_at) >= span.since, col(UsageEvent.created_at) < span.until]


async def shares(session: AsyncSession, *, since: datetime, by: str, until: datetime | None = None) -> Rows:
    """Return rows (name, attempts, tokens in, tokens out, cost, estimated cost) since a moment, dearest first.

    `by` is "feature" or "provider".
    """
    name = col(UsageEvent.feature) if by == "feature" else col(UsageEvent.provider)
    query = sa.select(name, CALLS, TOKENS_IN, TOKENS_OUT, COST, GUESSED).where(col(UsageEvent.created_at) >= since)
    if until is not None:
        query = query.where(col(UsageEvent.created_at) < until)
    return (await session.execute(query.group_by(name).order_by(COST.desc(), name))).all()


async def by_columns(
    session: AsyncSession,
    span: Span,
    *columns: Any,  # Any: mapped columns
    limit: int,
    keys: bool | None = None,
) -> Rows:
    """Return rows (columns…, attempts, tokens in, tokens out, cost, estimated cost), dearest first.

    `keys`: only calls through an API key, or only those without one.
    """
    key = col(UsageEvent.api_key_id)
    through = [] if keys is None else [key.is_not(None) if keys else key.is_(None)]
    query = (
        sa.select(*columns, CALLS, TOKENS_IN, TOKENS_OUT, COST, GUESSED)
        .where(*within(span), *through)
        .group_by(*columns)
        .order_by(COST.desc(), CALLS.desc(), *columns)
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def by_day(session: AsyncSession, span: Span) -> Rows:
    """Return rows (day, feature, attempts, tokens in, tokens out, cost, estimated cost), by day and feature."""
    query = (
        sa.select(DAY, col(UsageEvent.feature), CALLS, TOKENS_IN, TOKENS_OUT, COST, GUESSED)
        .where(*within(span))
        .group_by(DAY, col(UsageEvent.feature))
        .order_by(DAY, col(UsageEvent.feature))
    )
    return (await session.execute(query)).all()


async def by_spender(session: AsyncSession, span: Span) -> Rows:
    """Return rows (person, key, team, feature, cost)."""
    who = (
        col(UsageEvent.user_id),
        col(UsageEvent.api_key_id),
        col(UsageEvent.team_id),
        col(UsageEvent.feature),
    )
    return (await session.execute(sa.select(*who, COST).where(*within(span)).group_by(*who))).all()


async def saved(session: AsyncSession, span: Span) -> tuple[int, int]:
    """Return how many calls an earlier answer served, and what that saved."""
    query = sa.select(CALLS, sa.func.coalesce(sa.func.sum(UsageEvent.saved_micros), 0)).where(
        *within(span), col(UsageEvent.served) != "model"
    )
    count, micros = (await session.execute(query)).one()
    return int(count), int(micros)


async def run_cost_at(session: AsyncSession, span: Span, *, percent: int) -> tuple[int, int]:
    """Return how many runs asked a provider, and the cost that `percent` of them do not exceed (nearest rank)."""
    runs = _runs(span).subquery()
    count = int((await session.execute(sa.select(sa.func.count()).select_from(runs))).scalar_one())
    if not count:
        return 0, 0
    rank = max(1, -(-count * percent // 100))
    query = sa.select(runs.c.cost).order_by(runs.c.cost).offset(rank - 1).limit(1)
    return count, int((await session.execute(query)).scalar_one())


async def dear_features(session: AsyncSession, span: Span, *, from_micros: int) -> Rows:
    """Return rows (feature, runs) of the runs that cost `from_micros` or more, most first."""
    runs = _runs(span).having(from_micros <= COST).subquery()
    query = (
        sa.select(runs.c.feature, sa.func.count())
        .select_from(runs)
        .group_by(runs.c.feature)
        .order_by(sa.func.count().desc(), runs.c.feature)
    )
    return (await session.execute(query)).all()


def _runs(span: Span) -> Any:  # Any: a select of labelled columns
    return (
        sa.select(COST.label("cost"), sa.func.min(UsageEvent.feature).label("feature"))
        .where(*within(span), col(UsageEvent.kind) != "embedded", col(UsageEvent.served) == "model")
        .group_by(RUN)
    )


def _behind(span: Span, behind: Behind) -> list[sa.ColumnElement[bool]]:
    wanted = [
        (DAY, behind.day.isoformat() if behind.day else None),
        (col(UsageEvent.feature), behind.feature),
        (col(UsageEvent.user_id), behind.user_id),
        (col(UsageEvent.api_key_id), behind.api_key_id),
        (col(UsageEvent.team_id), behind.team_id),
        (col(UsageEvent.provider), behind.provider),
        (col(UsageEvent.model), behind.model),
    ]
    conditions = [column == value for column, value in wanted if value is not None]
    if behind.user_id is not None and behind.api_key_id is None:
        conditions.append(col(UsageEvent.api_key_id).is_(None))
    return [*within(span), *conditions]


async def calls_behind(
    session: AsyncSession, span: Span, behind: Behind, *, after: tuple[int, UUID] | None, limit: int
) -> Sequence[UsageEvent]:
    """Return attempts, dearest first and newest first among equals, after a position (cost, id)."""
    cost, id_ = col(UsageEvent.cost_micros), col(UsageEvent.id)
    query = sa.select(UsageEvent).where(*_behind(span, behind)).order_by(cost.desc(), id_.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.or_(cost < after[0], sa.and_(cost == after[0], id_ < after[1])))
    return (await session.execute(query)).scalars().all()


async def behind_in_all(session: AsyncSession, span: Span, behind: Behind) -> tuple[int, int]:
    """Return how many attempts there are behind a bar, and what they cost."""
    count, cost = (await session.execute(sa.select(CALLS, COST).where(*_behind(span, behind)))).one()
    return int(count), int(cost)


async def oldest_first(
    session: AsyncSession, span: Span, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[UsageEvent]:
    """Return attempts, oldest first, after a position (moment, id)."""
    moment, id_ = col(UsageEvent.created_at), col(UsageEvent.id)
    query = sa.select(UsageEvent).where(*within(span)).order_by(moment, id_).limit(limit)
    if after is not None:
        query = query.where(sa.or_(moment > after[0], sa.and_(moment == after[0], id_ > after[1])))
    return (await session.execute(query)).scalars().all()


async def first_use(session: AsyncSession) -> datetime | None:
    """Return when the workspace's first call began."""
    return (await session.execute(sa.select(sa.func.min(UsageEvent.created_at)))).scalar_one_or_none()


async def spent(session: AsyncSession, budget: Budget, *, since: datetime) -> int:
    """Return what a budget's subject spent since a moment."""
    query = sa.select(COST).where(col(UsageEvent.created_at) >= since, *_counted(UsageEvent, budget))
    return int((await session.execute(query)).scalar_one())


async def held(session: AsyncSession, budget: Budget, *, since: datetime) -> int:
    """Return what is held for a budget's subject by calls that began since a moment."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Reservation.micros), 0)).where(
        col(Reservation.state) == "open", col(Reservation.created_at) >= since, *_counted(Reservation, budget)
    )
    return int((await session.execute(query)).scalar_one())


def _counted(table: Any, budget: Budget) -> list[sa.ColumnElement[bool]]:  # Any: either table has the columns
    if budget.kind == "tenant":
        return []
    columns = {"team": table.team_id, "user": table.user_id, "api_key": table.api_key_id}
    if budget.kind == "feature":
        return [col(table.feature) == budget.feature]
    return [col(columns[budget.kind]) == budget.subject_id]


async def booked_for(session: AsyncSession, provider: str, span: Span) -> Rows:
    """Return rows (day, model, cost, estimated cost) of a provider's calls."""
    query = (
        sa.select(DAY, col(UsageEvent.model), COST, GUESSED)
        .where(*within(span), col(UsageEvent.provider) == provider)
        .group_by(DAY, col(UsageEvent.model))
    )
    return (await session.execute(query)).all()


async def balances(session: AsyncSession) -> dict[str, int]:
    """Return every account's balance."""
    query = sa.select(col(LedgerLine.account), sa.func.sum(LedgerLine.micros)).group_by(col(LedgerLine.account))
    return {account: int(micros) for account, micros in (await session.execute(query)).all()}


async def unbalanced(session: AsyncSession) -> int:
    """Return how many transactions do not sum to zero."""
    transactions = (
        sa.select(col(LedgerLine.transaction_id))
        .group_by(col(LedgerLine.transaction_id))
        .having(sa.func.sum(LedgerLine.micros) != 0)
        .subquery()
    )
    return int((await session.execute(sa.select(sa.func.count()).select_from(transactions))).scalar_one())


async def booked_by_feature(session: AsyncSession) -> dict[str, int]:
    """Return what the attempts say was spent, by feature."""
    query = sa.select(col(UsageEvent.feature), COST).group_by(col(UsageEvent.feature))
    return {feature: int(micros) for feature, micros in (await session.execute(query)).all()}


async def open_reservations(session: AsyncSession) -> tuple[int, int]:
    """Return how many reservations are open, and what they hold."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Reservation.micros), 0)).where(
        col(Reservation.state) == "open"
    )
    count, micros = (await session.execute(query)).one()
    return int(count), int(micros)
