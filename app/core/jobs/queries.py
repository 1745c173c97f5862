"""All SQL of the job ledger. Rows of the outbox belong to no tenant; what they point at is read inside its wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.jobs.models import Duty, Job, JobEffect, JobNeed, Outbox
from app.core.jobs.names import ENDED, JobState

IN_FLIGHT = (JobState.QUEUED, JobState.RUNNING)
DUE = (JobState.WAITING, JobState.QUEUED)


async def job(session: AsyncSession, job_id: UUID, *, lock: bool = False) -> Job | None:
    """Return a job of the bound tenant; `lock`: nobody else changes it before this unit of work ends."""
    query = select(Job).where(Job.id == job_id)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def free_job(session: AsyncSession, job_id: UUID) -> Job | None:
    """Return a job, locked; None while another unit of work has it: waiting for that one could be a deadlock."""
    query = select(Job).where(Job.id == job_id, Job.state == JobState.WAITING).with_for_update(skip_locked=True)
    return (await session.execute(query)).scalar_one_or_none()


async def job_by_key(session: AsyncSession, name: str, key: str) -> Job | None:
    """Return the job that was asked for under this key."""
    return (await session.execute(select(Job).where(Job.name == name, Job.key == key))).scalar_one_or_none()


async def page(
    session: AsyncSession, *, states: Sequence[str], name: str, before: UUID | None, limit: int
) -> Sequence[Job]:
    """Return at most `limit` jobs that are older than `before`, newest first; no states or name means all."""
    query = select(Job).order_by(col(Job.id).desc()).limit(limit)
    if states:
        query = query.where(col(Job.state).in_(states))
    if name:
        query = query.where(Job.name == name)
    if before is not None:
        query = query.where(col(Job.id) < before)
    return (await session.execute(query)).scalars().all()


async def states_of(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the states of these jobs, which nobody changes before the unit of work ends; foreign ones are left out."""
    query = select(Job.id, Job.state).where(col(Job.id).in_(job_ids)).order_by(col(Job.id)).with_for_update()
    return {row.id: row.state for row in await session.execute(query)}


async def needs_of(session: AsyncSession, job_id: UUID) -> Sequence[UUID]:
    """Return what a job needed when it was asked for."""
    return (await session.execute(select(JobNeed.needs_id).where(JobNeed.job_id == job_id))).scalars().all()


async def open_needs(session: AsyncSession, job_id: UUID) -> Mapping[UUID, str]:
    """Return what a job still needs, with its state."""
    query = (
        select(Job.id, Job.state)
        .join(JobNeed, col(JobNeed.needs_id) == Job.id)
        .where(JobNeed.job_id == job_id, Job.state != JobState.DONE)
    )
    return {row.id: row.state for row in await session.execute(query)}


async def dependants(session: AsyncSession, job_id: UUID) -> Sequence[Job]:
    """Return the jobs that wait for this one, locked, in a fixed order."""
    query = (
        select(Job)
        .join(JobNeed, col(JobNeed.job_id) == Job.id)
        .where(JobNeed.needs_id == job_id, col(Job.state).not_in(ENDED))
        .order_by(col(Job.id))
        .with_for_update(of=Job)
    )
    return (await session.execute(query)).scalars().all()


async def outbox(session: AsyncSession, job_id: UUID) -> Outbox | None:
    """Return an unfinished job as the dispatcher sees it."""
    return await session.get(Outbox, job_id)


async def drop_outbox(session: AsyncSession, job_id: UUID) -> None:
    """Take a job off the dispatcher's table: it has ended."""
    await session.execute(sa.delete(Outbox).where(col(Outbox.job_id) == job_id))


async def lock_slots(session: AsyncSession, tenant_id: UUID, queue: str) -> None:
    """Let nobody else hand out this tenant's slots in this queue before the unit of work ends.

    SQLite has one writer, who holds everything. Looks over no wall: it is a lock by number and reads nothing.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(tenant_id.bytes[-7:]) ^ hash_of(queue)
        lock = sa.select(sa.func.pg_advisory_xact_lock(number))
        await session.execute(lock, execution_options={"cross_tenant": True})


def hash_of(queue: str) -> int:
    """Return a number for a queue that is the same in every process."""
    return int.from_bytes(queue.encode()[:7].ljust(7, b"\0"))


async def in_flight(session: AsyncSession, tenant_id: UUID, queue: str) -> int:
    """Return how many of a tenant's jobs in a queue have a slot."""
    query = (
        sa.select(sa.func.count())
        .select_from(Outbox)
        .where(col(Outbox.owner_tenant_id) == tenant_id, col(Outbox.queue) == queue, col(Outbox.state).in_(IN_FLIGHT))
    )
    return int((await session.execute(query)).scalar_one())


