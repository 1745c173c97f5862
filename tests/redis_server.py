"""A Redis of a test's own, started as `python3 -m app` starts the one that runs along; killed and emptied at will."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.commands.redis import find_program, options, own_folder
from app.core.settings import Settings
from tests.patience import PATIENCE_S


class RedisServer:
    """The process, and the settings that lead to it."""

    def __init__(self, settings: Settings, program: str) -> None:
        self.settings = settings
        self.url = settings.bell_url
        self._program = program
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = own_folder(self.settings.redis_socket.parent)
        self.settings.redis_socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [self._program, *options(self.settings, folder)], stdout=subprocess.DEVNULL, cwd=folder
        )
        deadline_s = time.monotonic() + PATIENCE_S
        while self._say("ping") != b"+PONG\r\n":
            assert time.monotonic() < deadline_s, "Redis does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def empty(self) -> None:
        """Forget everything."""
        assert self._say("flushall") == b"+OK\r\n"

    def _say(self, command: str) -> bytes:
        import socket

        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            try:
                line.connect(str(self.settings.redis_socket))
                line.sendall(f"{command}\r\n".encode())
                return line.recv(100)
            except OSError:
                return b""


@contextmanager
def running_redis(data_dir: Path, *, program: str = "") -> Iterator[RedisServer]:
    """Run a Redis with its files in `data_dir`; skipped where there is no program for it."""
    found = program or find_program()
    if not found:
        pytest.skip("no redis-server or valkey-server on PATH, and none came along")
    server = RedisServer(Settings(data_dir=data_dir), found)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis on a unix socket."""
    with tempfile.TemporaryDirectory(prefix="galley-") as folder, running_redis(Path(folder)) as server:
        yield server
