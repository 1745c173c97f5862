"""The machine's checks of finished pictures, each on a true file that passes and on one that does not."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.adapters.images_embedded.composing import STYLES, compose
from app.adapters.images_embedded.faces import Faces
from app.adapters.images_embedded.typesetting import Typesetter, Wish
from app.adapters.media_tools import LimitedMediaTools
from app.content.catalogue_files import load_catalogue
from app.core.ids import new_id
from app.core.media_ports import Design, Edges, Part, SetLine, SetText
from app.core.media_tools import Cleaned, Source
from app.media.aspects import ASPECTS, MOST_WORDS, Size, shape_asked_for, size_of
from app.media.color_difference import Lab, difference, lab_of
from app.media.outcomes import Outcome, read_outcome, with_outcome
from app.media.picture_checks import Sought, outcome_of, sought_of
from app.media.picture_words import PICTURE_TEXTS, told
from app.media.recipes import Look, Recipe, read_recipe
from app.media.schemas import PictureCheck
from tests.media_samples import picture, pixel_bomb

tools = LimitedMediaTools()
PORTRAIT = ASPECTS["instagram"]
BRAND = ("#0f5f57", "#c2410c")
WORDS = Design("Change the part. Keep the chair.", "Every part can be swapped.", "Order a part", "Aldersay", BRAND)
LABELS: dict[Part, str] = {
    "headline": WORDS.headline, "subline": WORDS.subline, "call_to_action": WORDS.call_to_action, "brand": WORDS.brand,
}  # fmt: skip

TRANSLATED = {
    "en": ("Change the part. Keep the chair.", "Every part can be swapped for twelve years."),
    "de": ("Sonnenschutzverglasungsanlagen sparen Energie", "Jedes Teil der Donaudampfschifffahrtsgesellschaft."),
    "ar": ("غيّر القطعة. أبقِ الكرسي.", "كل عجلة وذراع ورافعة لكراسي ألدرسي متاحة للطلب 12 عامًا من Aldersay."),
    "ja": ("部品を替えて、椅子を残す。", "すべての部品は十二年間ご注文いただけます。"),
    "hi": ("पुर्ज़ा बदलें। कुर्सी रखें।", "हर पुर्ज़ा बारह साल तक बदला जा सकता है।"),
    "ko": ("부품을 바꾸고 의자는 그대로.", "모든 부품을 십이 년 동안 주문할 수 있습니다."),
}

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
    words: tuple[SetText, ...] | None = None,
    fit: bool = False,
    source: Source | None = None,
    **more: Any,
) -> tuple[Cleaned, Outcome]:
    """Return a file as it is kept and what is found of it; `fit`: as a model's picture, which is cut and scaled."""
    fit_px = (wanted.width_px, wanted.height_px) if fit and wanted else None
    lines = [line for text in words or () for line in text.lines]
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    cleaned = await tools.clean(data, kind=kind, fit_px=fit_px, lines=lines, source=source)
    return cleaned, outcome_of(cleaned, Sought(wanted, brand, **more), words)


def at(*places: Edges, color: str = "#ffffff") -> tuple[SetText, ...]:
    """Return words that stand at these places."""
    return tuple(SetText("headline", "Words", (SetLine(place, color),)) for place in places)


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
        "text_contrast": "A model made it: where its words stand cannot be known.",
    }  # fmt: skip
    statuses = {one.id: one.status for one in outcome.verdicts}
    assert (statuses["safe_area"], statuses["text_contrast"]) == ("not_checked", "not_checked")


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
    _, outcome = await looked_at(drawn.data, wanted=size, words=drawn.words, labels=LABELS)

    assert sum(len(text.lines) for text in drawn.words) >= 4
    assert notes(outcome).keys() >= {"text_contrast", "labels_present"}
    assert set(notes(outcome).values()) == {""}


@pytest.mark.parametrize(
    ("x", "y", "note"), [(120, 200, ""), (20, 200, "Words stand 20 px"), (120, 5, "Words stand 5 px")]
)
async def test_where_words_are_said_to_stand_their_letters_are(x: int, y: int, note: str) -> None:
    image = Image.new("RGB", (1080, 1350), BRAND[0])
    type_ = Typesetter(Faces(), "en")
    block = type_.fit("Change the part. Keep the chair.", Wish("headline", 700, 400, 90, 20))
    type_.draw(ImageDraw.Draw(image), block, x, y, ink=(255, 255, 255), accent=(9, 9, 9), align="start", width=700)
    _, outcome = await looked_at(png(image), words=tuple(type_.set))
    ink = ImageChops.difference(image, Image.new("RGB", image.size, BRAND[0])).getbbox()
    lefts, tops, rights, bottoms = zip(*(line.place_px for text in type_.set for line in text.lines), strict=True)

    assert ink is not None
    assert ink == pytest.approx((min(lefts), min(tops), max(rights), max(bottoms)), abs=12)
    assert notes(outcome)["safe_area"].startswith(note) if note else notes(outcome)["safe_area"] == ""


