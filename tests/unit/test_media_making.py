"""Assets are made once, whole, by whoever can; what they cost is booked with them; what goes wrong leaves nothing."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from app.adapters.blobs_disk import DiskBlobs
from app.adapters.images_embedded import EmbeddedImages
from app.core.context import Context
from app.core.errors import InvalidInput, NotFound, Unavailable
from app.core.jobs import ledger as jobs_ledger
from app.core.jobs import service as jobs
from app.core.jobs.errors import Cancelled, LeaseLost
from app.core.ports import ProviderBadAnswer, ProviderBusy, ProviderDown
from app.core.settings import Settings
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.media import again, brands, images, library, queries, speech, tidying, transcription, trash, uploads, video
from app.media.asking import Asked
from app.media.errors import BadAspect, NoModel, NotReady
from app.media.recipes import Kit, Look, Recipe, Said, Shot
from app.media.schemas import AssetDetail
from app.storage.models import FileRecord
from app.usage import budgeting
from app.usage.service import list_events
from jobs import media as handlers
from state.media_reading import read_detail
from tests.databases import CtxOf
from tests.media_samples import clip, picture, pixel_bomb, sound
from tests.working import lease_runs_out, start

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
POSTER = Recipe(verb="generate", prompt="A chair on a workshop floor", aspect="instagram", seed=7)
WORK = {
    "image": handlers.make_image,
    "speech": handlers.say_text,
    "transcript": handlers.write_down,
    "video": handlers.make_clip,
}


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def connect(ctx: Context, name: str = "studio", *, kind: str = "openai") -> None:
    """Connect a provider that makes everything."""
    models = (
        ModelForm(id="gpt-image-1", tier="strong", kind="image"),
        ModelForm(id="tts-1", tier="fast", kind="speech"),
        ModelForm(id="whisper-1", tier="fast", kind="transcription"),
        ModelForm(id="sora-2", tier="strong", kind="video"),
    )
    await providers.create(ctx, form=ProviderForm(name=name, kind=kind, api_key="sk-test-key", models=models))


async def work(ctx: Context, asked: Asked, *, holder: str = "a worker") -> dict[str, object]:
    """Be the worker of a job, to its end."""
    run = await start(ctx, asked.job_id, holder=holder)
    result = await WORK[asked.asset.kind](ctx, run)
    await jobs_ledger.finish(ctx.ports, run.lease, result)
    return dict(result)


async def content(ctx: Context, asset_id: UUID, part: str = "content") -> bytes:
    found = await (library.content if part == "content" else library.preview)(ctx, asset_id=asset_id)
    return b"".join([chunk async for chunk in await library.read(ctx, found)])


async def bytes_of(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


def blobs(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()]


async def files(ctx: Context) -> list[str]:
    async with ctx.db.read() as session:
        from sqlmodel import select

        return [row.state for row in (await session.execute(select(FileRecord))).scalars()]


async def test_a_picture_is_asked_for_at_once_and_made_by_its_job(ana: Context) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="")
    before = (await library.show(ana, asset_id=asked.asset.id)).asset
    await work(ana, asked)
    detail = await library.show(ana, asset_id=asked.asset.id)
    asset = detail.asset

    assert (before.state, before.title, before.job_id) == ("making", "A chair on a workshop floor", asked.job_id)
    assert (asset.state, asset.provider, asset.embedded, asset.cost_micros) == ("ready", "embedded", True, 0)
    assert (asset.media_type, asset.width_px, asset.height_px, asset.seed) == ("image/png", 1080, 1350, 7)
    assert detail.recipe == POSTER
    assert Image.open(io.BytesIO(await content(ana, asset.id))).size == (1080, 1350)
    assert Image.open(io.BytesIO(await content(ana, asset.id, "preview"))).format == "WEBP"


@on_sqlite
async def test_a_connected_model_goes_first_and_its_price_is_booked_with_the_picture(ana: Context) -> None:
    await connect(ana)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, asked)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset
    booked = (await list_events(ana)).items

    assert (asked.estimate_micros, asked.estimate_known) == (250_000, True)
    assert (asset.provider, asset.model, asset.cost_micros, asset.cost_known) == (
        "studio", "gpt-image-1", 250_000, True,
    )  # fmt: skip
    assert [(one.feature, one.provider, one.cost_micros) for one in booked] == [("images", "studio", 250_000)]


@on_sqlite
async def test_a_models_picture_is_cut_to_what_was_asked_for_and_says_so(ana: Context) -> None:
    await connect(ana)
    ana.ports.images.answers.append(picture("JPEG", size=(1024, 1536)))
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, asked)
    detail = await library.show(ana, asset_id=asked.asset.id)
    outcome = detail.outcome

    assert (detail.asset.media_type, detail.asset.width_px, detail.asset.height_px) == ("image/jpeg", 1080, 1350)
    assert Image.open(io.BytesIO(await content(ana, asked.asset.id))).size == (1080, 1350)
    assert outcome is not None
    assert (outcome.came_width_px, outcome.came_height_px) == (1024, 1536)
    assert {one.id: one.status for one in outcome.checks} == {
        "size": "passed", "weight": "passed", "not_blank": "failed",
        "palette_near": "not_checked", "safe_area": "not_checked", "text_contrast": "not_checked",
    }  # fmt: skip
    assert detail.recipe == POSTER


@on_sqlite
async def test_the_recipe_on_the_screen_lists_what_failed_first_and_what_was_cut(ana: Context) -> None:
    await connect(ana)
    ana.ports.images.answers += [picture("PNG", size=(1024, 1536)), picture("PNG", size=(1080, 1350))]
    shown = []
    for _ in range(2):
        asked = await images.ask(ana, recipe=POSTER, title="Poster")
        await work(ana, asked)
        shown.append(await read_detail(ana, asset_id=asked.asset.id))
    cut, kept = shown

    assert (cut.came, kept.came) == ("1024 × 1536 px", "")
    assert (cut.passed, cut.total, cut.failed) == (2, 6, 1)
    assert [one.id for one in cut.checks] == [
        "not_blank", "size", "weight", "palette_near", "safe_area", "text_contrast",
    ]  # fmt: skip
    assert (cut.checks[0].note_code, cut.checks[0].note) == ("picture.blank", "It is one colour from edge to edge.")


@on_sqlite
async def test_a_picture_that_is_changed_keeps_its_shape_and_one_made_again_is_looked_at_anew(ana: Context) -> None:
    await connect(ana)
    uploaded = await uploads.upload(ana, name="photo.png", chunks=bytes_of(picture("PNG", size=(90, 40))))
    ana.ports.images.answers.append(picture("PNG", size=(900, 400)))
    recipe = Recipe(verb="edit", prompt="Greener", sources=(uploaded.id,))
    asked = await images.ask(ana, recipe=recipe, title="Greener")
    await work(ana, asked)
    detail = await library.show(ana, asset_id=asked.asset.id)
    more = await again.run_again(ana, asset_id=asked.asset.id)
    before = await library.show(ana, asset_id=more.asset.id)

    assert (detail.asset.width_px, detail.asset.height_px) == (900, 400)
    assert [one.id for one in detail.outcome.checks] == ["not_blank", "palette_near", "safe_area", "text_contrast"]
    assert (before.outcome, before.recipe) == (None, detail.recipe)
    assert (await library.show(ana, asset_id=uploaded.id)).outcome is None


def checks_of(detail: AssetDetail) -> dict[str, tuple[str, str]]:
    assert detail.outcome is not None
    return {one.id: (one.status, one.note) for one in detail.outcome.checks}


async def kept_beside(ctx: Context, image: Image.Image, *, origin: str = "uploaded") -> UUID:
    """Upload a picture or a mask."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return (await uploads.upload(ctx, name="a.png", chunks=bytes_of(out.getvalue()), origin=origin)).id


