"""Cutting text into sentences, clauses and lines, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.models_embedded.sentences import clauses, cut_to, is_unspaced, sentences, units_of, without_end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rains. We stay in.", ["It rains.", "We stay in."]),
        ("Version 3.5 is out. It costs 1.299,50 €.", ["Version 3.5 is out.", "It costs 1.299,50 €."]),
        ("Mr. Reed came. He left.", ["Mr. Reed came.", "He left."]),
        ("J. Reed came to town. He left.", ["J. Reed came to town.", "He left."]),
        ("Use tools, e.g. a file. Then stop.", ["Use tools, e.g. a file.", "Then stop."]),
        ("She said “Stop.” Then she left.", ["She said “Stop.”", "Then she left."]),
        ("One line\nanother line", ["One line", "another line"]),
        ("雨です。家にいます。", ["雨です。", "家にいます。"]),
        ("「雨です。」と言った。", ["「雨です。」", "と言った。"]),
        ("下雨了！我们回家吗？好。", ["下雨了！", "我们回家吗？", "好。"]),
        ("बारिश हो रही है। हम घर पर हैं।", ["बारिश हो रही है।", "हम घर पर हैं।"]),
        ("هل تمطر؟ نعم.", ["هل تمطر؟", "نعم."]),
        ("비가 옵니다. 집에 있습니다.", ["비가 옵니다.", "집에 있습니다."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_readers_say_so(text: str, expected: list[str]) -> None:
    assert expected == sentences(text, abbreviations=("Mr.", "e.g."))


def test_clauses_are_parted_at_commas_but_not_inside_figures() -> None:
    assert clauses("It costs 1,299, which is fair; we bought it.") == [
        "It costs 1,299",
        "which is fair",
        "we bought it",
    ]


def test_clauses_of_unspaced_scripts_are_parted_at_their_own_marks() -> None:
    assert clauses("雨が降ると、道が濡れます。") == ["雨が降ると", "道が濡れます"]


def test_an_abbreviation_at_the_end_keeps_its_dot() -> None:
    assert without_end("made in the U.S.") == "made in the U.S."


def test_a_cut_prefers_a_whole_clause() -> None:
    assert (
        cut_to("Free returns, no questions asked, ever", lambda text: len(text) <= 35)
        == "Free returns, no questions asked"
    )


def test_a_cut_ends_before_a_function_word() -> None:
    short = cut_to("The route to the old harbour opens", lambda text: len(text) <= 16, weak={"the", "to", "of"})

    assert short == "The route"


@given(st.text(max_size=300))
def test_the_pieces_of_a_line_give_the_line_again(text: str) -> None:
    line = " ".join(text.split())

    assert "".join(units_of(line)).strip() == line


@given(st.text(alphabet="あのがカーキ漢字、。「」『() a1é\u3099", max_size=60))
def test_the_pieces_of_a_japanese_line_give_the_line_again(text: str) -> None:
    line = " ".join(text.split())

    assert "".join(units_of(line)).strip() == line


def test_a_japanese_line_breaks_behind_particles_and_never_inside_a_word() -> None:
    assert units_of("新しい「キャスター」は六角レンチで、") == ["新しい", "「キャスター」は", "六角", "レンチで、"]


@given(st.text(max_size=300), st.integers(0, 60))
def test_a_cut_is_a_beginning_that_fits(text: str, most: int) -> None:
    short = cut_to(text, lambda piece: len(piece) <= most)

    assert len(short) <= most
    assert without_end(text).startswith(short)


@given(st.text(max_size=300))
def test_sentences_lose_no_letter(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_japanese_is_unspaced_and_korean_is_not() -> None:
    assert is_unspaced("雨が降る")
    assert not is_unspaced("비가 옵니다")
