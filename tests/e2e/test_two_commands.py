"""The two commands on a fresh copy with an empty home: cold, warm, and the tests. Slow: minutes, and a registry."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.working_copy import copy_to, project_files, relative
from tests.conftest import pick_port
from tests.running import READY, gone, process_tree, started

COLD_S = 90
WARM_S = 10

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("CI") != "true", reason="minutes, and a package registry: set CI=true to run it"),
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what is tracked, in a folder of its own with an empty home beside it."""
    folder = tmp_path_factory.mktemp("fresh")
    copy_to(folder / "galley")
    (folder / "home").mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def environment(fresh: Path) -> dict[str, str]:
    """Return the environment of a person who has just logged in: an empty home, no trace of the tests' own .venv."""
    virtual = os.pathsep + str(Path(sys.prefix) / "bin")
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != virtual.lstrip(os.pathsep))
    hidden = ("PYTHON", "VIRTUAL_ENV", "GALLEY_", "REFLEX_", "UV_", "NPM_CONFIG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**kept, "PATH": path, "HOME": str(fresh / "home")}


def start(fresh: Path, data: Path) -> tuple[float, str]:
    """Run the first command until its first page, and return the seconds it took and what it said."""
    began_s = time.monotonic()
    with started(
        data,
        pick_port(),
        command=(getattr(sys, "_base_executable", sys.executable), "-m", "app"),
        cwd=fresh / "galley",
        environment=environment(fresh),
    ) as galley:
        galley.wait_for(READY, within_s=600)
        took_s = time.monotonic() - began_s
        status, _ = galley.get("/")
        below = process_tree(galley.process.pid)
        code = galley.stop(signal.SIGINT)

        assert (200, 0, set()) == (status, code, gone(below, within_s=5))
        return took_s, galley.output


def test_the_first_command_serves_from_nothing_and_then_again_at_once(fresh: Path, tmp_path: Path) -> None:
    cold_s, said = start(fresh, tmp_path)
    warm_s, said_again = start(fresh, tmp_path)

    assert "Setting Galley up" in said
    assert "Setting Galley up" not in said_again
    print(f"cold {cold_s:.1f} s, warm {warm_s:.1f} s")
    assert cold_s < COLD_S
    assert warm_s < WARM_S


def test_setting_up_leaves_the_copy_as_it_was(fresh: Path) -> None:
    changed = [
        str(relative(path))
        for path in project_files()
        if (fresh / "galley" / relative(path)).read_bytes() != path.read_bytes()
    ]

    assert [] == changed


def test_the_second_command_runs_the_tests_in_the_same_folder(fresh: Path) -> None:
    done = subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "-m", "app", "test", "tests/house/test_locks.py", "-q"],
        cwd=fresh / "galley",
        env=environment(fresh),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
    assert " passed" in done.stdout
