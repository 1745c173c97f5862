"""Routing: how much of the strong model's quality is had for how much of its cost, on answers that are known.

Every router gives each prompt a score; the prompts with the highest go to the strong model. From no strong calls to
all of them that is a curve of quality against cost. The classifier never sees what it is measured on: it is trained
on other folds, other subjects or the other benchmark, and its features were chosen on a third that is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.routing_data import FOLDER, FOLDS, Answered, read
from bench.routing_training import look, train
from bench.table import Cell, Goal, Table

PRICE_RATIO = 103
"""What the strong model costs per token beside the cheap one: 24.7 to 0.24 dollars per million (RouteLLM, 2024)."""
SEED = 7
RESAMPLES = 200
SURE = 0.9
COLUMNS = (
    "test: router", "APGR", "strong % for half the gap", "strong % at 95 % quality", "saved % at 95 %",
    "strong % at 98 % quality", "saved % at 98 %", "beats length rule in % of resamples", "claimed",
)  # fmt: skip

Scores = NDArray[np.float64]
Look = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Test:
    """One way to split: `part_of` puts a prompt into a part, which is scored by what the other parts have taught.

    `claimed`: the classifier is said to beat random and the length rule here, and the goal holds it to that.
    """

    name: str
    benchmarks: tuple[str, ...]
    part_of: Callable[[Answered], object]
    trained_on: tuple[str, ...] = ()
    claimed: bool = False

    @property
    def is_as_shipped(self) -> bool:
        """Whether the training is that of the shipped classifier: on everything."""
        return len(self.benchmarks) > 1


TESTS = (
    Test("MMLU, own domain", ("mmlu",), lambda one: one.fold, claimed=True),
    Test("MMLU, held-out subjects", ("mmlu",), lambda one: sum(one.subject.encode()) % FOLDS, claimed=True),
    Test("both together, as shipped", ("mmlu", "gsm8k"), lambda one: one.fold, claimed=True),
    Test("GSM8K, own domain", ("gsm8k",), lambda one: one.fold),
    Test("GSM8K, trained on MMLU", ("gsm8k",), lambda one: one.benchmark, trained_on=("mmlu",)),
    Test("MMLU, trained on GSM8K", ("mmlu",), lambda one: one.benchmark, trained_on=("gsm8k",)),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """Quality against strong calls. `share_at(q)` is the share of strong calls that quality needs, 0 to 1."""

    right: Scores  # (n + 1,): the share of right answers with 0..n strong calls
    cheap: float
    strong: float

    @property
    def apgr(self) -> float:
        """Return the mean part of the gap that is closed, over all shares of strong calls; random: about 0.5."""
        return float(np.trapezoid((self.right - self.cheap) / (self.strong - self.cheap), dx=1 / (len(self.right) - 1)))

    def share_at(self, quality: float) -> float:
        """Return the least share of strong calls that reaches this share of right answers."""
        return float(np.argmax(self.right >= quality - 1e-12)) / (len(self.right) - 1)

    def cells(self) -> tuple[Cell, ...]:
        """Return APGR, then per cents: strong calls for half the gap; strong calls, cost saved at 95, 98 %."""
        shares = [
            self.share_at((self.cheap + self.strong) / 2),
            *self.at_part_of_strong(0.95),
            *self.at_part_of_strong(0.98),
        ]
        return (f"{self.apgr:.3f}", *(round(100 * one, 1) for one in shares))

    def at_part_of_strong(self, part: float) -> tuple[float, float]:
        """Return (share of strong calls, cost saved) at `part` of the strong model's quality."""
        share = self.share_at(part * self.strong)
        return share, 1 - (share + (1 - share) / PRICE_RATIO)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the routers of one test did; `wins`: in what share of resamples the classifier beat the length rule."""

    curves: dict[str, Curve]
    wins: float

    @property
    def is_won(self) -> bool:
        """Whether the classifier beats random and the length rule in every measure, and surely so."""
        mine = self.curves["classifier"]
        return self.wins >= SURE and all(
            mine.apgr > other.apgr
            and mine.at_part_of_strong(0.95)[1] > other.at_part_of_strong(0.95)[1]
            and mine.at_part_of_strong(0.98)[1] > other.at_part_of_strong(0.98)[1]
            for other in (self.curves["random"], self.curves["length rule"])
        )

    def rows(self, test: Test) -> list[tuple[Cell, ...]]:
        """Return the rows of the table."""
        claim = (round(100 * self.wins), "yes" if test.claimed else "no")
        rows: list[tuple[Cell, ...]] = [
            (f"{test.name}: {name}", *one.cells(), *(claim if name == "classifier" else (None, None)))
            for name, one in self.curves.items()
        ]
        return [*rows, (f"{test.name}: always strong", None, None, 100, 0, 100, 0, None, None)]


def curve(answered: Sequence[Answered], scores: Scores) -> Curve:
    """Return the curve of a router; equal scores are put in a random order that is always the same."""
    cheap = np.array([one.cheap_right for one in answered], dtype=float)
    strong = np.array([one.strong_right for one in answered], dtype=float)
    order = np.lexsort((np.random.default_rng(SEED).random(len(scores)), -scores))
    gained = np.concatenate([[0.0], np.cumsum((strong - cheap)[order])]) / len(scores)
    return Curve(cheap.mean() + gained, float(cheap.mean()), float(strong.mean()))


def random_curve(answered: Sequence[Answered]) -> Curve:
    """Return what random routing gives in the mean: a straight line."""
    cheap = sum(one.cheap_right for one in answered) / len(answered)
    strong = sum(one.strong_right for one in answered) / len(answered)
    return Curve(np.linspace(cheap, strong, len(answered) + 1), cheap, strong)


def measure(folder: Path = FOLDER) -> Table:
    """Run the bench; without the data the table is empty and says so."""
    everything = read(folder)
    if not everything:
        return Table("routing", COLUMNS, (), "", notes=(f"Skipped: the data is not at {folder}.",))
    seen = look(everything)
    outcomes = {test: outcome(test, everything, seen) for test in TESTS}
    lost = [test.name for test, one in outcomes.items() if test.claimed and not one.is_won]
    return Table(
        bench="routing",
        columns=COLUMNS,
        rows=[row for test, one in outcomes.items() for row in one.rows(test)],
        reference=f"{TESTS[0].name}: always strong",
        goals=(Goal("tests claimed below that the classifier does not win", len(lost), 0, "tests"),),
        notes=notes(outcomes),
    )


def outcome(test: Test, everything: Sequence[Answered], seen: Look, *, resamples: int = RESAMPLES) -> Outcome:
    """Train where the test allows it, and score where it measures."""
    scores = taught(test, everything, seen)
    places = [i for i, one in enumerate(everything) if one.benchmark in test.benchmarks and one.is_measured]
    asked = [everything[i] for i in places]
    length = np.array([len(one.prompt) for one in asked], dtype=float)
    gain = np.array([one.strong_right - one.cheap_right for one in asked], dtype=float)
    return Outcome(
        {
            "random": random_curve(asked),
            "length rule": curve(asked, length),
            "classifier": curve(asked, scores[places]),
            "oracle": curve(asked, gain),
        },
        wins=wins(asked, scores[places], length, resamples=resamples),
    )


def taught(test: Test, everything: Sequence[Answered], seen: Look) -> Scores:
    """Return the classifier's score of each prompt, given by weights that have not seen its part."""
    scores = np.full(len(everything), np.nan)
    parts = [test.part_of(one) for one in everything]
    inside = [one.benchmark in test.benchmarks for one in everything]
    for part in sorted({part for part, mine in zip(parts, inside, strict=True) if mine}):
        known = [
            i
            for i, one in enumerate(everything)
            if parts[i] != part and one.benchmark in (test.trained_on or test.benchmarks)
        ]
        weights = train([everything[i] for i in known], [seen[i] for i in known])
        for i in (i for i in range(len(everything)) if inside[i] and parts[i] == part):
            scores[i] = weights.score(seen[i])
    return scores


