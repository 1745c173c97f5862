"""The worker: a round at once and then at its pace; a bad round is survived; a stop is heard at once."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from jobs import worker


class Database:
    closed = False

    async def close(self) -> None:
        self.closed = True


class Ports:
    def __init__(self) -> None:
        self.db = Database()


async def stop_soon(after_s: float) -> None:
    await asyncio.sleep(after_s)
    os.kill(os.getpid(), signal.SIGTERM)


async def test_rounds_go_on_until_a_stop_and_the_database_is_closed() -> None:
    rounds = 0

    async def count(_: Any) -> None:
        nonlocal rounds
        rounds += 1

    ports = Ports()
    stopping = asyncio.ensure_future(stop_soon(0.2))
    await asyncio.wait_for(worker.work_until_stopped(ports, every_s=0.05, round_of=count), 5)
    await stopping

    assert 2 <= rounds <= 6
    assert ports.db.closed


async def test_a_broken_round_does_not_end_the_next_ones() -> None:
    rounds = 0

    async def break_first(_: Any) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise RuntimeError("broken")

    stopping = asyncio.ensure_future(stop_soon(0.2))
    await asyncio.wait_for(worker.work_until_stopped(Ports(), every_s=0.05, round_of=break_first), 5)
    await stopping

    assert rounds >= 2


async def test_a_stop_cuts_a_round_that_does_not_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(worker, "STOP_WAIT_S", 0.1)
    cut = asyncio.Event()

    async def hang(_: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cut.set()

    stopping = asyncio.ensure_future(stop_soon(0.1))
    await asyncio.wait_for(worker.work_until_stopped(Ports(), every_s=60, round_of=hang), 5)
    await stopping

    assert cut.is_set()
