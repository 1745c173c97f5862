"""Who may start next. Each tenant has so many slots in each queue: a thousand jobs of one do not hold up another's one.

Everything here runs inside the caller's unit of work, which is bound to the job's tenant. What has to be told to the
outside (a bell, an event) is told after the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import add_rows, after_commit
from app.core.errors import Unavailable
from app.core.ids import new_id
from app.core.jobs import queries
from app.core.jobs.errors import NeededBroke
from app.core.jobs.models import Job, Outbox
from app.core.jobs.names import BROKEN, JobState
from app.core.jobs.schemas import Lease, NewJob
from app.core.ports import Ports
from app.core.signals import BusEvent
from app.core.telemetry import BELLS, log

RING_AGAIN = timedelta(seconds=20)
"""A bell that nobody heard (Redis was emptied, every worker was away) is rung again after that."""
UNHEARD = timedelta(seconds=6)
"""Workers that look into the outbox by themselves take a bell for lost after so long."""
EVENT = "job"
_TOLD = "jobs that are told about after the commit"


async def place(ports: Ports, session: AsyncSession, job: Job) -> None:
    """Put a job that waits before the dispatcher, and let it start at once where there is room.

    A job that needs one that broke fails instead.
    """
    needs = await queries.open_needs(session, job.id)
    now = ports.clock.now()
    if any(state in BROKEN for state in needs.values()):
        await end(ports, session, job, JobState.FAILED, code=NeededBroke.code)
        return
    look_at = None if needs else max(job.not_before or now, now)
    await put(session, job, JobState.WAITING, look_at=look_at)
    await fill(ports, session, job.tenant_id, job.queue)
    tell(ports, session, job)


async def place_new(ports: Ports, session: AsyncSession, jobs: Sequence[NewJob]) -> None:
    """Put jobs of one workspace that were made in this unit of work, need nothing and wait for no moment."""
    now = ports.clock.now()
    rows = [
        {
            "job_id": job.id,
            "owner_tenant_id": job.tenant_id,
            "queue": job.queue,
            "state": job.state,
            "look_at": now,
            "due_at": now,
            "priority": job.priority,
        }
        for job in jobs
    ]
    await add_rows(session, Outbox, rows)
    for job in jobs:
        tell(ports, session, job)
    begun: set[UUID] = set()
    for tenant_id, queue in dict.fromkeys((job.tenant_id, job.queue) for job in jobs):
        begun.update(await fill(ports, session, tenant_id, queue))
    for job in jobs:
        if job.id in begun:
            job.state = JobState.QUEUED


async def put(
    session: AsyncSession,
    job: Job,
    state: JobState,
    *,
    look_at: datetime | None,
    holder: str = "",
    due_at: datetime | None = None,
) -> None:
    """Set a job's state in both places; `due_at`: it could run again from then on, having run before."""
    job.state = state
    row = await queries.outbox(session, job.id)
    if row is None:
        row = Outbox(job_id=job.id, owner_tenant_id=job.tenant_id, queue=job.queue, state=state)
        session.add(row)
    row.state, row.look_at, row.holder = state, look_at, holder
    if state not in queries.IN_FLIGHT:
        row.due_at = look_at
    elif due_at is not None:
        row.due_at = due_at
    row.priority, row.fence, row.asked = job.priority, job.fence, job.asked
    await session.flush()


async def fill(ports: Ports, session: AsyncSession, tenant_id: UUID, queue: str) -> Sequence[UUID]:
    """Give free slots of a tenant in a queue to who waits; return to whom."""
    await queries.lock_slots(session, tenant_id, queue)
    free = ports.settings.jobs_at_once - await queries.in_flight(session, tenant_id, queue)
    if free <= 0:
        return []
    now = ports.clock.now()
    found = await queries.next_waiting(session, tenant_id, queue, now=now, limit=free)
    for job_id in found:
        job = await queries.free_job(session, job_id)
        if job is not None:
            await put(session, job, JobState.QUEUED, look_at=now + RING_AGAIN)
            tell(ports, session, job)
    ring(ports, session, found, queue)
    return found


