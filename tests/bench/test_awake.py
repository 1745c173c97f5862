"""What keeps the machine awake gives way to everybody, and is gone afterwards, also when its bench is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.awake import awake, rest_costs_us
from bench.processes import children
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has processes of idle priority")


def test_each_core_has_a_walker_of_idle_priority_until_the_end() -> None:
    before = set(children(os.getpid()))
    with awake():
        walkers = set(children(os.getpid())) - before
        assert len(walkers) == len(os.sched_getaffinity(0))
        deadline_s = time.monotonic() + PATIENCE_S
        while {os.sched_getscheduler(walker) for walker in walkers} != {os.SCHED_IDLE}:
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        assert {frozenset(os.sched_getaffinity(walker)) for walker in walkers} == {
            frozenset({core}) for core in os.sched_getaffinity(0)
        }
    assert set(children(os.getpid())) <= before


def test_a_walker_does_not_outlive_a_killed_bench() -> None:
    code = "import time; from bench.awake import awake\nwith awake(): print('on', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as bench:
        assert bench.stdout is not None
        assert bench.stdout.readline() == b"on\n"
        walkers = children(bench.pid)
        assert walkers
        time.sleep(0.5)  # they have looked who started them
        bench.kill()
    deadline_s = time.monotonic() + PATIENCE_S
    while any(Path(f"/proc/{walker}").exists() for walker in walkers):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_what_rest_costs_is_measured() -> None:
    assert 0 < rest_costs_us() < 10_000
