"""A continuation that repeats what is there already, in pieces of any size."""

from __future__ import annotations

import pytest

from app.llm.overlap import Overlap

BEFORE = "The quick brown fox jumps over the la"
REST = "zy dog. 東京 🙂"


def joined(before: str, said: str, size: int, **more: int) -> str:
    overlap = Overlap(before, **more)
    new = [overlap.feed(said[at : at + size]) for at in range(0, len(said), size)]
    return before + "".join(new) + overlap.end()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "repeated",
    [
        "",
        "the la",
        "over the la",
        "jumps over the la",
        BEFORE,
        "\n" + BEFORE,
        "… over the la",
        '"jumps over the la',
    ],
)
def test_nothing_is_lost_or_doubled(repeated: str, size: int) -> None:
    assert joined(BEFORE, repeated + REST, size) == BEFORE + REST


@pytest.mark.parametrize(
    ("before", "rest"),
    [
        ("It costs 10", "0 francs."),
        ("It costs 2 000", " 000 francs."),
        ("a", "b"),
        ("He ha", "d had enough."),
        ("Oh no", "o."),
        ("la la la", " la"),
        ("| --- |", " --- |"),
        ("東京", "都"),
        ("x", ""),
        ("", "all of it"),
    ],
)
@pytest.mark.parametrize("size", [1, 5])
def test_chance_is_no_repetition(before: str, rest: str, size: int) -> None:
    assert joined(before, rest, size) == before + rest


def test_of_several_repetitions_the_longest_counts() -> None:
    before = "one two. one two. one"

    assert joined(before, "one two. one two. one two. three", 4) == before + " two. three"
    assert joined(before, "one two. three", 4) == before + " two. three"


def test_who_begins_again_in_other_words_is_writing_a_text_of_its_own() -> None:
    overlap = Overlap("Dear customers, we are glad to announce the new lamp", again_chars=20)

    new = "".join(overlap.feed(mark) for mark in "Dear customers, we are proud of our lamp.")

    assert overlap.is_another
    assert new == "Dear customers, we are proud of our lamp."


def test_white_space_that_was_not_shown_is_not_doubled() -> None:
    overlap = Overlap("One word \n\n", gap=" \n\n")

    assert overlap.feed(" \n\nmore") == "more"


def test_a_long_text_that_is_written_again_is_skipped_within_a_moment() -> None:
    before = "".join(f"Sentence number {n} of a long text. " for n in range(1000))

    assert joined(before, before + "The end.", 20) == before + "The end."
