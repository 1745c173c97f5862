"""What is thrown away is hidden everywhere and out of reach, still counted, put back whole, or gone after its days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.settings import Settings
from app.media import again, brands, cuts, images, in_documents, library, speech, tidying, trash
from app.media.library import Change
from app.media.recipes import Kit, Look, Recipe
from app.media.schemas import AssetView, Filters
from app.storage import links
from app.storage import queries as stored
from app.storage import service as storage
from app.tenancy.models import AuditEvent
from jobs import housekeeping
from state.media import MediaState
from state.media_reading import read_detail
from state.media_recipe import RecipeState
from state.trash import TrashState, trash_row
from tests.databases import CtxOf
from tests.tab import Tab
from tests.unit.test_media_changing import bring
from tests.unit.test_media_cuts import drafted
from tests.unit.test_media_making import POSTER, connect, files, work
from tests.working import state

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
IN_TRASH = Filters(in_trash=True)


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def listed(ctx: Context, filters: Filters | None = None) -> list[AssetView]:
    return (await library.list_assets(ctx, filters=filters))[0]


async def used_bytes(ctx: Context) -> int:
    async with ctx.db.read() as session:
        return await stored.used_bytes(session)


async def noted(ctx: Context) -> list[str]:
    """Return what the audit trail says of assets, oldest first."""
    async with ctx.db.read() as session:
        actions = (await session.execute(sa.select(AuditEvent.action).order_by(AuditEvent.id))).scalars()
        return [action for action in actions if action.startswith(("asset.", "trash."))]


def blobs(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()]


async def test_what_is_thrown_away_is_hidden_everywhere_and_comes_back_as_it_was(ana: Context) -> None:
    photo, document = await bring(ana), new_id()
    folder = await library.make_folder(ana, name="Spring")
    await library.change(ana, asset_id=photo.id, to=Change(tags=("chairs",), folder_id=folder.id))
    await library.use_in_document(ana, asset_id=photo.id, document_id=document)
    poster = await images.ask(ana, recipe=POSTER.model_copy(update={"look": Look(logo_id=photo.id)}), title="Poster")
    before = (await library.show(ana, asset_id=photo.id)).asset

    thrown = await trash.throw_away(ana, asset_id=photo.id)
    assert thrown is not None
    assert thrown.deleted_at is not None
    assert [one.id for one in await listed(ana)] == [poster.asset.id]
    assert await listed(ana, Filters(search="chair", kind="image", tag="chairs")) == []
    assert await library.tags(ana) == []
    assert [one.assets for one in await library.folders(ana)] == [0]
    assert await in_documents.assets_of(ana, document_id=document) == []
    assert [one.is_there for one in (await library.lineage(ana, asset_id=poster.asset.id)).made_from] == [False]
    for verb in (library.show, library.content, library.preview, library.lineage, library.link, trash.throw_away):
        with pytest.raises(NotFound):
            await verb(ana, asset_id=photo.id)
    with pytest.raises(NotFound):
        await library.change(ana, asset_id=photo.id, to=Change(title="x"))
    with pytest.raises(NotFound):
        await again.run_again(ana, asset_id=photo.id, how="variation")
    with pytest.raises(NotFound):
        await images.ask(ana, recipe=POSTER.model_copy(update={"look": Look(logo_id=photo.id)}), title="")

    back = await trash.put_back(ana, asset_id=photo.id)
    assert back == before
    assert [one.label for one in await library.tags(ana)] == ["chairs"]
    assert [one.id for one in await in_documents.assets_of(ana, document_id=document)] == [photo.id]


async def test_a_link_works_again_when_what_it_leads_to_is_put_back(ana: Context) -> None:
    photo = await bring(ana)
    link = await library.link(ana, asset_id=photo.id)
    file_id = (await links.follow(ana.ports, link.token)).file_id
    before = await library.linked(ana, file_id=file_id)
    await trash.throw_away(ana, asset_id=photo.id)
    with pytest.raises(NotFound):
        await library.linked(ana, file_id=file_id)
    await trash.put_back(ana, asset_id=photo.id)

    assert await library.linked(ana, file_id=file_id) == before


async def test_the_trash_holds_the_last_first_counts_its_bytes_and_the_quota_counts_them(ana: Context) -> None:
    photos = [await bring(ana) for _ in range(3)]
    held = await used_bytes(ana)
    for photo in photos[:2]:
        ana.ports.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]  # a clock that is set by hand
        await trash.throw_away(ana, asset_id=photo.id)
    first, end = await library.list_assets(ana, filters=IN_TRASH, limit=1)
    rest, _ = await library.list_assets(ana, filters=IN_TRASH, limit=1, after=end)

    assert [one.id for one in (*first, *rest)] == [photos[1].id, photos[0].id]
    assert [one.id for one in await listed(ana, Filters(search="chair", in_trash=True))] == [photos[1].id, photos[0].id]
    assert await trash.contents(ana) == trash.TrashView(2, 2 * photos[0].size_bytes, 30)
    assert await used_bytes(ana) == held
    assert (await library.preview(ana, asset_id=photos[0].id, in_trash=True)).media_type == "image/webp"
    with pytest.raises(NotFound):
        await library.preview(ana, asset_id=photos[2].id, in_trash=True)


async def test_deleting_for_good_takes_the_bytes_from_the_wall_and_from_the_trash(
    ana: Context, settings: Settings
) -> None:
    one, other = await bring(ana), await bring(ana, size=(50, 50))
    await trash.throw_away(ana, asset_id=one.id)
    for photo in (one, other):
        await trash.delete(ana, asset_id=photo.id)
        with pytest.raises(NotFound):
            await trash.put_back(ana, asset_id=photo.id)

    assert (await files(ana), blobs(settings)) == ([], [])
    assert await noted(ana) == ["asset.thrown_away", "asset.deleted", "asset.deleted"]


async def test_emptying_deletes_what_lies_there_and_nothing_else(ana: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash, "AT_ONCE", 2)
    photos = [await bring(ana) for _ in range(6)]
    for photo in photos[:5]:
        await trash.throw_away(ana, asset_id=photo.id)
    emptied, again_emptied = await trash.empty(ana), await trash.empty(ana)

    assert (emptied, again_emptied) == (5, 0)
    assert await listed(ana, IN_TRASH) == []
    assert [one.id for one in await listed(ana)] == [photos[5].id]
    assert len(await files(ana)) == 2
    assert (await noted(ana))[5:] == ["trash.emptied"] * 3


@pytest.mark.parametrize(("days", "left"), [(29.99, 1), (30, 0)])
async def test_housekeeping_deletes_after_the_days_that_are_set(
    ports: Ports, ana: Context, clock: ManualClock, days: float, left: int
) -> None:
    photo, kept = await bring(ana), await bring(ana)
    await trash.throw_away(ana, asset_id=photo.id)
    clock.advance(timedelta(days=days))
    await housekeeping.run_once(ports)
    await housekeeping.run_once(ports)

    assert len(await listed(ana, IN_TRASH)) == left
    assert [one.id for one in await listed(ana)] == [kept.id]
    assert await noted(ana) == ["asset.thrown_away", *["trash.ran_out"] * (1 - left)]


async def test_files_of_the_trash_are_not_swept_up(ports: Ports, ana: Context, clock: ManualClock) -> None:
    photo = await bring(ana)
    await trash.throw_away(ana, asset_id=photo.id)
    clock.advance(timedelta(days=2))

    assert await tidying.sweep(ana) == 0
    assert (await trash.put_back(ana, asset_id=photo.id)).id == photo.id
    assert (await library.content(ana, asset_id=photo.id)).size_bytes == photo.size_bytes


async def test_erasing_a_workspace_takes_its_trash_at_once(ana: Context, settings: Settings) -> None:
    photo, _ = await bring(ana), await bring(ana)
    await trash.throw_away(ana, asset_id=photo.id)

    assert await tidying.erase(ana) == 2
    assert (await storage.erase(ana), blobs(settings)) == (0, [])
    assert await listed(ana, IN_TRASH) == []


async def test_another_workspace_reaches_nothing_in_the_trash(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    photo = await bring(ana)
    await trash.throw_away(ana, asset_id=photo.id)
    for verb in (trash.put_back, trash.delete, trash.throw_away):
        with pytest.raises(NotFound):
            await verb(bo, asset_id=photo.id)

    assert (await trash.empty(bo), await trash.contents(bo)) == (0, trash.TrashView(0, 0, 30))
    assert len(await listed(ana, IN_TRASH)) == 1


@on_sqlite
async def test_what_is_not_finished_and_a_mask_go_at_once(ana: Context) -> None:
    mask = await bring(ana, origin="mask")
    poster = await images.ask(ana, recipe=POSTER, title="Poster")
    gone = [await trash.throw_away(ana, asset_id=one) for one in (mask.id, poster.asset.id)]

    assert gone == [None, None]
    assert await trash.contents(ana) == trash.TrashView(0, 0, 30)
    assert await state(ana, poster.job_id) == "cancelled"
    assert await files(ana) == []


@on_sqlite
async def test_a_mask_is_kept_for_an_edited_picture_that_can_be_put_back(ana: Context) -> None:
    await connect(ana)
    photo, mask = await bring(ana), await bring(ana, origin="mask")
    edit = Recipe(verb="edit", prompt="Red", sources=(photo.id,), mask_id=mask.id)
    asked = [await images.ask(ana, recipe=edit, title="") for _ in range(2)]
    for one in asked:
        await work(ana, one)
    await trash.throw_away(ana, asset_id=asked[0].asset.id)
    await trash.delete(ana, asset_id=asked[1].asset.id)
    kept = await listed(ana, Filters(origin="mask"))
    await trash.empty(ana)

    assert [one.id for one in kept] == [mask.id]
    assert await listed(ana, Filters(origin="mask")) == []


@on_sqlite
async def test_a_draft_is_put_back_as_a_draft_that_nobody_finishes(ana: Context) -> None:
    asked, final = await drafted(ana)
    await trash.throw_away(ana, asset_id=asked.asset.id)
    stopped = await state(ana, final)
    back = await trash.put_back(ana, asset_id=asked.asset.id)

    assert stopped == "cancelled"
    assert (back.draft, back.state, back.error_code, back.job_id) == (True, "ready", "", None)
    assert (await again.finish(ana, asset_id=back.id)).job_id != final
    with pytest.raises(Conflict):
        await cuts.keep_draft(ana, asset_id=(await bring(ana)).id)


@on_sqlite
async def test_a_thrown_away_logo_is_left_out_of_what_its_brand_gives(ana: Context) -> None:
    photo = await bring(ana)
    brand = await brands.make(ana, name="Alder", kit=Kit(logo_id=photo.id, style="night"))
    recipe = POSTER.model_copy(update={"brand_id": brand.id})
    with_logo = (await brands.branded(ana, recipe)).look
    await trash.throw_away(ana, asset_id=photo.id)
    without = (await brands.branded(ana, recipe)).look

    assert (with_logo.logo_id, without.logo_id, without.style) == (photo.id, None, "night")
    assert (await images.ask(ana, recipe=recipe, title="")).asset.state == "making"


@on_sqlite
async def test_only_what_can_be_made_in_another_shape_is_offered_to_be(ana: Context) -> None:
    photo = await bring(ana)
    poster = await images.ask(ana, recipe=POSTER.model_copy(update={"look": Look(logo_id=photo.id)}), title="Poster")
    spoken = await speech.ask(ana, recipe=Recipe(verb="say", text="It rolls."), title="")
    for one in (poster, spoken):
        await work(ana, one)
    shown = [(await read_detail(ana, asset_id=one)).reshaped for one in (photo.id, poster.asset.id, spoken.asset.id)]
    await trash.throw_away(ana, asset_id=photo.id)

    assert shown == [False, True, False]
    assert (await read_detail(ana, asset_id=poster.asset.id)).reshaped is False


@on_sqlite
async def test_throwing_away_on_the_screen_is_undone_by_its_notice(tab: Tab) -> None:
    photos = [await bring(tab.ctx) for _ in range(3)]
    wall, recipe = await tab.state(MediaState), await tab.state(RecipeState)
    await wall.open()
    await recipe.choose(str(photos[0].id))
    await wall.throw_away(str(photos[0].id))
    one = await tab.notice()
    for photo in photos[1:]:
        wall.pick(str(photo.id), True)
    await wall.throw_picked()
    several = await tab.notice()

    assert (one["key"], one["title"], several["key"], several["n"]) == (
        "media.thrown", "chair", "media.thrown.several", "2",
    )  # fmt: skip
    assert (wall.rows, wall.picked) == ([], [])
    await wall.undo(one["undo"])
    assert [row.id for row in wall.rows] == [str(photos[0].id)]
    await wall.undo(several["undo"])
    await wall.undo(several["undo"])
    assert {row.id for row in wall.rows} == {str(photo.id) for photo in photos}


@on_sqlite
async def test_what_was_deleted_for_good_meanwhile_is_told_when_it_is_undone(tab: Tab) -> None:
    photo = await bring(tab.ctx)
    wall = await tab.state(MediaState)
    await wall.throw_away(str(photo.id))
    undo = (await tab.notice())["undo"]
    await trash.empty(tab.ctx)
    await wall.undo(undo)
    told = await tab.notice()
    await wall.throw_away(str(photo.id))

    assert (told["key"], (await tab.notice())["key"]) == ("error.not_found", "error.not_found")


@on_sqlite
async def test_the_page_of_the_trash_puts_back_deletes_and_empties_after_a_question(tab: Tab) -> None:
    photos = [await bring(tab.ctx) for _ in range(4)]
    for photo in photos:
        await trash.throw_away(tab.ctx, asset_id=photo.id)
    page = await tab.state(TrashState)
    await page.open()
    assert (page.count, page.days, len(page.rows), page.more) == (4, 30, 4, False)
    await page.put_back(str(photos[0].id))
    assert (await tab.notice())["href"] == f"/media?asset={photos[0].id}"
    await page.delete()  # nothing was asked about
    page.ask_delete(str(photos[1].id))
    page.spare()
    await page.delete()
    assert page.count == 3
    page.ask_delete(str(photos[1].id))
    await page.delete()
    assert [row.id for row in page.rows] == [str(photo.id) for photo in (photos[3], photos[2])]
    page.ask_empty()
    await page.delete()

    assert (page.count, page.rows, page.emptying, page.asked.id) == (0, [], False, "")
    assert [one.id for one in await listed(tab.ctx)] == [photos[0].id]


@on_sqlite
async def test_a_row_says_how_many_days_are_left(ana: Context, clock: ManualClock) -> None:
    photo = await bring(ana)
    thrown = await trash.throw_away(ana, asset_id=photo.id)
    assert thrown is not None
    left = []
    for step in (timedelta(), timedelta(days=1, seconds=1), timedelta(days=28), timedelta(days=9)):
        clock.advance(step)
        left.append(trash_row(ana, thrown, days=30).days_left)

    assert left == [30, 29, 1, 0]
