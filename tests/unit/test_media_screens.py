"""What the media screens show and ask for: lengths, sizes and shapes as people write them, and forms as recipes."""

from __future__ import annotations

import pytest

from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.core.ports import ProviderTimeout
from app.media.recipes import Look, Recipe, Shot
from app.storage.errors import QuotaFull
from state.failures import sentence_of
from state.media_view import clock, pixels, shape, weight
from state.studio_filling import of_recipe, sample_of
from state.studio_orders import Wish, recipe_of, wish_of


@pytest.mark.parametrize(
    ("duration_ms", "written"),
    [
        (0, ""),
        (-5, ""),
        (1, "0:01"),
        (31_400, "0:31"),
        (59_600, "1:00"),
        (3_600_000, "1:00:00"),
        (3_725_000, "1:02:05"),
    ],
)
def test_a_length_is_written_as_players_write_it(duration_ms: int, written: str) -> None:
    assert clock(duration_ms) == written


def test_sizes_are_written_with_their_unit() -> None:
    assert pixels(1080, 1350) == "1080 × 1350 px"
    assert pixels(0, 1350) == ""
    assert [weight(size) for size in (0, 1, 999_499, 999_999, 1_000_000)] == ["", "1 kB", "999 kB", "1000 kB", "1.0 MB"]


def test_a_print_hangs_in_its_own_shape_but_no_row_is_broken_by_an_extreme() -> None:
    assert shape(1080, 1350, "image") == 0.8
    assert shape(9000, 100, "image") == 4.0
    assert shape(100, 9000, "image") == 0.4
    assert shape(0, 0, "speech") == 3.2
    assert shape(0, 0, "image") == 1.0


def test_the_pictures_of_one_wish_differ_by_their_seed() -> None:
    wish = Wish(tab="picture", prompt="A chair", network="instagram", seed="7", count="4", style="bold")

    made = [recipe_of(wish, copy=copy) for copy in range(wish.copies)]

    assert [one.seed for one in made] == [7, 8, 9, 10]
    assert {(one.verb, one.aspect, one.look.style) for one in made} == {("generate", "portrait", "bold")}


def test_no_more_than_four_are_made_at_once_and_only_pictures_are_made_several_times() -> None:
    assert Wish(count="900").copies == 4
    assert Wish(count="0").copies == 1
    assert Wish(count="x").copies == 1
    assert Wish(tab="speech", count="4").copies == 1


def test_a_voice_names_the_provider_that_speaks_with_it() -> None:
    recipe = recipe_of(Wish(tab="speech", prompt="It is only a castor.", voice="eleven-1|Rachel", speed="1.25"))

    assert (recipe.verb, recipe.text, recipe.model, recipe.voice) == (
        "say",
        "It is only a castor.",
        "eleven-1",
        "Rachel",
    )
    assert recipe.speed == 1.25


def test_what_the_library_does_not_take_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        recipe_of(Wish(tab="picture", prompt="x" * 5_000))

    assert refused.value.field == "prompt"


def test_a_recording_is_named_by_its_id_alone() -> None:
    source = new_id()

    recipe = recipe_of(Wish(tab="transcript", source_id=str(source), translate=True))

    assert recipe.sources == (source,)
    assert recipe.translate_to == "en"
    assert recipe_of(Wish(tab="transcript", source_id="../etc")).sources == ()


def test_boxes_of_a_form_are_read_as_a_browser_sends_them() -> None:
    form = {"prompt": " Roll. ", "music": "on"}

    wish = wish_of(form, tab="clip")

    assert (wish.prompt, wish.music, wish.translate) == ("Roll.", True, False)


def test_only_a_draft_is_a_recipe_of_one() -> None:
    assert [recipe_of(Wish(tab="clip", draft=draft)).draft for draft in (False, True)] == [False, True]


def test_a_form_filled_from_a_recipe_would_make_the_same_again() -> None:
    recipe = Recipe(
        verb="generate",
        prompt="A chair",
        aspect="story",
        seed=11,
        look=Look(headline="Keep it", style="night", colors=("#112233",)),
    )

    filled = of_recipe(recipe).fields
    wish = Wish(
        **{name: filled[name] for name in ("tab", "prompt", "headline", "subline", "call", "seed", "network", "style")},
        colors=tuple(filled["colors"]),
    )

    assert recipe_of(wish) == recipe


@pytest.mark.parametrize(
    ("aspect", "network"),
    [
        ("youtube", "youtube"),
        ("wide", "youtube"),
        ("instagram", "instagram"),
        ("16:9", "youtube"),
        ("google_ads", "square"),
    ],
)
def test_a_form_opens_at_the_network_of_a_recipes_pixels(aspect: str, network: str) -> None:
    assert of_recipe(Recipe(verb="generate", aspect=aspect)).fields["network"] == network


def test_a_clip_opens_with_what_is_said_in_it() -> None:
    recipe = Recipe(verb="film", shots=(Shot(heading="One", narration="First."), Shot(heading="Two")))

    assert of_recipe(recipe).fields["prompt"] == "First.\n\nTwo"


def test_every_form_has_a_sample_in_both_languages_of_the_screen() -> None:
    for tab in ("picture", "speech", "clip"):
        assert sample_of(tab, "ar").fields["prompt"] != sample_of(tab, "en").fields["prompt"]
    assert sample_of("speech", "de").fields["locale"] == "en"


def test_an_error_that_is_kept_by_its_code_has_its_sentence() -> None:
    assert sentence_of(ProviderTimeout.code) == ProviderTimeout.message
    assert sentence_of("storage.quota") == QuotaFull.message
    assert sentence_of("no.such.code") == "Something went wrong on our side."
