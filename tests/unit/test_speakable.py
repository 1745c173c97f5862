"""What is said of a text, and in which parts: marks of form, pronunciations, sentence ends of eleven languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.media_ports import Word
from app.media.speakable import Pronunciation, Spoken, as_written, parts, speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("# Launch day\nWe **open** at _nine_.", "Launch day. We open at nine."),
        ("- One\n- [x] Two, done!\n* Three", "One. Two, done! Three."),
        ("Read [the guide](https://example.com/a_b) now.", "Read the guide now."),
        ("![A red bus](bus.png) It comes.", "It comes."),
        ("See https://www.example.com/path?x=1.", "See example.com."),
        ("[music] Hello <b>there</b> [pause].", "Hello there."),
        ("```python\nprint(1)\n```\nAfter the code.", "After the code."),
        ("| Day | Hour |\n|---|---|\n| Friday | nine |", "Day, Hour. Friday, nine."),
        ("Above\n\n---\n\nBelow", "Above.\n\nBelow."),
        ("We won 🎉🇨🇭 2*3 and file_name_x!", "We won 2*3 and file_name_x!"),
        ("今天开门", "今天开门。"),
        ("नमस्ते", "नमस्ते।"),
        ("مرحبا", "مرحبا."),
        ("<!-- written by a machine -->Hi.", "Hi."),
        ("> Quoted words", "Quoted words."),
        ("***", ""),
    ],
)
def test_marks_of_form_are_not_said(written: str, said: str) -> None:
    assert said == speakable(written).text


@pytest.mark.parametrize(
    ("written", "entry", "said"),
    [
        ("Galley and Galleys.", ("Galley", "GAL-ee"), "GAL-ee and Galleys."),
        ("galley, GALLEY", ("galley", "GAL-ee"), "GAL-ee, GAL-ee."),
        ("SQL and sql", ("SQL", "sequel"), "sequel and sql."),
        ("C++ is here, C++17 not", ("C++", "see plus plus"), "see plus plus is here, C++17 not."),
        ("我们用AI写作", ("写作", "xie zuo"), "我们用AIxie zuo。"),
        ("갤리는 좋다", ("갤리", "갈리"), "갈리는 좋다."),
        ("مكتبة المكتبة", ("مكتبة", "مَكتَبة"), "مَكتَبة المكتبة."),
        ("हिंदी हिंद", ("हिंद", "हिन्द"), "हिंदी हिन्द।"),
    ],
)
def test_a_pronunciation_replaces_whole_words_only(written: str, entry: tuple[str, str], said: str) -> None:
    assert said == speakable(written, [Pronunciation(*entry)]).text


def test_the_longest_pronunciation_wins_and_none_is_replaced_twice() -> None:
    entries = [Pronunciation("New", "nyoo"), Pronunciation("New York", "New Amsterdam"), Pronunciation(" ", "space")]

    assert "New Amsterdam is nyoo." == speakable("New York is New.", entries).text


def test_words_come_back_as_they_are_written() -> None:
    spoken = speakable("Ask SQL, or Galley.", [Pronunciation("SQL", "ess queue el"), Pronunciation("Galley", "GAL-ee")])
    said = [Word(text, n * 100, n * 100 + 90) for n, text in enumerate(["Ask", "ess", "queue", "el,", "or", "GAL-ee."])]

    assert [Word("Ask", 0, 90), Word("SQL,", 100, 390), Word("or", 400, 490), Word("Galley.", 500, 590)] == list(
        as_written(said, spoken)
    )


def test_words_that_are_not_in_the_text_stay_as_they_are() -> None:
    words = (Word("uh", 0, 10), Word("one", 20, 30))

    assert words == as_written(words, Spoken("one"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is here. Two is here.", ("One is here.", "Two is here.")),
        ("Eins ist da! Zwei ist da?", ("Eins ist da!", "Zwei ist da?")),
        ("هنا الأول؟ هنا الثاني.", ("هنا الأول؟", "هنا الثاني.")),
        ("यह पहला है। यह दूसरा है।", ("यह पहला है।", "यह दूसरा है।")),
        ("这里是第一。这里是第二！", ("这里是第一。", "这里是第二！")),
        ("一つ目です。「二つ目です。」", ("一つ目です。", "「二つ目です。」")),
        ("하나입니다. 둘입니다.", ("하나입니다.", "둘입니다.")),
        ("¿Dónde? ¡Aquí!", ("¿Dónde?", "¡Aquí!")),
        ("Title\nText", ("Title", "Text")),
    ],
)
def test_a_part_ends_where_a_sentence_does(text: str, expected: tuple[str, ...]) -> None:
    assert expected == parts(text, max_chars=max(map(len, expected)))


def test_a_part_of_exactly_the_limit_stays_whole_and_one_less_cuts_it() -> None:
    text = "One is here. Two is here."

    assert (text,) == parts(text, max_chars=len(text))
    assert ("One is here.", "Two is here.") == parts(text, max_chars=len(text) - 1)


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("First the doors, then the coffee", 18, ("First the doors,", "then the coffee")),
        ("first the doors then", 11, ("first the", "doors then")),
        ("أولا الأبواب، ثم القهوة", 14, ("أولا الأبواب،", "ثم القهوة")),
        ("先开门，再喝咖啡", 4, ("先开门，", "再喝咖啡")),
        ("abcdefgh", 3, ("abc", "def", "gh")),
        ("e\u0301e\u0301e\u0301", 3, ("e\u0301", "e\u0301", "e\u0301")),
        ("a\u0301\u0302\u0303", 2, ("a\u0301", "\u0302\u0303")),
    ],
)
def test_a_long_sentence_is_cut_at_commas_then_spaces_then_characters(
    text: str, most: int, expected: tuple[str, ...]
) -> None:
    assert expected == parts(text, max_chars=most)


def test_no_room_at_all_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="room"):
        parts("text", max_chars=0)


def test_an_empty_text_has_no_parts() -> None:
    assert () == parts(" \n\n ", max_chars=10)


@given(text=st.text(max_size=300), most=st.integers(min_value=1, max_value=40))
def test_no_part_is_too_long_and_nothing_is_lost(text: str, most: int) -> None:
    cut = parts(text, max_chars=most)

    assert all(len(part) <= most for part in cut)
    assert "".join(text.split()) == "".join("".join(cut).split())
