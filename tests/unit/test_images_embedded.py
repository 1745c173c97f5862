"""The built-in composer's pictures: exact size, the same for the same seed, honest about what they are."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from app.adapters.images_embedded import EmbeddedImages, recipe
from app.adapters.images_embedded.composing import STYLES, compose
from app.adapters.images_embedded.layouts import LAYOUTS
from app.core.media_ports import Design, ImageCall
from app.core.ports import ModelTarget, ProviderRefusedRequest

TARGET = ModelTarget(provider="Built-in writer", kind="embedded", model="built-in")
WORDS = Design("Change the part. Keep the chair.", "Every part can be swapped.", "Order a part", "Aldersay")
SIZES = [(1080, 1080), (1080, 1350), (1080, 1920), (1200, 900), (1920, 1080), (1200, 628), (1500, 500), (728, 90)]
ODD_SIZES = [(64, 64), (4096, 64), (64, 4096), (301, 977), (160, 600)]


async def nothing(_: str, __: float) -> None:
    """Progress that nobody looks at."""


def drawn(design: Design = WORDS, *, size: tuple[int, int] = (540, 540), seed: int = 1, variation: int = 0) -> bytes:
    return compose(design, width_px=size[0], height_px=size[1], seed=seed, variation=variation).data


def call(**more: Any) -> ImageCall:
    usual: dict[str, Any] = {"verb": "generate", "prompt": "", "width_px": 480, "height_px": 480, "design": WORDS}
    return ImageCall(target=TARGET, **(usual | more))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("style", [*STYLES, "", "no such style"])
@pytest.mark.parametrize("size", SIZES + ODD_SIZES)
def test_a_picture_has_exactly_the_size_that_was_asked_for(size: tuple[int, int], style: str) -> None:
    image = opened(drawn(replace(WORDS, style=style), size=size))

    assert (image.format, image.size, image.mode) == ("PNG", size, "RGB")


@pytest.mark.parametrize("seed", range(5))
def test_every_layout_is_drawn_for_long_and_short_words(seed: int) -> None:
    for headline in ("Go", "Summer", WORDS.headline, "word " * 60, "Donaudampfschifffahrtsgesellschaft" * 4):
        for size in ((540, 540), (270, 480), (960, 540)):
            assert opened(
                drawn(Design(headline, "sub " * 90, "Order now please " * 6, "Brand " * 20), size=size, seed=seed)
            )

    assert len(LAYOUTS) == 5


def test_the_same_seed_draws_the_same_picture_and_another_one_another() -> None:
    assert drawn(seed=7) == drawn(seed=7)
    assert len({drawn(seed=seed) for seed in range(8)}) == 8
    assert len({drawn(seed=7, variation=at) for at in range(4)}) == 4


def test_a_picture_says_that_no_model_made_it() -> None:
    info = opened(drawn()).info

    assert info["Software"] == "Galley, built-in composer"
    assert "No AI model" in info["Description"]
    assert "algorithmicMedia" in info["XML:com.adobe.xmp"]


def test_the_mark_stands_in_the_corner() -> None:
    image = opened(drawn(replace(WORDS, style="editorial"), size=(1080, 1080), seed=5)).convert("L")
    corner = image.crop((880, 1040, 1080, 1080))

    low, high = corner.getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert high - low > 40


def test_words_stay_inside_the_margins() -> None:
    image = opened(drawn(Design("Margins", style="editorial"), size=(1080, 1350), seed=2)).convert("L")
    left = image.crop((0, 700, 30, 1300))

    low, high = left.getextrema()
    assert low == high


def logo(color: tuple[int, int, int, int]) -> bytes:
    image = Image.new("RGBA", (200, 80), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((60, 0, 140, 80), fill=color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_logo_stands_on_the_picture_in_its_own_colour() -> None:
    image = opened(drawn(replace(WORDS, style="editorial", logo=logo((255, 0, 200, 255))), size=(1080, 1080)))

    assert (255, 0, 200) in {color for _, color in image.getcolors(maxcolors=1_000_000) or ()}


def test_a_white_logo_on_paper_gets_a_plate() -> None:
    plain = opened(drawn(replace(WORDS, style="editorial"), size=(1080, 1080), seed=5))
    image = opened(drawn(replace(WORDS, style="editorial", logo=logo((255, 255, 255, 255))), size=(1080, 1080), seed=5))

    assert (28, 27, 25) in {color for _, color in image.getcolors(maxcolors=1_000_000) or ()}
    assert (28, 27, 25) not in {color for _, color in plain.getcolors(maxcolors=1_000_000) or ()}


@pytest.mark.parametrize("data", [b"x", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_a_logo_that_is_no_picture_gives_way_to_the_name(data: bytes) -> None:
    assert opened(drawn(replace(WORDS, logo=data))).tobytes() == opened(drawn()).tobytes()


async def test_new_words_keep_layout_and_colours() -> None:
    images = EmbeddedImages()
    first = await images.make(call(seed=3), nothing)
    edited = await images.make(call(verb="edit", source=first.data, design=Design(headline="Other words")), nothing)
    made = recipe.of_png(edited.data)

    assert made is not None
    assert (made.seed, made.variation, made.design.headline, made.design.brand) == (3, 0, "Other words", "Aldersay")
    assert opened(first.data).getpixel((2, 2)) == opened(edited.data).getpixel((2, 2))


async def test_a_variation_is_another_picture_of_the_same_words() -> None:
    images = EmbeddedImages()
    first = await images.make(call(seed=3), nothing)
    second = await images.make(call(verb="vary", source=first.data, design=Design()), nothing)
    third = await images.make(call(verb="vary", source=second.data, design=Design()), nothing)
    made = [recipe.of_png(one.data) for one in (first, second, third)]

    assert [(one.design.headline, one.variation) for one in made if one] == [
        (WORDS.headline, 0),
        (WORDS.headline, 1),
        (WORDS.headline, 2),
    ]
    assert len({one.layout for one in made if one}) == 3


async def test_without_a_design_the_prompt_is_the_headline() -> None:
    made = await EmbeddedImages().make(call(design=Design(), prompt="Fresh bread! From six o'clock."), nothing)

    found = recipe.of_png(made.data)
    assert found is not None
    assert found.design.headline == "Fresh bread!"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"verb": "cut_out"}, "cuts nothing out"),
        ({"width_px": 63}, "pixels"),
        ({"width_px": 4097}, "pixels"),
        ({"width_px": 4000, "height_px": 4000}, "pixels"),
        ({"design": Design(), "prompt": "  "}, "no words"),
        ({"verb": "edit", "design": Design(), "source": b"\xff\xd8\xff a photo"}, "its own pictures"),
    ],
)
async def test_what_it_cannot_do_is_refused_in_words(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ProviderRefusedRequest, match=says):
        await EmbeddedImages().make(call(**more), nothing)


async def test_drawing_does_not_hold_up_the_event_loop() -> None:
    drawing = asyncio.create_task(EmbeddedImages().make(call(width_px=2048, height_px=2048), nothing))
    longest_s, before_s = 0.0, time.monotonic()
    while not drawing.done():
        await asyncio.sleep(0.005)
        now_s = time.monotonic()
        longest_s, before_s = max(longest_s, now_s - before_s), now_s

    assert (await drawing).width_px == 2048
    assert longest_s < 1.0


@pytest.mark.parametrize("told", ["{}", "[]", "{", '{"design": 3}', '{"design": {}, "seed": "x"}', "x" * 9000])
def test_a_file_with_a_broken_recipe_is_like_any_other_picture(told: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    info, out = PngInfo(), io.BytesIO()
    info.add_itxt(recipe.KEY, told)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)

    assert recipe.of_png(out.getvalue()) is None


DRAWS_WITHOUT_FRIBIDI = """
import sys
from PIL import features
from app.adapters.images_embedded.composing import compose
from app.core.media_ports import Design
assert not features.check("fribidi")
sys.stdout.buffer.write(compose(Design(sys.argv[1]), width_px=540, height_px=540, seed=1).data)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="hides a library the way that Linux looks for it")
@pytest.mark.parametrize("headline", ["غيّر القطعة 20%", "पुर्ज़ा बदलें", "部品を替えて", "Łódź"])
def test_no_library_of_the_system_joins_or_orders_letters(headline: str, tmp_path: Path) -> None:
    for name in ("libfribidi.so", "libfribidi.so.0"):
        (tmp_path / name).write_bytes(b"no library")
    done = subprocess.run(
        [sys.executable, "-c", DRAWS_WITHOUT_FRIBIDI, headline],
        capture_output=True, check=True, timeout=60, env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
    )  # fmt: skip

    assert drawn(Design(headline)) == done.stdout