@on_sqlite
async def test_what_the_composer_set_is_measured_counted_and_found(ana: Context) -> None:
    look = Look(headline="No tool needed", subline="Every part can be swapped.", brand="Aldersay")
    recipe = Recipe(verb="generate", prompt="A castor", aspect="youtube", seed=3, look=look)
    ana = replace(ana, ports=replace(ana.ports, images=EmbeddedImages()))
    asked = await images.ask(ana, recipe=recipe, title="Thumbnail")
    await work(ana, asked)
    found = checks_of(await library.show(ana, asset_id=asked.asset.id))

    assert found["text_contrast"] == ("passed", "")
    assert found["labels_present"] == ("passed", "")
    assert found["overlay_words"] == ("failed", "There are 8; more than 4 are not read at a glance.")
    assert "source_pixels_kept" not in found


@on_sqlite
async def test_what_a_model_paints_outside_the_mask_is_told_with_the_picture(ana: Context) -> None:
    await connect(ana)
    before = Image.radial_gradient("L").resize((400, 500)).convert("RGB")
    mask = Image.new("RGBA", before.size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (50, 50, 200, 200))
    source_id, mask_id = await kept_beside(ana, before), await kept_beside(ana, mask, origin="mask")
    found = []
    for box in ((50, 50, 200, 200), (0, 0, 400, 300)):
        after = before.copy()
        after.paste("#c8503c", box)
        out = io.BytesIO()
        after.resize((800, 1000)).save(out, "JPEG", quality=80)
        ana.ports.images.answers.append(out.getvalue())
        recipe = Recipe(verb="edit", prompt="A red wall", sources=(source_id,), mask_id=mask_id)
        asked = await images.ask(ana, recipe=recipe, title="Red")
        await work(ana, asked)
        found.append(checks_of(await library.show(ana, asset_id=asked.asset.id))["source_pixels_kept"])

    assert found[0] == ("passed", "")
    assert found[1][0] == "failed"
    assert "% is as it was; the rest lies between" in found[1][1]