async def test_words_at_the_edge_are_told_with_their_distance() -> None:
    _, outcome = await looked_at(png(halves(*BRAND)), words=at((90, 90, 900, 200), (12, 300, 700, 400)))
    _, fine = await looked_at(png(halves(*BRAND)), words=at((90, 90, 900, 200)))
    _, none = await looked_at(png(halves(*BRAND)), words=())

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

    assert [one.id for one in outcome.verdicts] == ["not_blank", "palette_near", "safe_area", "text_contrast"]


def on(image: Image.Image, text: str, ink: tuple[int, int, int], *, x: int = 120, y: int = 300) -> tuple[SetText, ...]:
    """Set a line of large type on a picture, and return it."""
    type_ = Typesetter(Faces(), "en")
    block = type_.fit(text, Wish("headline", 800, 120, 90, 20, 1))
    type_.draw(ImageDraw.Draw(image), block, x, y, ink=ink, accent=ink, align="start", width=800)
    return tuple(type_.set)


def lit(start: int, end: int) -> Image.Image:
    """Return a wall in grey light that runs from the left to the right, with the grain of a photograph."""
    row = Image.new("L", (1080, 1))
    row.putdata([round(start + (end - start) * x / 1079) for x in range(1080)])
    grain = Image.frombytes("L", (1080, 1350), Random(4).randbytes(1080 * 1350)).point(lambda v: v // 32)
    return ImageChops.add(row.resize((1080, 1350)), grain).convert("RGB")


@pytest.mark.parametrize(
    ("ground", "ink", "passes"),
    [
        (lit(20, 70), (255, 255, 255), True),
        (lit(20, 250), (255, 255, 255), False),
        (lit(250, 20), (255, 255, 255), False),
        (lit(190, 245), (20, 20, 20), True),
        (lit(110, 120), (20, 20, 20), False),
        (lit(240, 247), (255, 255, 255), False),
    ],
    ids=["white on dark", "white into light", "white out of light", "dark on light", "dark on grey", "white on white"],
)
async def test_words_are_told_from_what_is_behind_them_or_not(
    ground: Image.Image, ink: tuple[int, int, int], passes: bool
) -> None:
    image = ground.copy()
    words = on(image, "Change the part", ink)
    cleaned, outcome = await looked_at(png(image), words=words)
    found = next(one for one in told(outcome).checks if one.id == "text_contrast")

    assert (found.status, found.severity) == ("passed" if passes else "failed", "hard")
    assert (cleaned.contrasts[0] >= 4.5) == passes
    assert found.label == "Words stand out, 4.5 to 1 at least"
    assert found.note == ("" if passes else f"“Change the part”: {cleaned.contrasts[0]} to 1.")


@pytest.mark.parametrize(
    ("ground", "ink", "contrast"),
    [("#ffffff", (118, 118, 118), 4.54), ("#ffffff", (119, 119, 119), 4.48), ("#000000", (255, 255, 255), 21.0)],
)
@pytest.mark.parametrize("size", [12, 24, 90, 300])
async def test_a_plain_grounds_contrast_is_that_of_the_two_colours_at_every_size_of_type(
    ground: str, ink: tuple[int, int, int], contrast: float, size: int
) -> None:
    image = Image.new("RGB", (1080, 1350), ground)
    type_ = Typesetter(Faces(), "en")
    block = type_.fit("Mmm, the worn one", Wish("display", 960, 900, size, size, 6))
    type_.draw(ImageDraw.Draw(image), block, 60, 60, ink=ink, accent=ink, align="start", width=960)
    cleaned, _ = await looked_at(png(image), words=tuple(type_.set))

    assert [min(cleaned.contrasts), max(cleaned.contrasts)] == pytest.approx([contrast, contrast], abs=0.006)


async def test_of_two_lines_the_one_that_cannot_be_read_is_told_in_its_words() -> None:
    image = halves("#101010", "#c8c8c8")
    words = (
        *on(image, "Change the part", (250, 250, 250)),
        *on(image, "Keep the chair that you have had for years", (250, 250, 250), y=900),
    )
    _, outcome = await looked_at(png(image), words=words)

    assert notes(outcome)["text_contrast"].startswith("“Keep the chair that you have had for")
    assert notes(outcome)["text_contrast"].endswith("…”: 1.6 to 1.")


async def test_words_beside_the_picture_cannot_be_read() -> None:
    _, outcome = await looked_at(png(halves(*BRAND)), words=at((1200, 90, 1500, 200)))

    assert notes(outcome)["text_contrast"] == "“Words”: 1.0 to 1."


@pytest.mark.parametrize("locale", ["en", "de", "ar", "ja", "hi", "ko"])
async def test_nothing_that_the_composer_draws_has_too_little_contrast(locale: str) -> None:
    headline, subline = TRANSLATED[locale]
    chance = Random(locale)
    for seed, style in enumerate([*STYLES, ""]):
        size = chance.choice([(1080, 1920), (1200, 627), (300, 250), (728, 90), (160, 600)])
        brand = chance.choice([BRAND, ("#ffe600",), ("#111111", "#f5f5f5"), ("#808080",), ()])
        design = Design(headline, subline, "Aldersay", "Aldersay", brand, style, locale)
        drawn = compose(design, width_px=size[0], height_px=size[1], seed=seed)
        lines = [line for text in drawn.words for line in text.lines]
        cleaned = await tools.clean(drawn.data, kind="png", lines=lines)

        assert len(cleaned.contrasts) == len(lines) > 0
        assert min(cleaned.contrasts) >= 4.5, (style, size, brand)


THUMBNAIL = Recipe(verb="generate", prompt="A castor", template_id="youtube-thumbnail", aspect="youtube")


@pytest.mark.parametrize(
    ("headline", "subline", "note"),
    [
        ("No tool needed", "", ""),
        ("No tool needed, really", "", ""),
        ("No tool needed for this", "", "There are 5; more than 4 are not read at a glance."),
        ("No tool", "Every part can be swapped", "There are 7; more than 4 are not read at a glance."),
        ("椅子を残す", "", ""),
    ],
)
async def test_words_on_a_thumbnail_are_counted_without_the_brands_name(headline: str, subline: str, note: str) -> None:
    drawn = compose(Design(headline, subline, brand="Aldersay of Leeds Ltd"), width_px=1280, height_px=720, seed=3)
    sought = sought_of(THUMBNAIL, ASPECTS["youtube"])
    cleaned = await tools.clean(drawn.data, kind="png", lines=[line for text in drawn.words for line in text.lines])
    found = next(one for one in told(outcome_of(cleaned, sought, drawn.words)).checks if one.id == "overlay_words")

    assert {text.part for text in drawn.words} >= {"headline", "brand"}
    assert (found.status, found.note, found.severity) == ("failed" if note else "passed", note, "hard")
    assert found.label == "Words on it: at most 4"


@pytest.mark.parametrize(
    ("template_id", "aspect", "most", "is_advice"),
    [
        ("youtube-thumbnail", "wide", 4, False), ("", "youtube", 4, True), ("", "wide", None, True),
        ("blog-hero-image", "link", None, True),
    ],
)  # fmt: skip
def test_words_are_limited_where_a_template_or_a_network_says_so(
    template_id: str, aspect: str, most: int | None, is_advice: bool
) -> None:
    recipe = Recipe(verb="generate", template_id=template_id, aspect=aspect)
    sought = sought_of(recipe, size_of(aspect))

    assert (sought.most_words, sought.words_advice) == (most, is_advice)


def test_the_limits_of_words_are_those_of_the_templates() -> None:
    for template_id, most in MOST_WORDS.items():
        checks = load_catalogue().get(template_id).checks

        assert [one.params["max"] for one in checks if (one.kind, one.at) == ("words", "overlay")] == [most]


@pytest.mark.parametrize(
    ("size", "missing"),
    [
        ((1080, 1350), []),
        ((728, 90), ["Every part can be swapped."]),
        ((320, 50), ["Every part can be swapped."]),
    ],
)
async def test_labels_for_which_there_was_no_room_are_told(size: tuple[int, int], missing: list[str]) -> None:
    drawn = compose(WORDS, width_px=size[0], height_px=size[1], seed=1)
    _, outcome = await looked_at(drawn.data, wanted=None, words=drawn.words, labels=LABELS)
    note = f"Not on it, or not whole: {', '.join(f'“{one}”' for one in missing)}" if missing else ""

    assert notes(outcome)["labels_present"] == note


@pytest.mark.parametrize("locale", ["en", "de", "ar", "ja", "hi", "ko"])
async def test_labels_are_found_in_every_script_however_their_lines_break(locale: str) -> None:
    headline, subline = TRANSLATED[locale]
    labels: dict[Part, str] = {"headline": headline, "subline": subline}
    for size in ((1080, 1350), (420, 900)):
        drawn = compose(Design(headline, subline, locale=locale), width_px=size[0], height_px=size[1], seed=2)
        _, outcome = await looked_at(drawn.data, wanted=None, words=drawn.words, labels=labels)

        assert notes(outcome)["labels_present"] == ""


async def test_a_label_that_was_cut_or_lost_its_letters_is_not_there() -> None:
    long = "A castor that is worn on one side pulls the whole chair to the left, and so " * 3
    for headline in (long, "Keep the chair \U00012000\U00012001"):
        drawn = compose(Design(headline), width_px=1080, height_px=1080, seed=2)
        _, outcome = await looked_at(drawn.data, wanted=None, words=drawn.words, labels={"headline": headline})

        assert notes(outcome)["labels_present"].startswith(f"Not on it, or not whole: “{headline[:15]}")


async def test_what_a_model_wrote_on_its_picture_is_not_known_and_never_passes() -> None:
    _, outcome = await looked_at(png(halves(*BRAND)), labels=LABELS, most_words=4)
    found = {one.id: one for one in told(outcome).checks}

    for name in ("overlay_words", "labels_present"):
        assert found[name].status == "not_checked"
        assert found[name].note == "A model made it: which words stand on it cannot be known."


def test_a_logo_stands_for_the_brands_name() -> None:
    look = Look(headline="Keep the chair", brand="Aldersay")
    recipe = Recipe(verb="generate", look=look)
    with_logo = Recipe(verb="generate", look=look.model_copy(update={"logo_id": new_id()}))

    assert sought_of(recipe, None).labels == {"headline": "Keep the chair", "brand": "Aldersay"}
    assert sought_of(with_logo, None).labels == {"headline": "Keep the chair"}


def photo(size: tuple[int, int] = (1080, 1350), seed: int = 5) -> Image.Image:
    """Return a picture with light, edges and grain, as a camera makes it."""
    image = lit(60, 190).resize(size)
    draw, chance = ImageDraw.Draw(image), Random(seed)
    for _ in range(60):
        x, y, r = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(10, 160)
        color = tuple(chance.randrange(30, 220) for _ in range(3))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=color)
    return image


