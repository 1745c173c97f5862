"""What people and features do with jobs: ask, show, list, cancel, retry, pause, resume.

Scopes are asked for at the doors. A foreign job answers like an absent one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.db import add_rows
from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.core.jobs import placing, queries
from app.core.jobs.errors import JobEnded, NeededBroke
from app.core.jobs.models import Job, JobNeed
from app.core.jobs.names import BROKEN, ENDED, QUEUE_OF, JobName, JobState, QueueName
from app.core.jobs.schemas import JobView, NewJob
from app.core.jobs.views import view_of

ARGS_LIMIT_BYTES = 64 * 1024
"""Jobs take ids and scalars: what is larger belongs into a table of its feature."""
PAGE_LIMIT = 200


async def ask(
    ctx: Context,
    session: AsyncSession,
    *,
    name: JobName,
    args: Mapping[str, Any],  # Any: JSON
    key: str = "",
    priority: int = 0,
    after: Sequence[UUID] = (),
    not_before: datetime | None = None,
    reserved_micros: int = 0,
    every_s: int = 0,
    queue: QueueName | None = None,
) -> UUID:
    """Ask for a job inside the caller's unit of work: it is committed, or forgotten, with the change itself.

    The same `key` is the same job: its id is returned and nothing new is made. A greater `priority` starts earlier
    among the workspace's own. `after`: jobs that have to be done first. `every_s`: when it has ended, the next of the
    series is asked for, until one is cancelled.

    Raises:
        InvalidInput: `args` are no small JSON object, or `after` names a job that is not there.
        NeededBroke: a job in `after` has ended without being done.
    """
    if key and (known := await queries.job_by_key(session, name, key)):
        return known.id
    needs = await _needs(session, after)
    job = Job(
        **_columns(Asking(ctx, name, args, reserved_micros)),
        queue=queue or QUEUE_OF[name],
        key=key or None,
        priority=priority,
        every_s=every_s,
        not_before=not_before,
    )
    if key:
        try:
            async with session.begin_nested():
                session.add(job)
        except IntegrityError:  # somebody asked under this key at the same moment, and is committed now
            if known := await queries.job_by_key(session, name, key):
                return known.id
            raise
    session.add(job)
    await session.flush()
    session.add_all(JobNeed(job_id=job.id, needs_id=needed) for needed in needs)
    await session.flush()
    await placing.place(ctx.ports, session, job)
    return job.id


@dataclass(frozen=True, slots=True)
class Asking:
    """A plain job that somebody asks for."""

    ctx: Context
    name: JobName
    args: Mapping[str, Any]  # Any: JSON
    reserved_micros: int = 0


async def ask_together(ctx: Context, session: AsyncSession, asked: Sequence[Asking]) -> list[NewJob]:
    """Ask for several plain jobs of one workspace inside one unit of work, in as many statements as for one.

    Raises:
        InvalidInput: the `args` of one are no small JSON object.
    """
    asked_rows = [_columns(one) | {"tenant_id": ctx.tenant, "queue": QUEUE_OF[one.name]} for one in asked]
    rows = await add_rows(session, Job, asked_rows)
    jobs = [NewJob(**{name: row[name] for name in _NEW_JOB}) for row in rows]
    await placing.place_new(ctx.ports, session, jobs)
    return jobs


_NEW_JOB = [one.name for one in fields(NewJob)]


def _columns(asked: Asking) -> dict[str, Any]:  # Any: whatever a column holds
    text = json.dumps(dict(asked.args), ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > ARGS_LIMIT_BYTES:
        raise InvalidInput("A job takes ids and short values only.", code="job.args_too_large")
    ctx = asked.ctx
    return {
        "id": new_id(),
        "name": asked.name,
        "args": text,
        "state": JobState.WAITING,
        "reserved_micros": asked.reserved_micros,
        "user_id": ctx.user_id,
        "api_key_id": ctx.api_key_id,
        "actor": ctx.actor,
        "locale": ctx.locale,
        "request_id": ctx.request_id[:60],
        "created_at": ctx.ports.clock.now(),
    }


async def _needs(session: AsyncSession, after: Sequence[UUID]) -> list[UUID]:
    """Return which of `after` are still to be done; locked, so that none ends unseen."""
    if not after:
        return []
    states = await queries.states_of(session, after)
    if unknown := set(after) - set(states):
        raise InvalidInput("Job {id} is not there.", code="job.unknown_need", params={"id": str(min(unknown))})
    if broke := [job_id for job_id, state in states.items() if state in BROKEN]:
        raise NeededBroke(params={"id": str(broke[0])})
    return [job_id for job_id, state in states.items() if state != JobState.DONE]


async def show(ctx: Context, *, job_id: UUID) -> JobView:
    """Return one job.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.read() as session:
        return view_of(_found(await queries.job(session, job_id)), now=ctx.ports.clock.now())


