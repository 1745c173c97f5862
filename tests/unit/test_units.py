"""Every unit counts as its platform does, at the edges where a plain character count is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.checks import units

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("a" * 280, 280),
        ("see https://example.com/" + "a" * 41, 27),
        ("see example.com now", 31),
        (FAMILY, 2),
        ("👍🏽", 2),
        ("🇫🇷", 2),
        ("漢" * 140, 280),
        ("한" * 10, 20),
        ("cafe\u0301", 4),
        ("مرحبا", 5),
        ("“quotes” — and…", 16),
        ("1️⃣", 2),
    ],
)
def test_x_counts_by_weight(text: str, weight: int) -> None:
    assert weight == units.x_weighted(text)


def test_x_counts_each_address_as_23_however_long() -> None:
    assert 23 + 1 + 23 == units.x_weighted("https://a.example/" + "x" * 200 + " www.example.org")


@pytest.mark.parametrize(
    ("text", "encoding", "used", "segments"),
    [
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€", "gsm7", 2, 1),
        ("[]{}", "gsm7", 8, 1),
        ("é", "gsm7", 1, 1),
        ("ê", "ucs2", 1, 1),
        ("ç", "ucs2", 1, 1),
        ("it’s", "ucs2", 4, 1),
        ("я" * 70, "ucs2", 70, 1),
        ("я" * 71, "ucs2", 71, 2),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        ("", "gsm7", 0, 1),
    ],
)
def test_text_messages_count_septets_or_utf16_units(text: str, encoding: str, used: int, segments: int) -> None:
    assert (encoding, used, segments) == units.sms(text)[:3]


def test_plain_characters_take_the_place_of_what_gsm_lacks() -> None:
    assert 'It\'s 20% - "now"...' == units.gsm_plain("It’s 20% – “now”…")
    assert "gsm7" == units.sms(units.gsm_plain("It’s 20% – “now”…")).encoding


@pytest.mark.parametrize(
    ("unit", "text", "used"),
    [
        ("cjk2", "漢" * 15, 30),
        ("cjk2", "ｱｲｳ", 3),
        ("cjk2", "Ａ", 2),
        ("cjk2", "한국", 4),
        ("graphemes", "🇫🇷é" + FAMILY, 3),
        ("graphemes", "नमस्ते", 3),
        ("threads", "🎉", 4),
        ("threads", "ab🎉", 6),
        ("threads", "é", 1),
        ("bytes", "写真編集", 12),
        ("bytes", "é", 2),
        ("utf16", "😀a", 3),
        ("chars", "e\u0301", 1),
        ("cpl", "short\na longer line", 13),
    ],
)
def test_units_of_the_networks(unit: str, text: str, used: int) -> None:
    assert used == units.measure(text, unit)


def test_pixels_tell_apart_what_characters_cannot() -> None:
    narrow, wide = units.pixels("i" * 60, size_px=20), units.pixels("W" * 60, size_px=20)

    assert (267, 1133) == (narrow, wide)


def test_pixels_grow_with_the_size_and_fall_back_outside_latin() -> None:
    assert units.pixels("Office", size_px=14) < units.pixels("Office", size_px=20)
    assert 40 == units.pixels("漢字", size_px=20)
    assert 0 == units.pixels("\u200b\u0301", size_px=20)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Don't stop", 2),
        ("a self-made chair", 4),
        ("1,299.50 euros", 2),
        ("今日はいい天気", 4),
        ("你好 world", 2),
        ("안녕하세요 여러분", 2),
        ("नमस्ते दुनिया", 2),
        ("مرحبا بكم", 2),
        ("", 0),
        ("— … !", 0),
    ],
)
def test_words_are_counted_in_every_script(text: str, count: int) -> None:
    assert count == units.word_count(text)


def test_a_tag_list_pays_for_commas_and_for_the_quotes_that_spaces_force() -> None:
    assert 3 + 1 + len("two words") + 2 == units.joined(["one", "two words"])


def test_a_cut_ends_with_a_full_word() -> None:
    assert "Ergonomic Office Chairs That" == units.cut("Ergonomic Office Chairs That Last", "cjk2", 30)
    assert "" == units.cut("Donaudampfschifffahrtsgesellschaft", "cjk2", 10)
    assert "漢" * 15 == units.cut("漢" * 20, "cjk2", 30)


def test_signs_that_are_not_drawn_as_emoji_are_none() -> None:
    assert ["🎉", FAMILY] == units.emojis("Acme™ © ★ 🎉 " + FAMILY)


@given(
    st.text(), st.sampled_from(["cjk2", "bytes", "x_weighted", "graphemes", "gsm7", "px_arial20"]), st.integers(0, 40)
)
def test_what_is_cut_fits_and_begins_the_text(text: str, unit: str, limit: int) -> None:
    kept = units.cut(text, unit, limit)

    assert text.startswith(kept)
    assert units.measure(kept, unit) <= limit or units.measure(text, unit) <= limit


@given(st.text(alphabet=st.characters()))
def test_every_unit_measures_every_text(text: str) -> None:
    for unit in (
        "chars",
        "graphemes",
        "utf16",
        "bytes",
        "cjk2",
        "x_weighted",
        "threads",
        "gsm7",
        "ucs2",
        "words",
        "cpl",
    ):
        assert units.measure(text, unit) >= 0
