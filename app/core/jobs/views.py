"""A job's row as people and programs see it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from app.core.jobs.models import Job
from app.core.jobs.names import JobState
from app.core.jobs.schemas import JobView

TOLD_FROM_PERMILLE = 50
"""Before so much is done, a guess at the rest would be noise."""


def view_of(job: Job, *, now: datetime) -> JobView:
    """Return the view of a row."""
    return JobView(
        id=job.id,
        name=job.name,
        queue=job.queue,
        state=str(job.state),
        asked=job.asked,
        priority=job.priority,
        attempt=job.attempt,
        step=job.step,
        done_permille=job.done_permille,
        eta_s=eta_s(job, now=now),
        error_code=job.error_code,
        error_params=job.error_params or {},
        result=as_object(job.result),
        reserved_micros=job.reserved_micros,
        user_id=job.user_id,
        not_before=job.not_before,
        began_at=job.began_at,
        ended_at=job.ended_at,
        created_at=job.created_at,
    )


def eta_s(job: Job, *, now: datetime) -> int | None:
    """Return in how many seconds a running job will be done, at the pace that it had so far."""
    if job.state != JobState.RUNNING or job.done_permille < TOLD_FROM_PERMILLE:
        return None
    if job.began_at is None or job.progressed_at is None:
        return None
    took_s = (job.progressed_at - job.began_at).total_seconds()
    whole_s = took_s * 1000 / job.done_permille
    return max(0, round(whole_s - (now - job.began_at).total_seconds()))


def as_object(text: str) -> dict[str, Any]:  # Any: JSON
    """Return the JSON object in a column; nothing is an empty one."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
