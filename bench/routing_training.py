"""Trains the classifier of app/llm/classifier.py; needs scikit-learn, which is in the development group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.llm.classifier import FARTHEST, Classifier, Feature, Provenance, chance, features
from bench.routing_data import Answered, fingerprint, read

SOFTNESS = 0.1
"""`C` of the regression; chosen on the third of the prompts that the bench does not measure on."""
SMALLEST_SPREAD = 1e-4
DATA = "RouteLLM's answers of Mixtral-8x7B and GPT-4 to MMLU (29 subjects) and GSM8K, at 0b64fdaf (Apache-2.0)"
TARGET = "the cheap model's answer is wrong"


@dataclass(frozen=True, slots=True)
class Weights:
    """What a training brings; `scores` is used by the bench, the rest goes into the artefact."""

    intercept: float
    features: dict[str, Feature]

    def score(self, seen: dict[str, float]) -> float:
        """Return the chance for a text's features."""
        return chance(seen, self.features, self.intercept)


def look(answered: Sequence[Answered]) -> list[dict[str, float]]:
    """Return the features of each prompt, in order."""
    return [features(one.prompt) for one in answered]


def train(answered: Sequence[Answered], seen: Sequence[dict[str, float]]) -> Weights:
    """Fit the weights; each benchmark counts as much as the other, however many prompts it has."""
    from sklearn.linear_model import LogisticRegression

    names = list(seen[0])
    values: NDArray[np.float64] = np.array([[one[name] for name in names] for one in seen])  # (n, features)
    means, spreads = values.mean(axis=0), values.std(axis=0)
    spreads[spreads < SMALLEST_SPREAD] = 1.0
    distances = np.clip((values - means) / spreads, -FARTHEST, FARTHEST)
    wrong = np.array([not one.cheap_right for one in answered])
    model = LogisticRegression(C=SOFTNESS, max_iter=1000).fit(distances, wrong, sample_weight=_balance(answered))
    columns = zip(names, means, spreads, model.coef_[0], strict=True)
    return Weights(
        round(float(model.intercept_[0]), 5),
        {name: Feature(mean=_short(m), spread=_short(s), weight=_short(w)) for name, m, s, w in columns},
    )


def _balance(answered: Sequence[Answered]) -> NDArray[np.float64]:
    prompts = Counter(one.benchmark for one in answered)
    return np.array([len(answered) / len(prompts) / prompts[one.benchmark] for one in answered])


def _short(value: float) -> float:
    return round(float(value), 5)


def artefact(folder: Path) -> Classifier:
    """Return the classifier trained on every prompt, with what is known of it.

    Its metrics are of the same training with five folds, on the prompts by which nothing was chosen.
    """
    from bench.routing import TESTS, outcome

    everything = read(folder)
    seen = look(everything)
    weights = train(everything, seen)
    shipped = next(test for test in TESTS if test.is_as_shipped)
    curves = outcome(shipped, everything, seen, resamples=0).curves
    metrics = {
        "apgr": curves["classifier"].apgr,
        "apgr_length_rule": curves["length rule"].apgr,
        "cost_saved_at_95_percent": curves["classifier"].at_part_of_strong(0.95)[1],
        "cost_saved_at_98_percent": curves["classifier"].at_part_of_strong(0.98)[1],
    }
    provenance = Provenance(
        data=DATA,
        data_sha256=fingerprint(folder),
        prompts=len(everything),
        trained_on=datetime.now(UTC).date().isoformat(),
        target=TARGET,
        metrics={name: round(value, 3) for name, value in metrics.items()},
    )
    return Classifier(provenance=provenance, intercept=weights.intercept, features=weights.features)
