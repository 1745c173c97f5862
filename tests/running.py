"""A Galley of a test's own: the real commands as processes, on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent
READY = "Galley is ready: "


def process_tree(root: int) -> set[int]:
    """Return the process ids below `root`, from /proc; empty where there is no /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if after_name[0] != "Z":
            parents[int(entry.parent.name)] = int(after_name[1])
    below: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in below | {root}} - below:
        below |= more
    return below


def is_alive(process: int) -> bool:
    """Whether the process still runs; a dead one that nobody has reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(processes: set[int], *, within_s: float) -> set[int]:
    """Wait until all `processes` have ended, and return those that have not."""
    deadline_s = time.monotonic() + within_s
    left = processes
    while left and time.monotonic() < deadline_s:
        left = {process for process in left if is_alive(process)}
        time.sleep(0.05)
    return left


@dataclass
class Running:
    """`python -m app.cli run` as a process."""

    process: subprocess.Popen[str]
    port: int
    output_path: Path
    environment: dict[str, str] = field(repr=False)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.output_path.read_text("utf-8")

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://localhost:{self.port}"

    def wait_for(self, text: str, *, within_s: float = 4 * PATIENCE_S) -> None:
        """Wait until it has printed `text`; fail with all it has printed when it ends or takes too long."""
        deadline_s = time.monotonic() + within_s
        while text not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                raise AssertionError(f"waited for {text!r}; code {self.process.poll()}; printed:\n{self.output}")
            time.sleep(0.05)

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page."""
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read()

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        return self.process.wait(20)


def is_built() -> bool:
    """Whether the front end has been built in this working copy."""
    return (ROOT / ".web" / "build" / "client" / "index.html").is_file()


def _hear_signals() -> None:
    """Undo what nohup or a background job has done to whoever runs the tests."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def started(
    folder: Path,
    port: int,
    *,
    command: Sequence[str] = (sys.executable, "-m", "app.cli", "run"),
    cwd: Path = ROOT,
    environment: dict[str, str] | None = None,
    **settings: str,
) -> Iterator[Running]:
    """Start Galley with its data in `folder`, and end whatever it started on the way out.

    The caller waits for READY; `settings` are environment variables, on top of `environment` (None: as setting up
    would have made it).
    """
    from app.setup import places

    output_path = folder / "output.txt"
    inherited = {**places.child_environment(), "PYTHONPATH": str(cwd)} if environment is None else environment
    environment = {**inherited, "GALLEY_DATA_DIR": str(folder / "data"), "GALLEY_PORT": str(port), **settings}
    with output_path.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_hear_signals,
        )
    below: set[int] = set()
    try:
        yield Running(process, port, output_path, environment)
    finally:
        below = process_tree(process.pid)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for left in gone(below, within_s=5):
            os.kill(left, signal.SIGKILL)


def migrate(folder: Path) -> None:
    """Make the database of the data folder below `folder`."""
    environment = {**os.environ, "GALLEY_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True
    )
