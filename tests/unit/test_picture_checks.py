"""The machine's checks of finished pictures, each on a true file that passes and on one that does not."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image, ImageChops, ImageDraw

from app.adapters.images_embedded.composing import STYLES, compose
from app.adapters.images_embedded.faces import Faces
from app.adapters.images_embedded.typesetting import Typesetter, Wish
from app.adapters.media_tools import LimitedMediaTools
from app.core.media_ports import Design, Edges
from app.core.media_tools import Cleaned
from app.media.aspects import ASPECTS, Size, shape_asked_for
from app.media.color_difference import Lab, difference, lab_of
from app.media.outcomes import Outcome, read_outcome, with_outcome
from app.media.picture_checks import outcome_of
from app.media.picture_words import PICTURE_TEXTS, told
from app.media.recipes import Recipe, read_recipe
from tests.media_samples import picture

tools = LimitedMediaTools()
PORTRAIT = ASPECTS["instagram"]
BRAND = ("#0f5f57", "#c2410c")
WORDS = Design("Change the part. Keep the chair.", "Every part can be swapped.", "Order a part", "Aldersay", BRAND)

SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
"""The test pairs of Sharma, Wu and Dalal (2005), table 1: L a b, L a b, the difference."""


@pytest.mark.parametrize("row", SHARMA.split("\n")[1:-1])
def test_differences_of_colour_are_those_of_the_published_table(row: str) -> None:
    l1, a1, b1, l2, a2, b2, wanted = map(float, row.split())

    assert difference(Lab(l1, a1, b1), Lab(l2, a2, b2)) == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize(
    ("color", "wanted"),
    [("#ffffff", (100, 0, 0)), ("#000000", (0, 0, 0)), ("#ff0000", (53.24, 80.09, 67.2)), ("#777777", (50.03, 0, 0))],
)
def test_colours_of_the_screen_are_placed_by_how_they_look(color: str, wanted: tuple[float, ...]) -> None:
    lab = lab_of(color)

    assert (lab.l, lab.a, lab.b) == pytest.approx(wanted, abs=0.02)


async def looked_at(
    data: bytes,
    *,
    wanted: Size | None = PORTRAIT,
    brand: tuple[str, ...] = BRAND,
    words_px: tuple[Edges, ...] | None = None,
    fit: bool = False,
) -> tuple[Cleaned, Outcome]:
    """Return a file as it is kept and what is found of it; `fit`: as a model's picture, which is cut and scaled."""
    fit_px = (wanted.width_px, wanted.height_px) if fit and wanted else None
    cleaned = await tools.clean(data, kind="png", fit_px=fit_px)
    return cleaned, outcome_of(cleaned, wanted=wanted, brand=brand, words_px=words_px)


