"""The worker process: housekeeping at a steady pace until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from app.core.errors import AppError
from app.core.ports import Ports
from app.core.telemetry import JOBS_RUN, log
from jobs import housekeeping

EVERY_S = 60.0
STOP_WAIT_S = 5.0

Round = Callable[[Ports], Awaitable[None]]


async def work_until_stopped(
    ports: Ports, *, every_s: float = EVERY_S, round_of: Round = housekeeping.run_once
) -> None:
    """Run `round_of` now and then every `every_s` seconds, until SIGTERM or SIGINT.

    A round that fails is logged and counted, and the next one comes in its turn. A stop lets a running round end, for
    at most STOP_WAIT_S; then it is cancelled, which its unit of work rolls back.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("worker.started", every_s=every_s)
    try:
        while not stop.is_set():
            await _one_round(ports, round_of, stop)
            await _pause(stop, every_s)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        await ports.db.close()
        log.info("worker.stopped")


async def _one_round(ports: Ports, round_of: Round, stop: asyncio.Event) -> None:
    began_s = time.perf_counter()
    work = asyncio.ensure_future(round_of(ports))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not work.done():
        await asyncio.wait({work}, timeout=STOP_WAIT_S)
        work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        log.warning("worker.round_cut")
        JOBS_RUN.labels("housekeeping", "cut").inc()
    except AppError as error:
        log.warning("worker.round_failed", code=error.code)
        JOBS_RUN.labels("housekeeping", "failed").inc()
    except Exception as error:  # the worker's door: one bad round must not end the next ones
        log.exception("worker.round_broken", error=type(error).__name__)
        JOBS_RUN.labels("housekeeping", "broken").inc()
    else:
        JOBS_RUN.labels("housekeeping", "done").inc()
        log.info("worker.round_done", took_ms=round((time.perf_counter() - began_s) * 1000, 1))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
