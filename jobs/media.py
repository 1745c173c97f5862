"""The jobs of the media studio; app/media makes, these only say who does which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.context import Context
from app.core.jobs.names import JobName
from app.core.jobs.registry import job
from app.core.jobs.run import JobRun
from app.media import images, speech, transcription, video

SCOPE = "media:write"


@job(JobName.IMAGE, queue="image", scope=SCOPE)
async def make_image(ctx: Context, run: JobRun) -> Mapping[str, Any]:  # Any: JSON
    """Make a picture."""
    return await images.make(ctx, run)


@job(JobName.SPEECH, queue="audio", scope=SCOPE)
async def say_text(ctx: Context, run: JobRun) -> Mapping[str, Any]:  # Any: JSON
    """Say a text."""
    return await speech.make(ctx, run)


@job(JobName.TRANSCRIPTION, queue="audio", scope=SCOPE)
async def write_down(ctx: Context, run: JobRun) -> Mapping[str, Any]:  # Any: JSON
    """Write a recording down."""
    return await transcription.make(ctx, run)


@job(JobName.VIDEO, queue="video", scope=SCOPE)
async def make_clip(ctx: Context, run: JobRun) -> Mapping[str, Any]:  # Any: JSON
    """Make a clip."""
    return await video.make(ctx, run)
