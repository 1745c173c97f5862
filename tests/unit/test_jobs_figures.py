"""What an operator is told of jobs: sums over all workspaces, and nobody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.context import Context
from app.core.crypto import load_master_key
from app.core.db import Database
from app.core.jobs import figures, keeping, ledger, service
from tests.databases import CtxOf
from tests.working import ask, die, done, later, start, state


async def told(ctx: Context) -> dict[str, float]:
    """Return the figures by name and labels."""
    lines = (await figures.as_text(ctx.ports)).decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def unfinished(name: str, queue: str = "default") -> str:
    return f'galley_jobs_unfinished{{queue="{queue}",state="{name}"}}'


def oldest(name: str) -> str:
    return f'galley_jobs_oldest_due_seconds{{queue="default",state="{name}"}}'


QUARANTINED = 'galley_jobs_quarantined{queue="default"}'


async def test_jobs_of_all_workspaces_are_summed_by_queue_and_state(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await start(ana, await ask(ana))
    await ask(ana)
    await ask(bo)
    await ask(bo, queue="bulk")
    await done(bo, await ask(bo))
    paused = await ask(bo)
    await service.pause(bo, job_id=paused)
    seen = await told(ana)

    assert {
        unfinished("running"): 1,
        unfinished("queued"): 2,
        unfinished("paused"): 1,
        unfinished("waiting"): 0,
        unfinished("queued", "bulk"): 1,
        unfinished("queued", "video"): 0,
        QUARANTINED: 0,
    }.items() <= seen.items()


async def test_nobody_is_named(two_tenants: tuple[Context, Context]) -> None:
    for ctx in two_tenants:
        await ask(ctx)
    text = (await figures.as_text(two_tenants[0].ports)).decode()

    assert [] == [ctx.tenant_id for ctx in two_tenants if str(ctx.tenant_id) in text or ctx.tenant.hex in text]


async def test_the_oldest_is_told_by_how_long_it_could_have_run(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    slots = ana.ports.settings.jobs_at_once
    for _ in range(slots):
        await ask(ana)
    later(ana, timedelta(seconds=30))
    await ask(ana)
    await ask(ana, not_before=ana.ports.clock.now() + timedelta(hours=1))
    later(ana, timedelta(seconds=10))
    await keeping.look_after(ana.ports)  # rings again: that makes nothing younger
    seen = await told(ana)

    assert (seen[oldest("queued")], seen[oldest("waiting")]) == (40, 10)
    assert seen[unfinished("waiting")] == 2


async def test_a_job_whose_worker_died_is_as_old_as_its_way_back(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    job_id = await ask(ana)
    await die(ana, job_id)
    later(ana, timedelta(seconds=5))

    assert (await told(ana))[oldest("queued")] == 5


async def test_a_job_in_quarantine_is_told_until_somebody_tries_it_again(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    job_id = await ask(ana)
    for _ in range(ledger.DEATHS):
        await die(ana, job_id)
    before = await told(ana)
    assert await state(ana, job_id) == "quarantined"
    await service.retry(ana, job_id=job_id)
    after = await told(ana)
    await done(ana, job_id)

    assert (before[QUARANTINED], before[unfinished("queued")]) == (1, 0)
    assert (after[QUARANTINED], after[unfinished("queued")]) == (0, 1)
    assert (await told(ana))[unfinished("running")] == 0


async def test_a_job_in_quarantine_is_forgotten_with_its_row(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    job_id = await ask(ana)
    for _ in range(ledger.DEATHS):
        await die(ana, job_id)
    later(ana, timedelta(days=ana.ports.settings.jobs_kept_days + 1))
    assert ana.tenant_id is not None
    await keeping.purge(ana.ports, tenant_id=ana.tenant_id)

    assert (await told(ana))[QUARANTINED] == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_database_that_cannot_say_leaves_the_figures_out(ctx_of: CtxOf, tmp_path: Path) -> None:
    ana = await ctx_of("ana")
    empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", master_key=load_master_key(tmp_path / "key"))
    text = await figures.as_text(replace(ana.ports, db=empty))
    await empty.close()

    assert text == b""