def painted_over(size: tuple[int, int], *boxes: tuple[int, int, int, int]) -> bytes:
    """Return a mask that is transparent in the boxes."""
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    for box in boxes:
        mask.paste((0, 0, 0, 0), box)
    return png(mask)


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


OPEN = (600, 300, 1000, 800)


def edited(before: Image.Image, *boxes: tuple[int, int, int, int]) -> Image.Image:
    """Return a picture that is another one in the boxes."""
    after = before.copy()
    for box in boxes:
        after.paste(ImageChops.invert(before.crop(box)), box)
    return after


async def kept_of(
    data: bytes, before: Image.Image, mask: bytes = b"", *, wanted: Size | None = None, fit: bool = False
) -> PictureCheck:
    source = Source(png(before), mask)
    _, outcome = await looked_at(data, wanted=wanted, fit=fit, source=source, keeps_source=True, painted=bool(mask))
    return next(one for one in told(outcome).checks if one.id == "source_pixels_kept")


@pytest.mark.parametrize(
    ("quality", "came"),
    [
        (0, (1080, 1350)),
        (0, (1440, 1800)),
        (95, (864, 1080)),
        (75, (1024, 1280)),
        (60, (1080, 1350)),
        (60, (864, 1080)),
    ],
)
async def test_what_is_painted_only_where_the_mask_is_open_keeps_the_rest(quality: int, came: tuple[int, int]) -> None:
    before = photo()
    after = edited(before, OPEN).resize(came, Image.Resampling.LANCZOS)
    found = await kept_of(as_jpeg(after, quality) if quality else png(after), before, painted_over(before.size, OPEN))

    assert (found.status, found.note, found.severity) == ("passed", "", "warn")
    assert found.label == "What was to stay is as it was, 90\u00a0% of it at least"


