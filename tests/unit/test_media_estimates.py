"""What media may cost before they are asked for, and which of them belong to a document."""

from __future__ import annotations

import pytest

from app.core.context import Context
from app.core.ids import new_id
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.media import in_documents, library
from app.media.errors import NoModel
from app.media.estimating import Estimate, estimate
from app.media.recipes import Recipe
from app.media.uploads import upload
from tests.databases import CtxOf
from tests.media_samples import picture

FREE = Estimate(0, 0, known=True)
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
pytestmark = on_sqlite


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def connect(ctx: Context) -> None:
    models = (
        ModelForm(id="gpt-image-1", tier="strong", kind="image"),
        ModelForm(id="tts-1", tier="fast", kind="speech"),
        ModelForm(id="whisper-1", tier="fast", kind="transcription"),
        ModelForm(id="sora-2", tier="strong", kind="video"),
    )
    await providers.create(ctx, form=ProviderForm(name="studio", kind="openai", api_key="sk-test-key", models=models))


async def test_what_is_built_in_costs_nothing(ana: Context) -> None:
    assert await estimate(ana, recipe=Recipe(verb="generate", prompt="A chair"), copies=4) == FREE
    assert await estimate(ana, recipe=Recipe(verb="say", text="It is only a castor.")) == FREE
    assert await estimate(ana, recipe=Recipe(verb="film"), script="One.\n\nTwo.") == FREE


async def test_nothing_built_in_writes_a_recording_down(ana: Context) -> None:
    with pytest.raises(NoModel):
        await estimate(ana, recipe=Recipe(verb="write_down"))


async def test_each_copy_is_paid_for_and_the_first_in_line_is_the_least(ana: Context) -> None:
    await connect(ana)
    recipe = Recipe(verb="generate", prompt="A chair")

    one, four = await estimate(ana, recipe=recipe), await estimate(ana, recipe=recipe, copies=4)

    assert 0 < one.low_micros <= one.high_micros
    assert (four.low_micros, four.high_micros) == (4 * one.low_micros, 4 * one.high_micros)


async def test_a_clip_costs_its_pictures_and_its_voice(ana: Context) -> None:
    await connect(ana)

    silent = await estimate(ana, recipe=Recipe(verb="film"), script="")
    told = await estimate(ana, recipe=Recipe(verb="film"), script="It is only a castor.")

    assert silent.high_micros == 0
    assert told.high_micros > (await estimate(ana, recipe=Recipe(verb="say", text="It is only a castor."))).high_micros


async def test_what_a_document_uses_is_listed_with_it_and_with_no_other(ana: Context) -> None:
    document = new_id()

    async def whole():
        yield picture()

    asset = await upload(ana, name="chair.png", chunks=whole())
    await library.use_in_document(ana, asset_id=asset.id, document_id=document)

    assert [view.id for view in await in_documents.assets_of(ana, document_id=document)] == [asset.id]
    assert await in_documents.assets_of(ana, document_id=new_id()) == []
