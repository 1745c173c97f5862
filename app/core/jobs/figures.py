"""How many jobs stand where, over all workspaces: what an operator watches and an autoscaler scales workers by.

Read from the outbox by one statement when somebody scrapes; whose jobs they are is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import AppError
from app.core.jobs import queries
from app.core.jobs.names import QUEUES, JobState
from app.core.ports import Ports
from app.core.telemetry import log

UNFINISHED = (JobState.WAITING, JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


class Figures(Collector):
    """The sums as gauges. Each queue and state has one, zeros too: a scaler must tell "none" from "not known"."""

    def __init__(self, sums: Sequence[queries.Sum], *, now: datetime) -> None:
        self._sums = {(one.queue, one.state): one for one in sums}
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        unfinished = GaugeMetricFamily("galley_jobs_unfinished", "Jobs that have not ended", labels=["queue", "state"])
        oldest = GaugeMetricFamily(
            "galley_jobs_oldest_due_seconds", "How long the oldest job could have run", labels=["queue", "state"]
        )
        quarantined = GaugeMetricFamily("galley_jobs_quarantined", "Jobs in quarantine", labels=["queue"])
        for queue in QUEUES:
            for state in UNFINISHED:
                unfinished.add_metric([queue, state], self._jobs(queue, state))
            for state in queries.DUE:
                oldest.add_metric([queue, state], self._oldest_s(queue, state))
            quarantined.add_metric([queue], self._jobs(queue, JobState.QUARANTINED))
        yield from (unfinished, oldest, quarantined)

    def _jobs(self, queue: str, state: str) -> int:
        found = self._sums.get((queue, state))
        return found.jobs if found else 0

    def _oldest_s(self, queue: str, state: str) -> float:
        found = self._sums.get((queue, state))
        return (self._now - found.due_at).total_seconds() if found and found.due_at else 0.0


async def as_text(ports: Ports) -> bytes:
    """Return the figures in Prometheus' text form; nothing while the database cannot say."""
    now = ports.clock.now()
    try:
        async with ports.db.bound(tenant_id=None).read() as session:
            sums = await queries.sums(session, now=now)
    except (AppError, OSError, SQLAlchemyError) as error:
        log.warning("jobs.figures_unread", error=type(error).__name__)
        return b""
    registry = CollectorRegistry()
    registry.register(Figures(sums, now=now))
    return generate_latest(registry)
