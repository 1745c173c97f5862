"""What one process of the installation does for all jobs, again and again: start what is due, ring again, find orphans.

Everything is decided from SQL. A Redis that was emptied misses its mark and is rung again at once; single bells that
were lost are made good within RING_AGAIN.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.errors import AppError, Unavailable
from app.core.jobs import ledger, placing, queries
from app.core.jobs.models import Duty
from app.core.jobs.names import JobState
from app.core.ports import Ports
from app.core.telemetry import log

DUTY = "jobs"
DUTY_LASTS = timedelta(seconds=6)
AT_ONCE = 500


async def take_duty(ports: Ports, *, holder: str, name: str = DUTY) -> bool:
    """Take or renew a duty for DUTY_LASTS; false while another process holds it."""
    now = ports.clock.now()
    until = now + DUTY_LASTS
    async with ports.db.bound(tenant_id=None).write() as session:
        if await queries.take_duty(session, name, holder=holder, now=now, until=until):
            return True
        if await queries.duty(session, name) is not None:
            return False
    try:
        async with ports.db.bound(tenant_id=None).write() as session:
            session.add(Duty(name=name, holder=holder, until=until))
    except IntegrityError:  # another one was first
        return False
    return True


async def lay_down(ports: Ports, *, holder: str, name: str = DUTY) -> None:
    """Let another process take the duty at once."""
    async with ports.db.bound(tenant_id=None).write() as session:
        await queries.drop_duty(session, name, holder=holder)


async def look_after(ports: Ports) -> None:
    """Do once what has to be done now. What fails for one job or workspace does not hold up the others."""
    await find_orphans(ports)
    await start_due(ports)
    await miss_lost_bells(ports)
    await ring_again(ports)


async def find_orphans(ports: Ports) -> int:
    """Take every job back whose lease is over; return how many."""
    async with ports.db.bound(tenant_id=None).read() as session:
        over = await queries.due(session, JobState.RUNNING, now=ports.clock.now(), limit=AT_ONCE)
        found = [(row.owner_tenant_id, row.job_id) for row in over]
    return await _take_back(ports, found, holder=None)


async def bury(ports: Ports, *, holder: str) -> int:
    """Take every job back that a dead process held; return how many."""
    async with ports.db.bound(tenant_id=None).read() as session:
        found = [(row.owner_tenant_id, row.job_id) for row in await queries.held_by(session, holder)]
    return await _take_back(ports, found, holder=holder)


async def _take_back(ports: Ports, found: Sequence[tuple[UUID, UUID]], *, holder: str | None) -> int:
    taken = 0
    for tenant_id, job_id in found:
        try:
            taken += bool(await ledger.orphan(ports, tenant_id, job_id, holder=holder))
        except AppError as error:
            log.warning("jobs.orphan_left", job=str(job_id), code=error.code)
    return taken


async def start_due(ports: Ports) -> int:
    """Give every free slot to who waits for it; return to how many."""
    async with ports.db.bound(tenant_id=None).read() as session:
        found = await queries.backlogs(session, now=ports.clock.now())
    started = 0
    for backlog in found:
        if backlog.in_flight >= ports.settings.jobs_at_once:
            continue
        try:
            async with ledger.system(ports, backlog.tenant_id).db.write() as session:
                started += len(await placing.fill(ports, session, backlog.tenant_id, backlog.queue))
        except AppError as error:
            log.warning("jobs.backlog_left", tenant=str(backlog.tenant_id), code=error.code)
    return started


async def miss_lost_bells(ports: Ports) -> bool:
    """Have every queued job rung for now when the bells lost all they held; return whether they had."""
    try:
        if await ports.queue.is_marked():
            return False
        async with ports.db.bound(tenant_id=None).write() as session:
            await queries.look_at_all_queued(session, look_at=ports.clock.now())
        await ports.queue.mark()
    except Unavailable:  # nobody would hear; workers look into the outbox by themselves
        return False
    log.warning("jobs.bells_lost")
    return True


async def ring_again(ports: Ports) -> int:
    """Ring for every queued job that no worker took in time; return for how many."""
    now = ports.clock.now()
    async with ports.db.bound(tenant_id=None).read() as session:
        unheard = await queries.due(session, JobState.QUEUED, now=now, limit=AT_ONCE)
    if not unheard:
        return 0
    by_queue: dict[str, list[UUID]] = defaultdict(list)
    for row in unheard:
        by_queue[row.queue].append(row.job_id)
    async with ports.db.bound(tenant_id=None).write() as session:
        await queries.put_off(session, [row.job_id for row in unheard], look_at=now + placing.RING_AGAIN)
    for queue, job_ids in by_queue.items():
        await placing.wake(ports, tuple(job_ids), queue)
    return len(unheard)


async def purge(ports: Ports, *, tenant_id: UUID) -> int:
    """Delete a workspace's jobs that ended long ago; return how many."""
    before = ports.clock.now() - timedelta(days=ports.settings.jobs_kept_days)
    async with ledger.system(ports, tenant_id).db.write() as session:
        return await queries.drop_ended(session, before=before, limit=AT_ONCE)