@on_sqlite
async def test_what_is_cut_out_by_a_model_is_held_against_where_it_stood(ana: Context) -> None:
    await connect(ana, kind="stability")
    before = Image.radial_gradient("L").resize((400, 500)).convert("RGB")
    source_id = await kept_beside(ana, before)
    found = []
    for painted in (before, Image.new("RGB", before.size, "#c8503c")):
        after = painted.copy()
        after.putalpha(Image.radial_gradient("L").resize(before.size).point(lambda v: 255 if v < 120 else 0))
        out = io.BytesIO()
        after.save(out, "PNG")
        ana.ports.images.answers.append(out.getvalue())
        asked = await images.ask(ana, recipe=Recipe(verb="cut_out", sources=(source_id,)), title="Cut")
        await work(ana, asked)
        found.append(checks_of(await library.show(ana, asset_id=asked.asset.id))["source_pixels_kept"][0])

    assert found == ["passed", "failed"]


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [
        b"<!doctype html><h1>502 Bad Gateway</h1>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"",
        b'{"error": "quota"}',
        picture("PNG")[:50],
        picture("BMP"),
        sound("mp3"),
        pixel_bomb(20_000),
        ProviderDown(params={"provider": "studio"}),
        ProviderBusy(params={"provider": "studio"}),
    ],
    ids=["html", "svg", "nothing", "json", "half", "bmp", "sound", "bomb", "down", "busy"],
)
async def test_what_is_no_picture_sends_the_job_to_the_next_model(answer: bytes | Exception, ana: Context) -> None:
    await connect(ana)
    ana.ports.images.answers.append(answer)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, asked)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset
    booked = (await list_events(ana)).items

    assert (asset.state, asset.embedded, asset.cost_micros) == ("ready", True, 0)
    assert sorted((one.outcome, one.embedded, one.cost_micros) for one in booked) == [
        ("failed", False, 0), ("ok", True, 0),
    ]  # fmt: skip
    assert asset.media_type == "image/png"


@on_sqlite
async def test_when_nobody_delivers_the_last_reason_is_told_and_nothing_is_held(ana: Context) -> None:
    ana.ports.images.answers += [b"<html>"]
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)
    with pytest.raises(ProviderBadAnswer) as failed:
        await handlers.make_image(ana, run)
    state = await jobs_ledger.fail(ana.ports, run.lease, failed.value)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset

    assert state == "failed"
    assert (asset.state, asset.error_code) == ("failed", "provider.bad_answer")
    assert await files(ana) == []


async def test_a_job_that_runs_twice_makes_one_picture_at_one_price(ana: Context) -> None:
    await connect(ana)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    first = await start(ana, asked.job_id)

    async def meanwhile() -> bytes:  # the first run is thought dead, and another worker does the job
        lease_runs_out(ana)
        await jobs_ledger.orphan(ana.ports, ana.tenant, asked.job_id)
        await work(ana, asked, holder="another")
        return picture("PNG", color="#123456")

    ana.ports.images.answers.append(meanwhile)
    with pytest.raises(LeaseLost):
        await handlers.make_image(ana, first)
    booked = (await list_events(ana)).items

    assert [one.cost_micros for one in booked] == [250_000]
    assert (await library.show(ana, asset_id=asked.asset.id)).asset.cost_micros == 250_000
    assert sorted(await files(ana)) == ["ready", "ready"]