def notes(outcome: Outcome) -> dict[str, str]:
    """Return what each check said: empty where it passed."""
    return {one.id: one.note for one in told(outcome).checks}


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def halves(one: str, other: str, size: tuple[int, int] = (1080, 1350)) -> Image.Image:
    """Return a picture that is one colour above and another below."""
    image = Image.new("RGB", size, one)
    image.paste(other, (0, size[1] // 2, *size))
    return image


async def test_a_picture_of_the_right_size_weight_and_colours_passes() -> None:
    _, outcome = await looked_at(png(halves(*BRAND)))

    assert notes(outcome) == {
        "size": "", "weight": "", "not_blank": "", "palette_near": "",
        "safe_area": "A model made it: where its words stand cannot be known.",
    }  # fmt: skip
    assert {one.id: one.status for one in outcome.verdicts}["safe_area"] == "not_checked"


async def test_another_shape_is_told_with_both_sizes() -> None:
    _, outcome = await looked_at(png(halves(*BRAND, size=(1024, 1024))))
    found = told(outcome).checks[0]

    assert (found.status, found.severity, found.label) == ("failed", "hard", "1080 × 1350 pixels")
    assert found.note == "It has 1024 × 1024: another shape."


async def test_a_picture_that_would_blur_is_cut_and_not_made_larger() -> None:
    cleaned, outcome = await looked_at(png(halves(*BRAND, size=(512, 512))), fit=True)

    assert (cleaned.width_px, cleaned.height_px, cleaned.came_px) == (410, 512, (512, 512))
    assert notes(outcome)["size"] == "It has 410 × 512: the right shape, but made larger it would blur."


@pytest.mark.parametrize("came", [(1024, 1536), (1024, 1024), (1536, 1024), (1792, 1024), (1080, 1350), (4000, 3000)])
@pytest.mark.parametrize("aspect", ["instagram", "story", "linkedin", "square"])
async def test_a_vendors_size_becomes_the_one_that_was_asked_for(aspect: str, came: tuple[int, int]) -> None:
    wanted = ASPECTS[aspect]
    cleaned, outcome = await looked_at(png(halves(*BRAND, size=came)), wanted=wanted, fit=True)
    size = (cleaned.width_px, cleaned.height_px)
    grown = wanted.width_px / min(came[0], came[1] * wanted.width_px / wanted.height_px)

    assert Image.open(io.BytesIO(cleaned.data)).size == size
    assert (outcome.came_width_px, outcome.came_height_px) == came
    assert (size == (wanted.width_px, wanted.height_px)) == (grown <= 1.5)
    assert (notes(outcome)["size"] == "") == (grown <= 1.5)
    assert size[0] / size[1] == pytest.approx(wanted.width_px / wanted.height_px, rel=0.005)


async def test_what_is_cut_off_lies_at_both_sides() -> None:
    image = Image.new("RGB", (2000, 1000), "#ffffff")
    image.paste("#0f5f57", (500, 0, 1500, 1000))
    image.paste("#c2410c", (990, 490, 1010, 510))
    cleaned = await tools.clean(png(image), kind="png", fit_px=(1000, 1000))
    kept = Image.open(io.BytesIO(cleaned.data)).convert("RGB")

    assert [kept.getpixel(at) for at in ((2, 2), (997, 997), (500, 500))] == [(15, 95, 87), (15, 95, 87), (194, 65, 12)]


async def test_what_is_transparent_stays_so_when_it_is_scaled() -> None:
    image = Image.new("RGBA", (1024, 1024), (0, 0, 0, 0))
    image.paste((15, 95, 87, 255), (256, 256, 768, 768))
    cleaned = await tools.clean(png(image), kind="png", fit_px=(1080, 1080))
    kept = Image.open(io.BytesIO(cleaned.data))

    assert (kept.mode, kept.size, kept.getpixel((3, 3)), kept.getpixel((540, 540))) == (
        "RGBA", (1080, 1080), (0, 0, 0, 0), (15, 95, 87, 255),
    )  # fmt: skip
    assert [one.color for one in cleaned.colors] == ["#0f5f57"]


async def test_a_file_that_a_network_refuses_for_its_weight_is_told() -> None:
    noise = Image.frombytes("RGB", (1280, 720), Random(1).randbytes(1280 * 720 * 3))
    _, heavy = await looked_at(png(noise), wanted=ASPECTS["youtube"])
    _, light = await looked_at(png(noise.resize((1280, 720))), wanted=ASPECTS["linkedin"])
    weight = next(one for one in told(heavy).checks if one.id == "weight")

    assert (weight.status, weight.label) == ("failed", "At most 2048 KB")
    assert weight.note.endswith(" KB of 2048.")
    assert notes(light)["weight"] == ""


@pytest.mark.parametrize("blank", ["#ffffff", "#0f5f57", "#000000"])
async def test_a_picture_of_one_colour_is_blank(blank: str) -> None:
    _, outcome = await looked_at(picture("PNG", size=(1080, 1350), color=blank))

    assert notes(outcome)["not_blank"] == "It is one colour from edge to edge."


async def test_a_picture_in_which_nothing_can_be_seen_is_blank() -> None:
    _, outcome = await looked_at(png(Image.new("RGBA", (1080, 1350), (9, 90, 9, 0))))

    assert notes(outcome)["not_blank"] != ""


async def test_a_white_page_with_a_line_of_words_is_not_blank() -> None:
    image = Image.new("RGB", (1080, 1350), "#ffffff")
    ImageDraw.Draw(image).rectangle((100, 100, 700, 160), fill="#1c1b19")
    _, outcome = await looked_at(png(image))

    assert notes(outcome)["not_blank"] == ""


@pytest.mark.parametrize(
    ("colors", "brand", "note"),
    [
        (("#0f5f57", "#fbfaf7"), BRAND, ""),
        (("#176b60", "#b5470f"), BRAND, ""),
        (("#1d3fd0", "#fbfaf7"), BRAND, "Most of its colour is another: #1d3fd0, 49\u00a0% of"),
        (("#dfe9e8", "#8fb5b1"), BRAND, ""),
        (("#08302c", "#fbfaf7"), BRAND, ""),
        (("#ffe600", "#fbfaf7"), BRAND, "Most of its colour is another: "),
        (("#7a2e9d", "#fbfaf7"), BRAND, "Most of its colour is another: "),
        (("#808080", "#f4f4f4"), BRAND, "It has no colour at all."),
        (("#1d3fd0", "#d01d9a"), ("#111111", "#f5f5f5"), "Most of its colour is another: "),
        (("#141414", "#f4f4f4"), ("#111111", "#f5f5f5"), ""),
        (("#1d3fd0", "#d01d9a"), (), "No colours of a brand were given."),
    ],
)
async def test_colours_are_held_against_the_brands(colors: tuple[str, str], brand: tuple[str, ...], note: str) -> None:
    _, outcome = await looked_at(png(halves(*colors)), brand=brand)
    found = next(one for one in told(outcome).checks if one.id == "palette_near")

    assert found.note.startswith(note) if note else found.note == ""
    assert found.severity == "warn"
    assert found.status == ("not_checked" if not brand else "failed" if note else "passed")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("aspect", ["story", "linkedin"])
async def test_what_the_built_in_composer_draws_passes(aspect: str, style: str) -> None:
    size = ASPECTS[aspect]
    design = Design(WORDS.headline, WORDS.subline, WORDS.call_to_action, WORDS.brand, BRAND, style)
    drawn = compose(design, width_px=size.width_px, height_px=size.height_px, seed=len(style))
    _, outcome = await looked_at(drawn.data, wanted=size, words_px=drawn.words_px)

    assert len(drawn.words_px) >= 4
    assert set(notes(outcome).values()) == {""}


@pytest.mark.parametrize(
    ("x", "y", "note"), [(120, 200, ""), (20, 200, "Words stand 20 px"), (120, 5, "Words stand 5 px")]
)
async def test_where_words_are_said_to_stand_their_letters_are(x: int, y: int, note: str) -> None:
    image = Image.new("RGB", (1080, 1350), BRAND[0])
    type_ = Typesetter(Faces(), "en")
    block = type_.fit("Change the part. Keep the chair.", Wish("headline", 700, 400, 90, 20))
    type_.draw(ImageDraw.Draw(image), block, x, y, ink=(255, 255, 255), accent=(9, 9, 9), align="start", width=700)
    _, outcome = await looked_at(png(image), words_px=tuple(type_.set_px))
    ink = ImageChops.difference(image, Image.new("RGB", image.size, BRAND[0])).getbbox()
    lefts, tops, rights, bottoms = zip(*type_.set_px, strict=True)

    assert ink is not None
    assert ink == pytest.approx((min(lefts), min(tops), max(rights), max(bottoms)), abs=12)
    assert notes(outcome)["safe_area"].startswith(note) if note else notes(outcome)["safe_area"] == ""


async def test_words_at_the_edge_are_told_with_their_distance() -> None:
    _, outcome = await looked_at(png(halves(*BRAND)), words_px=((90, 90, 900, 200), (12, 300, 700, 400)))
    _, fine = await looked_at(png(halves(*BRAND)), words_px=((90, 90, 900, 200),))
    _, none = await looked_at(png(halves(*BRAND)), words_px=())

    assert notes(outcome)["safe_area"] == "Words stand 12 px from an edge; 54 are to be free."
    assert (notes(fine)["safe_area"], notes(none)["safe_area"]) == ("", "")


@pytest.mark.parametrize(
    ("verb", "aspect", "keeps"),
    [
        ("generate", "square", False), ("generate", "instagram", False), ("edit", "square", True),
        ("vary", "square", True), ("edit", "story", False), ("cut_out", "story", True),
    ],
)  # fmt: skip
def test_what_is_changed_keeps_its_shape_unless_another_is_named(verb: str, aspect: str, keeps: bool) -> None:
    recipe = Recipe.model_validate({"verb": verb, "aspect": aspect})

    assert (shape_asked_for(recipe) is None) == keeps


async def test_what_keeps_its_shape_is_not_held_against_one() -> None:
    _, outcome = await looked_at(png(halves(*BRAND, size=(333, 77))), wanted=None)

    assert [one.id for one in outcome.verdicts] == ["not_blank", "palette_near", "safe_area"]


async def test_what_became_of_a_picture_is_kept_with_its_recipe_and_no_part_of_it() -> None:
    recipe = Recipe(verb="generate", prompt="Ein Stuhl auf Ocker, 椅子", aspect="instagram", seed=7)
    _, outcome = await looked_at(png(halves(*BRAND)))
    stored = with_outcome(recipe.model_dump_json(), outcome)

    assert read_outcome(stored) == outcome
    assert read_recipe(stored) == recipe
    assert read_outcome(recipe.model_dump_json()) is None


def test_every_sentence_is_one_that_something_says() -> None:
    from pathlib import Path
    from typing import get_args

    from app.media import picture_checks
    from app.media.outcomes import CheckId

    source = Path(picture_checks.__file__).read_text("utf-8")
    codes = {code.removeprefix("picture.") for code in PICTURE_TEXTS}

    assert set(get_args(CheckId)) <= codes
    assert [code for code in codes if f'"{code}"' not in source] == []
