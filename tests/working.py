"""Jobs for tests: ask for one, and be the worker that runs it, step by step and without a process of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.context import Context
from app.core.jobs import keeping, ledger, service
from app.core.jobs.names import JobName
from app.core.jobs.run import JobRun
from app.core.jobs.schemas import JobView, Lease

ME = "a worker"


async def ask(ctx: Context, **more: Any) -> UUID:
    """Ask for a job in a unit of work of its own."""
    async with ctx.db.write() as session:
        return await service.ask(ctx, session, **{"name": JobName.TRIAL, "args": {"n": 1}, **more})


async def start(ctx: Context, job_id: UUID, *, holder: str = ME) -> JobRun:
    """Take a queued job, and return its run."""
    lease = await ledger.take(ctx.ports, job_id, holder=holder)
    assert lease is not None, await state(ctx, job_id)
    return JobRun(ctx.ports, lease)


async def done(ctx: Context, job_id: UUID, **result: Any) -> Lease:
    """Take a queued job and do it."""
    run = await start(ctx, job_id)
    await ledger.finish(ctx.ports, run.lease, result)
    return run.lease


async def show(ctx: Context, job_id: UUID) -> JobView:
    """Return the job."""
    return await service.show(ctx, job_id=job_id)


async def state(ctx: Context, job_id: UUID) -> str:
    """Return where the job stands."""
    return (await show(ctx, job_id)).state


async def states(ctx: Context, *job_ids: UUID) -> list[str]:
    """Return where these jobs stand."""
    return [await state(ctx, job_id) for job_id in job_ids]


async def die(ctx: Context, job_id: UUID) -> None:
    """Let a worker take the job and die: its lease runs out, and somebody finds out."""
    await start(ctx, job_id)
    lease_runs_out(ctx)
    await keeping.look_after(ctx.ports)


def lease_runs_out(ctx: Context) -> None:
    """Let more time go by than a lease lasts."""
    later(ctx, ledger.LEASE + timedelta(seconds=1))


def later(ctx: Context, step: timedelta) -> None:
    """Turn the clock on."""
    ctx.ports.clock.advance(step)  # type: ignore[attr-defined]  # tests have one that can be turned


async def rung(ctx: Context, queue: str = "default") -> list[UUID]:
    """Return for which jobs the bell was rung since this was asked last."""
    found = []
    while (job_id := await ctx.ports.queue.take([queue], wait_s=0.01)) is not None:
        found.append(job_id)
    return found