async def end(
    ports: Ports,
    session: AsyncSession,
    job: Job,
    state: JobState,
    *,
    code: str = "",
    params: dict[str, Any] | None = None,  # Any: JSON
) -> None:
    """End a job: its slot goes to the next, who needed it may start or breaks too, a series goes on."""
    job.state, job.asked = state, ""
    job.error_code, job.error_params = code, params
    job.ended_at = ports.clock.now()
    await session.flush()
    if state is JobState.QUARANTINED:
        await put(session, job, state, look_at=None)
    else:
        await queries.drop_outbox(session, job.id)
    tell(ports, session, job)
    for waiting in await queries.dependants(session, job.id):
        if waiting.state == JobState.WAITING:
            await place(ports, session, waiting)
    if job.every_s and state is not JobState.CANCELLED:
        await _ask_next(ports, session, job)
    await fill(ports, session, job.tenant_id, job.queue)


async def _ask_next(ports: Ports, session: AsyncSession, job: Job) -> None:
    """Ask for the next of a series; moments that went by meanwhile are left out."""
    now = ports.clock.now()
    began = job.not_before or job.created_at
    pace = timedelta(seconds=job.every_s)
    moment = began + pace * max(1, (now - began) // pace + 1)
    series = (job.key or str(job.id)).partition("@")[0]
    key = f"{series}@{moment.isoformat(timespec='seconds')}"
    if await queries.job_by_key(session, job.name, key):
        return
    same = ("name", "queue", "args", "priority", "every_s", "user_id", "api_key_id", "actor", "locale", "request_id")
    copied: dict[str, Any] = {name: getattr(job, name) for name in same}
    after = Job(id=new_id(), key=key, state=JobState.WAITING, not_before=moment, created_at=now, **copied)
    session.add(after)
    await session.flush()
    await place(ports, session, after)


def ring(ports: Ports, session: AsyncSession, job_ids: Sequence[UUID], queue: str, *, first: bool = False) -> None:
    """Wake workers for these jobs after the commit; `first`: before all others."""
    if job_ids:
        after_commit(session, partial(wake, ports, tuple(job_ids), queue, first=first))


async def wake(ports: Ports, job_ids: tuple[UUID, ...], queue: str, *, first: bool = False) -> None:
    """Ring the bell. Nobody hears it when Redis is away: workers then look at the outbox by themselves."""
    try:
        await ports.queue.wake(job_ids, queue=queue, first=first)
        BELLS.labels("rung").inc(len(job_ids))
    except Unavailable as error:
        BELLS.labels("unheard").inc(len(job_ids))
        log.warning("jobs.bell_unheard", queue=queue, jobs=len(job_ids), code=error.code)


def tell(ports: Ports, session: AsyncSession, job: Job | NewJob) -> None:
    """Tell the workspace's tabs and programs where the job stands: once, after the commit."""
    told: dict[UUID, Job | NewJob] = session.info.setdefault(_TOLD, {})
    if not told:
        after_commit(session, partial(publish, ports, told))
    told[job.id] = job


async def publish(ports: Ports, jobs: Mapping[UUID, Job | NewJob]) -> None:
    """Publish where these jobs stand."""
    await ports.bus.publish(
        *(
            event_of(job, state=job.state, step=job.step, done_permille=job.done_permille, error_code=job.error_code)
            for job in jobs.values()
        )
    )


def event_of(job: Job | NewJob | Lease, *, state: str, step: str, done_permille: int, error_code: str = "") -> BusEvent:
    """Return what tabs and programs are told of a job: ids, numbers and codes, never content."""
    data = {
        "id": str(job.job_id if isinstance(job, Lease) else job.id),
        "name": job.name,
        "state": str(state),
        "step": step,
        "done_permille": done_permille,
        "error_code": error_code,
        "user_id": str(job.user_id) if job.user_id else "",
    }
    return BusEvent(job.tenant_id, EVENT, data)
