"""A thread beside the work that renews the job's lease: also while a handler computes and its event loop stands still.

It has a database connection of its own. When a job is cancelled, lost, late, or its worker's parent is gone, it tells
the run; and when the run does not hear, it ends the process, which is what the ledger is made to survive.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.errors import AppError
from app.core.jobs import ledger
from app.core.jobs.errors import Cancelled, LeaseLost, Stopped
from app.core.jobs.schemas import Lease
from app.core.ports import Ports
from app.core.telemetry import log

BEAT_S = 0.25
DEAF_AFTER_S = 10.0
"""A run that was told to stop and is still there after so long is ended with its process."""


@dataclass
class Beat:
    """One run under the heart's care; `tell` is called from the heart's thread, once."""

    lease: Lease
    limit_s: float
    tell: Callable[[Stopped, bool], object]
    began_s: float = field(default_factory=time.monotonic)
    renewed_s: float = field(default_factory=time.monotonic)
    told_s: float | None = None


class Heart:
    """The thread. `ports_of` makes what it needs, in its own event loop."""

    def __init__(self, ports_of: Callable[[], Ports], *, parent: int, orphaned: Callable[[], object]) -> None:
        """`parent` is who forked this process: asked for here, it might be dead already."""
        self._ports_of = ports_of
        self._orphaned = orphaned
        self._parent = parent
        self._beat: Beat | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._live, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and wait until the thread has ended."""
        self._stopping = True
        self._thread.join()

    def care_for(self, beat: Beat) -> None:
        """Renew this run's lease from now on."""
        self._beat = beat

    def let_go(self) -> None:
        """Renew it no more: the run is over."""
        self._beat = None

    def _live(self) -> None:
        asyncio.run(self._pulse())

    async def _pulse(self) -> None:
        ports = self._ports_of()
        told_orphaned = False
        while not self._stopping:
            await asyncio.sleep(BEAT_S)
            if os.getppid() != self._parent and not told_orphaned:
                told_orphaned = True
                self._orphaned()
            if (beat := self._beat) is not None:
                await self._care(ports, beat)
        await ports.db.close()

    async def _care(self, ports: Ports, beat: Beat) -> None:
        now_s = time.monotonic()
        if beat.told_s is not None and now_s - beat.told_s > DEAF_AFTER_S and self._beat is beat:
            log.error("jobs.deaf", job=str(beat.lease.job_id), name=beat.lease.name)
            os.kill(os.getpid(), signal.SIGKILL)
        if now_s - beat.began_s > beat.limit_s:
            self._tell(beat, Cancelled(), late=True)
        if now_s - beat.renewed_s < ledger.RENEW_EVERY_S:
            return
        try:
            asked = await ledger.renew(ports, beat.lease)
        except LeaseLost as lost:
            self._tell(beat, lost)
        except AppError as error:  # the database is busy or away; again at the next beat
            log.warning("jobs.not_renewed", job=str(beat.lease.job_id), code=error.code)
        else:
            beat.renewed_s = now_s
            if asked:
                self._tell(beat, Cancelled())

    def _tell(self, beat: Beat, why: Stopped, *, late: bool = False) -> None:
        if self._beat is beat and beat.told_s is None:
            beat.told_s = time.monotonic()
            beat.tell(why, late)
