"""Which function does which job. Handlers register themselves when their module is imported, by a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.context import Context
from app.core.jobs.names import QUEUE_OF, JobName, QueueName
from app.core.jobs.run import JobRun

Work = Callable[[Context, JobRun], Awaitable[Mapping[str, Any]]]  # Any: JSON
LIMIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Handler:
    """A job's function, the scope that its person must have when it starts, and how long it may take."""

    name: JobName
    queue: QueueName
    scope: str
    limit_s: float
    work: Work


HANDLERS: dict[str, Handler] = {}


def job(name: JobName, *, queue: QueueName, scope: str, limit_s: float = LIMIT_S) -> Callable[[Work], Work]:
    """Register the function below as what does the jobs of that name.

    It can run twice: first read what is there, then act, with keys made of the job's id; see JobRun.effect.
    """
    if QUEUE_OF[name] != queue:
        raise ValueError(f"jobs of the name {name} wait in the queue {QUEUE_OF[name]}, not in {queue}")

    def register(work: Work) -> Work:
        HANDLERS[name] = Handler(name, queue, scope, limit_s, work)
        return work

    return register
