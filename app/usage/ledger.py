"""The double-entry ledger: whole micro-dollars that move between a workspace's accounts, and never come or go.

    available ──reserve──> reserved ──settle──> spent:<feature>
        ^                      │
        └───── what is left ───┘

    kind      lines                                               when
    reserve   available −R, reserved +R                           before a provider is asked; R is the upper estimate
    settle    reserved −R, spent:… +C, available +(R − C)         after the call; one `spent` line per attempt
    book      available −C, spent:… +C                            an attempt without reservation, or one that came late
    sweep     reserved −R, spent:… +R                             a killed process left it open: booked at its estimate
    correct   spent:… −R, available +R                            that process lived after all: its attempts are booked

The lines of a transaction sum to zero. `available` goes below zero by what is held and spent: how much may be is said
by the budgets (budgets.py), which are counted in the same unit of work. Nothing is booked twice: an attempt is known
by (call_id, attempt_no), and the database refuses a second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.telemetry import log
from app.tenancy import expiry, teams
from app.tenancy.principal import system_context
from app.usage import budgets, queries
from app.usage.booking import book, count, row_of
from app.usage.metrics import SWEPT
from app.usage.models import LedgerLine, UsageEvent
from app.usage.models import Reservation as ReservationRow
from app.usage.queries import Spending
from app.usage.schemas import Attempt, Booked, Reservation, Settlement

AVAILABLE = "available"
RESERVED = "reserved"
SPENT = "spent:"
LOST_NO = 0
"""The attempt number of what a killed process left."""
SWEPT_AT_ONCE = 500

Lines = Mapping[tuple[str, int], int]
"""Micro-dollars by (account, attempt number)."""


async def reserve(ctx: Context, *, call_id: UUID, feature: str, micros: int) -> Reservation:
    """Hold `micros` (the upper estimate) for a call that is about to begin; 0 holds nothing and asks nobody.

    Asked twice for one call, it holds once.

    Raises:
        BudgetUsedUp: a hard budget leaves no room; nothing is held.
    """
    held = Reservation(call_id, feature, max(0, micros))
    if not held.micros:
        return held
    team_id = await teams.team_of(ctx)
    try:
        async with ctx.db.write() as session:
            now = ctx.ports.clock.now()
            row = ReservationRow(
                id=call_id,
                user_id=ctx.user_id,
                api_key_id=ctx.api_key_id,
                team_id=team_id,
                feature=feature,
                micros=held.micros,
                state="open",
                created_at=now,
            )
            lines = {(AVAILABLE, 0): -held.micros, (RESERVED, 0): held.micros}
            session.add_all([row, *_lines("reserve", call_id, lines, now=now)])
            # Before budgets are read: whoever sets one waits for this row, or has set it where it is seen below.
            await session.flush()
            await budgets.hold(ctx, session, row, micros=held.micros)
    except IntegrityError:
        async with ctx.db.read() as session:
            known = await queries.reservation(session, call_id, lock=False)
        if known is None:
            raise
        return Reservation(call_id, known.feature, known.micros)
    except budgets.NoRoom as full:
        raise await budgets.refusal(ctx, full.budget) from None
    return held


async def settle(ctx: Context, reservation: Reservation, *, attempts: Sequence[Attempt]) -> Settlement:
    """Book a call's attempts and give back what was held for it, in one unit of work.

    Can run again, also at the same moment elsewhere: what is booked already is not booked again.
    """
    try:
        return await _settle(ctx, reservation, attempts)
    except IntegrityError:  # somebody was faster by a moment; now their rows are seen
        return await _settle(ctx, reservation, attempts)


async def record(ctx: Context, attempt: Attempt) -> Booked:
    """Book one attempt that nothing was held for."""
    call_id = attempt.call_id or new_id()
    settlement = await settle(ctx, Reservation(call_id, attempt.feature, 0), attempts=(attempt,))
    return settlement.booked[0]


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    attempt: Attempt
    booked: Booked


async def _settle(ctx: Context, held: Reservation, attempts: Sequence[Attempt]) -> Settlement:
    team_id = await teams.team_of(ctx)
    async with ctx.db.write() as session:
        return await settle_within(ctx, session, held, attempts=attempts, team_id=team_id)


async def settle_within(
    ctx: Context,
    session: AsyncSession,
    held: Reservation,
    *,
    attempts: Sequence[Attempt],
    team_id: UUID | None,
) -> Settlement:
    """Settle inside the caller's unit of work: what was made and what it cost are committed together or not at all.

    As `settle`, it can run again; `team_id` is the team of the person who asks, known before the unit of work.
    """
    numbered = [_Numbered(one.attempt_no or place, one, book(ctx, one)) for place, one in enumerate(attempts, 1)]
    now = ctx.ports.clock.now()
    row = await queries.reservation(session, held.call_id) if held.micros else None
    state = row.state if row else ""
    known = {} if state == "open" else await queries.attempts_of(session, held.call_id)
    new = [one for one in numbered if one.number not in known]
    spender = row or Spending(ctx.user_id, ctx.api_key_id, team_id, held.feature)
    began = row.created_at if row else now
    for one in new:
        session.add(row_of(one.attempt, one.booked, spender, call_id=held.call_id, attempt_no=one.number, began=began))
    released = corrected = 0
    if row is not None and state != "settled":
        row.state = "settled"
        released = row.micros if state == "open" else 0
        corrected = row.micros - released
    if corrected:
        known[LOST_NO].cost_micros = 0
        session.add_all(_lines("correct", held.call_id, _correction(held.feature, corrected), now=now))
    session.add_all(_booking(held, new, released=released, now=now))
    cost = sum(one.booked.cost_micros for one in new)
    if released or cost or corrected:
        await session.flush()
        await budgets.move(ctx, session, spender, began=began, reserved=-released, spent=cost - corrected)
    booked = tuple(one.booked if one in new else _as_booked(known[one.number]) for one in numbered)
    for one in new:
        count(one.attempt, one.booked)
    return Settlement(booked, reserved_micros=held.micros, already=bool(known) and not new)


def _booking(held: Reservation, new: Sequence[_Numbered], *, released: int, now: datetime) -> list[LedgerLine]:
    """Return the lines for attempts; with a reservation to release they are one transaction, else one for each."""
    spent = SPENT + held.feature
    if released:
        lines = {(spent, one.number): one.booked.cost_micros for one in new}
        left = released - sum(lines.values())
        return _lines("settle", held.call_id, {(RESERVED, 0): -released, **lines, (AVAILABLE, 0): left}, now=now)
    return [
        line
        for one in new
        for line in _lines(
            "book",
            held.call_id,
            {(AVAILABLE, one.number): -one.booked.cost_micros, (spent, one.number): one.booked.cost_micros},
            now=now,
        )
    ]


def _correction(feature: str, micros: int) -> Lines:
    return {(SPENT + feature, LOST_NO): -micros, (AVAILABLE, 0): micros}


def _lines(kind: str, call_id: UUID, lines: Lines, *, now: datetime) -> list[LedgerLine]:
    """Return a transaction's lines; what moves nothing is left out."""
    assert sum(lines.values()) == 0
    transaction_id = new_id()
    return [
        LedgerLine(
            transaction_id=transaction_id,
            kind=kind,
            call_id=call_id,
            attempt_no=attempt_no,
            account=account,
            micros=micros,
            created_at=now,
        )
        for (account, attempt_no), micros in lines.items()
        if micros
    ]


