"""A clip is first a draft and then, by itself, final: one asset, two jobs, and what comes between leaves the draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.adapters.blobs_disk import DiskBlobs
from app.core.context import Context
from app.core.errors import Unavailable
from app.core.ids import new_id
from app.core.jobs import keeping
from app.core.jobs import ledger as jobs_ledger
from app.core.jobs import service as jobs
from app.core.jobs.errors import Cancelled
from app.core.ports import ProviderRefusedRequest
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.media import again, cuts, in_documents, library, tidying, trash, video
from app.media.errors import NoDraft, NotReady
from app.media.estimating import estimate
from app.media.recipes import Recipe
from app.media.schemas import Asked, AssetView
from app.media.uploads import upload
from app.storage.errors import QuotaFull
from app.storage.models import FileRecord
from app.usage import budgeting
from app.usage.service import list_events
from jobs import media as handlers
from state.media_reading import read_jobs, read_page, read_result
from state.media_view import Narrowing
from tests.databases import CtxOf
from tests.media_samples import clip, sound
from tests.working import lease_runs_out, start, state, states

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
FILM = Recipe(verb="film", aspect="story")
SCRIPT = "The kettle is on.\n\nTip it over. There it is."
FIRST, SECOND = clip("mp4"), clip("mp4") + b"\0\0\0\x10free" + b"\0" * 8


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    ana = await ctx_of("ana")
    ana.ports.video.answers += [FIRST, SECOND]
    return ana


async def ask(ctx: Context, **more: object) -> Asked:
    return await video.ask(ctx, **{"recipe": FILM, "title": "Castor", "script": SCRIPT, **more})  # type: ignore[arg-type]


async def work(ctx: Context, job_id: UUID | None) -> None:
    """Be the worker of a job, to its end."""
    assert job_id is not None
    run = await start(ctx, job_id)
    await jobs_ledger.finish(ctx.ports, run.lease, await handlers.make_clip(ctx, run))


async def fail(ctx: Context, job_id: UUID | None, error: Exception) -> None:
    """Be the worker of a job whose composer fails."""
    assert job_id is not None
    ctx.ports.video.answers[:] = [error]
    run = await start(ctx, job_id)
    with pytest.raises(type(error)) as failed:
        await handlers.make_clip(ctx, run)
    await jobs_ledger.fail(ctx.ports, run.lease, failed.value)


async def shown(ctx: Context, asked: Asked) -> AssetView:
    return (await library.show(ctx, asset_id=asked.asset.id)).asset


async def drafted(ctx: Context) -> tuple[Asked, UUID]:
    """Return what was asked for once its draft is there, and the job of the final cut."""
    asked = await ask(ctx)
    await work(ctx, asked.job_id)
    final = (await shown(ctx, asked)).job_id
    assert final is not None
    return asked, final


async def content(ctx: Context, asked: Asked) -> bytes:
    found = await library.content(ctx, asset_id=asked.asset.id)
    return b"".join([chunk async for chunk in await library.read(ctx, found)])


async def files(ctx: Context) -> int:
    async with ctx.db.read() as session:
        return len((await session.execute(select(FileRecord))).scalars().all())


def drafts_of(ctx: Context) -> list[bool]:
    """Return for each clip that was set whether it was a draft."""
    return [call.draft for call in ctx.ports.video.calls]


async def connect(ctx: Context, *models: ModelForm) -> None:
    await providers.create(ctx, form=ProviderForm(name="studio", kind="openai", api_key="sk-test-key", models=models))


SORA = ModelForm(id="sora-2", tier="strong", kind="video")
VOICE = ModelForm(id="tts-1", tier="fast", kind="speech")


async def test_the_final_cut_follows_by_itself_and_takes_the_drafts_place(ana: Context) -> None:
    asked = await ask(ana)
    before = await shown(ana, asked)
    await work(ana, asked.job_id)
    between, draft = await shown(ana, asked), await content(ana, asked)
    assert between.job_id is not None
    waits = await state(ana, between.job_id)
    await work(ana, between.job_id)
    after = await library.show(ana, asset_id=asked.asset.id)

    assert (before.state, before.draft, before.is_there) == ("making", True, False)
    assert (between.state, between.draft, between.is_there) == ("making", True, True)
    assert (between.job_id != asked.job_id, waits) == (True, "queued")
    assert (after.asset.state, after.asset.draft, after.asset.done_permille) == ("ready", False, 1000)
    assert (draft, await content(ana, asked)) == (FIRST, SECOND)
    assert (drafts_of(ana), after.recipe.draft) == ([True, False], False)
    assert await files(ana) == 2  # a clip and its preview: those of the draft are gone
    assert [view.id for view in (await library.list_assets(ana))[0]] == [asked.asset.id]


async def test_a_final_cut_waits_for_the_job_of_its_draft(ana: Context) -> None:
    asked = await ask(ana)
    run = await start(ana, asked.job_id)
    result = await handlers.make_clip(ana, run)
    final = (await shown(ana, asked)).job_id
    assert final is not None
    early = await state(ana, final)
    await jobs_ledger.finish(ana.ports, run.lease, result)

    assert (early, await states(ana, asked.job_id, final)) == ("waiting", ["done", "queued"])


async def test_a_worker_that_dies_between_the_two_loses_nothing_and_makes_nothing_twice(ana: Context) -> None:
    asked = await ask(ana)
    await handlers.make_clip(ana, await start(ana, asked.job_id))  # the draft is kept, its job not yet done
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)
    await work(ana, asked.job_id)
    final = (await shown(ana, asked)).job_id
    assert final is not None
    await start(ana, final)  # and another one dies as it begins
    lease_runs_out(ana)
    await keeping.look_after(ana.ports)
    await work(ana, final)

    assert drafts_of(ana) == [True, False]
    assert (await content(ana, asked), await files(ana)) == (SECOND, 2)


@on_sqlite
async def test_a_final_cut_that_is_cancelled_leaves_a_draft_that_plays(ana: Context) -> None:
    asked, final = await drafted(ana)
    await jobs.cancel(ana, job_id=final)
    view = await shown(ana, asked)

    assert (view.state, view.draft, view.error_code, view.job_state) == ("ready", True, "", "cancelled")
    assert await content(ana, asked) == FIRST


@on_sqlite
async def test_a_final_cut_that_is_cancelled_while_it_runs_leaves_the_draft(ana: Context) -> None:
    asked, final = await drafted(ana)
    run = await start(ana, final)
    await jobs.cancel(ana, job_id=final)
    run.stop(Cancelled())
    with pytest.raises(Cancelled):
        await handlers.make_clip(ana, run)
    await jobs_ledger.stop(ana.ports, run.lease)
    view = await shown(ana, asked)

    assert (view.state, view.draft, await content(ana, asked)) == ("ready", True, FIRST)


@on_sqlite
async def test_a_final_cut_that_fails_is_told_at_its_draft_and_can_be_tried_again(ana: Context) -> None:
    asked, final = await drafted(ana)
    await fail(ana, final, ProviderRefusedRequest(params={"provider": "Galley"}))
    failed, kept = await shown(ana, asked), await content(ana, asked)
    await jobs.retry(ana, job_id=final)
    retried = await shown(ana, asked)
    await work(ana, final)

    assert (failed.state, failed.draft, failed.error_code) == ("ready", True, ProviderRefusedRequest.code)
    assert (kept, retried.state, retried.error_code) == (FIRST, "making", "")
    assert ((await shown(ana, asked)).draft, (await shown(ana, asked)).error_code) == (False, "")


@on_sqlite
async def test_the_wall_shows_the_draft_and_what_becomes_of_its_final_cut(ana: Context) -> None:
    asked = await ask(ana)
    first = await read_jobs(ana)
    await work(ana, asked.job_id)
    second, (row,) = await read_jobs(ana), (await read_page(ana, Narrowing(), limit=9))[0]
    final = (await shown(ana, asked)).job_id
    await fail(ana, final, ProviderRefusedRequest(params={"provider": "Galley"}))
    broken, kept = await read_jobs(ana), await read_result(ana, asset_id=asked.asset.id)
    await cuts.keep_draft(ana, asset_id=asked.asset.id)

    assert [(one.cut, one.state) for one in (*first, *second)] == [("draft", "making"), ("final", "making")]
    assert [(one.cut, one.state, one.error_code) for one in broken] == [
        ("final", "failed", f"error.{ProviderRefusedRequest.code}")
    ]
    assert (row.draft, row == kept, await read_jobs(ana)) == (True, True, [])


@on_sqlite
async def test_a_draft_that_fails_asks_for_no_final_cut(ana: Context) -> None:
    asked = await ask(ana)
    await fail(ana, asked.job_id, ProviderRefusedRequest(params={"provider": "Galley"}))
    view = await shown(ana, asked)

    assert (view.state, view.is_there, view.job_id) == ("failed", False, asked.job_id)
    assert len(await jobs.list_jobs(ana)) == 1


@on_sqlite
async def test_a_used_up_budget_leaves_the_draft(ana: Context) -> None:
    await connect(ana, VOICE)
    asked, final = await drafted(ana)
    await budgeting.create(ana, form=budgeting.BudgetForm(kind="tenant", limit_micros=1))
    run = await start(ana, final)
    with pytest.raises(Exception, match="budget") as refused:
        await handlers.make_clip(ana, run)
    await jobs_ledger.fail(ana.ports, run.lease, refused.value)
    view = await shown(ana, asked)

    assert (view.state, view.draft, view.error_code) == ("ready", True, refused.value.code)  # type: ignore[attr-defined]


@on_sqlite
async def test_a_draft_with_which_one_is_content_is_no_longer_worked_on(ana: Context) -> None:
    asked, final = await drafted(ana)
    await cuts.keep_draft(ana, asset_id=asked.asset.id)
    view = await shown(ana, asked)

    assert (view.state, view.draft, view.job_id) == ("ready", True, None)
    assert (await state(ana, final), await content(ana, asked)) == ("cancelled", FIRST)


@on_sqlite
async def test_only_a_draft_is_made_where_only_a_draft_is_wanted_and_finished_on_request(ana: Context) -> None:
    asked = await ask(ana, which="draft")
    with pytest.raises(NotReady):
        await again.run_again(ana, asset_id=asked.asset.id, how="final")
    await work(ana, asked.job_id)
    view = await shown(ana, asked)
    finished = [await again.run_again(ana, asset_id=asked.asset.id, how="final") for _ in range(2)]
    await work(ana, finished[0].job_id)
    after = await shown(ana, asked)

    assert (view.state, view.draft, view.job_state) == ("ready", True, "done")
    assert {one.asset.id for one in finished} == {asked.asset.id}
    assert finished[0].job_id == finished[1].job_id != asked.job_id
    assert (after.draft, await content(ana, asked)) == (False, SECOND)


@on_sqlite
async def test_what_is_no_draft_has_no_final_cut(ana: Context) -> None:
    async def whole():
        yield clip("mp4")

    film = await upload(ana, name="film.mp4", chunks=whole())
    asked = await ask(ana, which="final")
    await work(ana, asked.job_id)

    assert drafts_of(ana) == [False]
    for asset_id in (film.id, asked.asset.id):
        with pytest.raises(NoDraft):
            await again.run_again(ana, asset_id=asset_id, how="final")
        with pytest.raises(NoDraft):
            await cuts.keep_draft(ana, asset_id=asset_id)


@on_sqlite
async def test_a_clip_made_again_is_drafted_again_and_a_draft_stays_one(ana: Context) -> None:
    asked, final = await drafted(ana)
    await work(ana, final)
    only = await ask(ana, which="draft")
    twice = [await again.run_again(ana, asset_id=one.asset.id) for one in (asked, only)]
    for one in twice:
        await work(ana, one.job_id)

    assert [(await shown(ana, one)).state for one in twice] == ["making", "ready"]


@on_sqlite
async def test_a_connected_model_makes_the_final_clip_in_one_job(ana: Context) -> None:
    await connect(ana, SORA)
    asked = await ask(ana)
    await work(ana, asked.job_id)
    view = await shown(ana, asked)

    assert (view.state, view.draft, view.model, view.job_id) == ("ready", False, "sora-2", asked.job_id)
    assert drafts_of(ana) == [False]


@on_sqlite
async def test_only_what_is_built_in_makes_a_draft_and_the_model_its_final_cut(ana: Context) -> None:
    await connect(ana, SORA)
    asked = await ask(ana, which="draft")
    await work(ana, asked.job_id)
    draft = await shown(ana, asked)
    finished = await again.run_again(ana, asset_id=asked.asset.id, how="final")
    await work(ana, finished.job_id)
    after = await shown(ana, asked)

    assert (draft.embedded, draft.cost_micros, asked.estimate_micros) == (True, 0, 0)
    assert (after.model, after.draft) == ("sora-2", False)
    assert after.cost_micros > 0


@on_sqlite
async def test_a_paid_voice_speaks_once_for_both_cuts(ana: Context) -> None:
    await connect(ana, VOICE)
    one = await ask(ana, which="final")
    asked, final = await drafted(ana)
    draft = await shown(ana, asked)
    captions, spoken = await library.captions(ana, asset_id=asked.asset.id), len(ana.ports.speech.calls)
    laid_aside = await files(ana)
    await work(ana, final)
    after = await shown(ana, asked)
    told = await estimate(ana, recipe=FILM, script=SCRIPT)
    booked = sum(event.cost_micros for event in (await list_events(ana)).items)
    first, second = ana.ports.video.calls

    assert 0 < draft.cost_micros == after.cost_micros == booked
    assert (spoken, len(ana.ports.speech.calls)) == (2, 2)
    assert first.scenes == second.scenes
    assert await library.captions(ana, asset_id=asked.asset.id) == captions != ""
    assert (laid_aside, await files(ana)) == (4, 2)
    assert asked.estimate_micros == 2 * one.estimate_micros == told.high_micros == 2 * told.low_micros
    assert (await estimate(ana, recipe=FILM.model_copy(update={"draft": True}), script=SCRIPT)).high_micros == (
        one.estimate_micros
    )


@on_sqlite
async def test_what_was_said_for_a_draft_and_is_gone_is_said_anew(ana: Context) -> None:
    await connect(ana, VOICE)
    asked, final = await drafted(ana)
    draft = await shown(ana, asked)
    ana.ports.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
    swept = await tidying.sweep(ana)
    await work(ana, final)
    after = await shown(ana, asked)

    assert (swept, len(ana.ports.speech.calls)) == (2, 4)
    assert (after.draft, after.cost_micros) == (False, 2 * draft.cost_micros)


@on_sqlite
async def test_what_cannot_be_laid_aside_is_said_anew(ana: Context) -> None:
    await connect(ana, VOICE)
    ana.ports.speech.answers += [sound("wav", seconds=1), sound("wav", seconds=1)]
    asked = await ask(ana)
    run = await start(ana, asked.job_id)

    class NoRoom(DiskBlobs):
        """A disk that is full for sounds."""

        async def put(self, key: str, chunks: object, *, media_type: str = "") -> int:
            if media_type == "audio/wav":
                raise Unavailable("full", code="storage.full")
            return await super().put(key, chunks, media_type=media_type)  # type: ignore[arg-type]  # as it came

    full = replace(ana, ports=replace(ana.ports, blobs=NoRoom(ana.ports.settings.data_dir / "blobs")))
    await jobs_ledger.finish(ana.ports, run.lease, await handlers.make_clip(full, run))
    await work(ana, (await shown(ana, asked)).job_id)

    assert len(ana.ports.speech.calls) == 4
    assert (await shown(ana, asked)).draft is False


@on_sqlite
async def test_a_deleted_draft_takes_its_final_cut_with_it(ana: Context) -> None:
    asked, final = await drafted(ana)
    await trash.delete(ana, asset_id=asked.asset.id)

    assert (await state(ana, final), await files(ana)) == ("cancelled", 0)


@on_sqlite
async def test_a_draft_is_used_in_a_document_like_any_other(ana: Context) -> None:
    document = new_id()
    asked, _ = await drafted(ana)
    await library.use_in_document(ana, asset_id=asked.asset.id, document_id=document)

    assert [view.id for view in await in_documents.assets_of(ana, document_id=document)] == [asked.asset.id]
    assert (await library.content(ana, asset_id=asked.asset.id)).is_draft


@on_sqlite
async def test_a_full_quota_ends_the_final_cut_at_once_and_its_draft_and_reason_stay(ana: Context) -> None:
    asked, final = await drafted(ana)
    full = ana.ports.settings.model_copy(update={"storage_quota_mb": 0})
    run = await start(ana, final)
    with pytest.raises(QuotaFull) as failed:
        await handlers.make_clip(replace(ana, ports=replace(ana.ports, settings=full)), run)
    ended = await jobs_ledger.fail(ana.ports, run.lease, failed.value)
    view = await shown(ana, asked)
    told = (await read_jobs(ana))[0]

    assert (ended, view.state, view.draft, view.error_code) == ("failed", "ready", True, "storage.quota")
    assert await content(ana, asked) == FIRST
    assert (told.cut, told.error, told.error_params) == ("final", QuotaFull.message, {"limit": 0})
    await jobs.retry(ana, job_id=final)
    await work(ana, final)
    assert (await shown(ana, asked)).draft is False
