"""What part of the runs each tier gets: the shipped templates with their English samples, under a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from app.content.asking import first_ask
from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.schemas import RunRequest
from app.core.ids import NOBODY
from app.core.ports import Tier
from app.llm.classifier import LANGUAGE, score_of
from app.llm.policy import RoutingPolicy, SecondOpinion, Shares
from app.llm.task import Task
from app.llm.tiering import TIERS, decide


@cache
def sample_asks() -> tuple[tuple[Task, float | None], ...]:
    """Return what each template asks for with its English sample, and the classifier's score of it."""
    catalogue = load_catalogue()
    asks = []
    for template in catalogue.all():
        sample = catalogue.sample(template.id) | {"language": LANGUAGE}
        inputs = validate_inputs(template, sample)
        ask = first_ask(template, inputs, request=RunRequest(template.id, sample), generation_id=NOBODY, variant=0)
        asks.append((ask, score_of(ask)))
    return tuple(asks)


def shares(policy: RoutingPolicy) -> Mapping[Tier, float]:
    """Return the per cents of templates that go to each tier, each with its own sample and balanced quality."""
    asks = sample_asks()
    counted = Counter(decide(task, policy, score=score).tier for task, score in asks)
    return {tier: 100 * counted[tier] / len(asks) for tier in TIERS}


def second_opinion_for(wanted: Shares) -> SecondOpinion:
    """Return thresholds under which the templates with their samples come nearest to the wanted shares.

    Too many simple templates: the highest scores among them go up; too few: the lowest among the complex go down.
    Then complex ones go up while the critical tier has too few.
    """
    asks = sample_asks()
    of_tier = {tier: sorted(s for task, s in asks if task.tier == tier and s is not None) for tier in TIERS}
    declared = Counter(task.tier for task, _ in asks)
    spare = declared["fast"] - round(len(asks) * wanted.fast / 100)
    missing = round(len(asks) * wanted.critical / 100) - declared["critical"]
    return SecondOpinion(
        enabled=True,
        simple_up_from=_above(of_tier["fast"], spare),
        complex_up_from=_above(of_tier["strong"], missing),
        complex_down_below=0.0 if spare >= 0 else _above(of_tier["strong"], len(of_tier["strong"]) + spare),
    )


def _above(scores: list[float], most: int) -> float:
    """Return a threshold that the `most` highest scores reach, half-way to the next one, rounded; 1: none does."""
    most = min(max(most, 0), len(scores))
    if most == 0:
        return 1.0
    lowest_in = scores[-most]
    highest_out = scores[-most - 1] if most < len(scores) else lowest_in
    return round((lowest_in + highest_out) / 2, 3)
