"""Workers killed, frozen and stopped, and a Redis that is emptied or gone: no job is lost, none is done twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial

import pytest

from app.core.jobs import ledger, service
from tests.databases import PostgresServer
from tests.patience import PATIENCE_S
from tests.running import gone, process_tree
from tests.working import ask
from tests.working_processes import Shop, open_shop

pytestmark = pytest.mark.slow

LONG = {"steps": 150, "step_ms": 20}
"""A job of three seconds and more, that notes how far it came."""
ENDLESS = {"steps": 1000, "step_ms": 100}


@pytest.fixture
async def shop(engine: str, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    """A shop on each kind of database."""
    if engine == "sqlite":
        async with open_shop() as opened:
            yield opened
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    try:
        async with open_shop(partial(server.settings, database=server.migrated)) as opened:
            yield opened
    finally:
        await server.empty()


async def test_a_job_whose_hand_is_killed_runs_again_at_once_and_goes_on_where_it_was(shop: Shop) -> None:
    await shop.started()
    job_id = await ask(shop.ctx, args=LONG)
    await shop.until(job_id, "running")
    await shop.comes_along(job_id)
    os.kill(shop.hand(), signal.SIGKILL)
    took_s = await shop.until(job_id, "running", attempt=2)
    await shop.until(job_id, "done")
    result = (await shop.show(job_id)).result

    assert took_s < ledger.LEASE.total_seconds()  # nobody had to wait for the lease to run out
    assert result["from"] > 0
    assert result["counted_now"]


async def test_a_job_whose_whole_worker_is_killed_runs_again_while_all_else_is_idle(shop: Shop) -> None:
    worker = await shop.started()
    job_id = await ask(shop.ctx, args=ENDLESS)
    await shop.until(job_id, "running")
    await shop.started()
    killed = {worker.pid, *process_tree(worker.pid)}
    for process in killed:
        os.kill(process, signal.SIGKILL)

    await shop.until(job_id, "running", attempt=2)


async def test_the_hands_of_a_killed_parent_give_their_jobs_back_and_end(shop: Shop) -> None:
    worker = await shop.started(GALLEY_DRAIN_S="0.5")
    job_id = await ask(shop.ctx, args=ENDLESS)
    await shop.until(job_id, "running")
    below = process_tree(worker.pid)
    worker.kill()

    assert gone(below, within_s=8) == set()
    job = await shop.show(job_id)
    assert (job.state, job.attempt) == ("queued", 0)


async def test_a_frozen_worker_that_comes_back_does_nothing_twice(shop: Shop) -> None:
    frozen = await shop.started()
    job_id = await ask(shop.ctx, args={"steps": 150, "step_ms": 20})
    await shop.until(job_id, "running")
    processes = process_tree(frozen.pid)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    await shop.started()
    await shop.until(job_id, "done", within_s=60)
    for process in processes:
        os.kill(process, signal.SIGCONT)
    await asyncio.sleep(2)
    job = await shop.show(job_id)

    assert (job.state, job.attempt, job.result["counted_now"]) == ("done", 2, True)


async def test_a_job_that_kills_its_process_is_put_in_quarantine_and_others_are_done(shop: Shop) -> None:
    await shop.started()
    poison = await ask(shop.ctx, args=ENDLESS, priority=9)
    for attempt in range(1, ledger.DEATHS + 1):
        await shop.until(poison, "running", attempt=attempt)
        os.kill(shop.hand(), signal.SIGKILL)
    await shop.until(poison, "quarantined")
    other = await ask(shop.ctx)

    await shop.until(other, "done")


async def test_a_worker_that_is_told_to_stop_ends_its_jobs_first(shop: Shop) -> None:
    worker = await shop.started(GALLEY_DRAIN_S=str(PATIENCE_S))
    job_id = await ask(shop.ctx, args={"steps": 40, "step_ms": 20})
    await shop.until(job_id, "running")
    worker.terminate()

    assert worker.wait(10) == 0
    assert (await shop.show(job_id)).state == "done"


async def test_a_running_job_is_cancelled_within_seconds(shop: Shop) -> None:
    await shop.started()
    job_id = await ask(shop.ctx, args={"steps": 1, "step_ms": 60_000})
    await shop.until(job_id, "running")
    await service.cancel(shop.ctx, job_id=job_id)

    await shop.until(job_id, "cancelled")


async def test_without_redis_jobs_are_asked_for_and_done(shop: Shop) -> None:
    await shop.started()
    shop.redis.kill()
    jobs = [await ask(shop.ctx) for _ in range(6)]
    for job_id in jobs:
        await shop.until(job_id, "done")
    shop.redis.start()

    await shop.until(await ask(shop.ctx), "done")


async def test_a_redis_that_is_emptied_loses_no_job(shop: Shop) -> None:
    jobs = [await ask(shop.ctx) for _ in range(12)]
    shop.redis.empty()
    await shop.started(hands=2)

    for job_id in jobs:
        await shop.until(job_id, "done")
