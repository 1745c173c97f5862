"""The names of jobs, their queues and their states: what doors, handlers and workers agree on."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args

QueueName = Literal["image", "video", "audio", "ingest", "bulk", "default"]

QUEUES: tuple[QueueName, ...] = get_args(QueueName)
"""One per kind of work, so that each can have workers of its own."""


class JobName(StrEnum):
    """Every kind of job. A value is stored with each job and never changes its meaning."""

    IMAGE = "media.image"
    SPEECH = "media.speech"
    TRANSCRIPTION = "media.transcription"
    VIDEO = "media.video"
    TRIAL = "trial"


QUEUE_OF: dict[JobName, QueueName] = {
    JobName.IMAGE: "image",
    JobName.SPEECH: "audio",
    JobName.TRANSCRIPTION: "audio",
    JobName.VIDEO: "video",
    JobName.TRIAL: "default",
}
"""Where a job of that name waits, unless it was asked for in another queue."""


class JobState(StrEnum):
    """Where a job stands; the drawing is in the package's docstring."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"
    PAUSED = "paused"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.QUARANTINED})
"""Nothing happens to it any more, unless somebody asks for another try."""

BROKEN = ENDED - {JobState.DONE}
"""Ended without what was asked for: jobs that need it cannot start."""

Asked = Literal["", "cancel", "pause"]
"""What a running job was asked to do."""
