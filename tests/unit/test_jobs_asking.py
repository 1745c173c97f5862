"""Asking for jobs: with the change or not at all, once per key, in turn, when what they need is done."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.jobs import keeping, ledger, service
from app.core.jobs.errors import JobEnded
from app.core.jobs.names import JobName
from tests.databases import CtxOf
from tests.working import ask, die, done, later, rung, show, start, state, states

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def test_a_job_is_queued_and_rung_for_at_once_where_there_is_room(ana: Context) -> None:
    job_id = await ask(ana, args={"picture": "7"}, reserved_micros=40)
    job = await show(ana, job_id)

    assert (job.state, job.queue, job.reserved_micros, job.user_id) == ("queued", "default", 40, ana.user_id)
    assert await rung(ana) == [job_id]
    assert (await start(ana, job_id)).args == {"picture": "7"}


async def test_a_change_that_fails_leaves_no_job_and_rings_no_bell(ana: Context) -> None:
    with pytest.raises(RuntimeError):
        async with ana.db.write() as session:
            await service.ask(ana, session, name=JobName.TRIAL, args={})
            raise RuntimeError

    assert await service.list_jobs(ana) == []
    assert await rung(ana) == []


async def test_the_same_key_is_the_same_job(ana: Context) -> None:
    first = await ask(ana, key="poster-7")

    assert await ask(ana, key="poster-7", args={"n": 2}) == first
    assert await ask(ana, key="poster-7", name=JobName.IMAGE) != first
    assert await ask(ana, key="") != await ask(ana, key="")


async def test_a_key_that_two_use_at_once_is_one_job(ana: Context) -> None:
    found = await asyncio.gather(*(ask(ana, key="poster-7") for _ in range(5)))

    assert len(set(found)) == 1
    assert len(await service.list_jobs(ana)) == 1


@on_sqlite
async def test_a_key_is_the_workspaces_own(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants

    assert await ask(ana, key="k") != await ask(bo, key="k")


@on_sqlite
@pytest.mark.parametrize(("length", "fits"), [(service.ARGS_LIMIT_BYTES - len('{"t": ""}'), True), (65_536, False)])
async def test_a_job_takes_short_values_only(ana: Context, length: int, fits: bool) -> None:
    if fits:
        await ask(ana, args={"t": "x" * length})
        return
    with pytest.raises(InvalidInput):
        await ask(ana, args={"t": "x" * length})


@on_sqlite
async def test_what_a_job_was_given_lies_sealed_in_the_database(ana: Context) -> None:
    await ask(ana, args={"prompt": "a secret launch"})
    async with ana.ports.db.engine.connect() as connection:
        import sqlalchemy as sa

        kept = (await connection.execute(sa.text("select args from job"))).scalar_one()

    assert kept.startswith("g1.")


async def test_a_workspace_has_so_many_slots_in_each_queue(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    slots = ana.ports.settings.jobs_at_once
    many = [await ask(ana) for _ in range(slots + 3)]
    elsewhere = await ask(ana, name=JobName.IMAGE)
    only = await ask(bo)

    assert await states(ana, *many) == ["queued"] * slots + ["waiting"] * 3
    assert await state(ana, elsewhere) == "queued"
    assert await state(bo, only) == "queued"


async def test_a_slot_that_is_free_again_goes_to_the_most_urgent_then_to_the_oldest(ana: Context) -> None:
    slots = ana.ports.settings.jobs_at_once
    running = [await ask(ana) for _ in range(slots)]
    old, new, urgent = await ask(ana), await ask(ana), await ask(ana, priority=5)
    await done(ana, running[0])
    first = await states(ana, old, new, urgent)
    await done(ana, running[1])
    second = await states(ana, old, new, urgent)

    assert first == ["waiting", "waiting", "queued"]
    assert second == ["queued", "waiting", "queued"]


async def test_a_job_for_later_starts_then(ana: Context) -> None:
    job_id = await ask(ana, not_before=ana.ports.clock.now() + timedelta(hours=1))
    await keeping.look_after(ana.ports)
    early = await state(ana, job_id)
    later(ana, timedelta(hours=1))
    await keeping.look_after(ana.ports)

    assert (early, await state(ana, job_id)) == ("waiting", "queued")


async def test_a_job_starts_when_all_that_it_needs_is_done(ana: Context) -> None:
    one, two = await ask(ana), await ask(ana)
    last = await ask(ana, after=[one, two])
    await done(ana, one)
    await keeping.look_after(ana.ports)
    between = await state(ana, last)
    await done(ana, two)

    assert (between, await state(ana, last)) == ("waiting", "queued")


async def test_a_job_that_needs_what_is_done_already_starts_at_once(ana: Context) -> None:
    first = await ask(ana)
    await done(ana, first)

    assert await state(ana, await ask(ana, after=[first])) == "queued"


async def test_what_needs_a_job_that_broke_breaks_too_all_the_way(ana: Context) -> None:
    first = await ask(ana)
    second = await ask(ana, after=[first])
    third = await ask(ana, after=[second])
    await service.cancel(ana, job_id=first)

    assert await states(ana, second, third) == ["failed", "failed"]
    assert (await show(ana, third)).error_code == "job.needed_broke"
    with pytest.raises(Conflict):
        await ask(ana, after=[first])


async def test_after_another_try_of_what_it_needed_a_job_can_be_tried_again(ana: Context) -> None:
    first = await ask(ana)
    second = await ask(ana, after=[first])
    await service.cancel(ana, job_id=first)
    await service.retry(ana, job_id=first)
    await service.retry(ana, job_id=second)
    waiting = await state(ana, second)
    await done(ana, first)

    assert (waiting, await state(ana, second)) == ("waiting", "queued")


@on_sqlite
async def test_a_job_does_not_need_a_foreign_or_absent_one(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    theirs = await ask(ana)
    for needed in (theirs, new_id()):
        with pytest.raises(InvalidInput):
            await ask(bo, after=[needed])


async def test_a_series_goes_on_after_each_end_and_leaves_out_what_went_by(ana: Context) -> None:
    first = await ask(ana, key="daily", every_s=3600)
    began = ana.ports.clock.now()
    later(ana, timedelta(hours=2, minutes=30))
    await done(ana, first)
    second = (await service.list_jobs(ana, states=["waiting"]))[0]

    assert second.not_before == began + timedelta(hours=3)
    later(ana, timedelta(hours=1))
    await keeping.look_after(ana.ports)
    await done(ana, second.id)
    third = (await service.list_jobs(ana, states=["waiting"]))[0]
    await service.cancel(ana, job_id=third.id)
    assert third.not_before == began + timedelta(hours=4)
    assert await service.list_jobs(ana, states=["waiting", "queued"]) == []


@on_sqlite
async def test_a_series_goes_on_when_one_of_it_fails(ana: Context) -> None:
    first = await ask(ana, every_s=60)
    run = await start(ana, first)
    await ledger.fail(ana.ports, run.lease, InvalidInput())

    assert [job.state for job in await service.list_jobs(ana)] == ["waiting", "failed"]


async def test_two_cancels_at_once_are_one(ana: Context) -> None:
    job_id = await ask(ana)
    views = await asyncio.gather(*(service.cancel(ana, job_id=job_id) for _ in range(2)))

    assert [view.state for view in views] == ["cancelled", "cancelled"]


async def test_a_running_job_is_told_to_stop_and_two_cancels_are_one(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    views = await asyncio.gather(*(service.cancel(ana, job_id=job_id) for _ in range(2)))

    assert [(view.state, view.asked) for view in views] == [("running", "cancel")] * 2
    assert await ledger.renew(ana.ports, run.lease) == "cancel"
    await ledger.stop(ana.ports, run.lease)
    assert await state(ana, job_id) == "cancelled"


async def test_a_job_that_is_over_is_not_cancelled_paused_or_resumed(ana: Context) -> None:
    job_id = await ask(ana)
    await done(ana, job_id)
    for verb in (service.cancel, service.pause, service.resume, service.retry):
        with pytest.raises(JobEnded):
            await verb(ana, job_id=job_id)


async def test_a_cancelled_job_gives_its_slot_to_the_next(ana: Context) -> None:
    jobs = [await ask(ana) for _ in range(ana.ports.settings.jobs_at_once + 1)]
    await service.cancel(ana, job_id=jobs[0])

    assert await state(ana, jobs[-1]) == "queued"


async def test_a_paused_job_waits_until_it_is_resumed_and_gives_its_slot_away(ana: Context) -> None:
    jobs = [await ask(ana) for _ in range(ana.ports.settings.jobs_at_once + 1)]
    await service.pause(ana, job_id=jobs[0])
    await service.pause(ana, job_id=jobs[0])
    await keeping.look_after(ana.ports)
    held = await states(ana, jobs[0], jobs[-1])
    await done(ana, jobs[-1])
    await service.resume(ana, job_id=jobs[0])

    assert held == ["paused", "queued"]
    assert await state(ana, jobs[0]) == "queued"


async def test_a_running_job_is_paused_by_its_worker_and_does_not_lose_a_try(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await run.note({"page": 3})
    await service.pause(ana, job_id=job_id)
    await ledger.stop(ana.ports, run.lease)
    paused = await state(ana, job_id)
    await service.resume(ana, job_id=job_id)
    again = await start(ana, job_id)

    assert (paused, again.attempt, again.fence, again.noted) == ("paused", 1, 2, {"page": 3})


async def test_a_pause_is_taken_back_before_the_worker_heard_of_it(ana: Context) -> None:
    job_id = await ask(ana)
    run = await start(ana, job_id)
    await service.pause(ana, job_id=job_id)
    await service.resume(ana, job_id=job_id)

    assert await ledger.renew(ana.ports, run.lease) == ""


async def test_a_cancel_is_stronger_than_a_pause(ana: Context) -> None:
    job_id = await ask(ana)
    await start(ana, job_id)
    await service.cancel(ana, job_id=job_id)

    assert (await service.pause(ana, job_id=job_id)).asked == "cancel"


async def test_another_try_begins_the_count_anew_and_runs_on_a_greater_fence(ana: Context) -> None:
    job_id = await ask(ana)
    for _ in range(ledger.DEATHS):
        await die(ana, job_id)
    quarantined = await show(ana, job_id)
    await service.retry(ana, job_id=job_id)
    run = await start(ana, job_id)

    assert (quarantined.state, quarantined.error_code) == ("quarantined", "job.quarantined")
    assert (run.attempt, run.fence) == (1, ledger.DEATHS + 1)


async def test_a_try_of_a_job_that_is_not_over_changes_nothing(ana: Context) -> None:
    job_id = await ask(ana)
    await start(ana, job_id)

    assert (await service.retry(ana, job_id=job_id)).state == "running"


async def test_a_foreign_job_is_not_there(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    theirs = await ask(ana)
    for verb in (service.show, service.cancel, service.pause, service.resume, service.retry):
        with pytest.raises(NotFound):
            await verb(bo, job_id=theirs)

    assert await service.list_jobs(bo) == []
    assert await state(ana, theirs) == "queued"


async def test_jobs_are_listed_newest_first_page_by_page_by_state_and_name(ana: Context) -> None:
    one, two, three = await ask(ana), await ask(ana, name=JobName.IMAGE), await ask(ana)
    await service.cancel(ana, job_id=one)

    async def listed(**given: object) -> list[object]:
        return [job.id for job in await service.list_jobs(ana, **given)]  # type: ignore[arg-type]

    assert await listed() == [three, two, one]
    assert await listed(limit=1, before=three) == [two]
    assert await listed(states=["cancelled"]) == [one]
    assert await listed(name="media.image") == [two]


@on_sqlite
async def test_one_of_a_series_that_is_tried_again_does_not_begin_a_second_series(ana: Context) -> None:
    first = await ask(ana, every_s=3600)
    run = await start(ana, first)
    await ledger.fail(ana.ports, run.lease, InvalidInput())
    await service.retry(ana, job_id=first)
    await done(ana, first)

    assert [job.state for job in await service.list_jobs(ana)] == ["waiting", "done"]


@on_sqlite
async def test_a_foreign_key_that_does_not_hold_is_no_second_use_of_a_key(ana: Context) -> None:
    from dataclasses import replace

    with pytest.raises(IntegrityError):
        await ask(replace(ana, user_id=new_id()), key="k")


@on_sqlite
async def test_a_resumed_job_that_is_not_paused_goes_on_as_it_is(ana: Context) -> None:
    job_id = await ask(ana)

    assert (await service.resume(ana, job_id=job_id)).state == "queued"
