"""What every kind of test may ask for: outside data, a free port, a home of its own. Nothing here starts a server."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.running import is_alive

if TYPE_CHECKING:
    from bench.simulator.server import Simulator
    from tests.contracts.aws import Aws, Bucket

pytest_plugins = ["tests.databases", "tests.tab"]

ROOT = Path(__file__).resolve().parent.parent
FIRST = ("e2e", "doors", "contracts", "tenancy", "house", "unit")
RAM_DISK, ROOM_BYTES = Path("/dev/shm"), 4 * 2**30
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def pytest_configure() -> None:
    """Hide the GALLEY_ settings of whoever runs the tests, so that a test sees only what it sets."""
    for name in list(os.environ):
        if name.startswith("GALLEY_"):
            del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of the many processes compiles all of Galley anew
    sys.dont_write_bytecode = False
    _write_to_memory()


def _write_to_memory() -> None:
    """Let tests keep their files in memory where there is room: a database waits for the disk at each of its commits.
    TMPDIR says otherwise. What a run leaves there goes when the next one begins.
    """
    if "TMPDIR" in os.environ or not os.access(RAM_DISK, os.W_OK):
        return
    room = os.statvfs(RAM_DISK)
    if room.f_bavail * room.f_frsize < ROOM_BYTES or room.f_flag & os.ST_NOEXEC:
        return
    mine = RAM_DISK / f"galley-tests-{os.getuid()}" / str(os.getpid())
    mine.mkdir(parents=True, exist_ok=True)
    for folder in (mine.parent, mine):
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
    for left in mine.parent.iterdir():
        if not is_alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    os.environ["TMPDIR"] = str(mine)
    tempfile.tempdir = None  # it has been asked for by now


def pytest_collection_finish() -> None:
    """Take what is loaded by now out of the garbage collector's rounds; else each costs a second and more."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several processes, hand out first what takes longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: FIRST.index(kind) if (kind := kind_of(item.nodeid)) in FIRST else len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # Any: a library that need not be there
    """Hand out whole files. The first process begins with those that drive a browser, the others leave these for last:
    two browsers with two servers beside each other would only wait for one another.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0]

        def _assign_work_unit(self, node: Any) -> None:  # Any: a library that need not be there
            is_first = node is self.nodes[0]
            for scope in self.workqueue:
                if (kind_of(scope) == "e2e") == is_first:
                    self.workqueue.move_to_end(scope, last=False)
                    break
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False
    return ByFile(config, log)


def kind_of(nodeid: str) -> str:
    """Return the folder of a test: unit, doors, e2e …"""
    return nodeid.removeprefix("tests/").partition("/")[0]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Outside test data that lies beside the repository; a test that needs it is skipped where it is absent."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("the outside test data (../shared/data) is not here")
    return path


def pick_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    """A loopback port that was free a moment ago."""
    return pick_port()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder of this test's own, mode 0700."""
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium on this machine; tests that need one are skipped, loudly, where there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        if name and (found := shutil.which(name)):
            return found
    pytest.skip("no Chromium on PATH: install it (Debian/Ubuntu: apt install chromium) or set CHROMIUM to its path")


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """An AWS on loopback."""
    from moto.server import ThreadedMotoServer

    from tests.contracts.aws import Aws

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    yield Aws(f"http://127.0.0.1:{port}")
    server.stop()


@pytest.fixture
def bucket(aws: Aws) -> Bucket:
    """An empty bucket on it."""
    from tests.contracts.aws import Bucket

    name = f"bucket-{uuid4().hex}"
    aws.client("s3").create_bucket(Bucket=name)
    return Bucket(aws, name)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A provider simulator inside this process, healthy and at full speed."""
    from bench.simulator.server import running

    async with running() as simulator:
        yield simulator
