"""What is being made, as the screens show it: the bus says that something has moved, the ledger says where it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state.marks import needs, public
from state.media_reading import read_jobs
from state.media_view import JobRow
from state.session import SessionState, ctx_for


class MediaJobsState(rx.State):
    """What is being made, and what went wrong and was not put away."""

    jobs: list[JobRow] = []

    @rx.event
    @public
    async def open(self) -> None:
        """Read what is being made."""
        await self._read()

    @rx.event
    @needs("media:write")
    async def stop(self, job_id: str) -> None:
        """Stop a job: what it was to make leaves the wall, and the job ends with it; a draft that is there stays."""
        await self._drop(job_id)

    @rx.event
    @needs("media:write")
    async def retry(self, job_id: str) -> None:
        """Try it again."""
        from app.core.jobs import service as jobs

        await self._told(jobs.retry, job_id=parse_id(job_id))
        await self._read()

    @rx.event
    @needs("media:write")
    async def put_away(self, job_id: str) -> None:
        """Take one that went wrong off the wall; its draft stays."""
        await self._drop(job_id)

    def _going(self) -> set[str]:
        """Return the jobs that are shown in the making."""
        return {row.id for row in self.jobs if row.id and row.state == "making"}

    async def _drop(self, job_id: str) -> None:
        from app.media import cuts, trash

        row = next((row for row in self.jobs if row.id == job_id), None)
        if row is not None:
            drop = cuts.keep_draft if row.cut == "final" else trash.delete
            await self._told(drop, asset_id=parse_id(row.asset_id))
        await self._read()

    async def _told(self, verb: Any, **named: UUID | None) -> None:  # Any: a verb of a service
        """Call a verb, and show what it refuses."""
        try:
            if all(named.values()):
                await verb(await ctx_for(self), **named)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)

    async def _read(self) -> None:
        ctx = await ctx_for(self)
        if "media:read" in ctx.scopes:
            self.jobs = await read_jobs(ctx)
