"""A worker: a parent that only forks and waits, hands that run jobs, and a keeper that looks after all jobs.

    parent ──fork──> hand 1   one job at a time; dies with it, and the next hand takes the job back at once
           ──fork──> hand 2
           ──fork──> keeper   dispatcher, sweeper, scheduler and housekeeping of the installation, one at a time on duty
                              (and tells on a port what the processes of its worker have counted)

The parent has no thread, no event loop and no connection: what it forks shares nothing with it but memory that nobody
changes. Each hand leads a process group, so that what a handler has started ends with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.closing import close_media
from app.core.counting import take_place, tell_counts
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.settings import Settings
from app.core.telemetry import log
from jobs.hand import Hand, hear_signals
from jobs.heart import Heart
from jobs.keeper import Keeper

LOOK_EVERY_S = 0.05
YIELDING = 10
"""A hand's niceness: on a machine that both share, whoever opens a page goes before a clip that is being drawn."""
SHORT_LIFE_S = 1.0
LONGEST_PAUSE_S = 5.0
GRACE_S = 4.0
"""After the time for draining, a child has so long to tell the ledger; then it is killed."""
TELL_AGAIN_S = 2.0

PortsOf = Callable[[], Ports]


@dataclass(frozen=True, slots=True)
class Child:
    """A forked process. `holder` is its name in the ledger, `lives` how many short lives came before it.

    `number` tells children of one role apart, and is handed on to whoever comes after one.
    """

    role: str
    holder: str
    began_s: float
    lives: int = 0
    number: int = 0


class Worker:
    """Keeps `hands` hands and a keeper running until SIGTERM or SIGINT."""

    def __init__(
        self,
        ports_of: PortsOf,
        *,
        queues: Sequence[str],
        hands: int,
        drain_s: float,
        follows: bool = False,
        counts: Path | None = None,
    ) -> None:
        """`follows`: stop when the process that has started this one is gone. `counts`: where its processes count."""
        self._ports_of = ports_of
        self._counts = counts
        self._parent = os.getppid() if follows else None
        self._queues, self._hands, self._drain_s = queues, hands, drain_s
        self._children: dict[int, Child] = {}
        self._waiting: list[tuple[float, Child]] = []
        self._stopping = False

    def run(self) -> None:
        """Work until stopped, and return when every child has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        log.info("worker.started", queues=",".join(self._queues), hands=self._hands)
        for at, role in enumerate(("keeper", *["hand"] * self._hands)):
            self._fork(Child(role, new_name(role), time.monotonic(), number=at), predecessor="")
        while not self._stopping:
            self._look()
            time.sleep(LOOK_EVERY_S)
        self._end_children()
        log.info("worker.stopped")

    def _hear(self, *_: object) -> None:
        self._stopping = True

    def _fork(self, child: Child, *, predecessor: str) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            code = 1
            try:
                os.setpgid(0, 0)
                take_place(f"{child.role}{child.number}")
                live(
                    self._ports_of,
                    child,
                    parent=parent,
                    queues=self._queues,
                    predecessor=predecessor,
                    counts=self._counts,
                )
                code = 0
            except BaseException as error:  # whatever it was, this process must not go on as if it were the parent
                log.exception("worker.child_broken", role=child.role, error=type(error).__name__)
            finally:
                sys.stderr.flush()
                os._exit(code)
        self._children[process] = child

    def _look(self) -> None:
        """Put another in the place of each child that has ended, and later of one that ends again and again."""
        if self._parent is not None and os.getppid() != self._parent:
            self._stopping = True
            return
        for process, child in self._ended():
            lived_s = time.monotonic() - child.began_s
            lives = child.lives + 1 if lived_s < SHORT_LIFE_S else 0
            pause_s = min(LONGEST_PAUSE_S, 0.1 * 2**lives) if lives else 0.0
            log.info("worker.child_ended", role=child.role, process=process, lived_s=round(lived_s, 1), lives=lives)
            self._waiting.append((time.monotonic() + pause_s, replace(child, lives=lives)))
        due = [child for at_s, child in self._waiting if at_s <= time.monotonic()]
        self._waiting = [waiting for waiting in self._waiting if waiting[1] not in due]
        for child in due:
            after = replace(child, holder=new_name(child.role), began_s=time.monotonic())
            self._fork(after, predecessor=child.holder)

    def _ended(self) -> list[tuple[int, Child]]:
        found = []
        while self._children:
            process, _ = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                break
            if (child := self._children.pop(process, None)) is not None:
                end_group(process)
                found.append((process, child))
        return found

    def _end_children(self) -> None:
        for process in self._children:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        until_s = time.monotonic() + self._drain_s + GRACE_S
        while self._children and time.monotonic() < until_s:
            self._ended()
            time.sleep(LOOK_EVERY_S)
        for process in self._children:
            log.warning("worker.child_killed", process=process)
            end_group(process)
            os.waitpid(process, 0)


def end_group(process: int) -> None:
    """Kill what is left of a child's process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def new_name(role: str) -> str:
    """Return a name for a process that no other of the installation has."""
    return f"{socket.gethostname()[:30]}/{role}/{new_id().hex}"


def live(
    ports_of: PortsOf, child: Child, *, parent: int, queues: Sequence[str], predecessor: str, counts: Path | None
) -> None:
    """Be a child of the worker until its end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    heart = Heart(ports_of, parent=parent, orphaned=lambda: os.kill(os.getpid(), signal.SIGTERM))
    if child.role == "keeper":
        asyncio.run(_be_keeper(ports_of(), child, heart, counts))
    else:
        asyncio.run(_be_hand(ports_of(), child, heart, queues, predecessor))


async def _be_hand(ports: Ports, child: Child, heart: Heart, queues: Sequence[str], predecessor: str) -> None:
    hand = Hand(ports, queues=queues, holder=child.holder, heart=heart)
    hear_signals(hand.stopping)
    heart.start()
    os.nice(YIELDING)  # this thread, and what it starts from now on; the heart beats as before
    await hand.work(predecessor=predecessor)
    heart.stop()
    await close(ports)


async def _be_keeper(ports: Ports, child: Child, heart: Heart, counts: Path | None) -> None:
    keeper = Keeper(ports, holder=child.holder)
    hear_signals(keeper.stopping)
    heart.start()
    telling = asyncio.ensure_future(_tell_counts(ports.settings, counts)) if counts else None
    await keeper.keep()
    if telling is not None:
        telling.cancel()
    heart.stop()
    await close(ports)


async def _tell_counts(settings: Settings, counts: Path) -> None:
    """Let the worker be scraped; again and again where the port is taken, by a keeper that is not quite gone."""
    host, port = settings.worker_metrics_host, settings.worker_metrics_port
    while True:
        try:
            tell_counts(counts, host=host, port=port, token=settings.metrics_token)
            return
        except OSError as error:
            log.warning("worker.counts_untold", host=host, port=port, error=type(error).__name__)
        await asyncio.sleep(TELL_AGAIN_S)


async def close(ports: Ports) -> None:
    """End every connection of a process."""
    await ports.queue.close()
    await ports.bus.close()
    await ports.models.close()
    await close_media(ports)
    await ports.db.close()
