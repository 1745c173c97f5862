"""The ledger: money is held, settled, swept and corrected, each exactly once; on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.ids import new_id
from app.core.ports import Ports
from app.usage import checking, ledger, queries, service
from app.usage.booking import MOST_COST_MICROS, MOST_TOKENS
from app.usage.models import LedgerLine, UsageEvent
from app.usage.models import Reservation as ReservationRow
from app.usage.prices import Price
from app.usage.schemas import Attempt, Reservation
from jobs import housekeeping

COST = 1250  # of the attempt below: 1,000 tokens at $0.25 and 500 at $2 a million


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "chat", "provider": "My OpenAI", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 900, "tokens_in": 1000, "tokens_out": 500} | more))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def held(ctx: Context, micros: int = 5000, **more: Any) -> Reservation:
    return await ledger.reserve(ctx, call_id=new_id(), feature="chat", micros=micros, **more)


async def kinds(ctx: Context) -> list[str]:
    async with ctx.db.read() as session:
        query = sa.select(LedgerLine.kind, LedgerLine.transaction_id).distinct()
        return sorted(kind for kind, _ in (await session.execute(query)).all())


async def rows(ctx: Context) -> list[UsageEvent]:
    async with ctx.db.read() as session:
        query = sa.select(UsageEvent).order_by(UsageEvent.call_id, UsageEvent.attempt_no)
        return list((await session.execute(query)).scalars())


async def test_what_is_held_moves_from_available_to_reserved(ctx: Context) -> None:
    await held(ctx, 5000)

    books = await checking.check(ctx)
    assert books == checking.Books({"available": -5000, "reserved": 5000}, 1, ())


async def test_settling_books_the_cost_and_gives_back_the_rest(ctx: Context) -> None:
    settlement = await ledger.settle(ctx, await held(ctx, 5000), attempts=[attempt()])

    books = await checking.check(ctx)
    assert books == checking.Books({"available": -COST, "reserved": 0, "spent:chat": COST}, 0, ())
    assert (settlement.cost_micros, settlement.cost_known, settlement.reserved_micros) == (COST, True, 5000)
    assert not settlement.already


async def test_every_attempt_at_a_call_is_booked_under_its_number(ctx: Context) -> None:
    failed = attempt(outcome="failed", error_code="provider.down", billable=False)
    reservation = await held(ctx)
    await ledger.settle(ctx, reservation, attempts=[failed, attempt(), attempt(outcome="cancelled")])

    assert [(row.call_id, row.attempt_no, row.cost_micros) for row in await rows(ctx)] == [
        (reservation.call_id, 1, 0),
        (reservation.call_id, 2, COST),
        (reservation.call_id, 3, COST),
    ]
    assert (await checking.check(ctx)).faults == ()


async def test_a_call_that_cost_more_than_was_held_is_booked_in_full(ctx: Context) -> None:
    await ledger.settle(ctx, await held(ctx, 1000), attempts=[attempt()])

    assert (await checking.check(ctx)).balances == {"available": -COST, "reserved": 0, "spent:chat": COST}


async def test_a_call_without_any_attempt_gives_everything_back(ctx: Context) -> None:
    settlement = await ledger.settle(ctx, await held(ctx, 1000), attempts=[])

    assert (await checking.check(ctx)) == checking.Books({"available": 0, "reserved": 0}, 0, ())
    assert settlement.cost_micros == 0


async def test_settling_twice_books_once_and_answers_alike(ctx: Context) -> None:
    reservation = await held(ctx)
    first = await ledger.settle(ctx, reservation, attempts=[attempt()])
    second = await ledger.settle(ctx, reservation, attempts=[attempt(tokens_in=999_999)])

    assert second.booked == first.booked
    assert second.already
    assert len(await rows(ctx)) == 1
    assert (await checking.check(ctx)).balances["spent:chat"] == COST


async def test_settling_ten_times_at_once_books_once(ctx: Context) -> None:
    reservation = await held(ctx)
    settled = await asyncio.gather(*(ledger.settle(ctx, reservation, attempts=[attempt()]) for _ in range(10)))

    assert {one.cost_micros for one in settled} == {COST}
    assert len(await rows(ctx)) == 1
    assert (await checking.check(ctx)).faults == ()


async def test_recording_one_call_ten_times_at_once_books_once(ctx: Context) -> None:
    one = attempt(call_id=new_id())
    await asyncio.gather(*(service.record(ctx, one) for _ in range(10)))

    assert len(await rows(ctx)) == 1
    assert (await checking.check(ctx)).balances == {"available": -COST, "spent:chat": COST}


async def test_an_attempt_that_comes_after_the_settling_is_booked_by_itself(ctx: Context) -> None:
    reservation = await held(ctx)
    await ledger.settle(ctx, reservation, attempts=[attempt()])
    later = await ledger.settle(ctx, reservation, attempts=[attempt(attempt_no=2)])

    assert not later.already
    assert await kinds(ctx) == ["book", "reserve", "settle"]
    assert (await checking.check(ctx)).balances["spent:chat"] == 2 * COST


async def test_holding_twice_for_one_call_holds_once(ctx: Context) -> None:
    call_id = new_id()
    first = await ledger.reserve(ctx, call_id=call_id, feature="chat", micros=70)
    second = await ledger.reserve(ctx, call_id=call_id, feature="chat", micros=90)

    assert second == first
    assert (await checking.check(ctx)).balances["reserved"] == 70


async def test_a_reservation_of_a_workspace_that_is_gone_is_an_error(ctx: Context) -> None:
    stranger = Context(ports=ctx.ports, request_id="test", tenant_id=new_id(), actor="system")
    with pytest.raises(IntegrityError):
        await ledger.reserve(stranger, call_id=new_id(), feature="chat", micros=1)


@pytest.mark.parametrize("micros", [0, -5])
async def test_holding_nothing_writes_nothing(ctx: Context, micros: int) -> None:
    reservation = await held(ctx, micros)

    assert reservation.micros == 0
    assert await checking.check(ctx) == checking.Books({}, 0, ())


async def test_the_built_in_writer_has_a_row_and_no_lines(ctx: Context) -> None:
    free = attempt(provider="Built in", kind="embedded", model="built-in")
    await ledger.settle(ctx, await held(ctx, 0), attempts=[free])

    assert [row.cost_micros for row in await rows(ctx)] == [0]
    assert (await checking.check(ctx)).balances == {}


async def test_what_a_killed_process_left_is_booked_at_its_estimate(ctx: Context, clock: ManualClock) -> None:
    reservation = await held(ctx, 5000)
    clock.advance(timedelta(hours=2))
    swept = await ledger.sweep(ctx.ports, older_than=timedelta(hours=1))

    lost = (await rows(ctx))[0]
    assert swept == 1
    assert await checking.check(ctx) == checking.Books({"available": -5000, "reserved": 0, "spent:chat": 5000}, 0, ())
    assert (lost.call_id, lost.attempt_no, lost.outcome, lost.cost_micros, lost.cost_known) == (
        reservation.call_id,
        0,
        "lost",
        5000,
        False,
    )


async def test_a_call_that_still_runs_is_not_swept(ctx: Context, clock: ManualClock) -> None:
    await held(ctx)
    clock.advance(timedelta(minutes=59))

    assert await ledger.sweep(ctx.ports, older_than=timedelta(hours=1)) == 0
    assert (await checking.check(ctx)).open_calls == 1


async def test_ten_sweeps_at_once_book_once(ctx: Context, clock: ManualClock) -> None:
    await held(ctx, 5000)
    clock.advance(timedelta(hours=2))
    swept = await asyncio.gather(*(ledger.sweep_workspace(ctx, older_than=timedelta(hours=1)) for _ in range(10)))

    assert sum(swept) == 1
    assert (await checking.check(ctx)).balances["spent:chat"] == 5000


async def test_a_process_that_lived_after_all_corrects_what_was_swept(ctx: Context, clock: ManualClock) -> None:
    reservation = await held(ctx, 5000)
    clock.advance(timedelta(hours=2))
    await ledger.sweep(ctx.ports, older_than=timedelta(hours=1))
    settlement = await ledger.settle(ctx, reservation, attempts=[attempt()])
    again = await ledger.settle(ctx, reservation, attempts=[attempt()])

    assert (settlement.cost_micros, again.already) == (COST, True)
    assert await kinds(ctx) == ["book", "correct", "reserve", "sweep"]
    assert await checking.check(ctx) == checking.Books({"available": -COST, "reserved": 0, "spent:chat": COST}, 0, ())


@pytest.mark.parametrize("counted", [-1, -(2**70), MOST_TOKENS + 1, 2**70])
async def test_a_count_that_cannot_be_never_reaches_the_ledger(ctx: Context, counted: int) -> None:
    absurd = attempt(tokens_in=counted, tokens_out=counted, prompt_tokens_guess=40, output_tokens_guess=8)
    booked = await service.record(ctx, absurd)

    assert (booked.tokens_in, booked.tokens_out, booked.tokens_estimated) == (40, 8, True)
    assert booked.cost_micros == 26


async def test_a_price_that_cannot_be_is_capped_and_marked(ctx: Context) -> None:
    booked = await service.record(ctx, attempt(own_price=Price(10**14, 10**14, "a typing error")))

    assert (booked.cost_micros, booked.cost_known) == (MOST_COST_MICROS, False)


async def test_an_earlier_answer_saves_what_it_had_cost(ctx: Context) -> None:
    await service.record(ctx, attempt(served="exact", saved_micros=900, billable=False))

    row = (await rows(ctx))[0]
    assert (row.served, row.saved_micros, row.cost_micros) == ("exact", 900, 0)


async def test_what_a_decision_looked_at_is_kept(ctx: Context) -> None:
    looked_at = {"tier": "strong", "asked_tier": "fast", "quality": "best", "template_id": "google-rsa"}
    looked_at |= {"task_kind": "ads", "language": "de", "prompt_chars": 812, "max_tokens": 4096, "failed_checks": 2}
    await service.record(ctx, attempt(**looked_at, score=0.4567))

    row = (await rows(ctx))[0]
    assert {name: getattr(row, name) for name in looked_at} == looked_at
    assert row.score_permille == 457


async def test_a_call_counts_for_the_moment_when_it_began(ctx: Context, clock: ManualClock) -> None:
    began = clock.now()
    reservation = await held(ctx)
    clock.advance(timedelta(minutes=5))
    await ledger.settle(ctx, reservation, attempts=[attempt()])

    assert (await rows(ctx))[0].created_at == began


async def test_the_check_names_what_does_not_agree(ctx: Context) -> None:
    await service.record(ctx, attempt())
    async with ctx.db.write() as session:
        event = (await session.execute(sa.select(UsageEvent))).scalar_one()
        event.cost_micros = 7
        session.add(LedgerLine(transaction_id=new_id(), kind="book", call_id=new_id(), account="available", micros=1))
        session.add(ReservationRow(feature="chat", micros=5, state="open"))

    assert (await checking.check(ctx)).faults == (
        "1 transactions do not sum to zero",
        "all accounts together are 1, not 0",
        "reserved is 0, open reservations hold 5",
        f"spent:chat is {COST}, its attempts cost 7",
    )


async def test_who_comes_a_moment_too_late_finds_it_booked(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = attempt(call_id=new_id())
    await service.record(ctx, one)
    look = queries.attempts_of
    blind = iter([True])

    async def attempts_of(session: Any, call_id: Any) -> Any:
        return {} if next(blind, False) else await look(session, call_id)

    monkeypatch.setattr(queries, "attempts_of", attempts_of)
    settlement = await ledger.settle(ctx, Reservation(one.call_id or new_id(), "chat", 0), attempts=[one])

    assert settlement.already
    assert (await checking.check(ctx)).balances == {"available": -COST, "spent:chat": COST}


async def test_housekeeping_sweeps_what_nobody_settled(ctx: Context, clock: ManualClock) -> None:
    await held(ctx, 5000)
    clock.advance(housekeeping.left_open(ctx.ports) - timedelta(seconds=1))
    await housekeeping.run_once(ctx.ports)
    early = (await checking.check(ctx)).open_calls
    clock.advance(timedelta(seconds=2))
    await housekeeping.run_once(ctx.ports)

    assert (early, (await checking.check(ctx)).open_calls) == (1, 0)


async def test_a_workspaces_money_is_its_own(two_tenants: tuple[Context, Context], ports: Ports) -> None:
    ana, bo = two_tenants
    reservation = await held(ana, 5000)
    stolen = await ledger.settle(bo, reservation, attempts=[attempt()])

    assert stolen.cost_micros == COST
    assert (await checking.check(ana)).balances == {"available": -5000, "reserved": 5000}
    assert (await checking.check(bo)).balances == {"available": -COST, "spent:chat": COST}
