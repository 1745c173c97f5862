"""Keeps the machine's memory awake while something is measured, and says what memory costs that rests.

On a virtual machine that idles, the host takes memory back within a second: here the first touch of a page after that
then costs 15 to 25 us instead of a fraction of one, and a request that touches a few thousand of them 100 ms, whatever
program answers it. No server that is used stands so still. So a process of idle priority walks through memory on each
core, a third of the time; it gives way to everybody. `--as-it-rests` measures without them.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAGE = 4096
WALKED = 64 * 2**20  # bytes; less of it stays in the processor's caches, and does not do
NAP_S = 0.01
REST_S = 1.0


@contextmanager
def awake() -> Iterator[None]:
    """Walk through memory on every core of ours until the end of the block (Linux; elsewhere nothing is done)."""
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    walkers = [subprocess.Popen([sys.executable, "-m", "bench.awake", str(core)]) for core in cores]
    try:
        yield
    finally:
        for walker in walkers:
            walker.kill()
            walker.wait()


def rest_costs_us() -> float:
    """Return the microseconds that touching a page costs after a second without a touch."""
    with mmap.mmap(-1, WALKED) as memory:
        _walk(memory)
        time.sleep(REST_S)
        began_s = time.perf_counter()
        _walk(memory)
        return (time.perf_counter() - began_s) / (WALKED // PAGE) * 1e6


def _walk(memory: mmap.mmap) -> None:
    for page in range(0, WALKED, PAGE):
        memory[page] = 1


def main(core: int) -> None:
    """Be one walker, as long as there is somebody who started it."""
    parent = os.getppid()
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with mmap.mmap(-1, WALKED) as memory:
        while os.getppid() == parent:
            _walk(memory)
            time.sleep(NAP_S)


if __name__ == "__main__":
    main(int(sys.argv[1]))
