"""What a handler gets of its job: arguments, progress, notes, and effects that happen once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.jobs import ledger, queries
from app.core.jobs.errors import Cancelled, LeaseLost, Stopped
from app.core.jobs.models import JobEffect
from app.core.jobs.schemas import Json, Lease
from app.core.ports import Ports

TELL_EVERY_S = 0.5


class JobRun:
    """One run of a job. It can be the second at the same time: what must happen once happens in `effect`."""

    def __init__(self, ports: Ports, lease: Lease) -> None:
        self.lease = lease
        self.noted: Json = lease.noted
        self._ports = ports
        self._told = ("", -1)
        self._told_s = float("-inf")
        self._stopped: Stopped | None = None

    @property
    def id(self) -> UUID:
        """The job's id: what keys and names are made of that have to be the same in every run."""
        return self.lease.job_id

    @property
    def args(self) -> Json:
        """What was asked for."""
        return self.lease.args

    @property
    def attempt(self) -> int:
        """Which start this is, from 1."""
        return self.lease.attempt

    @property
    def fence(self) -> int:
        """The fencing number: a greater one makes this run void."""
        return self.lease.fence

    def stop(self, why: Stopped) -> None:
        """Let the handler end at its next step; called by whoever renews the lease."""
        self._stopped = why

    def check(self) -> None:
        """Raise when this run is to end.

        Raises:
            Cancelled: the job was cancelled or paused, or the worker is leaving.
            LeaseLost: the job is another run's now.
        """
        if self._stopped is not None:
            raise self._stopped

    async def progress(self, step: str, share: float) -> None:
        """Tell how far the job is: the step's name and the share of the whole from 0 to 1. Call it often, it is cheap.

        Raises:
            Cancelled: the job was cancelled or paused, or the worker is leaving.
            LeaseLost: the job is another run's now.
        """
        self.check()
        told = (step[:60], round(1000 * min(1.0, max(0.0, share))))
        now_s = self._ports.clock.monotonic_s()
        if told == self._told or (told[0] == self._told[0] and now_s - self._told_s < TELL_EVERY_S):
            return
        self._told, self._told_s = told, now_s
        if await ledger.tell_progress(self._ports, self.lease, step=told[0], done_permille=told[1]):
            raise Cancelled

    async def note(self, more: Mapping[str, Any]) -> None:
        """Keep some small JSON for later runs of this job, for example how to find a provider's task again.

        Raises:
            LeaseLost: the job is another run's now.
        """
        async with ledger.system(self._ports, self.lease.tenant_id).db.write() as session:
            job = await ledger.own(session, self.lease)
            noted = {**self.noted, **more}
            job.noted = json.dumps(noted, ensure_ascii=False)
        self.noted = noted

    @asynccontextmanager
    async def effect(self, ctx: Context, name: str) -> AsyncIterator[AsyncSession | None]:
        """Open the unit of work in which something happens once in the job's life; None where it has happened.

        What is written through the session is committed together with the mark that it was done. While it is open,
        nobody can take the job over.

        Raises:
            LeaseLost: the job is another run's now, or was cancelled.
        """
        async with ctx.db.write() as session:
            await ledger.own(session, self.lease)
            if await queries.effect_done(session, self.id, name):
                yield None
                return
            session.add(JobEffect(job_id=self.id, effect=name, fence=self.fence, created_at=self._ports.clock.now()))
            await session.flush()
            yield session


__all__ = ["Cancelled", "JobRun", "LeaseLost"]