async def list_jobs(
    ctx: Context, *, states: Sequence[str] = (), name: str = "", before: UUID | None = None, limit: int = 50
) -> list[JobView]:
    """Return jobs, newest first; `before` is the id of the last one seen."""
    async with ctx.db.read() as session:
        rows = await queries.page(session, states=states, name=name, before=before, limit=min(limit, PAGE_LIMIT))
        now = ctx.ports.clock.now()
        return [view_of(row, now=now) for row in rows]


async def cancel(ctx: Context, *, job_id: UUID) -> JobView:
    """Cancel a job; a running one is told to stop and ends within seconds. Cancelled twice is cancelled.

    Raises:
        NotFound: there is none of that id.
        JobEnded: it is done, failed or in quarantine.
    """
    async with ctx.db.write() as session:
        job = _found(await queries.job(session, job_id, lock=True))
        if job.state == JobState.RUNNING:
            await _ask_to_stop(ctx, session, job, "cancel")
        elif job.state not in ENDED:
            await placing.end(ctx.ports, session, job, JobState.CANCELLED)
        elif job.state != JobState.CANCELLED:
            raise JobEnded(params={"state": job.state})
        return view_of(job, now=ctx.ports.clock.now())


async def pause(ctx: Context, *, job_id: UUID) -> JobView:
    """Hold a job back until it is resumed; a running one is stopped and starts again from what it noted.

    Raises:
        NotFound: there is none of that id.
        JobEnded: it is over.
    """
    async with ctx.db.write() as session:
        job = _found(await queries.job(session, job_id, lock=True))
        if job.state == JobState.RUNNING:
            await _ask_to_stop(ctx, session, job, job.asked or "pause")
        elif job.state in ENDED:
            raise JobEnded(params={"state": job.state})
        elif job.state != JobState.PAUSED:
            await placing.put(session, job, JobState.PAUSED, look_at=None)
            placing.tell(ctx.ports, session, job)
            await placing.fill(ctx.ports, session, job.tenant_id, job.queue)
        return view_of(job, now=ctx.ports.clock.now())


async def resume(ctx: Context, *, job_id: UUID) -> JobView:
    """Let a paused job go on; one that is not paused goes on anyway.

    Raises:
        NotFound: there is none of that id.
        JobEnded: it is over.
    """
    async with ctx.db.write() as session:
        await queries.states_of(session, await queries.needs_of(session, job_id))
        job = _found(await queries.job(session, job_id, lock=True))
        if job.state in ENDED:
            raise JobEnded(params={"state": job.state})
        if job.state == JobState.RUNNING and job.asked == "pause":
            await _ask_to_stop(ctx, session, job, "")
        elif job.state == JobState.PAUSED:
            await placing.place(ctx.ports, session, job)
        return view_of(job, now=ctx.ports.clock.now())


async def retry(ctx: Context, *, job_id: UUID) -> JobView:
    """Try a job again that failed, was cancelled or is in quarantine; one that is not over goes on as it is.

    What it has done already under a name of an effect is not done again.

    Raises:
        NotFound: there is none of that id.
        JobEnded: it is done.
    """
    async with ctx.db.write() as session:
        await queries.states_of(session, await queries.needs_of(session, job_id))
        job = _found(await queries.job(session, job_id, lock=True))
        if job.state == JobState.DONE:
            raise JobEnded(params={"state": job.state})
        if job.state in BROKEN:
            job.attempt = job.failures = job.deaths = job.done_permille = 0
            job.step = job.error_code = job.asked = ""
            job.error_params = job.ended_at = job.not_before = None
            await placing.place(ctx.ports, session, job)
        return view_of(job, now=ctx.ports.clock.now())


async def _ask_to_stop(ctx: Context, session: AsyncSession, job: Job, asked: str) -> None:
    job.asked = asked
    row = await queries.outbox(session, job.id)
    if row is not None:
        row.asked = asked
    placing.tell(ctx.ports, session, job)


def _found(job: Job | None) -> Job:
    if job is None:
        raise NotFound
    return job