async def test_what_was_changed_outside_the_mask_is_told_with_its_share_and_place() -> None:
    before = photo()
    after = edited(before, OPEN, (0, 900, 1080, 1350))
    found = await kept_of(png(after), before, painted_over(before.size, OPEN))
    start, end = (tuple(map(int, str(found.note_params[name]).split(", "))) for name in ("start", "end"))

    assert found.status == "failed"
    assert start == pytest.approx((0, 900), abs=16)
    assert end == pytest.approx((1080, 1350), abs=16)
    assert found.note_params["share"] == pytest.approx(60, abs=6)
    assert found.note == (
        f"{found.note_params['share']}\u00a0% is as it was; the rest lies between {start[0]}, {start[1]} and "
        f"{end[0]}, {end[1]} px."
    )


async def test_a_picture_that_was_drawn_anew_keeps_little() -> None:
    before = photo()
    found = await kept_of(png(photo(seed=6)), before, painted_over(before.size, OPEN))

    assert found.status == "failed"
    assert int(found.note_params["share"]) < 50


async def test_a_picture_in_another_light_is_not_as_it_was() -> None:
    before = photo()
    lighter = before.point(lambda v: min(255, v + 24))
    found = await kept_of(png(lighter), before, painted_over(before.size, OPEN))

    assert found.status == "failed"


