"""What two models made of the same prompts: ../shared/data/routellm (RouteLLM's evaluation files, Apache-2.0)."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.working_copy import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "routellm"
CHEAP = "mistralai/Mixtral-8x7B-Instruct-v0.1"
STRONG = "gpt-4-1106-preview"
FOLDS = 5
KEPT_FOR_CHOICES = 3
"""Every third prompt was used to choose features and settings; the bench measures on the other two thirds."""

Benchmark = Literal["mmlu", "gsm8k"]


@dataclass(frozen=True, slots=True)
class Answered:
    """One prompt, and whether each of the two models got it right."""

    benchmark: Benchmark
    subject: str
    prompt: str
    cheap_right: bool
    strong_right: bool

    @property
    def fold(self) -> int:
        """Which fifth it belongs to; the same prompt is always in the same one."""
        return _number(self.prompt) // KEPT_FOR_CHOICES % FOLDS

    @property
    def is_measured(self) -> bool:
        """Whether the bench measures on it: nothing was chosen by it."""
        return _number(self.prompt) % KEPT_FOR_CHOICES != 0


def _number(prompt: str) -> int:
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest(), "big")


def files(folder: Path) -> list[Path]:
    """Return the files of the data, in the order of their names; empty where it is not there."""
    return [*sorted(folder.glob("mmlu/mmlu_*.csv")), *sorted(folder.glob("gsm8k_responses.csv"))]


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 over all files."""
    digest = hashlib.sha256()
    for path in files(folder):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read(folder: Path) -> list[Answered]:
    """Return every prompt; a prompt that stands there twice counts twice."""
    return [one for path in files(folder) for one in _rows(path)]


def _rows(path: Path) -> Iterator[Answered]:
    benchmark: Benchmark = "gsm8k" if path.stem.startswith("gsm8k") else "mmlu"
    subject = path.stem.removeprefix("mmlu_")
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Answered(benchmark, subject, row["prompt"], row[CHEAP] == "True", row[STRONG] == "True")
