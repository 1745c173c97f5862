"""SQL of single rows: attempts, ledger lines, reservations, budgets, prices, invoices. Sums are in sums.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.usage.models import Budget, Invoice, InvoiceLine, PriceEntry, Reservation, UsageEvent


class Spender(Protocol):
    """Whoever spends, for what: a reservation is one."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def api_key_id(self) -> UUID | None: ...
    @property
    def team_id(self) -> UUID | None: ...
    @property
    def feature(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Spending:
    """A spender without a reservation."""

    user_id: UUID | None
    api_key_id: UUID | None
    team_id: UUID | None
    feature: str


async def page(session: AsyncSession, *, before: UUID | None, limit: int) -> Sequence[UsageEvent]:
    """Return at most `limit` attempts that are older than `before`, newest first."""
    query = select(UsageEvent).order_by(col(UsageEvent.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(UsageEvent.id) < before)
    return (await session.execute(query)).scalars().all()


async def attempts_of(session: AsyncSession, call_ids: Sequence[UUID]) -> Mapping[tuple[UUID, int], UsageEvent]:
    """Return what is booked for these calls, by call and attempt number."""
    if not call_ids:
        return {}
    rows = (await session.execute(select(UsageEvent).where(col(UsageEvent.call_id).in_(call_ids)))).scalars()
    return {(row.call_id, row.attempt_no): row for row in rows}


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation as it is stored."""

    id: UUID
    user_id: UUID | None
    api_key_id: UUID | None
    team_id: UUID | None
    feature: str
    micros: int
    state: str
    created_at: datetime


_HELD = sa.select(*(getattr(Reservation, one.name) for one in fields(Held)))


async def reservations(session: AsyncSession, call_ids: Sequence[UUID], *, lock: bool = True) -> Mapping[UUID, Held]:
    """Return the reservations of these calls; `lock`: nobody else settles them before this unit of work ends."""
    if not call_ids:
        return {}
    query = _HELD.where(col(Reservation.id).in_(call_ids)).order_by(col(Reservation.id))
    rows = (await session.execute(query.with_for_update() if lock else query)).all()
    return {row.id: Held(*row) for row in rows}


async def mark_reservations(session: AsyncSession, call_ids: Sequence[UUID], *, state: str) -> None:
    """Write a new state into reservations."""
    if call_ids:
        query = sa.update(Reservation).where(col(Reservation.id).in_(call_ids)).values(state=state)
        await session.execute(query, execution_options={"synchronize_session": False})


async def left_open(session: AsyncSession, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Return reservations that are open since before then, oldest first."""
    query = (
        select(Reservation.id)
        .where(Reservation.state == "open", Reservation.created_at < before)
        .order_by(col(Reservation.created_at))
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


_BUDGETS_OF = (
    select(Budget)
    .where(
        sa.or_(
            col(Budget.kind) == "tenant",
            sa.and_(col(Budget.kind) == "feature", col(Budget.feature).in_(sa.bindparam("features", expanding=True))),
            col(Budget.subject_id).in_(sa.bindparam("subjects", expanding=True)),
        )
    )
    .order_by(col(Budget.id))
    .with_for_update()
)
"""Made once: it is asked in every call."""


async def budgets_of(session: AsyncSession, spenders: Collection[Spender]) -> Sequence[Budget]:
    """Return the budgets that may count what one of `spenders` spends, always in the same order.

    Nobody else changes them before this unit of work ends.
    """
    subjects = {one for who in spenders for one in (who.user_id, who.api_key_id, who.team_id) if one is not None}
    values = {"features": sorted({who.feature for who in spenders}), "subjects": sorted(subjects)}
    return (await session.execute(_BUDGETS_OF, values)).scalars().all()


async def budgets(session: AsyncSession) -> Sequence[Budget]:
    """Return every budget of the workspace, oldest first."""
    return (await session.execute(select(Budget).order_by(col(Budget.id)))).scalars().all()


async def budget(session: AsyncSession, budget_id: UUID) -> Budget | None:
    """Return a budget, and let nobody else change it before this unit of work ends."""
    return (await session.execute(select(Budget).where(Budget.id == budget_id).with_for_update())).scalar_one_or_none()


async def prices(session: AsyncSession) -> Sequence[PriceEntry]:
    """Return what the operator has set, the newest price of each model first."""
    query = select(PriceEntry).order_by(
        col(PriceEntry.kind), col(PriceEntry.model), col(PriceEntry.valid_from).desc(), col(PriceEntry.id).desc()
    )
    return (await session.execute(query)).scalars().all()


async def invoices(session: AsyncSession) -> Sequence[Invoice]:
    """Return the imported bills, newest first."""
    return (await session.execute(select(Invoice).order_by(col(Invoice.id).desc()))).scalars().all()


async def invoice_lines(session: AsyncSession, invoice_id: UUID) -> Sequence[InvoiceLine]:
    """Return a bill's lines."""
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(col(InvoiceLine.id))
    return (await session.execute(query)).scalars().all()


async def spent_on(session: AsyncSession, *, generation_id: UUID) -> int:
    """Return what every call of one run was booked at, in micro-dollars, failed and cancelled ones included."""
    query = select(sa.func.coalesce(sa.func.sum(UsageEvent.cost_micros), 0)).where(
        UsageEvent.generation_id == generation_id
    )
    return int((await session.execute(query)).scalar_one())


async def decided_calls(session: AsyncSession, *, since: datetime, limit: int) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return what models wrote since a moment, counted by everything that the choice of the model looked at.

    Rows: asked_tier, tier, template_id, task_kind, language, quality, max_tokens, failed_checks, score_permille,
    provider, kind, model, calls, tokens in, tokens out, cost; the most frequent first, at most `limit`.
    """
    event = UsageEvent
    looked_at: list[Any] = [  # Any: columns of text and of numbers
        col(event.asked_tier), col(event.tier), col(event.template_id), col(event.task_kind), col(event.language),
        col(event.quality), col(event.max_tokens), col(event.failed_checks), col(event.score_permille),
        col(event.provider), col(event.kind), col(event.model),
    ]  # fmt: skip
    calls = sa.func.count(col(event.id)).label("calls")
    query = (
        sa.select(
            *looked_at,
            calls,
            sa.func.sum(event.tokens_in).label("tokens_in"),
            sa.func.sum(event.tokens_out).label("tokens_out"),
            sa.func.sum(event.cost_micros).label("cost_micros"),
        )
        .where(col(event.created_at) >= since, col(event.outcome) == "ok", col(event.served) == "model")
        .group_by(*looked_at)
        .order_by(calls.desc(), *looked_at)
        .limit(limit)
    )
    return (await session.execute(query)).all()
