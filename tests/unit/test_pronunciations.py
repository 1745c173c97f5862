"""Words are said as a brand says them, in the language that is spoken; what a kit does not take is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.adapters.speech_embedded import EmbeddedSpeech
from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.core.ports import ProviderError
from app.media import again, brands, library, pronunciations, speech, straight, video
from app.media.recipes import MOST_WORDS_SAID, Kit, Recipe, Said, said_in
from state.brands import BrandRow, WordRow, brand_row, changed_kit
from tests.databases import CtxOf
from tests.unit.test_media_making import work

WORDS = (
    Said(written="Aldersay", spoken="All der say"),
    Said(written="aldersay", spoken="Alder sei", locale="de"),
    Said(written="castor", spoken="kas tor", locale="en"),
)


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.mark.parametrize(
    ("locale", "spoken"),
    [("en", ["kas tor", "All der say"]), ("en-GB", ["kas tor", "All der say"]), ("de", ["Alder sei"])],
)
def test_a_language_has_its_own_way_before_that_of_all(locale: str, spoken: list[str]) -> None:
    assert [one.spoken for one in said_in(locale, WORDS)] == spoken


@pytest.mark.parametrize(("locale", "heard"), [("en", "All der say castor."), ("fr", "Aldersay castor.")])
async def test_a_spoken_text_takes_the_words_of_its_language_from_the_brand(
    ana: Context, locale: str, heard: str
) -> None:
    kit = Kit(said=(Said(written="Aldersay", spoken="All der say", locale="en"),))
    brand = await brands.make(ana, name="Aldersay", kit=kit)
    recipe = Recipe(verb="say", text="Aldersay castor.", locale=locale, brand_id=brand.id)
    asked = await speech.ask(ana, recipe=recipe, title="")
    await work(ana, asked)

    assert ana.ports.speech.calls[0].text == heard  # type: ignore[attr-defined]  # a scripted port


async def test_a_narration_says_the_words_of_the_brand_and_its_captions_write_them(ana: Context) -> None:
    brand = await brands.make(ana, name="Aldersay", kit=Kit(said=WORDS))
    recipe = Recipe(verb="film", brand_id=brand.id)
    asked = await video.ask(ana, recipe=recipe, title="Clip", script="Aldersay has parts.")
    await work(ana, asked)

    assert ana.ports.speech.calls[0].text == "All der say has parts."  # type: ignore[attr-defined]  # as above
    assert "Aldersay has parts." in await library.captions(ana, asset_id=asked.asset.id, form="txt")


async def test_a_word_is_tried_without_keeping_anything(ana: Context) -> None:
    said = await speech.sample(ana, text="All der say", locale="en")
    shown, _ = await library.list_assets(ana)

    assert said.data.startswith(b"RIFF")
    assert shown == []


async def test_nothing_to_say_is_refused_by_the_voice(ana: Context) -> None:
    embedded = replace(ana, ports=replace(ana.ports, speech=EmbeddedSpeech()))
    with pytest.raises(ProviderError):
        await speech.sample(embedded, text="...", locale="en")


def test_a_change_of_a_brand_leaves_the_rest_of_it() -> None:
    logo = new_id()
    kit = Kit(colors=("#112233",) * 5, style="night", logo_id=logo, voice="ana", speed=1.1, said=WORDS)

    changed = changed_kit(kit, {"style": "bold"})

    assert changed == kit.model_copy(update={"style": "bold"})
    assert changed_kit(kit, {"said": [WordRow("a", "b", "de")]}).said == (Said(written="a", spoken="b", locale="de"),)
    assert changed_kit(kit, {"logo_id": None}).logo_id is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colors": ["red"]}, "colors"),
        ({"said": [WordRow("", "b")]}, "said"),
        ({"said": [WordRow("a", "")]}, "said"),
        ({"said": [WordRow(f"w{n}", "b") for n in range(MOST_WORDS_SAID + 1)]}, "said"),
        ({"logo_id": "../etc"}, "logo_id"),
    ],
)
def test_what_a_kit_does_not_take_is_refused_with_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        changed_kit(Kit(), change)

    assert refused.value.field == field


async def test_a_brand_is_shown_as_it_is_kept(ana: Context) -> None:
    view = await brands.make(ana, name="Aldersay", kit=Kit(colors=("#112233",), speed=1.25, said=WORDS[:1]))

    assert brand_row(view) == BrandRow(
        id=str(view.id), name="Aldersay", colors=["#112233"], speed="1.25", words=[WordRow("Aldersay", "All der say")]
    )


@pytest.mark.parametrize(
    ("own", "of_brand", "heard"),
    [("own way", "brand way", "own way"), ("", "brand way", "brand way"), ("", "", "house way")],
)
async def test_a_text_goes_before_its_brand_and_that_before_the_workspace(
    ana: Context, own: str, of_brand: str, heard: str
) -> None:
    await pronunciations.keep(ana, said=[Said(written="Aldersay", spoken="house way", locale="en")])
    brand = await brands.make(ana, name="A", kit=Kit(said=_way(of_brand)))
    recipe = Recipe(verb="say", text="Aldersay rolls.", brand_id=brand.id, said=_way(own))
    await work(ana, await speech.ask(ana, recipe=recipe, title=""))

    assert ana.ports.speech.calls[0].text == f"{heard} rolls."  # type: ignore[attr-defined]  # as above


def _way(spoken: str) -> tuple[Said, ...]:
    return (Said(written="aldersay", spoken=spoken),) if spoken else ()


async def test_a_word_of_another_language_hides_none_of_the_workspace(ana: Context) -> None:
    await pronunciations.keep(ana, said=[Said(written="Aldersay", spoken="house way")])
    german = Said(written="Aldersay", spoken="Alder sei", locale="de")
    recipe = Recipe(verb="film", said=(german,))
    await work(ana, await video.ask(ana, recipe=recipe, title="Clip", script="Aldersay has parts."))

    assert ana.ports.speech.calls[0].text == "house way has parts."  # type: ignore[attr-defined]  # as above


async def test_a_sound_is_made_again_as_it_was_and_a_new_one_with_the_new_words(ana: Context) -> None:
    recipe = Recipe(verb="say", text="Aldersay rolls.")
    first = await speech.ask(ana, recipe=recipe, title="")
    await work(ana, first)
    await pronunciations.keep(ana, said=WORDS[:1])
    await work(ana, await again.run_again(ana, asset_id=first.asset.id))
    await work(ana, await speech.ask(ana, recipe=recipe, title=""))

    heard = [call.text for call in ana.ports.speech.calls]  # type: ignore[attr-defined]  # as above
    assert heard == ["Aldersay rolls.", "Aldersay rolls.", "All der say rolls."]


async def test_three_full_lists_fit_into_one_recipe(ana: Context) -> None:
    def full(letter: str) -> tuple[Said, ...]:
        return tuple(Said(written=f"{letter}{n}", spoken="x") for n in range(MOST_WORDS_SAID))

    await pronunciations.keep(ana, said=full("c"))
    brand = await brands.make(ana, name="A", kit=Kit(said=full("b")))
    recipe = Recipe(verb="say", text="It rolls.", brand_id=brand.id, said=full("a"))
    asked = await speech.ask(ana, recipe=recipe, title="")

    assert len((await library.show(ana, asset_id=asked.asset.id)).recipe.said) == 3 * MOST_WORDS_SAID


async def test_what_is_said_straight_away_takes_the_words_of_the_workspace(ana: Context) -> None:
    await pronunciations.keep(ana, said=WORDS[:1])
    spoken = await straight.say(ana, recipe=Recipe(verb="say", text="*Aldersay* rolls."))
    sound = b"".join([chunk async for chunk in spoken.chunks])

    assert sound
    assert ana.ports.speech.calls[0].text == "*All der say* rolls."  # type: ignore[attr-defined]  # as above


async def test_each_workspace_has_words_of_its_own(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    twice = (*WORDS, Said(written="ALDERSAY", spoken="other"))
    kept = await pronunciations.keep(ana, said=twice)

    assert (kept, await pronunciations.of_workspace(ana)) == (WORDS, WORDS)
    assert await pronunciations.of_workspace(bo) == ()
    assert await pronunciations.keep(ana, said=()) == ()
