"""`test`: style, types and layers beside the tests; one summary at the end, and the exit code tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.setup import places

BIN = places.VENV / "bin"
ALL_TESTS = ["tests", "-n", "2"]  # tests/conftest.py says which of them stay together
CHECKS: dict[str, list[str | Path]] = {
    "style (ruff)": [BIN / "ruff", "check", "."],
    "form (ruff format)": [BIN / "ruff", "format", "--check", "."],
    "layers (lint-imports)": [BIN / "lint-imports", "--no-cache"],
    "types (mypy)": [BIN / "mypy"],
}


@dataclass(slots=True)
class Outcome:
    """How one part went."""

    name: str
    code: int
    seconds: float
    output: str = ""


def main(arguments: Sequence[str]) -> int:
    """Run everything, or with arguments only pytest with these arguments; return 0 when all is well."""
    if arguments:
        return run_tests(arguments).code
    outcomes: list[Outcome] = []
    beside = threading.Thread(target=lambda: outcomes.extend(map(run_check, CHECKS)), name="checks")
    beside.start()
    print(f"Tests, with {', '.join(CHECKS)} beside them:\n", flush=True)
    tests = run_tests(ALL_TESTS)
    if beside.is_alive():
        print("\nWaiting for the checks beside the tests …", flush=True)
    beside.join()
    for outcome in outcomes:
        if outcome.code:
            print(f"\n--- {outcome.name} ---\n{outcome.output}", flush=True)
    print()
    for outcome in (*outcomes, tests):
        print(f"  {'ok    ' if outcome.code == 0 else 'FAILED'}  {outcome.name:<24} {outcome.seconds:6.1f} s")
    return 0 if all(outcome.code == 0 for outcome in (*outcomes, tests)) else 1


def run_tests(arguments: Sequence[str]) -> Outcome:
    """Run pytest in the foreground; told to stop, it gets the chance to end what its tests have started."""
    began_s = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=places.ROOT) as tests:  # noqa: S603
        previous = signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGINT))
        try:
            code = tests.wait()
        except KeyboardInterrupt:  # the terminal has told pytest as well
            code = tests.wait()
        finally:
            signal.signal(signal.SIGTERM, previous)
    return Outcome("tests (pytest)", code, time.monotonic() - began_s)


def run_check(name: str) -> Outcome:
    """Run one check at low priority, so that it does not disturb the tests' clocks."""
    began_s = time.monotonic()
    done = subprocess.run(  # noqa: S603
        CHECKS[name],
        cwd=places.ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.nice(5),
    )
    return Outcome(name, done.returncode, time.monotonic() - began_s, done.stdout + done.stderr)
