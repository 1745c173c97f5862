"""The keeper: one at a time on duty, a round of the house at its pace, a bad one is survived, a stop is heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.core.context import Context
from app.core.errors import Unavailable
from app.core.jobs import keeping
from app.core.ports import Ports
from jobs import housekeeping, keeper
from jobs.keeper import Keeper
from tests.databases import CtxOf
from tests.patience import PATIENCE_S, until
from tests.working import ask, done, later, lease_runs_out, start, state


@pytest.fixture
def engine() -> str:
    """What is new here does not depend on the kind of database."""
    return "sqlite"


async def kept(keeping_it: Keeper, *, holds: Callable[[], object]) -> None:
    """Let the keeper keep until `holds()`, then stop it."""
    work = asyncio.ensure_future(keeping_it.keep())
    await until(holds)
    keeping_it.stopping.set()
    await asyncio.wait_for(work, PATIENCE_S)


async def kept_until_queued(ctx: Context, job_id: UUID) -> None:
    """Let a keeper keep until it has found the job."""
    keeping_it = Keeper(ctx.ports, holder="k", look_every_s=0.02, house=rounds()[1])
    work = asyncio.ensure_future(keeping_it.keep())
    async with asyncio.timeout(PATIENCE_S):
        while await state(ctx, job_id) != "queued":
            await asyncio.sleep(0.01)
        keeping_it.stopping.set()
        await work


def rounds(fails: type[Exception] | None = None) -> tuple[list[int], Callable[[Any], Awaitable[None]]]:
    """Return a house that counts its rounds, and fails at the first."""
    seen: list[int] = []

    async def count(_: Any) -> None:
        seen.append(1)
        if fails is not None and len(seen) == 1:
            raise fails

    return seen, count


async def test_the_house_is_kept_at_its_pace_until_a_stop(ports: Ports) -> None:
    seen, house = rounds()
    began_s = time.monotonic()
    keeping_it = Keeper(ports, holder="k", look_every_s=0.02, house_every_s=0.1, house=house)
    await kept(keeping_it, holds=lambda: len(seen) >= 5)
    took_s, rounds_made = time.monotonic() - began_s, len(seen)
    await asyncio.sleep(0.2)

    assert took_s >= (rounds_made - 1) * 0.1
    assert len(seen) == rounds_made


@pytest.mark.parametrize("fails", [RuntimeError, Unavailable])
async def test_a_bad_round_does_not_end_the_next_ones(ports: Ports, fails: type[Exception]) -> None:
    seen, house = rounds(fails)
    await kept(
        Keeper(ports, holder="k", look_every_s=0.02, house_every_s=0.05, house=house), holds=lambda: len(seen) >= 2
    )

    assert len(seen) >= 2


async def test_a_stop_cuts_a_round_that_does_not_end(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "STOP_WAIT_S", 0.1)
    begun, cut = asyncio.Event(), asyncio.Event()

    async def hang(_: Any) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            cut.set()

    await kept(Keeper(ports, holder="k", look_every_s=0.02, house=hang), holds=begun.is_set)

    assert cut.is_set()


async def test_one_keeper_at_a_time_is_on_duty_and_a_stop_hands_it_over(ports: Ports) -> None:
    first, first_house = rounds()
    second, second_house = rounds()
    one = Keeper(ports, holder="one", look_every_s=0.02, house_every_s=0.05, house=first_house)
    working = asyncio.ensure_future(one.keep())
    await until(lambda: first)
    next_one = Keeper(ports, holder="two", look_every_s=0.02, house=second_house)
    two = asyncio.ensure_future(kept(next_one, holds=lambda: second))
    await asyncio.sleep(0.2)
    before = (bool(first), bool(second))
    one.stopping.set()
    await working
    await two

    assert (before, len(second)) == ((True, False), 1)


async def test_the_keeper_finds_orphans_while_all_is_idle(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    job_id = await ask(ana)
    await start(ana, job_id)
    lease_runs_out(ana)
    await kept_until_queued(ana, job_id)

    assert await state(ana, job_id) == "queued"


@pytest.mark.parametrize("fails", [RuntimeError, Unavailable])
async def test_a_bad_look_does_not_end_the_next_ones(
    ctx_of: CtxOf, fails: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await ctx_of("ana")
    look_after, looks = keeping.look_after, []

    async def fail_first(ports: Ports) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise fails
        await look_after(ports)

    monkeypatch.setattr(keeping, "look_after", fail_first)
    job_id = await ask(ana, not_before=ana.ports.clock.now() + timedelta(seconds=1))
    later(ana, timedelta(seconds=1))
    await kept_until_queued(ana, job_id)

    assert await state(ana, job_id) == "queued"
    assert len(looks) >= 2


async def test_housekeeping_deletes_jobs_that_ended_long_ago(ctx_of: CtxOf) -> None:
    ana: Context = await ctx_of("ana")
    job_id = await ask(ana)
    await done(ana, job_id)
    later(ana, timedelta(days=31))
    await housekeeping.run_once(ana.ports)

    from app.core.jobs import service

    assert await service.list_jobs(ana) == []