async def next_waiting(
    session: AsyncSession, tenant_id: UUID, queue: str, *, now: datetime, limit: int
) -> Sequence[UUID]:
    """Return who may start: urgent first, then in the order in which they were asked for."""
    query = (
        select(Outbox.job_id)
        .where(
            Outbox.owner_tenant_id == tenant_id,
            Outbox.queue == queue,
            Outbox.state == JobState.WAITING,
            col(Outbox.look_at) <= now,
        )
        .order_by(col(Outbox.priority).desc(), col(Outbox.job_id))
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs of one tenant in one queue that could start now, and how many have a slot."""

    tenant_id: UUID
    queue: str
    due: int
    in_flight: int


async def backlogs(session: AsyncSession, *, now: datetime) -> Sequence[Backlog]:
    """Return every tenant and queue where something could start now."""
    due = sa.func.count().filter(col(Outbox.state) == JobState.WAITING, col(Outbox.look_at) <= now)
    flying = sa.func.count().filter(col(Outbox.state).in_(IN_FLIGHT))
    query = (
        sa.select(col(Outbox.owner_tenant_id), col(Outbox.queue), due, flying)
        .group_by(col(Outbox.owner_tenant_id), col(Outbox.queue))
        .having(due > 0)
    )
    return [Backlog(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class Sum:
    """How many jobs of all tenants are in a queue and a state, and since when the oldest of them could run."""

    queue: str
    state: str
    jobs: int
    due_at: datetime | None


async def sums(session: AsyncSession, *, now: datetime) -> Sequence[Sum]:
    """Return a sum for each queue and state in which there is a job that has not ended, or is in quarantine."""
    oldest = sa.func.min(col(Outbox.due_at)).filter(col(Outbox.state).in_(DUE), col(Outbox.due_at) <= now)
    query = sa.select(col(Outbox.queue), col(Outbox.state), sa.func.count(), oldest)
    return [Sum(*row) for row in await session.execute(query.group_by(col(Outbox.queue), col(Outbox.state)))]


async def due(session: AsyncSession, state: JobState, *, now: datetime, limit: int) -> Sequence[Outbox]:
    """Return jobs of a state that somebody has to look at, longest due first."""
    query = (
        select(Outbox)
        .where(Outbox.state == state, col(Outbox.look_at) <= now)
        .order_by(col(Outbox.look_at))
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def queued_in(
    session: AsyncSession, queues: Sequence[str], *, due_before: datetime, limit: int
) -> Sequence[UUID]:
    """Return jobs that wait for a worker in these queues, and are to be rung for again before then: urgent first."""
    query = (
        select(Outbox.job_id)
        .where(Outbox.state == JobState.QUEUED, col(Outbox.queue).in_(queues), col(Outbox.look_at) <= due_before)
        .order_by(col(Outbox.priority).desc(), col(Outbox.job_id))
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def held_by(session: AsyncSession, holder: str) -> Sequence[Outbox]:
    """Return what a process runs."""
    query = select(Outbox).where(Outbox.holder == holder, Outbox.state == JobState.RUNNING)
    return (await session.execute(query)).scalars().all()


async def put_off(session: AsyncSession, job_ids: Sequence[UUID], *, look_at: datetime) -> None:
    """Look at these queued jobs again then."""
    query = sa.update(Outbox).where(col(Outbox.job_id).in_(job_ids), col(Outbox.state) == JobState.QUEUED)
    await session.execute(query.values(look_at=look_at), execution_options={"synchronize_session": False})


async def look_at_all_queued(session: AsyncSession, *, look_at: datetime) -> None:
    """Look at every queued job then, unless it was to be looked at before."""
    query = sa.update(Outbox).where(col(Outbox.state) == JobState.QUEUED, col(Outbox.look_at) > look_at)
    await session.execute(query.values(look_at=look_at), execution_options={"synchronize_session": False})


async def renew(session: AsyncSession, job_id: UUID, *, fence: int, until: datetime) -> str | None:
    """Put off the end of a lease; return what the job was asked to do, None when the lease is lost."""
    query = (
        sa.update(Outbox)
        .where(col(Outbox.job_id) == job_id, col(Outbox.fence) == fence, col(Outbox.state) == JobState.RUNNING)
        .values(look_at=until)
        .returning(col(Outbox.asked))
    )
    done = await session.execute(query, execution_options={"synchronize_session": False})
    return done.scalar_one_or_none()


async def tell_progress(session: AsyncSession, job_id: UUID, *, fence: int, values: dict[str, Any]) -> str | None:
    """Write how far a run is; return what the job was asked to do, None when the run is not the present one."""
    query = (
        sa.update(Job)
        .where(col(Job.id) == job_id, col(Job.fence) == fence, col(Job.state) == JobState.RUNNING)
        .values(**values)
        .returning(col(Job.asked))
    )
    done = await session.execute(query, execution_options={"synchronize_session": False})
    return done.scalar_one_or_none()


async def effect_done(session: AsyncSession, job_id: UUID, effect: str) -> bool:
    """Whether a job has done this already."""
    query = select(JobEffect.id).where(JobEffect.job_id == job_id, JobEffect.effect == effect)
    return (await session.execute(query)).first() is not None


async def take_duty(session: AsyncSession, name: str, *, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a duty; false while somebody else holds it."""
    query = (
        sa.update(Duty)
        .where(col(Duty.name) == name, sa.or_(col(Duty.holder) == holder, col(Duty.until) <= now))
        .values(holder=holder, until=until)
        .returning(col(Duty.name))
    )
    done = await session.execute(query, execution_options={"synchronize_session": False})
    return done.scalar_one_or_none() is not None


async def duty(session: AsyncSession, name: str) -> Duty | None:
    """Return who holds a duty."""
    return (await session.execute(select(Duty).where(Duty.name == name))).scalar_one_or_none()


async def drop_duty(session: AsyncSession, name: str, *, holder: str) -> None:
    """Lay a duty down."""
    await session.execute(sa.delete(Duty).where(col(Duty.name) == name, col(Duty.holder) == holder))


async def drop_ended(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Delete jobs of the bound tenant that ended before then; return how many."""
    old = select(Job.id).where(col(Job.ended_at) < before).order_by(col(Job.ended_at)).limit(limit)
    found = (await session.execute(old)).scalars().all()
    if found:
        await session.execute(sa.delete(Job).where(col(Job.id).in_(found)))
    return len(found)
