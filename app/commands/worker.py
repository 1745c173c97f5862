"""`worker`: runs background jobs, looks after all of them in turn with the other workers, and keeps house."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from app.commands.configuration import checked_settings
from app.commands.lifeline import is_supervised
from app.core.counting import share_counts
from app.core.jobs.names import QUEUES
from app.core.settings import Settings
from app.setup.refusal import Refusal


def main(arguments: Sequence[str]) -> int:
    """Work until stopped.

    Raises:
        Refusal: there is no queue of that name.
    """
    parser = argparse.ArgumentParser(prog="python3 -m app worker")
    parser.add_argument("--queues", default=",".join(QUEUES), help=f"some of {', '.join(QUEUES)}")
    parser.add_argument("--hands", type=int, default=0, help="how many jobs at once (GALLEY_WORKER_HANDS)")
    given = parser.parse_args(list(arguments))
    queues = [name.strip() for name in given.queues.split(",") if name.strip()]
    if not queues or (unknown := set(queues) - set(QUEUES)):
        raise Refusal(f"There is no queue {min(unknown) if queues else ''!r}.", f"name some of {', '.join(QUEUES)}")
    settings = checked_settings()
    os.umask(0o077)
    hands = given.hands or settings.worker_hands or os.cpu_count() or 1
    with TemporaryDirectory(prefix="galley-counts-") if settings.worker_metrics_port else nullcontext() as folder:
        _work(settings, queues=queues, hands=hands, counts=Path(folder) if folder else None)
    return 0


def _work(settings: Settings, *, queues: Sequence[str], hands: int, counts: Path | None) -> None:
    if counts is not None:
        share_counts(counts)  # before anything is imported that makes a metric
    from app.bootstrap import build_ports
    from app.core.telemetry import configure_logging
    from jobs.handlers import load_handlers
    from jobs.worker import Worker

    configure_logging(settings.log_level)
    load_handlers()
    Worker(
        lambda: build_ports(settings),
        queues=queues,
        hands=hands,
        drain_s=settings.drain_s,
        follows=is_supervised(),
        counts=counts,
    ).run()
