"""Structured logs (JSON lines, one event each) and metrics. Never prompts, outputs, keys, cookies or personal data."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

REQUESTS = Counter("galley_http_requests_total", "HTTP requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("galley_http_request_seconds", "Time to the first byte of an answer", ["route"])
EVENTS_REFUSED = Counter("galley_events_refused_total", "Screen events refused at the guard", ["reason"])
BLOB_COPIES = Counter(
    "galley_blob_copies_total", "Copies of files in the second bucket: made, missed, read", ["outcome"]
)
BLOBS_ASTRAY = Counter("galley_blobs_astray_total", "Files without a row, and rows without a file, found", ["kind"])
JOBS_RUN = Counter("galley_jobs_total", "Background jobs run", ["job", "outcome"])
BELLS = Counter("galley_job_bells_total", "Wake-ups sent to workers", ["outcome"])
BUS_EVENTS = Counter("galley_bus_events_total", "Events told to other processes", ["outcome"])
JOBS_ORPHANED = Counter("galley_jobs_orphaned_total", "Jobs whose worker died", ["outcome"])

log = structlog.get_logger("galley")


def configure_logging(level: str = "info") -> None:
    """Send every log line of the process to stderr as JSON; libraries' records included.

    Libraries are held to warnings: some of them log requests with cookies and bodies at info.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),  # escapes control characters, so no line can be forged
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("galley").setLevel(level.upper())


def bind_request(*, request_id: str, tenant_id: object = None) -> None:
    """Put the request's and the tenant's id on every later log line of this task."""
    structlog.contextvars.bind_contextvars(request_id=request_id, tenant=str(tenant_id or ""))
