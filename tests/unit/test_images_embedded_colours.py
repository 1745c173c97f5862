"""Whatever a brand's colours are, words can be read on the ground that is made of them."""

from __future__ import annotations

from itertools import product

import pytest

from app.adapters.images_embedded.palette import TEXT_CONTRAST, Mode, contrast, palette, parse, readable

MODES: tuple[Mode, ...] = ("paper", "colour", "night")
BRANDS = [("#E4002B",), ("#FFD400", "#111111"), ("#111",), ("#7FD1AE", "#F25F5C"), ("#FFFFFF", "#04C"), ("#808080",)]


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colors", [(), *BRANDS])
def test_all_words_can_be_read_on_their_ground(mode: Mode, colors: tuple[str, ...]) -> None:
    for pick in range(6):
        made = palette(colors, mode=mode, pick=pick)

        for ink, ground in (
            (made.ink, made.ground),
            (made.quiet, made.ground),
            (made.accent, made.ground),
            (made.button_ink, made.button),
        ):
            assert contrast(ink, ground) >= TEXT_CONTRAST, (ink, ground)


def test_any_two_of_many_colours_make_a_readable_pair() -> None:
    steps = (0, 60, 120, 128, 190, 255)

    for color in product(steps, repeat=3):
        made = palette(("#%02x%02x%02x" % color,), mode="colour", pick=0)  # noqa: UP031 - shorter so
        assert contrast(made.ink, made.ground) >= TEXT_CONTRAST
        assert contrast(readable(color, made.ground), made.ground) >= TEXT_CONTRAST


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345", "url(x)", "#ggg", "#1234567"])
def test_what_is_no_colour_is_left_out(text: str) -> None:
    assert parse(text) is None
    assert palette((text,), mode="paper", pick=1) == palette((), mode="paper", pick=1)


def test_short_and_long_colours_mean_the_same() -> None:
    assert parse("#0af") == parse("00AAFF") == (0, 170, 255)
