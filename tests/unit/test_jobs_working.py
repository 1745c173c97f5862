"""Working on jobs: leases and fences, failures and deaths, effects that happen once, and what looks after all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.adapters.queue_memory import MemoryQueue
from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import InvalidInput, Unavailable
from app.core.ids import new_id
from app.core.jobs import keeping, ledger, placing, service
from app.core.jobs.errors import Cancelled, LeaseLost
from app.core.jobs.models import Job, JobEffect
from app.core.jobs.names import JobName
from app.core.jobs.registry import HANDLERS, job
from app.core.jobs.run import TELL_EVERY_S, JobRun
from app.core.jobs.views import view_of
from app.core.ports import ProviderBusy
from app.core.signals import BusEvent
from app.tenancy.models import AuditEvent
from tests.databases import CtxOf
from tests.working import ME, ask, die, done, later, lease_runs_out, rung, show, start, state, states

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def act(ctx: Context, run: JobRun, name: str = "asset") -> bool:
    """Make something in the job's name, once; return whether it was made now."""
    async with run.effect(ctx, name) as session:
        if session is None:
            return False
        session.add(AuditEvent(action="made", target=name))
        return True


async def made(ctx: Context) -> int:
    async with ctx.db.read() as session:
        query = sa.select(sa.func.count()).select_from(AuditEvent).where(AuditEvent.action == "made")  # type: ignore[arg-type]
        return int((await session.execute(query)).scalar_one())


async def test_a_job_is_taken_by_one_of_many(ana: Context) -> None:
    job_id = await ask(ana)
    found = await asyncio.gather(*(ledger.take(ana.ports, job_id, holder=f"w{n}") for n in range(6)))

    assert sum(lease is not None for lease in found) == 1


async def test_what_is_not_queued_is_not_taken(ana: Context) -> None:
    finished, cancelled, waiting = await ask(ana), await ask(ana), await ask(ana)
    await done(ana, finished)
    await service.cancel(ana, job_id=cancelled)
    await service.pause(ana, job_id=waiting)

    for job_id in (finished, cancelled, waiting, new_id()):
        assert await ledger.take(ana.ports, job_id, holder=ME) is None


async def test_a_finished_job_shows_its_result(ana: Context) -> None:
    job_id = await ask(ana)
    await done(ana, job_id, asset_id="7")
    job = await show(ana, job_id)

    assert (job.state, job.result, job.done_permille, job.attempt) == ("done", {"asset_id": "7"}, 1000, 1)
    assert job.ended_at == ana.ports.clock.now()


async def test_a_lease_that_is_renewed_lasts(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    for _ in range(5):
        later(ana, ledger.LEASE - timedelta(seconds=1))
        await ledger.renew(ana.ports, run.lease)
        await keeping.look_after(ana.ports)

    assert await state(ana, job_id) == "running"


async def test_an_orphan_is_queued_again_and_rung_for(ana: Context) -> None:
    job_id = await ask(ana)
    await rung(ana)
    await die(ana, job_id)

    assert await state(ana, job_id) == "queued"
    assert await rung(ana) == [job_id]


async def test_the_jobs_of_a_process_that_is_known_to_be_dead_are_taken_back_at_once(ana: Context) -> None:
    dead, living = await ask(ana), await ask(ana)
    await start(ana, dead, holder="dead")
    await start(ana, living, holder="living")

    assert await keeping.bury(ana.ports, holder="dead") == 1
    assert await states(ana, dead, living) == ["queued", "running"]


async def test_a_run_that_was_thought_dead_is_heard_no_more(ana: Context) -> None:
    job_id = await ask(ana)
    zombie = await start(ana, job_id)
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)
    alive = await start(ana, job_id)
    for attempt in (
        ledger.renew(ana.ports, zombie.lease),
        ledger.finish(ana.ports, zombie.lease, {"by": "zombie"}),
        ledger.fail(ana.ports, zombie.lease, InvalidInput()),
        ledger.stop(ana.ports, zombie.lease),
        zombie.progress("drawing", 0.5),
        zombie.note({"by": "zombie"}),
        act(ana, zombie),
    ):
        with pytest.raises(LeaseLost):
            await attempt
    await ledger.finish(ana.ports, alive.lease, {"by": "alive"})

    assert (await show(ana, job_id)).result == {"by": "alive"}
    assert await made(ana) == 0


