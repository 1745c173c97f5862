"""The routing bench: its curve on answers that can be counted by hand, and its honesty where data is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.routing import TESTS, curve, measure, random_curve
from bench.routing_data import FOLDS, Answered, read
from bench.table import Table

WRITTEN = [
    Answered("mmlu", "art", "easy", True, True),
    Answered("mmlu", "art", "needs the strong one", False, True),
    Answered("mmlu", "art", "needs it too", False, True),
    Answered("mmlu", "art", "beyond both", False, False),
]


def test_a_router_that_knows_reaches_all_quality_with_two_strong_calls_of_four() -> None:
    knows = curve(WRITTEN, np.array([0.0, 1.0, 0.9, 0.1]))

    assert (knows.cheap, knows.strong) == (0.25, 0.75)
    assert list(knows.right) == [0.25, 0.5, 0.75, 0.75, 0.75]
    assert knows.share_at(0.75) == 0.5
    assert knows.apgr == pytest.approx(0.75)


def test_a_router_that_is_wrong_pays_for_every_strong_call() -> None:
    assert curve(WRITTEN, np.array([1.0, 0.0, 0.1, 0.9])).share_at(0.75) == 1.0


def test_random_routing_closes_half_of_the_gap() -> None:
    straight = random_curve(WRITTEN)

    assert straight.apgr == pytest.approx(0.5)
    assert straight.at_part_of_strong(1.0) == (1.0, 0.0)


def test_a_cheap_call_costs_its_share_of_the_price() -> None:
    share, saved = curve(WRITTEN, np.array([0.0, 1.0, 0.9, 0.1])).at_part_of_strong(1.0)

    assert (share, saved) == (0.5, pytest.approx(0.5 - 0.5 / 103))


def test_without_the_data_the_bench_is_skipped_with_a_message(tmp_path: Path) -> None:
    table: Table = measure(tmp_path)

    assert (table.rows, table.goals) == ((), ())
    assert "Skipped: the data is not at" in table.as_text()


def test_a_prompt_is_in_one_fold_wherever_it_stands_and_folds_are_even(shared_data: Path) -> None:
    everything = read(shared_data / "routellm")
    sizes = [sum(one.fold == fold for one in everything) / len(everything) for fold in range(FOLDS)]
    measured = sum(one.is_measured for one in everything) / len(everything)

    assert {fold for one in everything if one.prompt == everything[0].prompt for fold in [one.fold]} == {
        everything[0].fold
    }
    assert max(sizes) - min(sizes) < 0.02
    assert measured == pytest.approx(2 / 3, abs=0.02)


def test_no_subject_is_in_two_parts_where_subjects_are_held_out(shared_data: Path) -> None:
    everything = read(shared_data / "routellm")
    held_out = next(test for test in TESTS if "held-out" in test.name)
    parts = {(one.subject, held_out.part_of(one)) for one in everything}

    assert len(parts) == len({one.subject for one in everything})
