"""The process of a worker that runs no jobs: it looks after all of them while it holds the duty, and keeps house.

Every worker has one, so that there is always another to take over; only one at a time does anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from app.core.errors import AppError
from app.core.jobs import keeping
from app.core.ports import Ports
from app.core.telemetry import JOBS_RUN, log
from jobs import housekeeping

LOOK_EVERY_S = 1.0
HOUSE_EVERY_S = 60.0
STOP_WAIT_S = 5.0

Round = Callable[[Ports], Awaitable[None]]


class Keeper:
    """Looks after jobs every second and keeps house every minute, while it holds the duty."""

    def __init__(
        self,
        ports: Ports,
        *,
        holder: str,
        look_every_s: float = LOOK_EVERY_S,
        house_every_s: float = HOUSE_EVERY_S,
        house: Round = housekeeping.run_once,
    ) -> None:
        self.ports, self.holder = ports, holder
        self.stopping = asyncio.Event()
        self._look_every_s, self._house_every_s = look_every_s, house_every_s
        self._house = house
        self._on_duty = False

    async def keep(self) -> None:
        """Do both until told to stop; then lay the duty down, so that another takes it at once."""
        house = asyncio.ensure_future(self._keep_house())
        while not self.stopping.is_set():
            await self._look()
            await self._pause(self._look_every_s)
        await house
        if self._on_duty:
            try:
                await keeping.lay_down(self.ports, holder=self.holder)
            except AppError as error:  # it ends by itself
                log.warning("jobs.duty_kept", code=error.code)

    async def _look(self) -> None:
        try:
            self._on_duty = await keeping.take_duty(self.ports, holder=self.holder)
            if self._on_duty:
                await keeping.look_after(self.ports)
        except AppError as error:
            log.warning("jobs.not_looked_after", code=error.code)
        except Exception as error:  # a bug for one job must not leave all the others without anybody
            log.exception("jobs.keeper_broken", error=type(error).__name__)

    async def _keep_house(self) -> None:
        due_s = 0.0
        while not self.stopping.is_set():
            if self._on_duty and time.monotonic() >= due_s:
                due_s = time.monotonic() + self._house_every_s
                await self._one_round()
            await self._pause(min(self._look_every_s, self._house_every_s))

    async def _one_round(self) -> None:
        """Keep house once. A stop lets a running round end, for at most STOP_WAIT_S; then it is rolled back."""
        began_s = time.perf_counter()
        work = asyncio.ensure_future(self._house(self.ports))
        stopped = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not work.done():
            await asyncio.wait({work}, timeout=STOP_WAIT_S)
            work.cancel()
        outcome = "done"
        try:
            await work
        except asyncio.CancelledError:
            outcome = "cut"
        except AppError as error:
            log.warning("worker.round_failed", code=error.code)
            outcome = "failed"
        except Exception as error:  # the worker's door: one bad round must not end the next ones
            log.exception("worker.round_broken", error=type(error).__name__)
            outcome = "broken"
        JOBS_RUN.labels("housekeeping", outcome).inc()
        log.info("worker.round_ended", outcome=outcome, took_ms=round((time.perf_counter() - began_s) * 1000, 1))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return
