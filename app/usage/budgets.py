"""Budgets in money: what a workspace, a team, a person, an API key or a feature may spend in a month or a day.

    spent + reserved:   0 ────────────── soft ─────────────── limit
                        any tier          the fast tier only    refused (402)

Counted in the same unit of work as the ledger, under the row's lock: what runs at the same time cannot overspend.
Days and months are those of UTC. A call counts for the period in which it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.db import Database
from app.core.ports import Tier
from app.tenancy import teams
from app.usage import price_list, queries
from app.usage.errors import BudgetUsedUp
from app.usage.metrics import BUDGET_REFUSALS
from app.usage.models import Budget
from app.usage.queries import Spender, Spending
from app.usage.refusals import explained

BudgetKind = Literal["tenant", "team", "user", "api_key", "feature"]
Period = Literal["month", "day"]
CHEAPEST: Tier = "fast"
SOFT_REACHED = "budget.soft_reached"
KEPT_S = 2.0
WORKSPACES_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent now. `left_micros` None: no limit; `ceiling`: no dearer tier than this.

    `notes` are codes of why it is so: budget.soft_reached.<kind>.
    """

    left_micros: int | None = None
    ceiling: Tier | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as it stood a moment ago."""

    id: UUID
    kind: str
    subject_id: UUID
    feature: str
    period: str
    limit_micros: int | None
    soft_micros: int | None
    used_micros: int

    @property
    def left_micros(self) -> int | None:
        """What may still be spent; None: no limit."""
        return None if self.limit_micros is None else max(0, self.limit_micros - self.used_micros)

    @property
    def is_soft_reached(self) -> bool:
        """Whether dearer tiers are closed."""
        return self.soft_micros is not None and self.used_micros >= self.soft_micros

    def counts(self, spender: Spender) -> bool:
        """Whether what `spender` spends is counted here."""
        subjects = {"user": spender.user_id, "api_key": spender.api_key_id, "team": spender.team_id}
        if self.kind == "feature":
            return self.feature == spender.feature
        return self.kind == "tenant" or (self.subject_id == subjects[self.kind])


class NoRoom(Exception):
    """Inside a unit of work: this budget leaves no room. `refusal` makes the error of it, outside."""

    def __init__(self, budget: Standing) -> None:
        self.budget = budget


def period_start(period: str, day: date) -> date:
    """Return the first day of the period that `day` is in."""
    return day.replace(day=1) if period == "month" else day


def next_start(period: str, day: date) -> date:
    """Return the first day of the period after the one that `day` is in."""
    return day + timedelta(days=1) if period == "day" else (day.replace(day=28) + timedelta(days=4)).replace(day=1)


async def allowance(ctx: Context, *, feature: str) -> Allowance:
    """Return what the person or key who asks may spend on `feature`; from memory, at most two seconds old.

    What runs at the same time is not seen here: `reserve` has the last word.

    Raises:
        BudgetUsedUp: a hard budget is used up. What costs nothing may run all the same: catch this where everybody
            who would be asked is free.
    """
    await price_list.refresh(ctx.ports)
    standings = await _standings(ctx)
    if not standings:
        return Allowance()
    spender = Spending(ctx.user_id, ctx.api_key_id, await teams.team_of(ctx), feature)
    mine = [one for one in standings if one.counts(spender)]
    for one in mine:
        if one.left_micros == 0:
            raise await refusal(ctx, one)
    soft = [one for one in mine if one.is_soft_reached]
    return Allowance(
        left_micros=min((one.left_micros for one in mine if one.left_micros is not None), default=None),
        ceiling=CHEAPEST if soft else None,
        notes=tuple(f"{SOFT_REACHED}.{one.kind}" for one in soft),
    )


async def refusal(ctx: Context, budget: Standing) -> BudgetUsedUp:
    """Return the refusal that names the budget, when it begins anew and whom to ask."""
    BUDGET_REFUSALS.labels(budget.kind).inc()
    forget(ctx)
    return await explained(
        ctx,
        kind=budget.kind,
        subject_id=budget.subject_id,
        feature=budget.feature,
        limit_micros=budget.limit_micros or 0,
        period=budget.period,
        resets_on=next_start(budget.period, ctx.ports.clock.now().date()),
    )


async def hold(ctx: Context, session: AsyncSession, spender: Spender, *, micros: int) -> None:
    """Count `micros` as reserved in every budget of `spender`, in the caller's unit of work.

    Raises:
        NoRoom: a hard budget leaves no room.
    """
    today = ctx.ports.clock.now().date()
    rows = await queries.budgets_for(session, spender, lock=True)
    for row in rows:
        turn(row, today)
        if row.limit_micros is not None and row.spent_micros + row.reserved_micros + micros > row.limit_micros:
            raise NoRoom(standing(row, today))
        row.reserved_micros += micros
    _note(ctx, rows, today)


async def move(
    ctx: Context, session: AsyncSession, spender: Spender, *, began: datetime, reserved: int, spent: int
) -> None:
    """Change what is reserved and spent in every budget of `spender`, in the caller's unit of work."""
    today = ctx.ports.clock.now().date()
    rows = await queries.budgets_for(session, spender, lock=True)
    for row in rows:
        turn(row, today)
        if began.date() >= row.period_start:
            row.reserved_micros += reserved
            row.spent_micros += spent
    _note(ctx, rows, today)


def turn(row: Budget, today: date) -> None:
    """Begin a new period in the row if it is time."""
    start = period_start(row.period, today)
    if row.period_start < start:
        row.period_start, row.spent_micros, row.reserved_micros = start, 0, 0


def standing(row: Budget, today: date) -> Standing:
    """Return how a budget stands on a day."""
    is_present = row.period_start >= period_start(row.period, today)
    return Standing(
        row.id,
        row.kind,
        row.subject_id,
        row.feature,
        row.period,
        row.limit_micros,
        row.soft_micros,
        row.spent_micros + row.reserved_micros if is_present else 0,
    )


@dataclass(slots=True)
class _Kept:
    read_s: float
    day: date
    standings: dict[UUID, Standing]


_kept: WeakKeyDictionary[Database, dict[UUID, _Kept]] = WeakKeyDictionary()


async def _standings(ctx: Context) -> Sequence[Standing]:
    """Return the workspace's budgets, read at most every two seconds and told of what this process spends."""
    now_s, today = ctx.ports.clock.monotonic_s(), ctx.ports.clock.now().date()
    kept = _kept.setdefault(ctx.ports.db, {})
    known = kept.get(ctx.tenant)
    if known is None or known.day != today or not 0 <= now_s - known.read_s < KEPT_S:
        async with ctx.db.read() as session:
            rows = await queries.budgets(session)
        if len(kept) >= WORKSPACES_KEPT:
            kept.clear()
        known = kept[ctx.tenant] = _Kept(now_s, today, {row.id: standing(row, today) for row in rows})
    return tuple(known.standings.values())


def _note(ctx: Context, rows: Sequence[Budget], today: date) -> None:
    known = _kept.get(ctx.ports.db, {}).get(ctx.tenant)
    if known is not None and known.day == today:
        known.standings |= {row.id: standing(row, today) for row in rows}


def forget(ctx: Context) -> None:
    """Read the workspace's budgets anew: they were changed in this process, or have refused."""
    _kept.get(ctx.ports.db, {}).pop(ctx.tenant, None)