@on_sqlite
async def test_a_run_that_comes_too_late_makes_nothing(ana: Context) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    first = await start(ana, asked.job_id)
    lease_runs_out(ana)
    await jobs_ledger.orphan(ana.ports, ana.tenant, asked.job_id)
    await work(ana, asked, holder="another")

    assert await handlers.make_image(ana, first) == {"kept": False}
    assert len(ana.ports.images.calls) == 1


async def test_a_worker_that_dies_before_the_end_leaves_what_the_next_one_tidies(
    ana: Context, settings: Settings
) -> None:
    await connect(ana)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)

    class Killed(BaseException):
        """As SIGKILL: nothing runs after it."""

    async def die(*_: object, **__: object) -> None:
        raise Killed

    ledger_of = run._ports
    dying = replace(ledger_of, media_tools=type("Dying", (), {"clean": die})())
    with pytest.raises(Killed):
        await handlers.make_image(replace(ana, ports=dying), run)
    lease_runs_out(ana)
    await jobs_ledger.orphan(ana.ports, ana.tenant, asked.job_id)
    await work(ana, asked, holder="another")

    assert (await library.show(ana, asset_id=asked.asset.id)).asset.state == "ready"


@on_sqlite
async def test_a_picture_that_was_deleted_while_its_job_ran_leaves_nothing_but_its_price(
    ana: Context, settings: Settings
) -> None:
    await connect(ana)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")

    async def while_it_is_drawn() -> bytes:
        async with ana.db.write() as session:  # only the row: the job goes on
            await session.delete(await queries.locked(session, asked.asset.id))
        return picture("PNG")

    ana.ports.images.answers.append(while_it_is_drawn)
    result = await work(ana, asked)

    assert result["kept"] is False
    assert (await files(ana), blobs(settings)) == ([], [])
    assert [one.cost_micros for one in (await list_events(ana)).items] == [250_000]
    with pytest.raises(NotFound):
        await library.show(ana, asset_id=asked.asset.id)


@on_sqlite
async def test_a_job_for_a_deleted_asset_asks_nobody(ana: Context) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)
    await trash.delete(ana, asset_id=asked.asset.id)

    assert await handlers.make_image(ana, run) == {"kept": False}
    assert ana.ports.images.calls == []


@on_sqlite
async def test_deleting_an_asset_cancels_its_job(ana: Context) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await trash.delete(ana, asset_id=asked.asset.id)

    assert (await jobs.show(ana, job_id=asked.job_id)).state == "cancelled"


@on_sqlite
async def test_a_cancelled_job_is_shown_at_its_asset_and_books_what_was_begun(ana: Context) -> None:
    await connect(ana)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)
    await jobs.cancel(ana, job_id=asked.job_id)
    run.stop(Cancelled())
    with pytest.raises(Cancelled):
        await handlers.make_image(ana, run)
    await jobs_ledger.stop(ana.ports, run.lease)
    booked = (await list_events(ana)).items

    assert (await library.show(ana, asset_id=asked.asset.id)).asset.state == "cancelled"
    assert [(one.outcome, one.cost_micros) for one in booked] == [("cancelled", 250_000)]


@on_sqlite
@pytest.mark.parametrize(("verb", "given_up"), [(jobs.cancel, ["sora-2 task-1"]), (jobs.pause, [])])
async def test_only_a_cancelled_clip_is_ended_at_its_provider(ana: Context, verb: Any, given_up: list[str]) -> None:
    await connect(ana)
    asked = await video.ask(
        ana, recipe=Recipe(verb="generate", prompt="A chair", aspect="story"), title="C", script="A."
    )
    run = await start(ana, asked.job_id)

    async def stop_it() -> bytes:
        await verb(ana, job_id=asked.job_id)
        raise Cancelled

    ana.ports.video.answers.append(stop_it)
    with pytest.raises(Cancelled):
        await handlers.make_clip(ana, run)

    assert ana.ports.video.given_up == given_up


