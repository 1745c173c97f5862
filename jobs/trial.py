"""A job that shows that jobs run: it counts, notes how far it came and leaves one mark. Storms are made of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from app.core.context import Context
from app.core.jobs.names import JobName
from app.core.jobs.registry import job
from app.core.jobs.run import JobRun

STEPS_AT_MOST = 1000


@job(JobName.TRIAL, queue="default", scope="jobs:write")
async def try_out(ctx: Context, run: JobRun) -> Mapping[str, Any]:
    """Do `steps` steps of `step_ms` each, and go on where an earlier run came to."""
    steps = min(STEPS_AT_MOST, int(run.args.get("steps", 1)))
    step_ms = int(run.args.get("step_ms", 0))
    first = int(run.noted.get("step", 0))
    digest = hashlib.sha256()
    for step in range(first, steps):
        await run.progress("counting", step / steps)
        await asyncio.sleep(step_ms / 1000)
        digest.update(str(step).encode())
        await run.note({"step": step + 1})
    async with run.effect(ctx, "counted") as session:
        counted_now = session is not None
    return {"steps": steps, "from": first, "digest": digest.hexdigest(), "counted_now": counted_now}
