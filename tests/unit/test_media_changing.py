"""A picture that is there is edited, varied and cut out by whoever can, and it is known beforehand who that is."""

from __future__ import annotations

import pytest

from app.core.context import Context
from app.core.errors import InvalidInput
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.media import again, changing, images, library, trash, uploads
from app.media.aspects import nearest_aspect
from app.media.errors import NoModel
from app.media.recipes import Look, Recipe
from app.media.schemas import AssetView, Filters
from tests.databases import CtxOf
from tests.media_samples import clip, picture
from tests.unit.test_media_making import connect, files, work


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def bring(ctx: Context, *, size: tuple[int, int] = (90, 160), origin: str = "uploaded") -> AssetView:
    """Upload a picture."""

    async def chunks():  # type: ignore[no-untyped-def]  # one piece
        yield picture("PNG", size=size)

    return await uploads.upload(ctx, name="chair.png", chunks=chunks(), origin=origin)  # type: ignore[arg-type]


async def test_a_photo_can_be_changed_by_nobody_until_a_provider_is_there(ana: Context) -> None:
    photo = await bring(ana)
    before = await changing.ways(ana, asset_id=photo.id)
    await connect(ana)
    after = await changing.ways(ana, asset_id=photo.id)

    assert [before[way].by for way in changing.WAYS] == ["", "", ""]
    assert {"OpenAI", "Google Gemini", "Stability AI"} <= set(before["edit"].could)
    assert [after[way].by for way in changing.WAYS] == ["gpt-image-1"] * 3
    assert after["edit"].masked


async def test_a_mask_is_not_offered_where_nobody_keeps_to_it(ana: Context) -> None:
    photo, mask = await bring(ana), await bring(ana, origin="mask")
    model = ModelForm(id="gemini-2.5-flash-image", tier="fast", kind="image")
    await providers.create(ana, form=ProviderForm(name="g", kind="gemini", api_key="AIza-test-key", models=(model,)))
    able = (await changing.ways(ana, asset_id=photo.id))["edit"]

    assert (able.by, able.masked) == ("gemini-2.5-flash-image", False)
    with pytest.raises(NoModel):
        await changing.ask(ana, asset_id=photo.id, way="edit", prompt="A red chair", mask_id=mask.id)


async def test_an_edit_takes_picture_mask_words_and_shape_along(ana: Context) -> None:
    await connect(ana)
    photo, mask = await bring(ana), await bring(ana, origin="mask")
    asked = await changing.ask(ana, asset_id=photo.id, way="edit", prompt=" A red chair ", mask_id=mask.id)
    await work(ana, asked[0])
    call = ana.ports.images.calls[-1]  # type: ignore[attr-defined]  # a scripted port

    assert (call.verb, call.prompt, call.width_px, call.height_px) == ("edit", "A red chair", 1080, 1920)
    assert call.source
    assert call.mask


async def test_copies_are_jobs_of_their_own_with_seeds_of_their_own(ana: Context) -> None:
    await connect(ana)
    photo = await bring(ana)
    asked = await changing.ask(ana, asset_id=photo.id, way="vary", copies=4)
    recipes = [(await library.show(ana, asset_id=one.asset.id)).recipe for one in asked]

    assert len({recipe.seed for recipe in recipes}) == 4
    assert {(recipe.verb, recipe.aspect, recipe.sources) for recipe in recipes} == {("vary", "story", (photo.id,))}
    with pytest.raises(InvalidInput):
        await changing.ask(ana, asset_id=photo.id, way="vary", copies=5)


async def test_a_poster_is_varied_by_the_built_in_composer_with_another_seed(ana: Context) -> None:
    recipe = Recipe(verb="generate", prompt="A chair", seed=7, look=Look(headline="Keep it"))
    poster = await images.ask(ana, recipe=recipe, title="Poster")
    await work(ana, poster)
    able = await changing.ways(ana, asset_id=poster.asset.id)
    asked = await changing.ask(ana, asset_id=poster.asset.id, way="vary")
    varied = (await library.show(ana, asset_id=asked[0].asset.id)).recipe

    assert (able["vary"].embedded, able["edit"].by) == (True, "")
    assert varied.seed not in (None, 7)
    assert (varied.verb, varied.look) == ("generate", recipe.look)


async def test_a_mask_hangs_nowhere_and_goes_with_the_last_picture_that_needs_it(ana: Context) -> None:
    await connect(ana)
    photo, mask = await bring(ana), await bring(ana, origin="mask")
    first, second = [
        (await changing.ask(ana, asset_id=photo.id, way="edit", prompt="Red", mask_id=mask.id))[0] for _ in range(2)
    ]
    for asked in (first, second):
        await work(ana, asked)
    shown, _ = await library.list_assets(ana)
    masks, _ = await library.list_assets(ana, filters=Filters(origin="mask"))
    await trash.delete(ana, asset_id=first.asset.id)
    kept, _ = await library.list_assets(ana, filters=Filters(origin="mask"))
    await trash.delete(ana, asset_id=second.asset.id)
    gone, _ = await library.list_assets(ana, filters=Filters(origin="mask"))
    await trash.delete(ana, asset_id=photo.id)

    assert mask.id not in {one.id for one in shown}
    assert [one.id for one in masks] == [one.id for one in kept] == [mask.id]
    assert gone == []
    assert await files(ana) == []


async def test_a_mask_that_is_no_picture_is_refused(ana: Context) -> None:
    async def chunks():  # type: ignore[no-untyped-def]  # one piece
        yield clip()

    with pytest.raises(InvalidInput) as refused:
        await uploads.upload(ana, name="mask.mp4", chunks=chunks(), origin="mask")

    assert refused.value.code == "media.mask"


async def test_what_is_no_picture_is_not_changed(ana: Context) -> None:
    async def chunks():  # type: ignore[no-untyped-def]  # one piece
        yield clip()

    film = await uploads.upload(ana, name="clip.mp4", chunks=chunks())
    with pytest.raises(InvalidInput) as refused:
        await changing.ask(ana, asset_id=film.id, way="cut_out")

    assert refused.value.code == "media.no_picture"


async def test_a_variation_of_a_photo_keeps_its_shape(ana: Context) -> None:
    await connect(ana)
    photo = await bring(ana, size=(160, 90))
    varied = await again.run_again(ana, asset_id=photo.id, how="variation")

    assert (await library.show(ana, asset_id=varied.asset.id)).recipe.aspect == "wide"


@pytest.mark.parametrize(
    ("size", "form"),
    [
        ((100, 100), "square"),
        ((1080, 1350), "portrait"),
        ((720, 1280), "story"),
        ((1920, 1080), "wide"),
        ((4000, 100), "link"),
        ((0, 10), "square"),
    ],
)
def test_the_form_nearest_to_a_picture_is_found(size: tuple[int, int], form: str) -> None:
    assert nearest_aspect(*size) == form
