"""The handlers of /media/brands: every change is kept at once, and what a brand does not take is told and not kept."""

from __future__ import annotations

import pytest

from app.core.context import Context
from app.core.ids import new_id
from app.media import brands, pronunciations, trash, uploads
from app.media.brands import BrandView
from app.media.recipes import MOST_WORDS_SAID, Kit, Said
from state.brands import MOST_COLORS, BrandsState
from state.word_rows import WordRow
from state.workspace_words import WordsState
from tests.media_samples import sound
from tests.tab import Tab
from tests.unit.test_media_changing import bring

WORD = {"written": " Aldersay ", "spoken": " All der say ", "word_locale": "en"}


pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def ana(tab: Tab) -> Context:
    return tab.ctx


@pytest.fixture
async def page(tab: Tab, ana: Context) -> BrandsState:
    """The page with one brand open."""
    await brands.make(ana, name="Aldersay", kit=Kit())
    state = await tab.state(BrandsState)
    await state.open()
    return state


async def kept(ctx: Context) -> BrandView:
    return (await brands.list_brands(ctx))[0]


async def test_the_page_opens_the_brand_of_its_address_else_the_first(tab: Tab, ana: Context) -> None:
    made = [await brands.make(ana, name=name, kit=Kit()) for name in ("Alder", "Birch")]
    state = await tab.state(BrandsState)
    await state.open()
    first = state.brand.name
    tab.at(f"/media/brands?brand={made[1].id}")
    await state.open()

    assert (first, state.brand.name, [one.label for one in state.brands]) == ("Alder", "Birch", ["Alder", "Birch"])
    await state.choose(str(made[0].id))
    assert state.brand.name == "Alder"
    assert [one.label for one in state.voices] != []


async def test_a_new_brand_is_open_at_once_and_one_without_a_name_is_refused(
    tab: Tab,
    page: BrandsState,
) -> None:
    await page.make({"new_brand": "Birch"})
    opened = page.brand.name
    await page.make({"new_brand": "  "})

    assert (opened, page.brand.name, len(page.brands)) == ("Birch", "Birch", 2)
    assert (await tab.notice())["key"] == "error.media.title"


async def test_looks_voice_and_pace_are_kept_and_others_are_not(page: BrandsState, ana: Context) -> None:
    await page.rename("Alder & Co")
    for name, value in (("style", "night"), ("voice", "embedded|ana"), ("speed", "1.25")):
        await page.set_to(name, value)
    for name, value in (("style", "ugly"), ("speed", "9"), ("colors", "red")):
        await page.set_to(name, value)
    brand = await kept(ana)

    assert (brand.name, brand.kit) == ("Alder & Co", Kit(style="night", voice="ana", speed=1.25))
    assert (page.brand.style, page.brand.voice, page.brand.speed) == ("night", "ana", "1.25")


async def test_colours_are_added_changed_and_taken_away(page: BrandsState, ana: Context) -> None:
    for _ in range(MOST_COLORS + 2):
        await page.add_colour()
    full = len((await kept(ana)).kit.colors)
    await page.set_colour(1, "#112233")
    await page.drop_colour(0)

    assert (full, len(page.brand.colors), page.brand.colors[0]) == (MOST_COLORS, MOST_COLORS - 1, "#112233")
    assert list((await kept(ana)).kit.colors) == page.brand.colors


async def test_a_value_that_a_brand_does_not_take_is_told_and_not_kept(
    tab: Tab,
    page: BrandsState,
    ana: Context,
) -> None:
    await page.add_colour()
    before = await kept(ana)
    await page.set_colour(0, "red")

    assert (await tab.notice())["key"] == "error.invalid"
    assert await kept(ana) == before
    assert page.brand.colors == list(before.kit.colors)


async def test_a_picture_becomes_the_logo_and_is_offered_and_taken_away(page: BrandsState, ana: Context) -> None:
    photo = await bring(ana)
    await page.set_logo(str(photo.id))

    assert ((await kept(ana)).kit.logo_id, page.brand.logo_id) == (photo.id, str(photo.id))
    assert str(photo.id) in {row.id for row in page.pictures}
    await page.set_logo("")
    assert (await kept(ana)).kit.logo_id is None


