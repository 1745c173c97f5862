"""The handlers of /media/edit: the picture of the address, what is to become of it, its price, and what is refused."""

from __future__ import annotations

import pytest

from app.core.context import Context
from app.core.ids import new_id
from app.media import library, uploads
from state.media_jobs import MediaJobsState
from state.retouch import RetouchState
from state.studio import StudioState
from tests.media_samples import sound
from tests.tab import Tab
from tests.unit.test_media_changing import bring
from tests.unit.test_media_making import connect

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def ana(tab: Tab) -> Context:
    return tab.ctx


async def opened(tab: Tab, query: str) -> RetouchState:
    tab.at(f"/media/edit?{query}")
    state = await tab.state(RetouchState)
    await state.open()
    return state


async def test_the_page_opens_the_picture_and_the_way_of_its_address(tab: Tab, ana: Context) -> None:
    await connect(ana)
    photo = await bring(ana)
    state = await opened(tab, f"way=cut_out&asset={photo.id}")

    assert (state.picture.id, state.tab) == (str(photo.id), "cut_out")
    assert (state.priced, state.price_known) == (True, True)
    assert state.price != ""


async def test_an_unknown_way_is_editing_and_an_unknown_picture_is_told(tab: Tab, ana: Context) -> None:
    state = await opened(tab, f"way=paint&asset={new_id()}")

    assert (state.tab, state.picture.id, state.priced) == ("edit", "", False)
    assert (await tab.notice())["key"] == "error.not_found"


async def test_a_sound_is_no_picture(tab: Tab, ana: Context) -> None:
    async def chunks():  # type: ignore[no-untyped-def]  # one piece
        yield sound("mp3")

    recording = await uploads.upload(ana, name="a.mp3", chunks=chunks())
    state = await opened(tab, f"asset={recording.id}")

    assert state.picture.id == ""
    assert (await tab.notice())["key"] == "error.not_found"


async def test_more_copies_cost_more_and_a_cut_out_is_made_once(tab: Tab, ana: Context) -> None:
    await connect(ana)
    photo = await bring(ana)
    state = await opened(tab, f"way=vary&asset={photo.id}")
    one = state.price
    await state.set_count("4")
    four = state.price
    await state.turn_to("cut_out")

    assert one not in ("", four)
    assert (state.tab, state.price) == ("cut_out", one)
    await state.set_count("4000")
    await state.turn_to("burn")
    assert (state.count, state.tab) == ("1", "edit")


async def test_making_asks_for_each_copy_and_shows_the_jobs(tab: Tab, ana: Context) -> None:
    await connect(ana)
    photo = await bring(ana)
    state = await opened(tab, f"way=vary&asset={photo.id}")
    await state.set_count("2")
    await state.make({"prompt": "As a drawing", "mask_id": None})
    shown, _ = await library.list_assets(ana)

    made = [one for one in shown if one.origin == "made"]
    assert len(made) == 2
    assert len((await tab.state(MediaJobsState)).jobs) == 2
    assert len((await tab.state(StudioState))._waiting) == 2
    assert await tab.notice() == {}


async def test_a_mask_counts_for_editing_alone(tab: Tab, ana: Context) -> None:
    await connect(ana)
    photo, mask = await bring(ana), await bring(ana, origin="mask")
    state = await opened(tab, f"asset={photo.id}")
    await state.make({"prompt": "Red", "mask_id": str(mask.id)})
    await state.turn_to("vary")
    await state.make({"prompt": "Red", "mask_id": str(mask.id)})
    shown, _ = await library.list_assets(ana)
    masks = [(await library.show(ana, asset_id=one.id)).recipe.mask_id for one in shown if one.origin == "made"]

    assert sorted(masks, key=str) == sorted([mask.id, None], key=str)


async def test_what_nobody_can_do_is_refused_in_words(tab: Tab, ana: Context) -> None:
    photo = await bring(ana)
    state = await opened(tab, f"asset={photo.id}")
    await state.make({"prompt": "Red", "mask_id": ""})
    refused = await tab.notice()
    await (await opened(tab, "asset=")).make({"prompt": "Red"})

    assert (state.priced, refused["key"], refused["tone"]) == (False, "error.media.no_model", "bad")
    assert (await tab.notice())["key"] == "error.invalid"
    assert (await tab.state(MediaJobsState)).jobs == []
