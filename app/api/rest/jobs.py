"""/api/v1/jobs: background work as a program sees it: how far it is, what came of it, and how to hold or end it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, JsonValue

from app.api.door import Ctx, DoorRoute
from app.api.event_stream import EventStream
from app.api.rest.job_events import frames
from app.api.scopes import requires
from app.api.shapes import AddressId, CursorText, Limit, Page, cursor_of, position_of
from app.core.jobs import service
from app.core.jobs.names import JobName, JobState, QueueName
from app.core.jobs.schemas import JobView

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], route_class=DoorRoute)

_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["ready", "job"]},
        "id": {"type": "string", "description": "Counts from 1."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "id", "data"],
}
STREAM = {"content": {"text/event-stream": {"schema": _EVENT}}}


class JobOut(BaseModel):
    """A job. `result` is what it made, by id; `error_code` says why it failed, or why it is tried again."""

    id: UUID
    name: JobName
    queue: QueueName
    state: JobState
    asked: str = Field(description='"cancel" or "pause": what a running job was told and will do within seconds.')
    priority: int
    attempt: int
    step: str
    done_permille: int = Field(ge=0, le=1000)
    eta_s: int | None = Field(description="Seconds until it is done at its present pace; null: not known yet.")
    error_code: str
    error_params: dict[str, JsonValue]
    result: dict[str, JsonValue]
    reserved_micros: int = Field(description="Micro-dollars held for it.")
    user_id: UUID | None
    not_before: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


def job_out(view: JobView) -> JobOut:
    """Return the job as it crosses the door."""
    return JobOut.model_validate(view, from_attributes=True)


@router.get("")
@requires("jobs:read")
async def list_jobs(
    ctx: Ctx,
    limit: Limit = 50,
    cursor: CursorText = None,
    state: Annotated[list[JobState], Query(description="Only these; none: all.", max_length=8)] = [],  # noqa: B006
    name: JobName | None = None,
) -> Page[JobOut]:
    """List jobs, newest first."""
    position = position_of(cursor)
    before = position[1] if position else None
    views = await service.list_jobs(ctx, states=state, name=name or "", before=before, limit=limit)
    end = (views[-1].created_at, views[-1].id) if len(views) == limit else None
    return Page(items=[job_out(view) for view in views], next_cursor=cursor_of(end))


@router.get("/events", response_class=Response, responses={200: STREAM})
@requires("jobs:read")
async def follow_jobs(ctx: Ctx, request: Request) -> Response:
    """Tell what happens to the workspace's jobs from now on, for as long as the caller stays and may know it."""
    return EventStream(frames(ctx, request), is_final=lambda: False)


@router.get("/{job_id}")
@requires("jobs:read")
async def show_job(ctx: Ctx, job_id: AddressId) -> JobOut:
    """Show one job."""
    return job_out(await service.show(ctx, job_id=job_id))


@router.post("/{job_id}/cancel")
@requires("jobs:write")
async def cancel_job(ctx: Ctx, job_id: AddressId) -> JobOut:
    """Cancel a job; one that runs is told to stop and ends within seconds. Twice is as good as once."""
    return job_out(await service.cancel(ctx, job_id=job_id))


@router.post("/{job_id}/retry")
@requires("jobs:write")
async def retry_job(ctx: Ctx, job_id: AddressId) -> JobOut:
    """Try a job again that failed, was cancelled or is in quarantine; what it has made already stays as it is."""
    return job_out(await service.retry(ctx, job_id=job_id))


@router.post("/{job_id}/pause")
@requires("jobs:write")
async def pause_job(ctx: Ctx, job_id: AddressId) -> JobOut:
    """Hold a job back until it is resumed."""
    return job_out(await service.pause(ctx, job_id=job_id))


@router.post("/{job_id}/resume")
@requires("jobs:write")
async def resume_job(ctx: Ctx, job_id: AddressId) -> JobOut:
    """Let a paused job go on."""
    return job_out(await service.resume(ctx, job_id=job_id))