class FullDisk(DiskBlobs):
    """A disk without room."""

    async def put(self, key: str, chunks: object, *, media_type: str = "") -> int:
        raise Unavailable("full", code="storage.full")


@on_sqlite
async def test_a_full_disk_is_told_and_leaves_nothing(ana: Context, settings: Settings) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)
    full = replace(ana, ports=replace(ana.ports, blobs=FullDisk(settings.data_dir / "blobs")))
    with pytest.raises(Unavailable) as refused:
        await handlers.make_image(full, run)
    state = await jobs_ledger.fail(ana.ports, run.lease, refused.value)

    assert (refused.value.code, state) == ("storage.full", "waiting")  # tried again when there may be room
    assert (await files(ana), blobs(settings)) == ([], [])
    assert (await library.show(ana, asset_id=asked.asset.id)).asset.state == "making"


@on_sqlite
async def test_a_hard_budget_stops_a_picture_before_anybody_is_asked(ana: Context) -> None:
    await connect(ana)

    await budgeting.create(ana, form=budgeting.BudgetForm(kind="tenant", limit_micros=100_000))
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    run = await start(ana, asked.job_id)
    with pytest.raises(Exception, match="budget") as refused:
        await handlers.make_image(ana, run)

    assert refused.type.__name__ == "BudgetUsedUp"
    assert ana.ports.images.calls == []


@on_sqlite
async def test_a_change_needs_a_picture_and_a_model_that_can(ana: Context) -> None:
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    edit = Recipe(verb="edit", prompt="Paint it red", sources=(asked.asset.id,))
    with pytest.raises(NoModel):
        await images.ask(ana, recipe=edit, title="")
    await connect(ana)
    with pytest.raises(NotReady):
        await images.ask(ana, recipe=edit, title="")
    with pytest.raises(InvalidInput):
        await images.ask(ana, recipe=Recipe(verb="cut_out"), title="")
    with pytest.raises(BadAspect):
        await images.ask(ana, recipe=POSTER.model_copy(update={"aspect": "myspace"}), title="")
    with pytest.raises(InvalidInput):
        await images.ask(ana, recipe=Recipe(verb="generate"), title="")
    await work(ana, asked)
    edited = await images.ask(ana, recipe=edit, title="")
    await work(ana, edited)

    assert ana.ports.images.calls[-1].source == await content(ana, asked.asset.id)
    assert (await library.lineage(ana, asset_id=edited.asset.id)).made_from[0].id == asked.asset.id
    assert (await library.lineage(ana, asset_id=asked.asset.id)).used_in[0].id == edited.asset.id


async def test_a_foreign_picture_is_not_a_source(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await connect(bo)
    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, asked)
    for recipe in (
        Recipe(verb="edit", prompt="x", sources=(asked.asset.id,)),
        POSTER.model_copy(update={"look": Look(logo_id=asked.asset.id)}),
    ):
        with pytest.raises(NotFound):
            await images.ask(bo, recipe=recipe, title="")


@on_sqlite
async def test_a_long_text_is_said_in_parts_and_joined(ana: Context) -> None:
    text = "The kettle is on. " * 30
    recipe = Recipe(verb="say", text=text, locale="ar", said=(Said(written="kettle", spoken="ket ull"),))
    asked = await speech.ask(ana, recipe=recipe, title="Kettle")
    await work(ana, asked)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset
    calls = ana.ports.speech.calls
    measured = await ana.ports.sound_tools.measure(await content(ana, asset.id))

    assert (asset.media_type, asset.embedded, asset.has_captions) == ("audio/mpeg", True, True)
    assert len(calls) >= 3
    assert all(len(call.text) <= 200 and call.text.endswith(".") for call in calls)
    assert {call.voice for call in calls} == {"zaid"}
    assert "kettle" not in calls[0].text
    assert "ket ull" in calls[0].text
    assert (calls[0].previous, calls[1].following != "") == ("", len(calls) > 2)
    assert abs(measured.duration_ms - asset.duration_ms) < 300
    assert -17.5 < measured.loudness_lufs < -14.5
    written = await library.captions(ana, asset_id=asset.id)
    assert "kettle" in written
    assert "ket ull" not in written
    assert await library.captions(ana, asset_id=asset.id, form="srt")


