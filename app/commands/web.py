"""`web`: one server process, one worker, on one port: pages, socket, REST."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from app.commands.configuration import checked_settings
from app.commands.lifeline import follow_parent, follow_supervisor

THREADS_TAKE_TURNS_S = 0.001
"""Checks and the database run in threads: with Python's own 5 ms, tokens would wait that long for each of them."""
STOP_WAIT_S = 4  # an open stream may take this long to end after a stop


def main(arguments: Sequence[str]) -> int:
    """Serve until stopped."""
    settings = checked_settings()
    follow_supervisor()
    os.umask(0o077)
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "app.commands.web:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.auto,  # uvloop where there is one: a token costs a tenth less
        workers=1,
        websockets=True,
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_WAIT_S,
    ).serve()
    return 0


def application() -> Any:  # Any: an ASGI callable as Reflex makes it
    """Return the ASGI application; runs in the server's worker process, which ends with its parent."""
    follow_parent()
    from reflex_base import constants
    from reflex_base.environment import environment

    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    from app.app import app, past_framework

    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    return past_framework(app())
