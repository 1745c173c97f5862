"""Each thing that can stand in the way is one line and the way out."""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import os
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.setup import places, preconditions
from app.setup.refusal import Refusal


def refusal_of(check, *arguments, **named) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check(*arguments, **named)
    assert "\n" not in caught.value.reason
    assert caught.value.way_out
    return caught.value


def test_a_taken_port_is_named_with_a_free_one_to_use_instead(free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()

        refusal = refusal_of(preconditions.check_port, "127.0.0.1", free_port)

    assert str(free_port) in refusal.reason
    suggested = int(refusal.way_out.split("GALLEY_PORT=")[1].split()[0])
    assert suggested > free_port
    preconditions.check_port("127.0.0.1", suggested)


def test_a_free_port_passes(free_port: int) -> None:
    preconditions.check_port("127.0.0.1", free_port)


def test_an_address_of_another_machine_is_refused(free_port: int) -> None:
    assert "192.0.2.1" in refusal_of(preconditions.check_port, "192.0.2.1", free_port).reason


@pytest.mark.parametrize("given", ["abc", "0", "65536", "-1", "3000.0", "٣٠٠٠x"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("GALLEY_PORT", given)

    assert given in refusal_of(places.port).reason


def test_a_full_disk_is_refused_with_what_is_free_and_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * preconditions.MIB))

    refusal = refusal_of(preconditions.check_disk, tmp_path / "not" / "yet", need_bytes=100 * preconditions.MIB)

    assert "5 MiB free, 100 MiB needed" in refusal.reason


def test_a_disk_that_fills_up_while_writing_is_refused_as_full(tmp_path: Path) -> None:
    refusal = preconditions.from_os_error(OSError(errno.ENOSPC, "No space left on device"), tmp_path)

    assert "is full" in refusal.reason


def test_a_read_only_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(preconditions.tempfile, "TemporaryFile", read_only)

    assert "read-only" in refusal_of(preconditions.check_writable, tmp_path).reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert "cannot be written" in refusal_of(preconditions.check_writable, tmp_path / "new").reason


def test_a_python_without_venv_is_refused_with_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))

    refusal = refusal_of(preconditions.check_venv_module)

    assert "ensurepip" in refusal.reason
    assert "apt install python3." in refusal.way_out


def test_a_second_galley_with_the_same_data_is_refused_with_the_address_of_the_first(data_dir: Path) -> None:
    lock = data_dir / preconditions.RUN_LOCK
    lock.write_text("4711 http://localhost:3005\n")
    with lock.open() as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        refusal = refusal_of(preconditions.check_alone, data_dir)

    assert "4711" in refusal.reason
    assert "http://localhost:3005" in refusal.way_out


def test_the_lock_of_a_galley_that_was_killed_does_not_stand_in_the_way(data_dir: Path) -> None:
    (data_dir / preconditions.RUN_LOCK).write_text("4711 http://localhost:3005\n")

    preconditions.check_alone(data_dir)