@on_sqlite
async def test_a_voice_that_fails_in_the_middle_is_replaced_from_the_beginning(ana: Context) -> None:
    await connect(ana)
    ana.ports.speech.answers += [sound("wav", seconds=1), ProviderDown(params={"provider": "studio"})]
    asked = await speech.ask(ana, recipe=Recipe(verb="say", text="One sentence here. " * 20), title="x")
    await work(ana, asked)

    assert (await library.show(ana, asset_id=asked.asset.id)).asset.embedded


@on_sqlite
async def test_a_recording_is_written_down_only_by_a_provider(ana: Context) -> None:
    said = await speech.ask(ana, recipe=Recipe(verb="say", text="The chair is whole again."), title="Chair")
    await work(ana, said)
    recipe = Recipe(verb="write_down", sources=(said.asset.id,), locale="auto")
    with pytest.raises(NoModel):
        await transcription.ask(ana, recipe=recipe, title="")
    await connect(ana)
    asked = await transcription.ask(ana, recipe=recipe, title="")
    await work(ana, asked)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset

    assert (asset.kind, asset.media_type, asset.provider, asset.has_preview) == (
        "transcript", "text/vtt", "studio", False,
    )  # fmt: skip
    assert "The chair is whole again." in await library.captions(ana, asset_id=asset.id, form="txt")
    assert (await library.captions(ana, asset_id=asset.id)).startswith("WEBVTT")
    assert asset.cost_micros > 0
    assert ana.ports.transcription.calls[0].media_type == "audio/mpeg"


SCRIPT = (
    '{"rows": [{"start": 0, "end": 4, "say": "The kettle is on.", "overlay": "Kettle on"},'
    ' {"start": 4, "end": 6, "say": "Tip it over. There it is.", "overlay": "The fault"}]}'
)


@on_sqlite
async def test_a_script_becomes_a_narrated_captioned_clip(ana: Context) -> None:
    recipe = Recipe(verb="film", aspect="tiktok", music=True)
    asked = await video.ask(ana, recipe=recipe, title="", script=SCRIPT)
    await work(ana, asked)
    asset = (await library.show(ana, asset_id=asked.asset.id)).asset
    call = ana.ports.video.calls[0]

    assert [scene.heading for scene in call.scenes] == ["Kettle on", "The fault"]
    assert all(scene.sound and scene.captions for scene in call.scenes)
    assert call.scenes[0].duration_ms == 4_000
    assert (call.width_px, call.height_px, call.music) == (1080, 1920, True)
    assert (asset.kind, asset.media_type, asset.has_preview) == ("video", "video/mp4", True)
    assert "The kettle is on." in await library.captions(ana, asset_id=asset.id)
    begins = (await library.captions(ana, asset_id=asset.id)).split("\n")[2]
    assert begins.startswith("00:00:00.350")


@on_sqlite
async def test_a_providers_task_that_was_begun_is_asked_after_and_not_begun_again(ana: Context) -> None:
    await connect(ana)
    asked = await video.ask(ana, recipe=Recipe(verb="film", prompt="x"), title="", script="A chair, taken apart.")

    class Killed(BaseException):
        pass

    async def die() -> bytes:
        raise Killed

    ana.ports.video.answers.append(die)
    with pytest.raises(Killed):
        await handlers.make_clip(ana, await start(ana, asked.job_id))
    lease_runs_out(ana)
    await jobs_ledger.orphan(ana.ports, ana.tenant, asked.job_id)
    await work(ana, asked, holder="another")

    assert [dict(call.resume) for call in ana.ports.video.calls] == [{}, {"id": "task-1"}]


@on_sqlite
async def test_a_clip_with_a_picture_starts_from_it(ana: Context) -> None:
    poster = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, poster)
    shots = (Shot(heading="Look", image_id=poster.asset.id), Shot(heading="Then", narration="And then."))
    asked = await video.ask(ana, recipe=Recipe(verb="film", shots=shots, captions=False), title="")
    await work(ana, asked)
    scenes = ana.ports.video.calls[0].scenes

    assert scenes[0].image == await content(ana, poster.asset.id)
    assert (scenes[0].sound, scenes[0].duration_ms) == (b"", 4_000)
    assert scenes[1].captions == ()
    assert not (await library.show(ana, asset_id=asked.asset.id)).asset.has_captions