async def test_an_effect_happens_once_however_often_the_job_runs(ana: Context) -> None:
    job_id = await ask(ana)
    first = await start(ana, job_id)
    before = await act(ana, first)
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)
    second = await start(ana, job_id)

    assert (before, await act(ana, second), await act(ana, second, "receipt")) == (True, False, True)
    assert await made(ana) == 2


async def test_an_effect_that_failed_half_way_did_not_happen(ana: Context) -> None:
    run = await start(ana, await ask(ana))
    with pytest.raises(RuntimeError):
        async with run.effect(ana, "asset") as session:
            assert session is not None
            session.add(AuditEvent(action="made", target="half"))
            raise RuntimeError
    again = await act(ana, run)

    assert (again, await made(ana)) == (True, 1)


async def test_the_same_effect_at_the_same_time_happens_once(ana: Context) -> None:
    run = await start(ana, await ask(ana))
    happened = await asyncio.gather(*(act(ana, run) for _ in range(4)))

    assert sorted(happened) == [False, False, False, True]
    assert await made(ana) == 1


async def test_a_cancelled_job_has_no_more_effects(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await service.cancel(ana, job_id=job_id)
    await ledger.stop(ana.ports, run.lease)

    with pytest.raises(LeaseLost):
        await act(ana, run)


async def test_a_job_that_kills_its_workers_is_put_in_quarantine(ana: Context) -> None:
    poison = await ask(ana)
    seen = []
    for _ in range(ledger.DEATHS):
        await die(ana, poison)
        seen.append(await state(ana, poison))

    assert seen == ["queued", "queued", "quarantined"]


async def test_an_orphan_that_was_cancelled_is_cancelled(ana: Context) -> None:
    job_id = await ask(ana)
    await start(ana, job_id)
    await service.cancel(ana, job_id=job_id)
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)

    assert await state(ana, job_id) == "cancelled"


async def test_a_passing_failure_is_tried_again_later_and_later(ana: Context) -> None:
    job_id = await ask(ana)
    pauses = []
    for _ in range(ledger.TRIES - 1):
        run = await start(ana, job_id)
        await ledger.fail(ana.ports, run.lease, Unavailable())
        not_before = (await show(ana, job_id)).not_before
        assert not_before is not None
        pauses.append(not_before - ana.ports.clock.now())
        await keeping.look_after(ana.ports)
        assert await state(ana, job_id) == "waiting"
        later(ana, pauses[-1])
        await keeping.look_after(ana.ports)
    run = await start(ana, job_id)
    await ledger.fail(ana.ports, run.lease, Unavailable())
    job = await show(ana, job_id)

    assert (job.state, job.error_code, job.attempt) == ("failed", "unavailable", ledger.TRIES)
    assert pauses == sorted(pauses)


