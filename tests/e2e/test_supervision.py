"""Starting and stopping: a dead child comes back, and no end of the parent, however rude, leaves a process behind."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import pick_port
from tests.patience import PATIENCE_S
from tests.running import READY, Running, gone, is_built, migrate, process_tree, started

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc"),
    pytest.mark.skipif(not is_built(), reason="the front end is not built: python3 -m app setup"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that is left running by the tests that ask for it."""
    folder = tmp_path_factory.mktemp("galley")
    migrate(folder)
    with started(folder, pick_port()) as galley:
        galley.wait_for(READY)
        yield galley


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Running]:
    """One to stop."""
    migrate(tmp_path)
    with started(tmp_path, pick_port()) as galley:
        galley.wait_for(READY)
        yield galley


def children(galley: Running, name: str) -> list[int]:
    """Return the direct children that run the command `name`, or have become the server of that name."""
    found = []
    for process in process_tree(galley.process.pid):
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
        is_meant = name.encode() in words or f"{name}-server".encode() in words[0]
        if is_meant and int(parent) == galley.process.pid:
            found.append(process)
    return found


def test_the_address_is_printed_and_serves_the_first_page(running: Running) -> None:
    status, page = running.get("/")

    assert f"{READY}{running.address}" in running.output
    assert 200 == status
    assert b"<html" in page


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP])
def test_a_stop_ends_every_process_within_seconds(doomed: Running, sent: signal.Signals) -> None:
    below = process_tree(doomed.process.pid)
    began_s = time.monotonic()

    code = doomed.stop(sent)

    assert 0 == code
    assert time.monotonic() - began_s < 8
    assert len(below) >= 3
    assert set() == gone(below, within_s=1)
    assert "Stopped." in doomed.output


def test_a_killed_parent_leaves_no_orphans(doomed: Running) -> None:
    below = process_tree(doomed.process.pid)

    doomed.stop(signal.SIGKILL)

    assert set() == gone(below, within_s=8)


def test_everything_it_keeps_is_closed_to_other_users(running: Running) -> None:
    data = running.output_path.parent / "data"
    open_to_others = [path.name for path in (data, *data.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077]

    assert [] == open_to_others


def test_a_second_start_with_the_same_data_is_refused(running: Running, tmp_path: Path) -> None:
    with started(tmp_path, pick_port(), GALLEY_DATA_DIR=str(running.output_path.parent / "data")) as second:
        code = second.process.wait(4 * PATIENCE_S)

    assert 1 == code
    assert "Galley already runs with the data folder" in second.output
    assert running.address in second.output


def test_a_web_process_that_does_not_stay_up_is_explained(tmp_path: Path) -> None:
    migrate(tmp_path)
    key = tmp_path / "data" / "master.key"
    key.write_bytes(b"A" * 44)
    key.chmod(0o644)
    with started(tmp_path, pick_port()) as galley:
        code = galley.process.wait(4 * PATIENCE_S)

    assert 1 == code
    assert "does not stay up" in galley.output
    assert "can be read by others" in galley.output


def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path) -> None:
    with started(tmp_path, pick_port(), GALLEY_DEMO_HOURS="soon") as galley:
        code = galley.process.wait(4 * PATIENCE_S)

    assert 1 == code
    assert "GALLEY_DEMO_HOURS" in galley.output
    assert "Traceback" not in galley.output


@pytest.mark.parametrize("name", ["web", "worker", "redis"])
def test_a_child_that_dies_is_started_again(running: Running, name: str) -> None:
    (before,) = children(running, name)
    of_the_dead = process_tree(before)

    os.kill(before, signal.SIGKILL)
    running.wait_for(f"The {name} process ended by itself and is started again", within_s=5)
    deadline_s = time.monotonic() + PATIENCE_S
    while not (after := [child for child in children(running, name) if child != before]):
        assert time.monotonic() < deadline_s
        time.sleep(0.1)

    assert after
    assert set() == gone(of_the_dead, within_s=8)