async def test_what_is_cut_to_a_network_is_held_against_the_same_part_of_its_source() -> None:
    before = photo((1200, 1200))
    mask = painted_over(before.size, OPEN)
    whole = await kept_of(png(edited(before, OPEN)), before, mask, wanted=ASPECTS["story"], fit=True)
    shifted = ImageChops.offset(edited(before, OPEN), 150, 0)
    moved = await kept_of(png(shifted), before, mask, wanted=ASPECTS["story"], fit=True)

    assert (whole.status, moved.status) == ("passed", "failed")


@pytest.mark.parametrize("size", [(1024, 1024), (1536, 1024), (1080, 1400)])
async def test_a_picture_in_another_shape_than_its_source_is_not_compared(size: tuple[int, int]) -> None:
    before = photo()
    found = await kept_of(png(before.resize(size)), before, painted_over(before.size, OPEN))

    assert found.status == "not_checked"
    assert found.note == "It came in another shape than its source: the two cannot be laid over each other."


async def test_where_all_was_painted_over_nothing_was_to_stay() -> None:
    before = photo()
    found = await kept_of(png(before), before, painted_over(before.size, (0, 0, *before.size)))

    assert (found.status, found.note) == ("not_checked", "All of it was painted over: nothing was to stay.")


def cut_out(image: Image.Image, radius: int) -> Image.Image:
    """Return what stands in a soft circle of a picture, the rest transparent."""
    alpha = Image.new("L", image.size, 0)
    ImageDraw.Draw(alpha).ellipse((540 - radius, 675 - radius, 540 + radius, 675 + radius), fill=255)
    out = image.convert("RGBA")
    out.putalpha(alpha.filter(ImageFilter.GaussianBlur(4)))
    return out


async def test_what_is_cut_out_is_what_stood_there() -> None:
    before = photo()
    true = await kept_of(png(cut_out(before, 400)), before)
    other = await kept_of(png(cut_out(photo(seed=6), 400)), before)
    nothing = await kept_of(png(cut_out(before, 0)), before)

    assert (true.status, true.note) == ("passed", "")
    assert other.status == "failed"
    assert (nothing.status, nothing.note) == ("failed", "Nothing of the source is left.")


@pytest.mark.parametrize("broken", [b"no picture", pixel_bomb(20_000), b""])
async def test_a_source_that_cannot_be_read_leaves_the_picture_whole_and_unchecked(broken: bytes) -> None:
    data = png(halves(*BRAND))
    for source in (Source(broken), Source(data, b"no mask")):
        cleaned, outcome = await looked_at(data, source=source, keeps_source=True)

        assert (cleaned.width_px, cleaned.height_px, cleaned.kept) == (1080, 1350, None)
        assert {one.id: one.status for one in outcome.verdicts}["source_pixels_kept"] == "not_checked"


@pytest.mark.parametrize(
    ("verb", "mask", "keeps", "painted"),
    [
        ("generate", False, False, False), ("vary", False, False, False), ("edit", False, False, False),
        ("edit", True, True, True), ("cut_out", False, True, False),
    ],
)  # fmt: skip
def test_only_where_something_was_to_stay_it_is_looked_for(verb: Any, mask: bool, keeps: bool, painted: bool) -> None:
    sought = sought_of(Recipe(verb=verb, mask_id=new_id() if mask else None), None)

    assert (sought.keeps_source, sought.painted) == (keeps, painted)


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
