"""A hand: takes what is rung for or lies in the outbox, runs it in its asker's name, and tells how it ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.core.context import Context
from app.core.errors import InvalidInput, Unavailable
from app.core.jobs import keeping, ledger, service
from app.core.jobs.errors import Cancelled, LeaseLost
from app.core.jobs.names import JobName
from app.core.jobs.registry import HANDLERS, Handler, Work
from app.core.jobs.run import JobRun
from app.tenancy import members
from app.tenancy.schemas import ChangeRole
from jobs import hand as hands
from jobs.hand import Hand
from jobs.handlers import load_handlers
from jobs.heart import Beat
from tests.databases import CtxOf
from tests.patience import PATIENCE_S
from tests.working import ask, lease_runs_out, rung, show, start, state


@pytest.fixture
def engine() -> str:
    """What is new here does not depend on the kind of database."""
    return "sqlite"


class Pulse:
    """A heart whose beats a test makes by itself."""

    beat: Beat | None = None

    def care_for(self, beat: Beat) -> None:
        self.beat = beat

    def let_go(self) -> None:
        self.beat = None


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "WAIT_S", 0.05)
    monkeypatch.setattr(hands, "PATIENCE_S", 0.05)


@pytest.fixture
async def hand(ana: Context, quick: None) -> AsyncIterator[Hand]:
    """A hand that is at work on every queue until the test ends."""
    worker = Hand(ana.ports, queues=["default", "image"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    working = asyncio.ensure_future(worker.work())
    yield worker
    worker.stopping.set()
    await asyncio.wait_for(working, PATIENCE_S)


def handle(monkeypatch: pytest.MonkeyPatch, work: Work, *, scope: str = "jobs:write") -> None:
    """Let jobs of the name `trial` be done by `work`."""
    monkeypatch.setitem(HANDLERS, JobName.TRIAL, Handler(JobName.TRIAL, "default", scope, 60.0, work))


async def ends(ctx: Context, job_id: UUID, *wanted: str) -> str:
    """Wait until the job stands in one of the wanted states, and return it."""
    deadline_s = time.monotonic() + PATIENCE_S
    while (now := await state(ctx, job_id)) not in wanted:
        assert time.monotonic() < deadline_s, f"{now}, waited for {wanted}"
        await asyncio.sleep(0.01)
    return now


def test_every_handler_is_found() -> None:
    found = load_handlers()

    assert JobName.TRIAL in found
    assert all(handler.scope and handler.limit_s > 0 for handler in found.values())


async def test_a_job_is_done_in_the_name_of_who_asked(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        return {"who": str(ctx.user_id), "where": str(ctx.tenant_id), "n": run.args["n"], "write": sorted(ctx.scopes)}

    handle(monkeypatch, work)
    job_id = await ask(ana, args={"n": 5})
    await ends(ana, job_id, "done")
    result = (await show(ana, job_id)).result

    assert (result["who"], result["where"], result["n"]) == (str(ana.user_id), str(ana.tenant_id), 5)
    assert set(result["write"]) == ana.scopes


async def test_the_trial_job_counts_to_its_end(ana: Context, hand: Hand) -> None:
    load_handlers()
    job_id = await ask(ana, args={"steps": 3})
    await ends(ana, job_id, "done")
    result = (await show(ana, job_id)).result

    assert (result["steps"], result["from"], result["counted_now"]) == (3, 0, True)


async def test_a_job_that_nobody_rang_for_is_found_in_the_outbox(ana: Context, quick: None) -> None:
    load_handlers()
    job_id = await ask(ana)
    await rung(ana)
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    working = asyncio.ensure_future(worker.work())
    await ends(ana, job_id, "done")
    worker.stopping.set()
    await working


async def test_without_a_bell_jobs_are_found_too(ana: Context, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    load_handlers()
    monkeypatch.setattr(ana.ports.queue, "take", away)
    monkeypatch.setattr(ana.ports.queue, "wake", away)
    job_id = await ask(ana)
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    working = asyncio.ensure_future(worker.work())
    await ends(ana, job_id, "done")
    worker.stopping.set()
    await working


async def test_an_orphan_whose_bell_was_lost_is_found_while_other_bells_are_heard(
    ana: Context, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_handlers()
    monkeypatch.setattr(hands, "LOOK_EVERY_S", 0.0)
    orphan, lost = await ask(ana), await ask(ana)
    await start(ana, orphan, holder="dead")
    await keeping.bury(ana.ports, holder="dead")
    await rung(ana)
    heard = await ask(ana)
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    found = await worker._find()

    assert list(found) == [orphan, heard]
    assert await state(ana, lost) == "queued"


async def test_a_hand_leaves_the_jobs_of_other_queues_alone(ana: Context, hand: Hand) -> None:
    load_handlers()
    other, ours = await ask(ana, queue="video"), await ask(ana)
    await ends(ana, ours, "done")
    await asyncio.sleep(0.1)

    assert await state(ana, other) == "queued"


@pytest.mark.parametrize(
    ("error", "wanted", "code"),
    [(InvalidInput(code="x.bad"), "failed", "x.bad"), (Unavailable(), "waiting", "unavailable"),
     (RuntimeError("bug"), "waiting", "internal")],
)  # fmt: skip
async def test_how_a_job_failed_is_told(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch, error: Exception, wanted: str, code: str
) -> None:
    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        raise error

    handle(monkeypatch, work)
    job_id = await ask(ana)
    await ends(ana, job_id, wanted)

    assert (await show(ana, job_id)).error_code == code


async def test_a_job_that_this_version_does_not_know_is_tried_again_later(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(HANDLERS, JobName.IMAGE, raising=False)
    job_id = await ask(ana, name=JobName.IMAGE)
    await ends(ana, job_id, "waiting")

    assert (await show(ana, job_id)).error_code == "job.no_handler"


async def test_who_may_not_do_it_any_more_gets_no_job_done(ana: Context, ctx_of: CtxOf, quick: None) -> None:
    load_handlers()
    bo, eve = await ctx_of("bo", role="editor", of=ana), await ctx_of("eve", role="editor", of=ana)
    left, demoted = await ask(bo), await ask(eve)
    await members.leave(bo)
    await members.change_role(ana, user_id=eve.user_id, form=ChangeRole(role="viewer"))
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    working = asyncio.ensure_future(worker.work())
    for job_id in (left, demoted):
        await ends(ana, job_id, "failed")
        assert (await show(ana, job_id)).error_code == "auth.forbidden"
    worker.stopping.set()
    await working


async def test_a_job_of_the_system_has_only_the_scope_of_its_handler(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        return {"scopes": sorted(ctx.scopes), "actor": ctx.actor}

    handle(monkeypatch, work, scope="media:write")
    job_id = await ask(ledger.system(ana.ports, ana.tenant))
    await ends(ana, job_id, "done")

    assert (await show(ana, job_id)).result == {"scopes": ["media:write"], "actor": "system"}


@pytest.mark.parametrize(("verb", "wanted"), [(service.cancel, "cancelled"), (service.pause, "paused")])
async def test_a_job_that_is_told_to_stop_stops(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch, verb: Any, wanted: str
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return {}

    handle(monkeypatch, work)
    job_id = await ask(ana)
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    await verb(ana, job_id=job_id)
    pulse: Any = hand.heart
    assert await ledger.renew(ana.ports, pulse.beat.lease) != ""
    pulse.beat.tell(Cancelled(), False)
    assert await ends(ana, job_id, wanted) == wanted
    assert ended.is_set()


async def test_a_job_that_takes_too_long_fails(ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        begun.set()
        await asyncio.sleep(60)
        return {}

    handle(monkeypatch, work)
    job_id = await ask(ana)
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    pulse: Any = hand.heart
    pulse.beat.tell(Cancelled(), True)
    await ends(ana, job_id, "failed")

    assert (await show(ana, job_id)).error_code == "job.too_long"


async def test_a_run_whose_lease_was_lost_tells_nothing(
    ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        begun.set()
        await asyncio.sleep(60)
        return {}

    handle(monkeypatch, work)
    job_id = await ask(ana)
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    lease_runs_out(ana)
    await service.pause(ana, job_id=job_id)
    await keeping.look_after(ana.ports)
    pulse: Any = hand.heart
    pulse.beat.tell(LeaseLost(), False)
    await asyncio.sleep(0.1)

    assert await state(ana, job_id) == "paused"


async def test_a_hand_that_stops_lets_its_job_end_or_gives_it_back(
    ana: Context, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(ctx: Context, run: JobRun) -> Mapping[str, Any]:
        begun.set()
        await asyncio.sleep(run.args["takes_s"])
        return {}

    handle(monkeypatch, work)
    outcomes = []
    for takes_s, drain_s in ((0.1, PATIENCE_S), (10 * PATIENCE_S, 0.2)):
        begun = asyncio.Event()
        ports = replace(ana.ports, settings=ana.ports.settings.model_copy(update={"drain_s": drain_s}))
        job_id = await ask(ana, args={"takes_s": takes_s})
        worker = Hand(ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
        working = asyncio.ensure_future(worker.work())
        await asyncio.wait_for(begun.wait(), PATIENCE_S)
        worker.stopping.set()
        await asyncio.wait_for(working, PATIENCE_S)
        job = await show(ana, job_id)
        outcomes.append((job.state, job.attempt))

    assert outcomes == [("done", 1), ("queued", 0)]


async def test_a_hand_takes_back_what_its_dead_predecessor_held(ana: Context, quick: None) -> None:
    load_handlers()
    job_id = await ask(ana)
    await start(ana, job_id, holder="dead")
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    working = asyncio.ensure_future(worker.work(predecessor="dead"))
    await ends(ana, job_id, "done")
    worker.stopping.set()
    await working


async def test_a_database_that_is_busy_is_told_again(ana: Context, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    load_handlers()
    finish, tries = ledger.finish, []

    async def busy_twice(*given: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable(code="database.busy")
        await finish(*given)

    monkeypatch.setattr(ledger, "finish", busy_twice)
    job_id = await ask(ana)
    await ends(ana, job_id, "done")

    assert len(tries) == 3


async def test_a_hand_makes_room_for_a_fresh_one_after_so_many_jobs(
    ana: Context, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_handlers()
    monkeypatch.setattr(hands, "JOBS_PER_HAND", 2)
    jobs = [await ask(ana) for _ in range(3)]
    worker = Hand(ana.ports, queues=["default"], holder="h", heart=Pulse())  # type: ignore[arg-type]
    await asyncio.wait_for(worker.work(), PATIENCE_S)

    assert sorted([await state(ana, job_id) for job_id in jobs]) == ["done", "done", "queued"]
