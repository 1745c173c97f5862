"""Puts limits on itself, then becomes the program it was asked to run. limited_child.py starts it as a file of its own.

Limits set here hold before the program's first instruction. `preexec_fn` would do the same inside a copy of our own
process, where a lock that another thread held stays locked for ever. Standard library only: it runs without `app`.
"""

import os
import resource
import sys

CANNOT_START = 126
OPEN_FILES = 64
NICE = 10  # pages and answers come first where processors are few


def _limit(which: int, wanted: int, *, grace: int = 0) -> None:
    hard = resource.getrlimit(which)[1]
    most = wanted + grace if hard == resource.RLIM_INFINITY else min(wanted + grace, hard)
    resource.setrlimit(which, (min(wanted, most), most))


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2); it outlives exec
    if os.getppid() != parent:  # it died before the line above
        os._exit(CANNOT_START)


def _begin(parent: int, memory_bytes: int, cpu_s: int, file_bytes: int, command: list[str]) -> None:
    _die_with(parent)
    # A group, to be killed together, but no session: Linux shares processors out by session (sched(7), autogroup), and
    # niceness counts inside one only. Made here because uvloop cannot ask for it.
    os.setpgid(0, 0)
    os.nice(NICE)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_CPU, cpu_s, grace=1)  # a signal first, the kill a second later
    if sys.platform == "linux":  # elsewhere the kernel refuses or ignores it
        _limit(resource.RLIMIT_AS, memory_bytes)
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as failure:
        os.write(2, f"cannot start: {failure.strerror}".encode())
        os._exit(CANNOT_START)


if __name__ == "__main__":
    parent, memory_bytes, cpu_s, file_bytes = map(int, sys.argv[1:5])
    _begin(parent, memory_bytes, cpu_s, file_bytes, sys.argv[5:])
