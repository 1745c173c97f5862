"""The heart: renews a lease from a thread of its own, and tells a run that is cancelled, lost or late."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.core.clock import SystemClock
from app.core.context import Context
from app.core.crypto import load_master_key
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.jobs import keeping, ledger, service
from app.core.jobs.errors import Cancelled, LeaseLost, Stopped
from app.core.ports import Ports
from jobs import heart as hearts
from jobs.heart import Beat, Heart
from tests.databases import CtxOf
from tests.patience import PATIENCE_S, until
from tests.working import ask, start


@pytest.fixture
def engine() -> str:
    """What is new here does not depend on the kind of database."""
    return "sqlite"


@pytest.fixture
def ports(ports: Ports) -> Ports:
    """The outside world by the system's clock: the heart's thread really waits."""
    return replace(ports, clock=SystemClock())


class Told:
    """What a run was told, and when."""

    def __init__(self) -> None:
        self.heard: list[tuple[Stopped, bool]] = []

    def __call__(self, why: Stopped, is_late: bool) -> None:
        self.heard.append((why, is_late))

    async def wait(self) -> tuple[Stopped, bool]:
        await until(lambda: self.heard)
        return self.heard[0]


@pytest.fixture
async def heart(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heart]:
    """A beating heart with a database connection of its own."""
    monkeypatch.setattr(hearts, "BEAT_S", 0.02)
    monkeypatch.setattr(ledger, "RENEW_EVERY_S", 0.05)
    databases: list[Database] = []

    def own() -> Ports:
        key = load_master_key(ports.settings.data_dir / "master.key")
        databases.append(Database(ports.settings.sql_url, master_key=key))
        return replace(ports, db=databases[0])

    beating = Heart(own, parent=os.getppid(), orphaned=lambda: None)
    beating.start()
    yield beating
    beating.stop()


async def running(ctx: Context) -> tuple[Any, Told]:
    run = await start(ctx, await ask(ctx))
    return run, Told()


async def test_a_lease_is_renewed_while_the_event_loop_stands_still(ctx_of: CtxOf, heart: Heart) -> None:
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 60.0, told))
    before = await _lease_end(ana, run.id)
    _stand_still(ana, until_s=0.3)
    after = await _lease_end(ana, run.id)

    assert (after - before).total_seconds() >= 0.3
    assert told.heard == []


def _stand_still(ctx: Context, *, until_s: float) -> None:
    """Compute, as a bad handler would, until the file of the database says that the lease ends so much later."""
    with closing(sqlite3.connect(ctx.ports.settings.data_dir / "galley.db")) as file:

        def end() -> datetime:
            [[text]] = file.execute("select look_at from outbox").fetchall()
            return datetime.fromisoformat(text)

        before, began_s = end(), time.monotonic()
        while (end() - before).total_seconds() < until_s and time.monotonic() - began_s < PATIENCE_S:
            time.sleep(0.02)


async def _lease_end(ctx: Context, job_id: Any) -> Any:
    from app.core.jobs import queries

    async with ctx.ports.db.bound(tenant_id=None).read() as session:
        row = await queries.outbox(session, job_id)
        assert row is not None
        return row.look_at


async def test_a_cancelled_run_is_told_once(ctx_of: CtxOf, heart: Heart) -> None:
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 60.0, told))
    await service.cancel(ana, job_id=run.id)
    why, late = await told.wait()
    await asyncio.sleep(0.2)

    assert isinstance(why, Cancelled) and not late
    assert len(told.heard) == 1


async def test_a_run_whose_job_was_taken_over_is_told(ctx_of: CtxOf, heart: Heart) -> None:
    ana = await ctx_of("ana")
    run, told = await running(ana)
    await keeping.bury(ana.ports, holder=run.lease.holder)
    heart.care_for(Beat(run.lease, 60.0, told))

    assert isinstance((await told.wait())[0], LeaseLost)


async def test_a_run_that_takes_too_long_is_told(ctx_of: CtxOf, heart: Heart) -> None:
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 0.1, told))
    why, late = await told.wait()

    assert isinstance(why, Cancelled) and late


async def test_a_run_that_is_over_is_told_nothing(ctx_of: CtxOf, heart: Heart) -> None:
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 0.2, told))
    heart.let_go()
    await asyncio.sleep(0.4)

    assert told.heard == []


async def test_a_run_that_does_not_hear_is_ended_with_its_process(
    ctx_of: CtxOf, heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(hearts, "DEAF_AFTER_S", 0.1)
    monkeypatch.setattr(hearts.os, "kill", lambda process, number: killed.append(number))
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 0.05, told))
    await told.wait()
    await until(lambda: killed)
    heart.let_go()

    assert killed and set(killed) == {hearts.signal.SIGKILL}


async def test_a_database_that_is_busy_is_asked_again(
    ctx_of: CtxOf, heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def busy(*_: object) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable(code="database.busy")
        return "cancel"

    monkeypatch.setattr(ledger, "renew", busy)
    ana = await ctx_of("ana")
    run, told = await running(ana)
    heart.care_for(Beat(run.lease, 60.0, told))
    await told.wait()

    assert len(tries) == 3


async def test_a_process_whose_parent_is_gone_is_told_once(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearts, "BEAT_S", 0.02)
    orphaned: list[int] = []
    key = load_master_key(ports.settings.data_dir / "master.key")
    own = replace(ports, db=Database(ports.settings.sql_url, master_key=key))
    heart = Heart(lambda: own, parent=-1, orphaned=lambda: orphaned.append(1))
    heart.start()
    await until(lambda: orphaned)
    await asyncio.sleep(0.2)
    heart.stop()

    assert orphaned == [1]