async def test_only_a_finished_picture_of_this_workspace_is_a_logo(
    tab: Tab,
    page: BrandsState,
    ana: Context,
    ctx_of,
) -> None:
    async def chunks():  # type: ignore[no-untyped-def]  # one piece
        yield sound("mp3")

    recording = await uploads.upload(ana, name="a.mp3", chunks=chunks())
    mask, gone, theirs = await bring(ana, origin="mask"), await bring(ana), await bring(await ctx_of("bo"))
    await trash.throw_away(ana, asset_id=gone.id)
    told = []
    for one in (recording.id, mask.id, gone.id, theirs.id, new_id()):
        await page.set_logo(str(one))
        told.append((await tab.notice())["key"])

    assert told == ["error.media.logo"] * 5
    assert (await kept(ana)).kit.logo_id is None


async def test_a_logo_that_was_thrown_away_does_not_stop_other_changes(page: BrandsState, ana: Context) -> None:
    photo = await bring(ana)
    await page.set_logo(str(photo.id))
    await trash.throw_away(ana, asset_id=photo.id)
    await page.rename("Birch")

    assert ((await kept(ana)).name, (await kept(ana)).kit.logo_id) == ("Birch", photo.id)


async def test_a_brand_is_forgotten_after_a_question(page: BrandsState, ana: Context) -> None:
    page.ask_away(True)
    asked = page.asking
    await page.throw_away()

    assert (asked, page.asking, page.brand.id, await brands.list_brands(ana)) == (True, False, "", [])


async def test_a_change_of_a_brand_that_is_gone_is_told(tab: Tab, page: BrandsState, ana: Context) -> None:
    await brands.delete(ana, brand_id=(await kept(ana)).id)
    await page.rename("Birch")

    assert ((await tab.notice())["key"], page.brand.id) == ("error.not_found", "")


@pytest.mark.parametrize("whose", ["brand", "workspace"])
async def test_words_are_added_said_anew_changed_and_dropped(
    tab: Tab,
    page: BrandsState,
    ana: Context,
    whose: str,
) -> None:
    state = page if whose == "brand" else await tab.state(WordsState)
    await state.open()

    def shown() -> list[WordRow]:
        return state.brand.words if isinstance(state, BrandsState) else state.words

    await state.add_word(WORD)
    await state.add_word({"written": "castor", "spoken": "kas tor", "word_locale": ""})
    await state.add_word({**WORD, "written": "aldersay", "spoken": "Older say"})
    assert shown() == [WordRow("aldersay", "Older say", "en"), WordRow("castor", "kas tor", "")]
    assert state.stamp == 3
    await state.change_word(1, " kaster ")
    await state.change_word(0, "  ")
    await state.drop_word(7)
    await state.drop_word(0)

    said = (await kept(ana)).kit.said if whose == "brand" else await pronunciations.of_workspace(ana)
    assert said == (Said(written="castor", spoken="kaster"),)
    assert shown() == [WordRow("castor", "kaster", "")]


@pytest.mark.parametrize("whose", ["brand", "workspace"])
async def test_a_word_without_a_sound_is_told_and_the_form_stays_as_it_is(
    tab: Tab,
    page: BrandsState,
    ana: Context,
    whose: str,
) -> None:
    state = page if whose == "brand" else await tab.state(WordsState)
    await state.add_word({**WORD, "spoken": " "})

    assert (await tab.notice())["key"] == "error.invalid"
    assert state.stamp == 0
    assert ((await kept(ana)).kit.said, await pronunciations.of_workspace(ana)) == ((), ())


async def test_a_full_list_takes_no_more(tab: Tab, ana: Context) -> None:
    full = [Said(written=f"w{n}", spoken="x") for n in range(MOST_WORDS_SAID)]
    await pronunciations.keep(ana, said=full)
    state = await tab.state(WordsState)
    await state.open()
    await state.add_word(WORD)

    assert (await tab.notice())["key"] == "error.invalid"
    assert len(await pronunciations.of_workspace(ana)) == len(state.words) == MOST_WORDS_SAID
