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
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.db import add_rows
from app.core.group_commit import GroupCommit
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
from app.usage.queries import Held, Spender, Spending
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
    try:
        await _holds.submit(ctx, _Hold(held, await _spending(ctx, feature)))
    except IntegrityError:
        async with ctx.db.read() as session:
            known = (await queries.reservations(session, [call_id], lock=False)).get(call_id)
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
    end = _End(reservation, await _spending(ctx, reservation.feature), _numbered(ctx, attempts))
    try:
        return await _ends.submit(ctx, end)
    except IntegrityError:  # somebody was faster by a moment; now their rows are seen
        return await _ends.submit(ctx, end)


async def record(ctx: Context, attempt: Attempt) -> Booked:
    """Book one attempt that nothing was held for."""
    call_id = attempt.call_id or new_id()
    settlement = await settle(ctx, Reservation(call_id, attempt.feature, 0), attempts=(attempt,))
    return settlement.booked[0]


async def _spending(ctx: Context, feature: str) -> Spending:
    return Spending(ctx.user_id, ctx.api_key_id, await teams.team_of(ctx), feature)


def _numbered(ctx: Context, attempts: Sequence[Attempt]) -> tuple[_Numbered, ...]:
    return tuple(_Numbered(one.attempt_no or place, one, book(ctx, one)) for place, one in enumerate(attempts, 1))


@dataclass(frozen=True, slots=True)
class _Hold:
    held: Reservation
    spender: Spending


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    attempt: Attempt
    booked: Booked


@dataclass(frozen=True, slots=True)
class _End:
    held: Reservation
    spender: Spending
    attempts: tuple[_Numbered, ...]


async def _write_holds(ctx: Context, holds: Sequence[_Hold]) -> Sequence[None]:
    now = ctx.ports.clock.now()
    async with ctx.db.write() as session:
        rows = [
            {
                "id": one.held.call_id,
                "tenant_id": ctx.tenant,
                "user_id": one.spender.user_id,
                "api_key_id": one.spender.api_key_id,
                "team_id": one.spender.team_id,
                "feature": one.held.feature,
                "micros": one.held.micros,
                "state": "open",
                "created_at": now,
            }
            for one in holds
        ]
        # Before budgets are read: whoever sets one waits for these rows, or has set it where it is seen below.
        await add_rows(session, ReservationRow, rows)
        count_in = await budgets.Count.of(ctx, session, [one.spender for one in holds])
        for one in holds:
            count_in.hold(one.spender, micros=one.held.micros)
        lines = [
            line
            for one in holds
            for line in _lines(
                ctx,
                "reserve",
                one.held.call_id,
                {(AVAILABLE, 0): -one.held.micros, (RESERVED, 0): one.held.micros},
                now=now,
            )
        ]
        await add_rows(session, LedgerLine, lines)
    return [None] * len(holds)


async def _write_ends(ctx: Context, ends: Sequence[_End]) -> Sequence[Settlement]:
    async with ctx.db.write() as session:
        books = await _close(ctx, session, ends)
    return [one.told() for one in books]


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
    end = _End(held, Spending(ctx.user_id, ctx.api_key_id, team_id, held.feature), _numbered(ctx, attempts))
    return (await _close(ctx, session, [end]))[0].told()


async def _close(ctx: Context, session: AsyncSession, ends: Sequence[_End]) -> list[_Books]:
    held = await queries.reservations(session, [one.held.call_id for one in ends if one.held.micros])
    still_open = {call_id for call_id, row in held.items() if row.state == "open"}
    booked = await queries.attempts_of(
        session, [one.held.call_id for one in ends if one.held.call_id not in still_open]
    )
    now = ctx.ports.clock.now()
    books = [_Books(ctx, end, held.get(end.held.call_id), booked, now=now) for end in ends]
    await queries.mark_reservations(session, [one.call_id for one in books if one.closes], state="settled")
    await add_rows(session, UsageEvent, [row for one in books for row in one.usage_rows()])
    await add_rows(session, LedgerLine, [line for one in books for line in one.lines()])
    moved = [one for one in books if one.moves]
    if moved:
        count_in = await budgets.Count.of(ctx, session, [one.spender for one in moved])
        for one in moved:
            count_in.move(one.spender, began=one.began, reserved=-one.released, spent=one.cost - one.corrected)
    return books


