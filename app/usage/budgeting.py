"""Setting budgets: a new one is told what was spent and is held already, so that it holds from its first moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import NOBODY
from app.tenancy import audit
from app.tenancy import queries as people
from app.tenancy.models import ApiKey, Team
from app.usage import budgets, queries, sums
from app.usage.budgets import BudgetKind, Period, next_start, period_start
from app.usage.models import Budget
from app.usage.refusals import subject_name

MOST = 1_000
Micros = Annotated[int, Field(ge=0, le=10**15, description="Micro-dollars; 1,000,000 is one dollar.")]
Feature = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]*([-_.][a-z0-9]+)*$", max_length=40)]


class _Amounts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    limit_micros: Micros | None = Field(default=None, description="Nothing is spent beyond it; 0: only what is free.")
    soft_micros: Micros | None = Field(default=None, description="From here on only the fast tier is used.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.limit_micros is None and self.soft_micros is None:
            raise ValueError("set limit_micros, soft_micros or both")
        if self.limit_micros is not None and self.soft_micros is not None and self.soft_micros > self.limit_micros:
            raise ValueError("soft_micros lies above limit_micros")
        return self


class BudgetForm(_Amounts):
    """A budget: for whom or what, how often it begins anew, and its amounts."""

    kind: BudgetKind
    subject_id: UUID | None = Field(default=None, description="The team, the person or the API key.")
    feature: Feature = Field(default="", description="What calls are booked to, for example generation.")
    period: Period = "month"


class BudgetChange(_Amounts):
    """A budget's new amounts; null takes one away."""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget and how it stands. `name` is what people call its team, person or key; "" for the workspace."""

    id: UUID
    kind: BudgetKind
    subject_id: UUID | None
    feature: str
    name: str
    period: Period
    limit_micros: int | None
    soft_micros: int | None
    spent_micros: int
    reserved_micros: int
    resets_on: date

    @property
    def used_micros(self) -> int:
        """What is spent or held."""
        return self.spent_micros + self.reserved_micros


async def list_all(ctx: Context) -> list[BudgetView]:
    """Return the workspace's budgets, oldest first."""
    async with ctx.db.read() as session:
        rows = await queries.budgets(session)
        names = {row.id: await _name(session, row) for row in rows}
    return [_view(ctx, row, names[row.id]) for row in rows]


async def of_workspace(ctx: Context) -> BudgetView | None:
    """Return the whole workspace's budget for the month, None where there is none; one query, for every page."""
    async with ctx.db.read() as session:
        rows = await queries.budgets(session)
    row = next((one for one in rows if (one.kind, one.period) == ("tenant", "month")), None)
    return _view(ctx, row, "") if row else None


async def create(ctx: Context, *, form: BudgetForm) -> BudgetView:
    """Set a budget; what was spent since its period began counts.

    Raises:
        InvalidInput: its team, person, key or feature is missing or not of this workspace.
        Conflict: there is such a budget already, or there are too many.
    """
    today = ctx.ports.clock.now().date()
    subject = _subject(form)
    async with ctx.db.write() as session:
        await people.lock_tenant(session, ctx.tenant)
        await _assert_known(session, form)
        present = await queries.budgets(session)
        if any((b.kind, b.subject_id, b.feature, b.period) == (form.kind, *subject, form.period) for b in present):
            raise Conflict("There is such a budget already; change that one.", code="budget.exists")
        if len(present) >= MOST:
            raise Conflict("There are {limit} budgets already.", code="budget.many", params={"limit": MOST})
        row = Budget(
            kind=form.kind,
            subject_id=subject[0],
            feature=subject[1],
            period=form.period,
            limit_micros=form.limit_micros,
            soft_micros=form.soft_micros,
            period_start=period_start(form.period, today),
            created_at=ctx.ports.clock.now(),
        )
        row.spent_micros, row.reserved_micros = await used_since(session, row)
        session.add(row)
        _write_down(session, ctx, "budget.set", row)
        name = await _name(session, row)
    budgets.forget(ctx)
    return _view(ctx, row, name)


async def change(ctx: Context, *, budget_id: UUID, form: BudgetChange) -> BudgetView:
    """Give a budget other amounts.

    Raises:
        NotFound: there is no such budget.
    """
    async with ctx.db.write() as session:
        row = await _locked(session, budget_id)
        row.limit_micros, row.soft_micros = form.limit_micros, form.soft_micros
        _write_down(session, ctx, "budget.changed", row)
        name = await _name(session, row)
    budgets.forget(ctx)
    return _view(ctx, row, name)


async def delete(ctx: Context, *, budget_id: UUID) -> None:
    """Take a budget away.

    Raises:
        NotFound: there is no such budget.
    """
    async with ctx.db.write() as session:
        row = await _locked(session, budget_id)
        _write_down(session, ctx, "budget.deleted", row)
        await session.delete(row)
    budgets.forget(ctx)


async def used_since(session: AsyncSession, row: Budget) -> tuple[int, int]:
    """Return what the ledger says was spent and is held in the budget's period, in micro-dollars."""
    start = datetime(row.period_start.year, row.period_start.month, row.period_start.day, tzinfo=UTC)
    return await sums.spent(session, row, since=start), await sums.held(session, row, since=start)


async def _locked(session: AsyncSession, budget_id: UUID) -> Budget:
    row = await queries.budget(session, budget_id)
    if row is None:
        raise NotFound
    return row


def _subject(form: BudgetForm) -> tuple[UUID, str]:
    if form.kind == "feature":
        if not form.feature:
            raise InvalidInput("Name the feature.", code="budget.feature_missing", field="feature")
        return NOBODY, form.feature
    if form.kind == "tenant":
        return NOBODY, ""
    if form.subject_id is None:
        raise InvalidInput("Say whose budget it is.", code="budget.subject_missing", field="subject_id")
    return form.subject_id, ""


async def _assert_known(session: AsyncSession, form: BudgetForm) -> None:
    if form.subject_id is None:
        return
    found: object = True
    if form.kind == "team":
        found = await session.get(Team, form.subject_id)
    elif form.kind == "api_key":
        found = await session.get(ApiKey, form.subject_id)
    elif form.kind == "user":
        found = await people.membership_of(session, form.subject_id)
    if not found:
        raise InvalidInput("There is nobody of this id here.", code="budget.subject_unknown", field="subject_id")


def _write_down(session: AsyncSession, ctx: Context, action: str, row: Budget) -> None:
    amounts = {"limit_micros": row.limit_micros, "soft_micros": row.soft_micros}
    known = {name: value for name, value in amounts.items() if value is not None}
    audit.record(session, ctx, action, target=str(row.id), detail={"kind": row.kind, "period": row.period, **known})


async def _name(session: AsyncSession, row: Budget) -> str:
    if row.kind in ("tenant", "feature"):
        return row.feature
    return await subject_name(session, row.kind, row.subject_id)


def _view(ctx: Context, row: Budget, name: str) -> BudgetView:
    today = ctx.ports.clock.now().date()
    is_present = row.period_start >= period_start(row.period, today)
    return BudgetView(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # only the form's kinds and periods are ever stored
        subject_id=None if row.subject_id == NOBODY else row.subject_id,
        feature=row.feature,
        name=name,
        period=row.period,  # type: ignore[arg-type]  # as above
        limit_micros=row.limit_micros,
        soft_micros=row.soft_micros,
        spent_micros=row.spent_micros if is_present else 0,
        reserved_micros=row.reserved_micros if is_present else 0,
        resets_on=next_start(row.period, today),
    )
