"""What must hold before anything is made or started; each failure is one line and the way out."""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from app.setup import places
from app.setup.refusal import Refusal

MIB = 2**20
# Measured: environment 1,005, node_modules 165, front end 10, download caches 185 MiB; the rest is room to run.
SETUP_BYTES = 1_700 * MIB
RUN_BYTES = 100 * MIB
PORTS_TRIED = 100
RUN_LOCK = "run.lock"  # in the data folder, held while `run` runs


def check_system() -> None:
    """Refuse a system on which the children cannot be supervised.

    Raises:
        Refusal: Windows without its Linux subsystem.
    """
    if os.name != "posix":
        raise Refusal(
            "Galley runs on Linux and macOS; this is Windows.",
            "use WSL 2: run  wsl --install  and start Galley in there",
        )


def check_venv_module() -> None:
    """Refuse a Python that cannot make virtual environments.

    Raises:
        Refusal: `venv` or `ensurepip` is missing, as on Debian without python3-venv.
    """
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Refusal(
            f"This Python has no {' and no '.join(missing)} module, so no environment can be made.",
            f"on Debian and Ubuntu: sudo apt install python{version}-venv",
        )


def check_writable(folder: Path) -> None:
    """Refuse a folder in which no file can be made; it is made if it is missing.

    Raises:
        Refusal: read-only, not ours, or full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"galley")
    except OSError as error:
        raise from_os_error(error, folder) from error


def from_os_error(error: OSError, folder: Path) -> Refusal:
    """Return the refusal that says in plain words what the system said about `folder`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    if error.errno == errno.EROFS:
        return Refusal(f"The file system of {folder} is read-only.", "put Galley into a folder that can be written to")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Refusal(
            f"The folder {folder} cannot be written to by this user.",
            f"give it to yourself: sudo chown -R $(id -un) {folder}; or copy Galley into a folder of your own",
        )
    return Refusal(f"{folder} cannot be used: {error.strerror or error}.", "put Galley into another folder")


def disk_full(folder: Path) -> Refusal:
    """Return the refusal for a full disk."""
    free = shutil.disk_usage(existing(folder)).free // MIB
    return Refusal(
        f"The disk of {folder} is full ({free} MiB free).",
        "free some space and run the command again; it goes on from there",
    )


def check_disk(folder: Path, *, need_bytes: int) -> None:
    """Refuse when fewer than `need_bytes` are free where `folder` lies.

    Raises:
        Refusal: not enough room.
    """
    free = shutil.disk_usage(existing(folder)).free
    if free < need_bytes:
        raise Refusal(
            f"Too little room on the disk of {folder}: {free // MIB} MiB free, {need_bytes // MIB} MiB needed.",
            "free some space, or put Galley on a larger disk",
        )


def existing(folder: Path) -> Path:
    """Return `folder` or its nearest parent that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def check_port(host: str, port: int) -> None:
    """Refuse an address on which something listens already.

    Raises:
        Refusal: taken, not allowed, or not an address of this machine.
    """
    try:
        _bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = next_free_port(host, port)
            raise Refusal(
                f"Port {port} is taken by another program.", f"choose another port: GALLEY_PORT={other} python3 -m app"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Refusal(
                f"This user may not listen on port {port}.", "choose one above 1023: GALLEY_PORT=3000 python3 -m app"
            ) from error
        raise Refusal(
            f"{host} is not an address of this machine ({error.strerror or error}).",
            "leave GALLEY_HOST out to listen on 127.0.0.1",
        ) from error


def next_free_port(host: str, port: int) -> int:
    """Return the first free port after `port`, or any free one."""
    for candidate in range(port + 1, min(port + 1 + PORTS_TRIED, 65536)):
        try:
            _bind(host, candidate)
        except OSError:
            continue
        return candidate
    return _bind(host, 0)


def _bind(host: str, port: int) -> int:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen(1)
        return int(probe.getsockname()[1])


def check_alone(folder: Path) -> None:
    """Refuse when Galley already runs with this data folder.

    Raises:
        Refusal: it does; the way out is its address.
    """
    lock = folder / RUN_LOCK
    if not lock.is_file():
        return
    with lock.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(folder, handle.read()) from None


def already_running(folder: Path, note: str) -> Refusal:
    """Return the refusal for a second start; `note` is what the first wrote into its lock: process id and address."""
    process, _, address = note.strip().partition(" ")
    return Refusal(
        f"Galley already runs with the data folder {folder} (process {process or 'unknown'}).",
        f"open {address or 'its address'}, or stop it first, or give this one its own folder: GALLEY_DATA_DIR=.data2",
    )


def check_all(*, sets_up: bool, serves: bool) -> None:
    """Run every check that this command needs, cheapest first.

    Raises:
        Refusal: the first that fails.
    """
    check_system()
    if sets_up and not places.PYTHON.exists():
        check_venv_module()
    check_writable(places.BUILD)
    check_disk(places.ROOT, need_bytes=SETUP_BYTES if sets_up else RUN_BYTES)
    if serves:
        check_writable(places.data_dir())
        check_disk(places.data_dir(), need_bytes=RUN_BYTES)
        check_alone(places.data_dir())
        check_port(places.host(), places.port())
