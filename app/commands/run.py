"""`run`: the supervisor. Starts web and worker, starts a dead one again, ends them all with itself.

The library is Supervisor 4.3: it restarts with growing pauses, gives each child a process group that is ended as a
whole, and keeps the children's logs small. Here it reads one generated file, opens no port or socket, and writes in the
data folder only.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from supervisor import events
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from app.commands.configuration import checked_settings
from app.commands.lifeline import SUPERVISOR
from app.commands.redis import find_program
from app.core.settings import Settings
from app.setup import places
from app.setup.preconditions import RUN_LOCK, already_running
from app.setup.progress import Progress
from app.setup.refusal import Refusal

CHILDREN = ("redis", "web", "worker")
LOOK_EVERY_S = 0.25
READY_WITHIN_S = 120
STOP_WAIT_S = 7
TAIL_LINES = 15
STARTS = 4
"""How often a child is started before the first page answers; the library counts only ends within its `startsecs`."""


def main(arguments: Sequence[str]) -> int:
    """Run everything until Ctrl-C, SIGTERM, or a child that does not stay up.

    Raises:
        Refusal: a setting is wrong, or Galley already runs with this data folder.
    """
    if arguments:
        raise Refusal(f"The command run does not know {arguments[0]!r}.", "python3 -m app help")
    settings = checked_settings()
    os.umask(0o077)
    logs = settings.data_dir.resolve() / "log"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_data_folder(settings):
        os.environ[SUPERVISOR] = str(os.getpid())
        configuration = logs.parent / "supervisor.conf"
        configuration.write_text(supervisor_file(logs, settings), "utf-8")
        options = ServerOptions()
        options.realize(["-c", str(configuration)])
        options.first, options.test = True, False
        return Watch(options, settings=settings, logs=logs).watch()


def hold_data_folder(settings: Settings) -> TextIO:
    """Return the open, locked file that keeps a second Galley out of this data folder; closing it lets go.

    Raises:
        Refusal: one runs already.
    """
    path = settings.data_dir.resolve() / RUN_LOCK
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        raise already_running(path.parent, handle.read()) from None
    handle.truncate(0)
    handle.write(f"{os.getpid()} {settings.address}\n")
    handle.flush()
    return handle


def children_of(settings: Settings) -> tuple[str, ...]:
    """Return what is to run: no Redis of ours where the operator has one, or this system has no program for it."""
    with_redis = not settings.redis_url and find_program() is not None
    return CHILDREN if with_redis else CHILDREN[1:]


def supervisor_file(logs: Path, settings: Settings) -> str:
    """Return Supervisor's configuration; a percent sign in a path is doubled, since it expands them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    python, root, folder = (str(path).replace("%", "%%") for path in (places.PYTHON, places.ROOT, logs))
    text = f"""[supervisord]
nodaemon=true
silent=true
nocleanup=true
umask=077
minfds={min(soft, 1024) if soft > 0 else 1024}
logfile={folder}/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={folder}/supervisor.pid
childlogdir={folder}
"""
    for name in children_of(settings):
        text += f"""
[program:{name}]
command="{python}" -m app.cli {name}
directory={root}
autorestart=true
startsecs=3
startretries={STARTS - 1}
stopsignal=TERM
stopasgroup=true
killasgroup=true
stopwaitsecs={STOP_WAIT_S + (settings.drain_s if name == "worker" else 0):.0f}
redirect_stderr=true
stdout_logfile={folder}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""
    return text


class Watch(Supervisor):  # type: ignore[misc]  # the library is untyped
    """Supervisor in the foreground: says when the first page answers, when a child died, and why nothing starts."""

    def __init__(self, options: Any, *, settings: Settings, logs: Path) -> None:  # Any: the library is untyped
        super().__init__(options)
        self.settings, self.logs = settings, logs
        self.progress = Progress(ticking=False)
        self.began_s = time.monotonic()
        self.looked_s = 0.0
        self.ready = False
        self.ends_before_ready: Counter[str] = Counter()
        self.exit_code = 0

    def watch(self) -> int:
        """Run until told to stop; return the exit code."""
        hang_up = signal.getsignal(signal.SIGHUP)
        options, set_signals = self.options, self.options.setsignals

        def set_our_signals() -> None:
            set_signals()
            # Supervisor restarts itself on a hang-up; ours ends with its terminal, or stays when started with nohup.
            ends = options.signal_receiver.receive if hang_up is signal.SIG_DFL else signal.SIG_IGN
            signal.signal(signal.SIGHUP, (lambda *_: ends(signal.SIGTERM, None)) if callable(ends) else ends)

        options.setsignals = set_our_signals
        poll = options.poller.poll
        options.poller.poll = lambda timeout: poll(min(timeout, LOOK_EVERY_S))
        try:
            self.main()
        except ExitNow:
            self.progress.close()
            print("Stopped." if self.exit_code == 0 else "Stopped: see above.", flush=True)
        return self.exit_code

    def runforever(self) -> None:
        """Start the children and watch them; called by the library."""
        events.subscribe(events.ProcessStateExitedEvent, self.child_ended)
        events.subscribe(events.ProcessStateFatalEvent, self.child_given_up)
        events.subscribe(events.SupervisorStoppingEvent, self.stopping_now)
        self.waiting = self.progress.begin("Starting the web server and the worker")
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Look whether the first page answers; called by the library on every turn."""
        super().tick(now)
        if self.ready or self.stopping:
            return
        self.progress.draw()
        if time.monotonic() - self.looked_s < LOOK_EVERY_S:
            return
        self.looked_s = time.monotonic()
        if first_page_answers(self.settings):
            self.ready = True
            self.progress.end(self.waiting)
            self.greet()
        elif time.monotonic() - self.began_s > READY_WITHIN_S:
            self.give_up("web", f"did not answer within {READY_WITHIN_S} s")

    def greet(self) -> None:
        """Print the address, which is what everyone waits for."""
        print(f"\nGalley is ready: {self.settings.address}", flush=True)
        print(f"  Logs are in {shown(self.logs)}. Ctrl-C stops everything.", flush=True)
        command: list[str] = [str(places.PYTHON), "-m", "app.cli", "operator"]
        token = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
        if token.stdout.startswith("No operator"):
            print(f"  {token.stdout.strip()}", flush=True)
        print(flush=True)

    def child_ended(self, event: Any) -> None:  # Any: the library is untyped
        """Say that a child died unexpectedly; the library starts it again."""
        name = event.process.config.name
        if self.stopping:
            return
        self.ends_before_ready[name] += not self.ready
        if self.ends_before_ready[name] >= STARTS:
            self.give_up(name, "does not stay up")
            return
        self.progress.say(
            f"  The {name} process ended by itself and is started again; see {shown(self.logs / f'{name}.log')}"
        )

    def child_given_up(self, event: Any) -> None:  # Any: the library is untyped
        """Stop everything when a child does not stay up."""
        self.give_up(event.process.config.name, "does not stay up")

    def give_up(self, name: str, why: str) -> None:
        """Print why, with the end of the child's log, and stop everything."""
        if self.exit_code:
            return
        self.exit_code = 1
        log = self.logs / f"{name}.log"
        lines = log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:] if log.is_file() else []
        self.progress.say(f"The {name} process {why}. The end of {shown(log)}:")
        self.progress.say("\n".join(f"    {line}" for line in lines))
        self.options.mood = SupervisorStates.SHUTDOWN

    def stopping_now(self, _: Any) -> None:  # Any: the library is untyped
        """Say that the stop was understood."""
        self.progress.say("\nStopping …")


def first_page_answers(settings: Settings) -> bool:
    """Whether the landing page is served."""
    everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (compared, not bound)
    host = everywhere.get(settings.host, settings.host)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    # The gate knows only the names that people use.
    page = urllib.request.Request(
        f"http://{host}:{settings.port}/", headers={"Host": urlsplit(settings.address).netloc}
    )
    try:
        with direct.open(page, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def shown(path: Path) -> str:
    """Return `path` as short as it can be said."""
    return str(path.relative_to(places.ROOT)) if path.is_relative_to(places.ROOT) else str(path)
