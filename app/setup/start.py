"""What `python3 -m app …` does before packages exist: check, set up what is missing, hand over to app/cli.py."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from app.setup import frontend, packages, places, preconditions
from app.setup.progress import Progress
from app.setup.refusal import PREFIX, Refusal
from app.setup.tools import Tools

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Need:
    """What a command needs before it can run."""

    packages: bool = True
    tests: bool = False
    screen: bool = False
    database: bool = False
    port: bool = False


NEEDS = {
    "run": Need(screen=True, database=True, port=True),
    "setup": Need(screen=True, database=True),
    "web": Need(screen=True, port=True),
    "worker": Need(),
    "redis": Need(),
    "migrate": Need(),
    "operator": Need(),
    "test": Need(tests=True, screen=True),
    "bench": Need(tests=True, screen=True),
    "acceptance": Need(tests=True),
    "train-router": Need(tests=True),
    "simulator": Need(),
    "schema": Need(),
    "doctor": Need(packages=False),
    "help": Need(packages=False),
    "version": Need(packages=False),
}


def main(arguments: Sequence[str]) -> None:
    """Check, set up and hand over; leaves with the command's exit code.

    Raises:
        SystemExit: always but on success, where the process becomes the command.
    """
    command, rest = arguments[0] if arguments else "run", list(arguments[1:])
    command = {"--help": "help", "-h": "help", "--version": "version", "-V": "version"}.get(command, command)
    try:
        rest = take_port(command, rest)
        need = NEEDS.get(command, Need(packages=False))
        if need.packages:
            prepare(need)
    except Refusal as refusal:
        sys.exit(f"{PREFIX}{refusal}")
    except KeyboardInterrupt:
        print("\nStopped. Run the command again; it goes on from there.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    hand_over(command, rest)


def take_port(command: str, rest: list[str]) -> list[str]:
    """Move `--port N` from the arguments into the environment, for every child to find; the simulator's is its own."""
    if command == "simulator" or "--port" not in rest[:-1]:
        return rest
    at = rest.index("--port")
    os.environ["GALLEY_PORT"] = rest[at + 1]
    places.port()
    return rest[:at] + rest[at + 2 :]


def prepare(need: Need) -> None:
    """Bring the folder to the state that the command needs.

    Raises:
        Refusal: something stands in the way.
        KeyboardInterrupt: the user stopped it.
    """
    sets_up = not packages.is_current(tests=need.tests) or (need.screen and not frontend.is_current())
    preconditions.check_all(sets_up=sets_up, serves=need.port)
    if not sets_up and not need.database:
        return
    with setup_lock() as handle:
        tools, progress = Tools(keep_open=[handle]), Progress()
        previous = signal.signal(signal.SIGTERM, _interrupt)
        try:
            if sets_up:
                first = not packages.installed()
                progress.say(
                    "Setting Galley up; the first time takes about a minute."
                    if first
                    else "Bringing Galley up to date."
                )
            set_up(need, tools, progress)
        except OSError as error:
            raise preconditions.from_os_error(error, places.ROOT) from error
        finally:
            tools.stop()
            progress.close()
            signal.signal(signal.SIGTERM, previous)


def set_up(need: Need, tools: Tools, progress: Progress) -> None:
    """Install and build what is missing, side by side where that is safe.

    Raises:
        Refusal: a step failed.
    """
    if not packages.is_current(tests=need.tests):
        packages.install(tools, progress, tests=need.tests)
    with ThreadPoolExecutor(max_workers=3) as pool:
        work = [pool.submit(packages.compile_byte_code, tools, progress, libraries=not need.tests)]
        if need.database:
            work.append(pool.submit(prepare_database, tools, progress))
        if need.screen and not frontend.is_current():
            work.append(pool.submit(build_screen, tools, progress))
        finish(work, tools)


def build_screen(tools: Tools, progress: Progress) -> None:
    """Install the npm packages, then build."""
    frontend.install_packages(tools, progress)
    frontend.build(tools, progress)


def prepare_database(tools: Tools, progress: Progress) -> None:
    """Make the database or bring its tables up to date; nothing is lost if it is already."""
    with progress.stage("Preparing the database"):
        tools.run([places.PYTHON, "-m", "app.cli", "migrate"], name="migrate")


def finish(work: list[Future[None]], tools: Tools) -> None:
    """Wait for all of `work`; the first failure or a stop ends the rest.

    Raises:
        Refusal: the first failure.
    """
    try:
        done, _ = wait(work, return_when=FIRST_EXCEPTION)
        failed = [future for future in done if future.exception()]
    except BaseException:
        tools.stop()
        raise
    if failed:
        tools.stop()
        failed[0].result()


@contextmanager
def setup_lock() -> Iterator[int]:
    """Let one process at a time set up this folder; the tools inherit the lock, so it outlives a killed parent."""
    handle = os.open(places.BUILD / "setup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is setting up this folder; waiting for it …", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def hand_over(command: str, rest: list[str]) -> None:
    """Become app/cli.py: in .venv where there is one, else in this Python (for help, version and doctor)."""
    python = str(places.PYTHON) if places.PYTHON.exists() and packages.installed() else sys.executable
    environment = places.child_environment()
    environment["PYTHONPATH"] = str(places.ROOT)
    os.chdir(places.ROOT)
    sys.stdout.flush()
    os.execve(python, [python, "-m", "app.cli", command, *rest], environment)  # noqa: S606 (our own Python)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
