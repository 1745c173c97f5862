"""Banking77 as the traffic of a cache: part of its questions filled it, the rest is asked; split at random many times.

A hit is wrong when its question has another intent. The labels are people's, and not free of faults.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.llm.cache import service
from app.llm.cache.guards import kept_apart_by

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "banking77" / "train.csv"
SPLITS = 30
FILLED = 7_000
LEAST = 0.85
NEIGHBOURS = 40
"""Of each question, the closest; with 7 of 10 in the cache the four that are compared are among them."""
ROWS_AT_ONCE = 1_000

Question = tuple[str, str]
"""Text and intent."""


@dataclass(frozen=True, slots=True)
class Served:
    """What was served of so many questions, how much of it had another intent, and which pairs those were."""

    asked: int
    hits: int
    wrong: int
    wrong_pairs: Counter[frozenset[str]]

    @property
    def hit_pct(self) -> float:
        """Hits among all questions."""
        return 100 * self.hits / self.asked

    @property
    def wrong_pct(self) -> float:
        """Wrong ones among the hits."""
        return 100 * self.wrong / max(self.hits, 1)


def questions(data: Path = DATA) -> list[Question]:
    """Return every question with its intent."""
    with data.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


class Traffic:
    """The questions and who lies close to whom. `vectors` has one row per question, of unit length."""

    def __init__(self, asked: list[Question], vectors: NDArray[np.float32]) -> None:
        self._questions = asked
        self._near = [near for at in range(0, len(asked), ROWS_AT_ONCE) for near in _near(vectors, at)]
        self._together: dict[tuple[int, int], bool] = {}

    def served(self, least: float, *, guarded: bool) -> Served:
        """Return what is served at a cosine of `least`, over all splits."""
        asked, hits, wrong_pairs = 0, 0, Counter[frozenset[str]]()
        for split in range(SPLITS):
            order = list(range(len(self._questions)))
            random.Random(split).shuffle(order)
            filled = set(order[:FILLED])
            asked += len(order) - FILLED
            for one in order[FILLED:]:
                other = self._answer(one, filled, least, guarded=guarded)
                if other is None:
                    continue
                hits += 1
                if self._questions[one][1] != self._questions[other][1]:
                    wrong_pairs[frozenset((self._questions[one][0], self._questions[other][0]))] += 1
        return Served(asked, hits, wrong_pairs.total(), wrong_pairs)

    def _answer(self, one: int, filled: set[int], least: float, *, guarded: bool) -> int | None:
        close = [other for other, cosine in self._near[one] if cosine >= least and other in filled]
        for other in close[: service.MOST_COMPARED]:
            if not guarded or self._belong_together(one, other):
                return other
        return None

    def _belong_together(self, one: int, other: int) -> bool:
        if (one, other) not in self._together:
            texts = self._questions[one][0], self._questions[other][0]
            self._together[one, other] = not kept_apart_by(*texts, language="en")
        return self._together[one, other]


def _near(vectors: NDArray[np.float32], at: int) -> list[list[tuple[int, float]]]:
    """Return (question, cosine) of the closest of each of some rows, closest first, itself left out."""
    cosines = vectors[at : at + ROWS_AT_ONCE] @ vectors.T
    cosines[np.arange(len(cosines)), np.arange(at, at + len(cosines))] = 0
    found = []
    for row in cosines:
        close = np.flatnonzero(row >= LEAST)
        best = close[np.argsort(-row[close])][:NEIGHBOURS]
        found.append([(int(other), float(row[other])) for other in best])
    return found
