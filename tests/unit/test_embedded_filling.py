"""Sentences are chosen so that a spoken text lasts as long as asked for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.models_embedded.bank_shelf import load_bank
from app.adapters.models_embedded.filling import chosen_to_fill


def words(text: str) -> int:
    return len(text.split())


def test_nothing_is_chosen_for_no_room() -> None:
    assert chosen_to_fill(["one two", "three"], size=words, target=0) == []


def test_an_empty_pool_gives_nothing() -> None:
    assert chosen_to_fill([], size=words, target=100) == []


def test_the_pool_is_taken_again_when_it_is_too_small() -> None:
    assert chosen_to_fill(["one two", "three"], size=words, target=8) == ["one two", "three"] * 2 + ["one two"]


@pytest.mark.parametrize("target", [40, 65, 130, 195, 260, 390, 520, 650, 1300])
def test_the_english_toast_comes_within_three_per_cent(target: int) -> None:
    pool = [phrase.formal for phrase in load_bank("en").phrases["speech-toast.body"]]
    total = sum(map(words, chosen_to_fill(pool, size=words, target=target)))

    assert abs(total - target) <= max(2, target * 0.03)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(0, 2000))
def test_the_choice_keeps_the_order_and_never_overshoots_by_much(sizes: list[int], target: int) -> None:
    pool = [f"{index} " * size for index, size in enumerate(sizes)]
    chosen = chosen_to_fill(pool, size=words, target=target)
    places = [pool.index(text) for text in chosen]
    descents = sum(1 for left, right in itertools.pairwise(places) if right <= left)

    assert sum(map(words, chosen)) <= target + 2
    assert descents <= target // sum(sizes)
