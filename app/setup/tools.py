"""Runs the tools of setting up: output to a log file, failure to one plain line, and none outlives this process."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.setup import places
from app.setup.preconditions import disk_full
from app.setup.refusal import PREFIX, Refusal

TAIL_CHARS = 20_000
STOP_WAIT_S = 3.0
NO_SPACE = re.compile(r"ENOSPC|No space left on device|Disk quota exceeded|os error 28\b", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|dns error|failed to lookup|Failed to fetch|"
    r"error sending request|Connection refused|NewConnectionError|Temporary failure in name resolution|"
    r"Network is unreachable",
    re.IGNORECASE,
)
BAD_CERTIFICATE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|UnknownIssuer|invalid peer certificate|SELF_SIGNED_CERT|"
    r"UNABLE_TO_(?:GET|VERIFY)", re.IGNORECASE,
)  # fmt: skip
BAD_HASH = re.compile(r"hash mismatch|HASHES? (?:FROM|DO NOT MATCH)|EINTEGRITY|do not match the hashes", re.IGNORECASE)
NO_WHEEL = re.compile(
    r"no wheels? with a matching|has no usable wheels|No matching distribution|not compatible with the current plat",
    re.IGNORECASE,
)


class Tools:
    """Starts tools and remembers them, so that a stop ends them all."""

    def __init__(self, *, keep_open: Sequence[int] = ()) -> None:
        self._keep_open = tuple(keep_open)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self,
        command: Sequence[str | Path],
        *,
        name: str,
        environment: dict[str, str] | None = None,
        folder: Path = places.ROOT,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run `command` to its end and return the tail of what it printed.

        Raises:
            Refusal: it failed; the reason is in plain words and names the log.
        """
        places.LOGS.mkdir(parents=True, exist_ok=True)
        log_path = places.LOGS / f"{name}.log"
        tail = ""
        with log_path.open("wb") as log:
            process = self._start([str(part) for part in command], environment=environment, folder=folder)
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    log.write(line)
                    text = line.decode("utf-8", "replace")
                    tail = (tail + text)[-TAIL_CHARS:]
                    if on_line and text.strip():
                        on_line(text.strip())
                code = process.wait()
            finally:
                self._forget(process)
        if code != 0:
            raise explain(name, code, tail, log_path)
        return tail

    def _start(
        self, command: list[str], *, environment: dict[str, str] | None, folder: Path
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise Refusal("Stopped.", "run the command again; it goes on from there")
            try:
                process = subprocess.Popen(  # noqa: S603 (our own tools)
                    command,
                    cwd=folder,
                    env=environment or places.child_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=self._keep_open,
                )
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise disk_full(folder) from error
                raise Refusal(
                    f"{command[0]} cannot be started: {error.strerror}.", "run: python3 -m app doctor"
                ) from error
            self._running.add(process)
            return process

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)
        if process.poll() is None:
            _end(process)
        if process.stdout is not None:
            process.stdout.close()

    def stop(self) -> None:
        """End every running tool with all that it started, and refuse to start more."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the tool's whole process group: gently, and after STOP_WAIT_S for sure."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        deadline_s = time.monotonic() + STOP_WAIT_S
        try:
            os.killpg(process.pid, sent)
            while time.monotonic() < deadline_s:
                process.poll()  # reaps the tool itself, so that the group can become empty
                os.killpg(process.pid, 0)
                time.sleep(0.02)
        except (ProcessLookupError, PermissionError):
            return


def explain(name: str, code: int, tail: str, log_path: Path) -> Refusal:
    """Return why the tool `name` failed, in plain words, and what to do."""
    log = log_path.relative_to(places.ROOT) if log_path.is_relative_to(places.ROOT) else log_path
    if NO_SPACE.search(tail):
        return disk_full(places.ROOT)
    if BAD_HASH.search(tail):
        return Refusal(
            f"A downloaded package is not the one that was locked (see {log}).",
            "run the command again; if it happens again, a mirror or proxy alters packages: tell whoever runs it",
        )
    if BAD_CERTIFICATE.search(tail):
        return Refusal(
            f"The package registry's certificate is not trusted here (see {log}).",
            "behind a company proxy, set SSL_CERT_FILE and NODE_EXTRA_CA_CERTS to its certificate file",
        )
    if NO_NETWORK.search(tail):
        return Refusal(
            f"The package registry cannot be reached (see {log}).",
            "check the network; for a proxy set HTTPS_PROXY; for a mirror set PIP_INDEX_URL and NPM_CONFIG_REGISTRY",
        )
    if NO_WHEEL.search(tail):
        return Refusal(
            f"A package has no ready-made build for this system or Python (see {log}).",
            "use Python 3.11, 3.12 or 3.13 on Linux (x86-64, arm64) or macOS",
        )
    if "\n  Way out: " in tail:  # one of our own commands has said it already
        reason, _, way_out = tail.strip().rpartition("\n  Way out: ")
        return Refusal(reason.splitlines()[-1].removeprefix(PREFIX), way_out)
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    last = f": {lines[-1][:160]}" if lines else ""
    return Refusal(f"The step '{name}' failed with code {code}{last}", f"read {log}; then run: python3 -m app doctor")
