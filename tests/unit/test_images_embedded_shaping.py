"""Letters of the built-in composer: joined, in clusters, with their marks, and in the order in which they are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from app.adapters.images_embedded.bidi import levels, visual
from app.adapters.images_embedded.faces import FOLDER, Face, Faces, Shaped, chain, covered
from app.adapters.images_embedded.lettering import draw_run
from app.adapters.images_embedded.runs import Run, runs_of

NASKH = Face("noto-naskh-arabic-bold")
NAGARI = Face("noto-serif-devanagari-bold")
SERIF = Face("newsreader", (480, 60))
SCREEN_FONTS = Path(__file__).parents[2] / "assets" / "fonts"


def arabic(text: str) -> Shaped:
    return Faces().shaped(NASKH, text, rtl=True)


def hindi(text: str) -> Shaped:
    return Faces().shaped(NAGARI, text)


def numbers(shaped: Shaped) -> list[int]:
    return [glyph.number for glyph in shaped.glyphs]


def picture(run: Run, *, size: int = 80, x: float = 40.0, color: int = 255) -> Image.Image:
    canvas = Image.new("RGB", (600, 200))
    draw_run(ImageDraw.Draw(canvas), Faces(), run, size=size, x=x, baseline=120.0, color=(color, color, color))
    return canvas.getchannel("R")


def ink(image: Image.Image) -> int:
    return sum(level * count for level, count in enumerate(image.histogram()))


def test_arabic_letters_join() -> None:
    alone = [numbers(arabic(letter))[0] for letter in "بيت"]
    joined = arabic("بيت")

    assert not set(alone) & set(numbers(joined))
    assert joined.width < 0.8 * sum(arabic(letter).width for letter in "بيت")


def test_joined_letters_touch_and_isolated_ones_do_not() -> None:
    def gaps(text: str) -> int:
        rows = picture(Run(text, NASKH, rtl=True)).point(lambda level: 255 if level > 60 else 0)
        columns = list(rows.resize((rows.width, 1), Image.Resampling.BOX).get_flattened_data())
        left, _, right, _ = rows.getbbox() or (0, 0, 0, 0)
        return sum(level == 0 for level in columns[left:right])

    assert gaps("ححح") == 0
    assert gaps("ح\u200cح\u200cح") > 4


def test_arabic_runs_from_the_right() -> None:
    assert numbers(arabic("ا ب"))[-1] == numbers(arabic("ا"))[0]
    assert numbers(arabic("ا ب"))[0] == numbers(arabic("ب"))[0]


def test_lam_and_alef_become_one() -> None:
    assert arabic("لا").width < 0.8 * (arabic("ل").width + arabic("ا").width)
    assert set(numbers(arabic("لا"))).isdisjoint(numbers(arabic("ل")) + numbers(arabic("ا")))


def test_marks_stand_above_their_letter_and_take_no_room() -> None:
    plain, marked = arabic("بت"), arabic("بَت")
    (mark,) = [glyph for glyph in marked.glyphs if glyph.number not in numbers(plain)]

    assert marked.width == pytest.approx(plain.width)
    assert 0 < mark.x < marked.width
    assert ink(picture(Run("بَت", NASKH, rtl=True))) > ink(picture(Run("بت", NASKH, rtl=True)))


def test_a_mark_stands_higher_above_a_high_letter() -> None:
    def top(text: str) -> int:
        return (picture(Run(text, NASKH, rtl=True)).getbbox() or (0, 0, 0, 0))[1]

    assert top("لَ") < top("ل") - 4
    assert top("بَ") > top("لَ") + 10


def test_a_hindi_conjunct_is_one_shape() -> None:
    assert len(hindi("क्ष").glyphs) == 1
    assert hindi("क्ष").width < 0.8 * (hindi("क").width + hindi("ष").width)
    assert len(hindi("क्\u200cष").glyphs) > 1


def test_a_hindi_i_stands_before_its_consonant() -> None:
    assert numbers(hindi("कि"))[1] == numbers(hindi("क"))[0]
    assert numbers(hindi("की"))[0] == numbers(hindi("क"))[0]


def test_latin_is_kerned_and_has_ligatures() -> None:
    faces = Faces()

    assert faces.width(SERIF, "AV") < faces.width(SERIF, "A") + faces.width(SERIF, "V") - 0.02
    assert len(faces.shaped(SERIF, "fi").glyphs) == 1


def test_a_letter_with_an_accent_written_as_two_is_set_as_one() -> None:
    assert Faces().width(SERIF, "e\u0301") == pytest.approx(Faces().width(SERIF, "é"))


@pytest.mark.parametrize(
    ("text", "rtl", "seen"),
    [
        ("abc ابت def", False, "abc تبا def"),
        ("ابت abc جحخ", True, "خحج abc تبا"),
        ("ابت 12 جحخ", True, "خحج 12 تبا"),
        ("ابت ١٢٣ جحخ", True, "خحج ١٢٣ تبا"),
        ("tel. ابت 12", False, "tel. 12 تبا"),
        ("12 + 34 ابت", False, "12 + 34 تبا"),
        ("ابت (abc) جحخ", True, "خحج )abc( تبا"),
        ("a (ابت) b", False, "a (تبا) b"),
        ("ابت 1,5 - 2", True, "2 - 1,5 تبا"),
        ("ab ابت.", False, "ab تبا."),
        ("ابت ab.", True, ".ab تبا"),
        ("ابت  ", False, "تبا  "),
        ("", True, ""),
    ],
)
def test_a_line_of_both_directions_is_put_in_visual_order(text: str, rtl: bool, seen: str) -> None:
    found = levels(text, rtl=rtl)

    assert seen == "".join(visual(text, found))


def test_an_arabic_word_in_a_latin_line_is_a_run_of_its_own() -> None:
    runs = runs_of([("Change the كرسي now", False)], "latn", "headline")

    assert [(run.text, run.rtl) for run in runs] == [("Change the ", False), ("كرسي", True), (" now", False)]


def test_two_latin_words_stay_in_order_across_a_dash() -> None:
    runs = runs_of([("من Berlin – Paris اليوم", False)], "arab", "headline")

    assert "".join(run.text for run in runs if not run.rtl) == "Berlin – Paris"


def test_arabic_digits_come_from_an_arabic_font_and_run_from_the_left() -> None:
    (run,) = [run for run in runs_of([("اتصل ٠١٢٣ الآن", False)], "arab", "headline") if "٠" in run.text]

    assert (run.text, run.rtl, run.face) == ("٠١٢٣", False, chain("arab", "headline")[0])


def test_an_accent_inside_arabic_keeps_the_order_of_reading() -> None:
    runs = runs_of([("خصم اليوم ", False), ("وغدًا", True)], "arab", "headline")

    assert [run.accent for run in runs] == [True, False]


def test_brackets_open_towards_what_they_hold() -> None:
    opening = picture(Run("(", SERIF))
    mirrored = picture(Run("(", SERIF, rtl=True))
    closing = picture(Run(")", SERIF))

    assert mirrored.tobytes() == closing.tobytes()
    assert mirrored.tobytes() != opening.tobytes()


def test_letters_stand_between_whole_pixels() -> None:
    here, there = (picture(Run("l", SERIF), size=20, x=x) for x in (40.0, 40.5))

    assert here.tobytes() != there.tobytes()
    assert ink(here) == pytest.approx(ink(there), rel=0.02)


def test_letters_stand_where_they_are_asked_for() -> None:
    left, top, right, foot = picture(Run("H", SERIF), size=100).getbbox() or (0, 0, 0, 0)

    assert 40 <= left < 46
    assert 40 + Faces().width(SERIF, "H") * 100 - 6 < right <= 40 + Faces().width(SERIF, "H") * 100 + 1
    assert foot == 120
    assert 48 < top < 56


def test_a_space_draws_nothing() -> None:
    assert picture(Run("  ", SERIF)).getbbox() is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.[ot]tf")))
def test_every_letter_that_a_font_says_it_has_is_drawn(name: str) -> None:
    letters = sorted(covered(name))
    some = [chr(point) for point in letters[:: max(1, len(letters) // 40)] if chr(point).isalpha()]
    faces = Faces()

    assert some
    assert not [letter for letter in some if numbers(faces.shaped(Face(name), letter)) == [0]]
    assert not [letter for letter in some if not picture(Run(letter, Face(name))).getbbox()]


@pytest.mark.parametrize("name", ["newsreader", "newsreader-italic", "instrument-sans"])
def test_the_unpacked_fonts_are_the_screens_own(name: str) -> None:
    fonts = [ImageFont.truetype(path, 40) for path in (FOLDER / f"{name}.ttf", SCREEN_FONTS / f"{name}.woff2")]
    text = "".join(chr(point) for point in sorted(covered(name)))

    assert fonts[0].getmask(text).getbbox() == fonts[1].getmask(text).getbbox()
    assert bytes(fonts[0].getmask(text)) == bytes(fonts[1].getmask(text))
