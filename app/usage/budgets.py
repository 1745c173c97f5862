"""Budgets in money: what a workspace, a team, a person, an API key or a feature may spend in a month or a day.

    spent + reserved:   0 ────────────── soft ─────────────── limit
                        any tier          the fast tier only    refused (402)

Counted in the same unit of work as the ledger, under the row's lock: what runs at the same time cannot overspend.
Days and months are those of UTC. A call counts for the period in which it began.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.kept import Kept
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
    mine = [one for one in standings if counts(one, spender)]
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


class Count:
    """What some spenders hold and spend, counted in every budget that it falls under, within one unit of work."""

    def __init__(self, ctx: Context, rows: Sequence[Budget]) -> None:
        self._ctx = ctx
        self._rows = rows
        self._today = ctx.ports.clock.now().date()
        for row in rows:
            turn(row, self._today)

    @classmethod
    async def of(cls, ctx: Context, session: AsyncSession, spenders: Collection[Spender]) -> Count:
        """Read the budgets of `spenders`; nobody else changes them before the unit of work ends."""
        return cls(ctx, await queries.budgets_of(session, spenders))

    def hold(self, spender: Spender, *, micros: int) -> None:
        """Count `micros` as reserved.

        Raises:
            NoRoom: a hard budget leaves no room.
        """
        for row in self._counting(spender):
            if row.limit_micros is not None and row.spent_micros + row.reserved_micros + micros > row.limit_micros:
                raise NoRoom(standing(row, self._today))
            row.reserved_micros += micros
        self._note()

    def move(self, spender: Spender, *, began: datetime, reserved: int, spent: int) -> None:
        """Change what is reserved and spent."""
        for row in self._counting(spender):
            if began.date() >= row.period_start:
                row.reserved_micros += reserved
                row.spent_micros += spent
        self._note()

    def _counting(self, spender: Spender) -> list[Budget]:
        return [row for row in self._rows if counts(row, spender)]

    def _note(self) -> None:
        """Let those who ask what is left know at once; what is rolled back is corrected by the next reading."""
        known = _kept.peek(self._ctx.ports, (self._ctx.tenant, self._today))
        if known is not None:
            known.update({row.id: standing(row, self._today) for row in self._rows})


class Subject(Protocol):
    """For whom or what a budget is."""

    @property
    def kind(self) -> str: ...
    @property
    def subject_id(self) -> UUID | None: ...
    @property
    def feature(self) -> str: ...


def counts(budget: Subject, spender: Spender) -> bool:
    """Whether what `spender` spends is counted in a budget."""
    subjects = {"user": spender.user_id, "api_key": spender.api_key_id, "team": spender.team_id}
    if budget.kind == "feature":
        return budget.feature == spender.feature
    return budget.kind == "tenant" or (budget.subject_id == subjects[budget.kind])


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


_kept: Kept[tuple[UUID, date], dict[UUID, Standing]] = Kept(most=1_000)
"""By tenant and day."""


async def _standings(ctx: Context) -> Sequence[Standing]:
    """Return the workspace's budgets, read at most every two seconds and told of what this process spends."""
    today = ctx.ports.clock.now().date()

    async def read() -> dict[UUID, Standing]:
        async with ctx.db.read() as session:
            rows = await queries.budgets(session)
        return {row.id: standing(row, today) for row in rows}

    return tuple((await _kept.get(ctx.ports, (ctx.tenant, today), read)).values())


def forget(ctx: Context) -> None:
    """Read the workspace's budgets anew: they were changed in this process, or have refused."""
    _kept.forget(ctx.ports, (ctx.tenant, ctx.ports.clock.now().date()))
