"""What workers do with jobs: take, renew, tell, finish. Only the holder of the greatest fencing number is heard."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import AppError, TooMany, Unavailable
from app.core.jobs import placing, queries
from app.core.jobs.errors import LeaseLost, Quarantined
from app.core.jobs.models import Job
from app.core.jobs.names import JobState
from app.core.jobs.schemas import Lease
from app.core.jobs.views import as_object
from app.core.ports import Ports, ProviderBusy, ProviderDown, ProviderTimeout
from app.core.telemetry import JOBS_ORPHANED, log

LEASE = timedelta(seconds=8)
RENEW_EVERY_S = 2.0
DEATHS = 3
"""So often may a job take its worker down with it before it is put in quarantine."""
TRIES = 4
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
PASSING = (ProviderBusy, ProviderDown, ProviderTimeout, Unavailable, TooMany)
"""Errors that another try may not meet; every other AppError is told at once. So is a TooMany that does not say when
to try again: a quota is full until somebody makes room, and each try is made, and paid, for nothing.
"""


def system(ports: Ports, tenant_id: UUID, request_id: str = "jobs") -> Context:
    """Return the context in which the ledger itself works."""
    return Context(ports=ports, request_id=request_id, tenant_id=tenant_id, actor="system")


async def tenant_of(ports: Ports, job_id: UUID) -> UUID | None:
    """Return whose an unfinished job is."""
    async with ports.db.bound(tenant_id=None).read() as session:
        row = await queries.outbox(session, job_id)
        return row.owner_tenant_id if row else None


async def take(ports: Ports, job_id: UUID, *, holder: str) -> Lease | None:
    """Start a queued job; None where somebody else did, or it is not to start any more."""
    tenant_id = await tenant_of(ports, job_id)
    if tenant_id is None:
        return None
    async with system(ports, tenant_id).db.write() as session:
        job = await queries.job(session, job_id, lock=True)
        if job is None or job.state != JobState.QUEUED:
            return None
        now = ports.clock.now()
        job.attempt += 1
        job.fence += 1
        job.began_at, job.progressed_at = now, None
        job.step, job.done_permille = "", 0
        await placing.put(session, job, JobState.RUNNING, look_at=now + LEASE, holder=holder)
        placing.tell(ports, session, job)
        return Lease(
            job_id=job.id,
            tenant_id=job.tenant_id,
            name=job.name,
            queue=job.queue,
            args=as_object(job.args),
            noted=as_object(job.noted),
            attempt=job.attempt,
            fence=job.fence,
            holder=holder,
            user_id=job.user_id,
            api_key_id=job.api_key_id,
            actor=job.actor,
            locale=job.locale,
            request_id=job.request_id,
        )


async def renew(ports: Ports, lease: Lease) -> str:
    """Put off the end of a lease; return what the job was asked to do: "", "cancel" or "pause".

    Raises:
        LeaseLost: the job is not this run's any more.
    """
    async with ports.db.bound(tenant_id=None).write() as session:
        until = ports.clock.now() + LEASE
        return _asked(await queries.renew(session, lease.job_id, fence=lease.fence, until=until))


async def tell_progress(ports: Ports, lease: Lease, *, step: str, done_permille: int) -> str:
    """Write and tell how far a run is; return what the job was asked to do.

    Raises:
        LeaseLost: the job is not this run's any more.
    """
    values = {"step": step, "done_permille": done_permille, "progressed_at": ports.clock.now()}
    async with system(ports, lease.tenant_id).db.write() as session:
        asked = await queries.tell_progress(session, lease.job_id, fence=lease.fence, values=values)
    if asked is not None:
        told = placing.event_of(lease, state=JobState.RUNNING, step=step, done_permille=done_permille)
        await ports.bus.publish(told)
    return _asked(asked)


def _asked(answer: str | None) -> str:
    if answer is None:
        raise LeaseLost
    return answer


async def own(session: AsyncSession, lease: Lease) -> Job:
    """Return the job, locked until the unit of work ends: whoever takes it over has to wait for that.

    Raises:
        LeaseLost: the job is not this run's any more.
    """
    job = await queries.job(session, lease.job_id, lock=True)
    if job is None or job.fence != lease.fence or job.state != JobState.RUNNING:
        raise LeaseLost
    return job


async def finish(ports: Ports, lease: Lease, result: Mapping[str, Any]) -> None:
    """End a job that did its work.

    Raises:
        LeaseLost: the job is not this run's any more; another one ends it.
    """
    async with system(ports, lease.tenant_id).db.write() as session:
        job = await own(session, lease)
        job.result = json.dumps(dict(result), ensure_ascii=False)
        job.done_permille, job.progressed_at = 1000, ports.clock.now()
        await placing.end(ports, session, job, JobState.DONE)


async def stop(ports: Ports, lease: Lease) -> None:
    """End a run that was asked to stop, or give back one whose worker is leaving; neither counts as a try.

    Raises:
        LeaseLost: the job is not this run's any more.
    """
    async with system(ports, lease.tenant_id).db.write() as session:
        job = await own(session, lease)
        job.attempt -= 1
        await _leave(ports, session, job)


async def _leave(ports: Ports, session: AsyncSession, job: Job) -> None:
    """Let a job go that nobody runs any more: to where it was asked to go, or back to its queue."""
    asked, job.asked = job.asked, ""
    if asked == "cancel":
        await placing.end(ports, session, job, JobState.CANCELLED)
    elif asked == "pause":
        await placing.put(session, job, JobState.PAUSED, look_at=None)
        placing.tell(ports, session, job)
        await placing.fill(ports, session, job.tenant_id, job.queue)
    else:
        # It has waited already: it is rung for first, and whoever looks into the outbox sees it at once.
        now = ports.clock.now()
        look_at = now + placing.RING_AGAIN - placing.UNHEARD
        await placing.put(session, job, JobState.QUEUED, look_at=look_at, due_at=now)
        placing.tell(ports, session, job)
        placing.ring(ports, session, [job.id], job.queue, first=True)


async def fail(ports: Ports, lease: Lease, error: BaseException) -> str:
    """Note a failure; try again later where that may help. Return the state that the job is in now.

    Raises:
        LeaseLost: the job is not this run's any more.
    """
    known = error if isinstance(error, AppError) else AppError()
    is_full = isinstance(error, TooMany) and error.retry_after_s is None
    lasting = isinstance(error, AppError) and (is_full or not isinstance(error, PASSING))
    async with system(ports, lease.tenant_id).db.write() as session:
        job = await own(session, lease)
        job.failures += 1
        if job.asked == "cancel":
            await _leave(ports, session, job)
        elif lasting or job.failures >= TRIES:
            await placing.end(ports, session, job, JobState.FAILED, code=known.code, params=known.params)
        else:
            job.error_code, job.error_params = known.code, known.params
            pause = timedelta(seconds=pause_s(job.failures, at_least_s=known.retry_after_s or 0))
            state = JobState.PAUSED if job.asked == "pause" else JobState.WAITING
            job.asked = ""
            job.not_before = ports.clock.now() + pause
            await placing.put(session, job, state, look_at=job.not_before)
            placing.tell(ports, session, job)
            await placing.fill(ports, session, job.tenant_id, job.queue)
        return str(job.state)


def pause_s(failures: int, *, at_least_s: float = 0) -> float:
    """Return how long to wait after so many failures: four times as long each time, and never at once with others."""
    longest_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 4.0 ** (failures - 1))
    return max(at_least_s, longest_s * random.uniform(0.5, 1.0))  # noqa: S311 (spreads load, guards nothing)


async def orphan(ports: Ports, tenant_id: UUID, job_id: UUID, *, holder: str | None = None) -> str:
    """Take a job from a worker that died: back to its queue, or into quarantine when it took down too many.

    With a `holder`, that process is known to be dead; else the lease must be over. Returns the state, "" where
    nothing was to be done.
    """
    async with system(ports, tenant_id).db.write() as session:
        job = await queries.job(session, job_id, lock=True)
        row = await queries.outbox(session, job_id)
        if job is None or row is None or job.state != JobState.RUNNING:
            return ""
        if row.holder != holder if holder else (row.look_at is None or row.look_at > ports.clock.now()):
            return ""
        job.deaths += 1
        if job.deaths >= DEATHS and job.asked != "cancel":
            await placing.end(ports, session, job, JobState.QUARANTINED, code=Quarantined.code)
        else:
            await _leave(ports, session, job)
        state = str(job.state)
    JOBS_ORPHANED.labels(state).inc()
    log.warning("jobs.orphaned", job=str(job_id), tenant=str(tenant_id), deaths=job.deaths, state=state)
    return state