async def test_a_lasting_failure_is_told_at_once(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    told = await ledger.fail(ana.ports, run.lease, InvalidInput(code="image.size", params={"limit": 4}))
    job = await show(ana, job_id)

    assert (told, job.state, job.error_code, job.error_params) == ("failed", "failed", "image.size", {"limit": 4})


async def test_a_bug_is_tried_again_and_tells_nothing_of_itself(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)

    assert await ledger.fail(ana.ports, run.lease, KeyError("secret")) == "waiting"
    assert (await show(ana, job_id)).error_code == "internal"


async def test_a_job_that_fails_while_it_is_cancelled_is_cancelled(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await service.cancel(ana, job_id=job_id)

    assert await ledger.fail(ana.ports, run.lease, Unavailable()) == "cancelled"


async def test_a_job_that_fails_while_it_is_paused_is_paused(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await service.pause(ana, job_id=job_id)

    assert await ledger.fail(ana.ports, run.lease, Unavailable()) == "paused"


def test_pauses_grow_have_an_end_and_are_never_the_same() -> None:
    pauses = [[ledger.pause_s(failures) for _ in range(50)] for failures in (1, 2, 3, 20)]

    for wanted_s, found in zip((2, 8, 32, 600), pauses, strict=True):
        assert wanted_s / 2 <= min(found) < max(found) <= wanted_s
    assert ledger.pause_s(1, at_least_s=90) == 90


@on_sqlite
async def test_a_provider_that_says_when_to_come_back_is_believed(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await ledger.fail(ana.ports, run.lease, ProviderBusy(params={"provider": "P"}, retry_after_s=120))
    job = await show(ana, job_id)

    assert job.not_before == ana.ports.clock.now() + timedelta(seconds=120)


async def test_progress_is_shown_with_its_step_and_a_guess_at_the_rest(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    later(ana, timedelta(seconds=10))
    await run.progress("drawing", 0.25)
    now = await show(ana, job_id)
    later(ana, timedelta(seconds=12))
    after = await show(ana, job_id)

    assert (now.step, now.done_permille, now.eta_s) == ("drawing", 250, 30)
    assert after.eta_s == 18


@on_sqlite
async def test_before_much_is_done_nobody_guesses_at_the_rest(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    later(ana, timedelta(seconds=10))
    await run.progress("drawing", 0.049)

    assert (await show(ana, job_id)).eta_s is None


@on_sqlite
async def test_progress_that_comes_often_is_written_seldom(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    for share in (0.1, 0.2, 0.3):
        await run.progress("drawing", share)
    seldom = (await show(ana, job_id)).done_permille
    await run.progress("framing", 0.4)
    at_a_step = (await show(ana, job_id)).done_permille
    later(ana, timedelta(seconds=TELL_EVERY_S))
    await run.progress("framing", 7.0)

    assert (seldom, at_a_step, (await show(ana, job_id)).done_permille) == (100, 400, 1000)


async def test_a_handler_hears_of_a_cancel_at_its_next_step(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await service.cancel(ana, job_id=job_id)

    with pytest.raises(Cancelled):
        await run.progress("drawing", 0.5)


@on_sqlite
async def test_a_handler_that_is_told_to_stop_hears_of_it_without_the_database(ana: Context) -> None:
    run = await start(ana, await ask(ana))
    run.stop(LeaseLost())

    with pytest.raises(LeaseLost):
        await run.progress("drawing", 0.5)


async def test_notes_are_kept_for_the_next_run(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await run.note({"task": "t1"})
    await run.note({"polled": 2})
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)

    assert (await start(ana, job_id)).noted == {"task": "t1", "polled": 2}


async def test_bells_that_lost_all_they_held_are_rung_anew_at_once(ana: Context) -> None:
    await keeping.look_after(ana.ports)
    job_ids = [await ask(ana) for _ in range(3)]
    await keeping.look_after(ana.ports)
    before = await rung(ana)
    await keeping.look_after(ana.ports)
    marked = await rung(ana)
    ports = replace(ana.ports, queue=MemoryQueue())  # as a Redis is after FLUSHALL
    ctx = replace(ana, ports=ports)
    await keeping.look_after(ports)
    anew = await rung(ctx)
    await keeping.look_after(ports)

    assert (sorted(before), marked, sorted(anew), await rung(ctx)) == (sorted(job_ids), [], sorted(job_ids), [])


async def test_a_bell_that_nobody_heard_is_rung_again(ana: Context) -> None:
    await keeping.look_after(ana.ports)  # leaves its mark
    job_id = await ask(ana)
    await rung(ana)
    await keeping.look_after(ana.ports)
    early = await rung(ana)
    later(ana, placing.RING_AGAIN)
    await keeping.look_after(ana.ports)
    late = await rung(ana)
    await keeping.look_after(ana.ports)

    assert (early, late, await rung(ana)) == ([], [job_id], [])


@on_sqlite
async def test_a_bell_that_is_broken_keeps_no_job_from_being_asked_for(
    ana: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(ana.ports.queue, "wake", broken)

    assert await state(ana, await ask(ana)) == "queued"


async def test_one_process_at_a_time_looks_after_the_jobs(ana: Context) -> None:
    ports = ana.ports
    first = [await keeping.take_duty(ports, holder="one"), await keeping.take_duty(ports, holder="two")]
    later(ana, keeping.DUTY_LASTS - timedelta(seconds=1))
    renewed = await keeping.take_duty(ports, holder="one")
    later(ana, keeping.DUTY_LASTS - timedelta(seconds=1))
    kept = await keeping.take_duty(ports, holder="two")
    later(ana, timedelta(seconds=1))

    assert (first, renewed, kept) == ([True, False], True, False)
    assert await keeping.take_duty(ports, holder="two")
    await keeping.lay_down(ports, holder="two")
    assert await keeping.take_duty(ports, holder="one")


async def test_many_that_want_the_same_duty_at_once_get_it_once(ana: Context) -> None:
    found = await asyncio.gather(*(keeping.take_duty(ana.ports, holder=f"w{n}") for n in range(6)))

    assert found.count(True) == 1


@on_sqlite
async def test_a_job_that_cannot_be_taken_back_does_not_hold_up_the_others(
    ana: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await ask(ana), await ask(ana)
    await start(ana, bad)
    await start(ana, good)
    orphan = ledger.orphan

    async def refuse_one(ports: object, tenant_id: object, job_id: object, **more: object) -> str:
        if job_id == bad:
            raise Unavailable
        return await orphan(ports, tenant_id, job_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "orphan", refuse_one)
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)

    assert await states(ana, bad, good) == ["running", "queued"]


@on_sqlite
async def test_a_workspace_that_cannot_be_served_does_not_hold_up_the_others(
    two_tenants: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bo = two_tenants
    soon = ana.ports.clock.now() + timedelta(seconds=5)
    theirs, ours = await ask(ana, not_before=soon), await ask(bo, not_before=soon)
    fill = placing.fill

    async def refuse_one(ports: object, session: object, tenant_id: object, queue: str) -> int:
        if tenant_id == ana.tenant_id:
            raise Unavailable
        return await fill(ports, session, tenant_id, queue)  # type: ignore[arg-type]

    monkeypatch.setattr(placing, "fill", refuse_one)
    later(ana, timedelta(seconds=5))
    await keeping.look_after(ana.ports)

    assert [await state(ana, theirs), await state(bo, ours)] == ["waiting", "queued"]


async def test_old_jobs_are_deleted_with_what_is_known_of_them(ana: Context) -> None:
    old = await ask(ana)
    run = await start(ana, old)
    await act(ana, run)
    await ledger.finish(ana.ports, run.lease, {})
    later(ana, timedelta(days=ana.ports.settings.jobs_kept_days, seconds=1))
    new = await ask(ana)
    await done(ana, new)
    purged = await keeping.purge(ana.ports, tenant_id=ana.tenant)

    async with ana.db.read() as session:
        effects = (await session.execute(sa.select(sa.func.count()).select_from(JobEffect))).scalar_one()
    assert (purged, effects) == (1, 0)
    assert [job.id for job in await service.list_jobs(ana)] == [new]


@on_sqlite
async def test_tabs_are_told_once_for_each_change(ana: Context) -> None:
    events: list[BusEvent] = []
    listening = asyncio.ensure_future(_collect(ana, events))
    await asyncio.sleep(0)
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await run.progress("drawing", 0.5)
    await ledger.finish(ana.ports, run.lease, {})
    await asyncio.sleep(0.01)
    listening.cancel()

    assert [(e.data["state"], e.data["step"], e.data["done_permille"]) for e in events] == [
        ("queued", "", 0),
        ("running", "", 0),
        ("running", "drawing", 500),
        ("done", "drawing", 1000),
    ]
    assert {(e.tenant_id, e.name, e.data["id"]) for e in events} == {(ana.tenant_id, "job", str(job_id))}


async def _collect(ctx: Context, events: list[BusEvent]) -> None:
    async for event in ctx.ports.bus.listen():
        events.append(event)  # noqa: PERF401 (it never ends)


def test_a_handler_is_registered_for_the_queue_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(ctx: Context, run: JobRun) -> dict[str, object]:
        return {}

    with pytest.raises(ValueError, match="audio"):
        job(JobName.SPEECH, queue="image", scope="media:write")(work)
    monkeypatch.delitem(HANDLERS, JobName.SPEECH, raising=False)
    job(JobName.SPEECH, queue="audio", scope="media:write")(work)
    found = HANDLERS[JobName.SPEECH]
    monkeypatch.delitem(HANDLERS, JobName.SPEECH)

    assert (found.queue, found.scope, found.work) == ("audio", "media:write", work)


@on_sqlite
async def test_what_is_no_orphan_is_left_alone(ana: Context) -> None:
    waiting, running = await ask(ana), await ask(ana)
    await start(ana, running)

    for job_id, holder in ((waiting, None), (running, None), (running, "somebody else"), (new_id(), None)):
        assert await ledger.orphan(ana.ports, ana.tenant, job_id, holder=holder) == ""
    assert await states(ana, waiting, running) == ["queued", "running"]


@on_sqlite
async def test_where_every_slot_is_taken_nobody_else_is_started(ana: Context) -> None:
    slots = ana.ports.settings.jobs_at_once
    jobs = [await ask(ana) for _ in range(slots + 1)]

    assert await keeping.start_due(ana.ports) == 0
    assert await state(ana, jobs[-1]) == "waiting"


def test_nobody_guesses_at_a_run_that_has_not_told_anything_yet(clock: ManualClock) -> None:
    row = Job(name="trial", queue="default", state="running", actor="user", done_permille=500, began_at=clock.now())

    assert view_of(row, now=clock.now()).eta_s is None
