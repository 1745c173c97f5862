"""`web`: one server process on one port: pages, socket, REST."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from app.commands.configuration import checked_settings
from app.commands.lifeline import follow_supervisor

THREADS_TAKE_TURNS_S = 0.001
"""Checks and the database run in threads: with Python's own 5 ms, tokens would wait that long for each of them."""
STOP_WAIT_S = 4  # an open stream may take this long to end after a stop
IDLE_CONNECTION_S = 75  # longer than the 60 s of common proxies, which would else meet closed connections


def main(arguments: Sequence[str]) -> int:
    """Serve until stopped."""
    settings = checked_settings()
    follow_supervisor()
    os.umask(0o077)
    import uvicorn

    from app.commands.connection import BoundedConnection

    served = application()
    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    uvicorn.Server(
        uvicorn.Config(
            served,
            host=settings.host,
            port=settings.port,
            loop="auto",  # uvloop where there is one: a token costs a tenth less
            http=BoundedConnection,
            ws="websockets-sansio",
            ws_ping_interval=None,  # the socket's own protocol asks who is still there
            ws_per_message_deflate=False,  # costs memory for every visitor
            lifespan="on",
            log_config=None,  # ours is set already
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_CONNECTION_S,
            timeout_graceful_shutdown=STOP_WAIT_S,
        )
    ).run()
    return 0


def application() -> Any:  # Any: an ASGI callable as Reflex makes it
    """Return the ASGI application."""
    from reflex_base import constants
    from reflex_base.environment import environment

    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    from app.app import app, past_framework

    return past_framework(app())