@on_sqlite
async def test_again_and_a_variation(ana: Context) -> None:
    poster = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, poster)
    same = await again.run_again(ana, asset_id=poster.asset.id)
    varied = await again.run_again(ana, asset_id=poster.asset.id, how="variation")
    recipes = [(await library.show(ana, asset_id=one.asset.id)).recipe for one in (same, varied)]

    assert recipes[0] == POSTER
    assert recipes[1].seed != POSTER.seed
    assert recipes[1].prompt == POSTER.prompt


@on_sqlite
async def test_files_that_no_asset_came_to_hold_are_swept_up(ana: Context, settings: Settings) -> None:
    from app.media.making import put

    poster = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, poster)
    await put(ana, "left", picture("JPEG"), "image/jpeg", purpose="media")
    at_once = await tidying.sweep(ana)
    ana.ports.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]

    assert (at_once, await tidying.sweep(ana), await tidying.sweep(ana)) == (0, 1, 0)
    assert await content(ana, poster.asset.id)


@on_sqlite
async def test_uploads_are_cleaned_and_told_by_their_bytes(ana: Context) -> None:
    photo = await uploads.upload(ana, name="holiday.exe", chunks=bytes_of(picture("JPEG")))
    film = await uploads.upload(ana, name="film.png", chunks=bytes_of(clip("mp4")))
    with pytest.raises(InvalidInput):
        await uploads.upload(ana, name="x.png", chunks=bytes_of(b"<svg/>"))

    assert (photo.kind, photo.title, photo.origin, photo.media_type) == ("image", "holiday", "uploaded", "image/jpeg")
    assert (film.kind, film.width_px, film.has_preview) == ("video", 128, True)
    assert b"Somebody Private" not in await content(ana, film.id)


async def test_everything_of_a_workspace_can_be_erased(ana: Context, settings: Settings) -> None:
    poster = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, poster)

    assert await tidying.erase(ana) == 1
    assert (await files(ana), blobs(settings)) == ([], [])


@on_sqlite
async def test_a_brand_gives_what_an_order_does_not_say_and_stays_in_the_recipe(ana: Context) -> None:
    kit = Kit(colors=("#2f4a3f",), style="calm", voice="zaid", said=(Said(written="kettle", spoken="ket ull"),))
    brand = await brands.make(ana, name="Aldersay", kit=kit)
    recipe = Recipe(
        verb="say", text="The kettle is on.", brand_id=brand.id, said=(Said(written="kettle", spoken="own way"),)
    )
    said = await speech.ask(ana, recipe=recipe, title="")
    poster = await images.ask(
        ana, recipe=POSTER.model_copy(update={"brand_id": brand.id, "look": Look(colors=("#000000",))}), title=""
    )
    await brands.delete(ana, brand_id=brand.id)
    await work(ana, said)
    await work(ana, poster)
    again_asked = await again.run_again(ana, asset_id=poster.asset.id)
    call, drawn = ana.ports.speech.calls[0], ana.ports.images.calls[0]

    assert (call.voice, call.text) == ("zaid", "The own way is on.")
    assert (drawn.design.brand, drawn.design.colors, drawn.design.style) == ("Aldersay", ("#000000",), "calm")
    assert (await library.show(ana, asset_id=again_asked.asset.id)).recipe.look.brand == "Aldersay"
    with pytest.raises(NotFound):
        await speech.ask(ana, recipe=recipe, title="")


@on_sqlite
async def test_a_deleted_asset_is_forgotten_at_the_edges(ana: Context) -> None:
    told: list[str] = []

    class Edges:
        """A CDN that keeps what it was told."""

        def link(self, key: str, *, until: object) -> str:
            return key

        async def forget(self, keys: list[str]) -> None:
            told.extend(keys)
            raise Unavailable(code="storage.cdn")  # it is away: the deletion stands

    asked = await images.ask(ana, recipe=POSTER, title="Poster")
    await work(ana, asked)
    behind = replace(ana, ports=replace(ana.ports, cdn=Edges()))
    await trash.delete(behind, asset_id=asked.asset.id)

    assert len(told) == 2
    assert all(key.startswith(f"{ana.tenant_id}/sha256/") for key in told)
    assert await files(ana) == []