def wins(asked: Sequence[Answered], scores: Scores, length: Scores, *, resamples: int) -> float:
    """Return in what share of resamples of the prompts the classifier's APGR is above the length rule's."""
    draw = np.random.default_rng(SEED)
    won = 0
    for _ in range(resamples):
        chosen = draw.integers(0, len(asked), len(asked))
        sample = [asked[i] for i in chosen]
        won += curve(sample, scores[chosen]).apgr > curve(sample, length[chosen]).apgr
    return won / max(1, resamples)


def notes(outcomes: dict[Test, Outcome]) -> tuple[str, ...]:
    """Return how the table is to be read."""
    quality = "; ".join(
        f"{test.name}: cheap {100 * one.curves['random'].cheap:.1f} %, strong {100 * one.curves['random'].strong:.1f} %"
        for test, one in outcomes.items()
        if not test.trained_on and "held-out" not in test.name
    )
    return (
        "Cheap: Mixtral-8x7B, strong: GPT-4 (November 2023), at 103 times the price per token.",
        f"Right answers: {quality}.",
        "APGR: the part of the gap between them that is closed, averaged over all shares of strong calls.",
        "Claimed: to beat random and the length rule by APGR and cost saved, in 90 % of resamples of the prompts.",
        "Not claimed: GSM8K by itself, and from one benchmark to the other: a rule by length is no worse there.",
        "The features and settings were chosen on a third of the prompts, which is left out of the measurement.",
    )