def _as_booked(row: UsageEvent) -> Booked:
    return Booked(row.tokens_in, row.tokens_out, row.tokens_estimated, row.cost_micros, row.cost_known)


async def sweep(ports: Ports, *, older_than: timedelta) -> int:
    """Book what killed processes left open for longer than that, in every workspace; return how many calls."""
    found = 0
    for tenant_id in await expiry.all_tenants(ports):
        ctx = system_context(ports, tenant_id=tenant_id, request_id="ledger-sweep")
        found += await sweep_workspace(ctx, older_than=older_than)
    return found


async def sweep_workspace(ctx: Context, *, older_than: timedelta) -> int:
    """Book what killed processes left open in one workspace at what was held for it; return how many calls.

    Can run twice and alongside a late `settle`: whoever comes second finds the reservation closed.
    """
    async with ctx.db.read() as session:
        found = await queries.left_open(session, before=ctx.ports.clock.now() - older_than, limit=SWEPT_AT_ONCE)
    swept = 0
    for call_id in found:
        swept += await _sweep_one(ctx, call_id)
    if swept:
        SWEPT.inc(swept)
        log.warning("ledger.swept", tenant=str(ctx.tenant_id), calls=swept)
    return swept


async def _sweep_one(ctx: Context, call_id: UUID) -> bool:
    async with ctx.db.write() as session:
        row = await queries.reservation(session, call_id)
        if row is None or row.state != "open":
            return False
        row.state = "swept"
        lost = UsageEvent(
            call_id=call_id,
            attempt_no=LOST_NO,
            user_id=row.user_id,
            api_key_id=row.api_key_id,
            team_id=row.team_id,
            feature=row.feature,
            provider="",
            kind="",
            model="",
            outcome="lost",
            error_code="ledger.lost",
            cost_micros=row.micros,
            cost_known=False,
            created_at=row.created_at,
        )
        lines = {(RESERVED, 0): -row.micros, (SPENT + row.feature, LOST_NO): row.micros}
        session.add_all([lost, *_lines("sweep", call_id, lines, now=ctx.ports.clock.now())])
        await session.flush()
        await budgets.move(ctx, session, row, began=row.created_at, reserved=-row.micros, spent=row.micros)
    return True
