"""How likely a cheap model gets a brief wrong: a second opinion from the look of the text alone, in microseconds.

The weights are in classifier.json, trained by `python3 -m app train-router`; its `provenance` says on what, and how
well it did. It has only read English, so it has no opinion on other languages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict

from app.llm.task import Task

ARTEFACT = Path(__file__).with_name("classifier.json")
LANGUAGE = "en"
MOST_CHARACTERS = 4_000
FEWEST_WORDS = 3
FARTHEST = 4.0
"""Standard deviations: a feature beyond is taken as this far, so that one odd text does not decide alone."""


def _group(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)")
_LISTED = re.compile(r"^[ \t]*(?:[-*•]|\(?(?:[A-Za-z]|\d{1,2})[.)])[ \t]+(.+)$", re.MULTILINE)
_ONLY_NUMBER = re.compile(r"^[^A-Za-z]*\d[^A-Za-z]*(?:[A-Za-z]{1,8}\.?)?$")
_SIGNS = {
    "maths": "=+*/^<>|~→∨⊃·≡×÷",
    "brackets": "([",
    "code": "{};_`",
    "money": "$%€£",
    "quotes": "\"'“”",
    "asks": "?",
}
_WORDS = {
    "what": _group("what which who where"),
    "how": _group("how why"),
    "amounts": _group("much many total each every per half twice more less than most fewer times"),
    "negations": _group("not no never none except least neither nor without cannot"),
    "conditions": _group("if then unless suppose given when assume would"),
    "logic": _group("therefore argument valid premise conclusion prove true false statement"),
}


class Provenance(BaseModel):
    """Where weights come from. `data_sha256` is over the files in the order of their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str
    data_sha256: str
    prompts: int
    trained_on: str
    target: str
    metrics: dict[str, float]


class Feature(BaseModel):
    """One feature: its mean and spread in the training data, and its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: float
    spread: float
    weight: float


class Classifier(BaseModel):
    """Logistic regression over the features."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provenance: Provenance
    intercept: float
    features: dict[str, Feature]

    def score(self, text: str) -> float:
        """Return the chance, 0 to 1, that a cheap model gets this wrong."""
        return chance(features(text), self.features, self.intercept)


def chance(values: Mapping[str, float], weights: Mapping[str, Feature], intercept: float) -> float:
    """Return the chance that the weights give to these values."""
    total = intercept
    for name, one in weights.items():
        distance = (values[name] - one.mean) / one.spread
        total += one.weight * min(max(distance, -FARTHEST), FARTHEST)
    return 1 / (1 + math.exp(-total))


def features(text: str) -> dict[str, float]:
    """Return what is seen of a text: lengths, digits, signs, lists and kinds of words, by name."""
    text = text[:MOST_CHARACTERS]
    words = [word.lower() for word in _WORD.findall(text)]
    count = max(1, len(words))
    numbers = len(_NUMBER.findall(text))
    lines = [len(line.split()) for line in text.splitlines() if line.strip()] or [0]
    listed = _LISTED.findall(text)
    seen = {
        "words": math.log1p(len(words)),
        "numbers": math.log1p(numbers),
        "number_share": numbers / count,
        "sentence_words": math.log1p(count / max(1, len(_SENTENCE_END.findall(text)))),
        "word_letters": sum(map(len, words)) / count,
        "capitals": sum(map(str.isupper, text)) / max(1, len(text)),
        "variety": len(set(words)) / count,
        "lines": math.log1p(len(lines)),
        "line_words": math.log1p(median(lines)),
        "listed": math.log1p(len(listed)),
        "listed_words": math.log1p(median([len(one.split()) for one in listed] or [0])),
        "listed_numbers": sum(bool(_ONLY_NUMBER.match(one)) for one in listed) / max(1, len(listed)),
    }
    seen |= {name: math.log1p(sum(map(text.count, signs))) for name, signs in _SIGNS.items()}
    return seen | {name: math.log1p(sum(word in group for word in words)) for name, group in _WORDS.items()}


@cache
def classifier() -> Classifier:
    """Return the shipped classifier; read once."""
    return Classifier.model_validate_json(ARTEFACT.read_bytes())


def score_of(task: Task) -> float | None:
    """Return the score of a task's brief, or of what was last asked; None: no opinion on this language or length."""
    if task.language not in ("", LANGUAGE):
        return None
    text = brief_text(task.brief.inputs.values()) if task.brief else task.messages[-1].text
    if len(_WORD.findall(text[:MOST_CHARACTERS])) < FEWEST_WORDS:
        return None
    return classifier().score(text)


def brief_text(values: Iterable[object]) -> str:
    """Return what a person filled in, one field a line; lists and tables line by line."""
    lines: list[str] = []
    for value in values:
        if isinstance(value, Mapping):
            lines.append(" ".join(str(one) for one in value.values()))
        elif isinstance(value, list | tuple):
            lines.append(brief_text(value))
        elif value not in (None, ""):
            lines.append(str(value))
    return "\n".join(lines)
