"""No process outlives the one that started it: a child whose parent is gone ends itself."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

LOOK_EVERY_S = 0.5
GRACE_S = 5.0
SUPERVISOR = "GALLEY_SUPERVISOR_PID"  # set by `run` for its children


def follow_parent() -> None:
    """End this process, gently and then for sure, when its parent has gone."""
    parent = os.getppid()
    threading.Thread(target=_follow, args=(parent,), name="lifeline", daemon=True).start()


def is_supervised() -> bool:
    """Whether this is a child of `python3 -m app`: one started by hand may outlive its shell."""
    return os.environ.get(SUPERVISOR) == str(os.getppid())


def follow_supervisor() -> None:
    """Follow the parent, but only where that is `python3 -m app`."""
    if is_supervised():
        follow_parent()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def end_with_supervisor() -> bool:
    """Let the system end this process, and the program that it becomes, with `python3 -m app`.

    False where it cannot; true also for one that was started by hand, which may outlive its shell.
    """
    parent = os.getppid()
    if not is_supervised():
        return True
    if sys.platform != "linux":
        return False
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG, prctl(2)
    done = ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:  # it went in between
        os.kill(os.getpid(), signal.SIGTERM)
    return bool(done == 0)
