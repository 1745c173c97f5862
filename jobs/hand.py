"""A hand: one process of a worker that runs one job at a time, so that a job which kills its process kills only that.

bell (or a look at the outbox) ──> take the lease ──> handler ──> finish / fail / stop
                                      heart.py renews it meanwhile
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.context import Context
from app.core.errors import AppError, Unavailable
from app.core.jobs import keeping, ledger, placing, queries
from app.core.jobs.errors import Cancelled, JobTooLong, LeaseLost, NoHandler, Stopped
from app.core.jobs.registry import HANDLERS, LIMIT_S, Handler
from app.core.jobs.run import JobRun
from app.core.jobs.schemas import Lease
from app.core.ports import Ports
from app.core.telemetry import JOBS_RUN, bind_request, log
from app.tenancy.askers import context_of_asker
from jobs.heart import Beat, Heart

WAIT_S = 2.0
"""A bell is waited for so long; then the outbox is looked at."""
LOOK_EVERY_S = 3.0
"""Also while bells are heard, the outbox is looked at for what was rung for UNHEARD ago."""
PATIENCE_S = 1.0
"""Between two looks while nobody can ring."""
LOOKED_AT = 8
JOBS_PER_HAND = 500
"""After so many jobs another process takes over: what a library has lost in memory ends with this one."""
TRIES_TO_TELL_S = 60.0


class Hand:
    """Takes jobs of `queues` until it is told to stop or has done enough."""

    def __init__(self, ports: Ports, *, queues: Sequence[str], holder: str, heart: Heart) -> None:
        self.ports, self.queues, self.holder, self.heart = ports, queues, holder, heart
        self.stopping = asyncio.Event()
        self._looked_s = time.monotonic()
        self._found: list[UUID] = []

    async def work(self, *, predecessor: str = "") -> None:
        """Take back what the dead predecessor held, then work."""
        await self._bury(predecessor)
        for _ in range(JOBS_PER_HAND):
            lease = None
            while lease is None and not self.stopping.is_set():
                lease = await self._next()
            if lease is None:
                return
            await self.do(lease)

    async def _bury(self, predecessor: str) -> None:
        if predecessor:
            try:
                await keeping.bury(self.ports, holder=predecessor)
            except AppError as error:  # its leases run out by themselves
                log.warning("jobs.not_buried", holder=predecessor, code=error.code)

    async def _next(self) -> Lease | None:
        """Return the lease of a job to do now; None when none was found this time."""
        try:
            self._found = self._found or list(await self._find())
            while self._found:
                if lease := await ledger.take(self.ports, self._found.pop(0), holder=self.holder):
                    return lease
        except AppError as error:
            log.warning("jobs.not_taken", code=error.code)
            await self._pause(PATIENCE_S)
        return None

    async def _find(self) -> Sequence[UUID]:
        queues = random.sample(self.queues, len(self.queues))  # so that none is heard before the others for ever
        waiting = asyncio.ensure_future(self.ports.queue.take(queues, wait_s=WAIT_S))
        stopped = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self.stopping.is_set():
            waiting.cancel()  # a bell that is heard too late is rung again
            await asyncio.gather(waiting, return_exceptions=True)
            return ()
        try:
            heard = await waiting
        except Unavailable:
            await self._pause(random.uniform(0.5, 1.0) * PATIENCE_S)  # noqa: S311 (spreads load, guards nothing)
            heard = None
        if heard is None:
            return await self._look(all_of_them=True)
        if time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return [heard]
        return [*await self._look(all_of_them=False), heard]

    async def _look(self, *, all_of_them: bool) -> Sequence[UUID]:
        """Return jobs of the outbox that wait for a worker: all of them, or those whose bell seems to be lost."""
        self._looked_s = time.monotonic()
        due_before = self.ports.clock.now() + placing.RING_AGAIN - (timedelta() if all_of_them else placing.UNHEARD)
        async with self.ports.db.bound(tenant_id=None).read() as session:
            found = list(await queries.queued_in(session, self.queues, due_before=due_before, limit=LOOKED_AT))
        random.shuffle(found)  # several hands look at once
        return found

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def do(self, lease: Lease) -> None:
        """Run a job whose lease this hand holds, and tell the ledger how it ended."""
        bind_request(request_id=lease.request_id, tenant_id=lease.tenant_id)
        began_s = time.monotonic()
        run = JobRun(self.ports, lease)
        handler = HANDLERS.get(lease.name)
        work = asyncio.ensure_future(self._handle(handler, lease, run))
        late = False

        def stop(why: Stopped, is_late: bool) -> None:
            nonlocal late
            late = is_late
            run.stop(why)
            work.cancel()

        loop = asyncio.get_running_loop()

        def tell(why: Stopped, is_late: bool) -> None:
            loop.call_soon_threadsafe(stop, why, is_late)

        self.heart.care_for(Beat(lease, handler.limit_s if handler else LIMIT_S, tell))
        drain = asyncio.ensure_future(self._drain(work, run))
        try:
            outcome = await self._outcome(work, lease, late=lambda: late)
        finally:
            drain.cancel()
            self.heart.let_go()
        JOBS_RUN.labels(lease.name, outcome).inc()
        log.info(
            "job.ended",
            job=str(lease.job_id),
            name=lease.name,
            outcome=outcome,
            attempt=lease.attempt,
            took_ms=round(1000 * (time.monotonic() - began_s)),
        )

    async def _handle(self, handler: Handler | None, lease: Lease, run: JobRun) -> Mapping[str, Any]:  # Any: JSON
        if handler is None:
            raise NoHandler
        ctx = await self._context(lease, handler.scope)
        return await handler.work(ctx, run)

    async def _context(self, lease: Lease, scope: str) -> Context:
        return await context_of_asker(
            self.ports,
            tenant_id=lease.tenant_id,
            user_id=lease.user_id,
            api_key_id=lease.api_key_id,
            actor=lease.actor,
            locale=lease.locale,
            request_id=lease.request_id,
            scope=scope,
        )

    async def _outcome(self, work: asyncio.Future[Mapping[str, Any]], lease: Lease, *, late: Callable[[], bool]) -> str:
        """Wait for the work, and tell the ledger; return how it ended."""
        try:
            result = await work
        except LeaseLost:
            return "lost"
        except (Stopped, asyncio.CancelledError):
            if late():
                return await self._told(lambda: ledger.fail(self.ports, lease, JobTooLong()))
            return await self._told(lambda: ledger.stop(self.ports, lease)) or "stopped"
        except AppError as error:
            return await self._failed(lease, error)
        except Exception as error:  # the worker's door: a bug in one job must not end the next ones
            log.exception("job.broken", job=str(lease.job_id), name=lease.name)
            return await self._failed(lease, error)
        return await self._told(lambda: ledger.finish(self.ports, lease, result)) or "done"

    async def _failed(self, lease: Lease, error: Exception) -> str:
        return await self._told(lambda: ledger.fail(self.ports, lease, error))

    async def _told(self, tell: Callable[[], Awaitable[str | None]]) -> str:
        """Tell the ledger, again while the database is busy or away; a lease that ran out meanwhile ends that."""
        until_s = time.monotonic() + TRIES_TO_TELL_S
        pause_s = 0.1
        while True:
            try:
                return await tell() or ""
            except LeaseLost:
                return "lost"
            except Unavailable as error:
                log.warning("jobs.not_told", code=error.code)
                if time.monotonic() > until_s:
                    return "untold"
            await asyncio.sleep(pause_s)
            pause_s = min(2.0, pause_s * 2)

    async def _drain(self, work: asyncio.Future[Mapping[str, Any]], run: JobRun) -> None:
        """Once told to stop, give the work a while to end, and then the job back."""
        await self.stopping.wait()
        done, _ = await asyncio.wait({work}, timeout=self.ports.settings.drain_s)
        if not done:
            run.stop(Cancelled())
            work.cancel()


def hear_signals(stopping: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set the event."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
