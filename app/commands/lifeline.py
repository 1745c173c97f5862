"""No process outlives the one that started it: a child whose parent is gone ends itself."""

from __future__ import annotations

import os
import signal
import threading
import time

LOOK_EVERY_S = 0.5
GRACE_S = 5.0
SUPERVISOR = "GALLEY_SUPERVISOR_PID"  # set by `run` for its children


def follow_parent() -> None:
    """End this process, gently and then for sure, when its parent has gone."""
    parent = os.getppid()
    threading.Thread(target=_follow, args=(parent,), name="lifeline", daemon=True).start()


def follow_supervisor() -> None:
    """Do the same, but only for a child of `python3 -m app`: one started by hand may outlive its shell."""
    if os.environ.get(SUPERVISOR) == str(os.getppid()):
        follow_parent()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
