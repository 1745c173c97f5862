"""`worker`: housekeeping in a process of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from app.commands.configuration import checked_settings
from app.commands.lifeline import follow_supervisor


def main(arguments: Sequence[str]) -> int:
    """Work until stopped."""
    settings = checked_settings()
    follow_supervisor()
    os.umask(0o077)
    from app.bootstrap import build_ports
    from app.core.telemetry import configure_logging
    from jobs.worker import work_until_stopped

    configure_logging(settings.log_level)
    asyncio.run(work_until_stopped(build_ports(settings)))
    return 0