_holds = GroupCommit(_write_holds)
_ends = GroupCommit(_write_ends)


class _Books:
    """One call's end, held against what is booked of it already."""

    def __init__(
        self,
        ctx: Context,
        end: _End,
        row: Held | None,
        booked: Mapping[tuple[UUID, int], UsageEvent],
        *,
        now: datetime,
    ) -> None:
        self._ctx, self._end, self._now = ctx, end, now
        self.call_id = end.held.call_id
        self._known = {number: event for (call_id, number), event in booked.items() if call_id == self.call_id}
        self.new = [one for one in end.attempts if one.number not in self._known]
        self.spender: Spender = row or end.spender
        self.began = row.created_at if row else now
        self.closes = row is not None and row.state != "settled"
        self.released = row.micros if row is not None and row.state == "open" else 0
        self.corrected = row.micros if row is not None and row.state == "swept" else 0
        self.cost = sum(one.booked.cost_micros for one in self.new)

    @property
    def moves(self) -> bool:
        """Whether any budget changes."""
        return bool(self.released or self.cost or self.corrected)

    def usage_rows(self) -> list[dict[str, Any]]:  # Any: whatever a column holds
        if self.corrected:
            self._known[LOST_NO].cost_micros = 0
        return [
            row_of(
                one.attempt,
                one.booked,
                self.spender,
                tenant_id=self._ctx.tenant,
                call_id=self.call_id,
                attempt_no=one.number,
                began=self.began,
            )
            for one in self.new
        ]

    def lines(self) -> list[dict[str, Any]]:  # Any: as above
        """Return the lines; with a reservation to release they are one transaction, else one for each attempt."""
        spent = SPENT + self._end.held.feature
        moved: list[tuple[str, Lines]] = []
        if self.corrected:
            moved.append(("correct", {(spent, LOST_NO): -self.corrected, (AVAILABLE, 0): self.corrected}))
        if self.released:
            costs = {(spent, one.number): one.booked.cost_micros for one in self.new}
            left = self.released - self.cost
            moved.append(("settle", {(RESERVED, 0): -self.released, **costs, (AVAILABLE, 0): left}))
        else:
            for one in self.new:
                micros = one.booked.cost_micros
                moved.append(("book", {(AVAILABLE, one.number): -micros, (spent, one.number): micros}))
        return [line for kind, lines in moved for line in _lines(self._ctx, kind, self.call_id, lines, now=self._now)]

    def told(self) -> Settlement:
        """Count what is new, and return what is booked."""
        for one in self.new:
            count(one.attempt, one.booked)
        booked = tuple(
            one.booked if one in self.new else _as_booked(self._known[one.number]) for one in self._end.attempts
        )
        return Settlement(booked, reserved_micros=self._end.held.micros, already=bool(self._known) and not self.new)


def _lines(ctx: Context, kind: str, call_id: UUID, lines: Lines, *, now: datetime) -> list[dict[str, Any]]:
    """Return a transaction's lines; what moves nothing is left out. Any: whatever a column holds."""
    assert sum(lines.values()) == 0
    transaction_id = new_id()
    return [
        {
            "id": new_id(),
            "tenant_id": ctx.tenant,
            "transaction_id": transaction_id,
            "kind": kind,
            "call_id": call_id,
            "attempt_no": attempt_no,
            "account": account,
            "micros": micros,
            "created_at": now,
        }
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
    now = ctx.ports.clock.now()
    async with ctx.db.write() as session:
        row = (await queries.reservations(session, [call_id])).get(call_id)
        if row is None or row.state != "open":
            return False
        await queries.mark_reservations(session, [call_id], state="swept")
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
        session.add(lost)
        lines = {(RESERVED, 0): -row.micros, (SPENT + row.feature, LOST_NO): row.micros}
        await add_rows(session, LedgerLine, _lines(ctx, "sweep", call_id, lines, now=now))
        count_in = await budgets.Count.of(ctx, session, [row])
        count_in.move(row, began=row.created_at, reserved=-row.micros, spent=row.micros)
    return True
