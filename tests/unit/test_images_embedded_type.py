"""Type of the built-in composer: lines break where the script allows, everything fits, no letter becomes a box."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.adapters.images_embedded.breaking import NOT_FIRST, NOT_LAST, Measures, atoms_of, break_lines, line_count
from app.adapters.images_embedded.faces import FOLDER, Faces, Role, Script, chain, covered, script_of
from app.adapters.images_embedded.hyphens import cut_points
from app.adapters.images_embedded.runs import cleaned, runs_of
from app.adapters.images_embedded.typesetting import Block, Typesetter, Wish

SAMPLES = {
    "en": "Change the part. Keep the chair.",
    "de": "Rechtsschutzversicherungsgesellschaften und Donaudampfschifffahrt",
    "ar": "غيّر القطعة واحتفظ بكرسي Aldersay مع خصم 20% حتى 2026/12/31.",
    "hi": "पुर्ज़ा बदलें, कुर्सी नहीं। हर पुर्ज़ा दो मिनट में।",
    "ja": "部品を替えて、椅子はそのまま「ずっと」使い続ける。チェアの話。",
    "ko": "부품만 바꾸고 의자는 그대로 쓰세요",
    "zh-Hans": "换零件，不换椅子。好椅子陪你十二年（真的）！",
}
every_language = pytest.mark.parametrize("locale", SAMPLES)


def block_of(text: str, locale: str, *, width: float = 600, height: float = 500, largest: float = 140) -> Block:
    return Typesetter(Faces(), locale).fit(text, Wish("headline", width, height, largest, 11, 8))


def lines_of(block: Block) -> list[str]:
    return ["".join(run.text for run in line) for line in block.lines]


@every_language
@pytest.mark.parametrize(("width", "height"), [(600, 500), (300, 900), (1400, 160), (120, 120)])
def test_a_text_fits_into_its_box(locale: str, width: float, height: float) -> None:
    block = block_of(SAMPLES[locale], locale, width=width, height=height)

    assert block.lines
    assert block.width <= width * 1.01
    assert block.height <= height * 1.01


@every_language
def test_all_letters_are_set(locale: str) -> None:
    block = block_of(SAMPLES[locale], locale)

    def letters(text: str) -> list[str]:
        return sorted("".join(text.replace("-", "").split()))

    assert letters(" ".join(lines_of(block))) == letters(SAMPLES[locale])


@pytest.mark.parametrize("width", range(120, 700, 20))
@pytest.mark.parametrize("locale", ["ja", "zh-Hans"])
def test_no_line_breaks_a_rule_of_kinsoku(locale: str, width: int) -> None:
    lines = lines_of(block_of(SAMPLES[locale], locale, width=width, height=2000, largest=60))

    assert not [line for line in lines[1:] if line[0] in NOT_FIRST]
    assert not [line for line in lines[:-1] if line[-1] in NOT_LAST]


def test_latin_words_and_numbers_are_not_broken_inside_chinese() -> None:
    atoms = [atom.text for atom in atoms_of("使用Galley创建300张海报", "hans")]

    assert {"Galley", "300"} <= set(atoms)


def test_korean_keeps_its_words_whole() -> None:
    assert [atom.text for atom in atoms_of("부품만 바꾸고 의자는", "kore")] == ["부품만", "바꾸고", "의자는"]


def test_a_long_word_is_cut_between_its_syllables() -> None:
    word = "Donaudampfschifffahrtsgesellschaft"
    parts = [word[start:end] for start, end in pairwise([0, *cut_points(word), len(word)])]

    assert {"dampf", "schiff"} <= set(parts)
    assert cut_points("Versicherung") == []


def test_a_cut_word_shows_its_hyphen() -> None:
    lines = lines_of(block_of("Rechtsschutzversicherungsgesellschaften", "de", width=260, height=400))

    assert len(lines) > 1
    assert all(line.endswith("-") for line in lines[:-1])


def test_a_second_sentence_begins_a_line() -> None:
    type_ = Typesetter(Faces(), "en")
    block = type_.fit(SAMPLES["en"], Wish("headline", 700, 600, 130, 11, 6, accent_from=14))

    assert [any(run.accent for run in line) for line in block.lines] == sorted(
        any(run.accent for run in line) for line in block.lines
    )
    assert all(len({run.accent for run in line}) == 1 for line in block.lines)


def test_what_cannot_fit_ends_with_an_ellipsis() -> None:
    assert lines_of(block_of("word " * 80, "en", width=100, height=40))[-1].endswith("…")


def test_arabic_runs_are_in_visual_order() -> None:
    runs = runs_of([("خصم 20% من Galley Studio 2026 الآن", False)], "arab", "body")
    texts = [run.text.strip() for run in runs]

    assert texts == ["الآن", "Galley Studio 2026", "من", "20%", "خصم"]
    assert [run.rtl for run in runs] == [True, False, True, False, True]


def test_letters_that_no_font_has_are_left_out() -> None:
    assert cleaned("Sale \U0001f389 now\u0000\u2063!", "latn", "headline") == "Sale now!"


def test_a_letter_that_a_font_lacks_is_taken_from_another() -> None:
    faces = {run.face.name for run in runs_of([("Łódź 東京", False)], "latn", "headline")}

    assert faces == {"newsreader", "noto-serif-regular", "noto-serif-jp-semibold"}


@pytest.mark.parametrize(
    ("text", "locale", "script"),
    [
        ("Sale", "ar", "latn"),
        ("تخفيضات Galley", "en", "arab"),
        ("सेल", "en", "deva"),
        ("東京", "ja", "jpan"),
        ("東京", "en", "hans"),
        ("東京の夏", "en", "jpan"),
        ("여름 세일", "ko", "kore"),
        ("", "ja", "latn"),
    ],
)
def test_the_letters_tell_the_script(text: str, locale: str, script: Script) -> None:
    assert script_of(text, locale) == script


ROLES: tuple[Role, ...] = ("headline", "italic", "display", "body", "strong")
SCRIPTS: tuple[Script, ...] = ("latn", "arab", "deva", "jpan", "kore", "hans")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_font_of_a_role_is_there(script: Script, role: Role) -> None:
    for face in chain(script, role):
        assert [path.suffix for path in FOLDER.glob(f"{face.name}.*")] in ([".ttf"], [".otf"])
        assert covered(face.name)
        assert len(face.axes) == len(Faces().font(face).face.axis_infos)


def test_lines_are_as_few_as_can_be_and_even() -> None:
    atoms = atoms_of("one two six ten", "latn")
    measures = Measures((3.0, 3.0, 3.0, 3.0), (1.0, 1.0, 1.0, 1.0), (0.0,) * 4)

    assert line_count(measures, 11.0) == 2
    assert break_lines(atoms, measures, limit=11.0, count=2)[0] == [[0, 1], [2, 3]]
