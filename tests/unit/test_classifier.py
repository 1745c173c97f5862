"""The second opinion: what it sees of a text, what it has no opinion on, and that its artefact is what it says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.commands.train_router import main as train_router
from app.content.tier_shares import second_opinion_for, shares
from app.core.ports import Brief, Message
from app.llm.classifier import ARTEFACT, Classifier, brief_text, classifier, features, score_of
from app.llm.policy import RoutingPolicy, Shares, default_policy
from app.llm.task import Task
from app.setup.refusal import Refusal
from bench.routing_data import CHEAP, STRONG, fingerprint, read
from bench.routing_training import look, train

EASY = "Which city is the capital of France?"
HARD = """Suppose a shop sells 3/4 of its 1,240 units at $12.50 (less 8%), and half of the rest at x = 2y + 5.
If the total is not more than $9,800, what is y, and how many units are left when every third one is returned?"""


def ask(text: str, *, language: str = "en", brief: bool = True) -> Task:
    given = Brief("x", language, {"product": text}) if brief else None
    return Task("generation", "fast", (Message("system", "Write."), Message("user", text)), given, language=language)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("1 and 2", "number_share", 2.0),
        ("Never, not once", "negations", 1.0986),
        ("- one\n- two words\n", "listed", 1.0986),
        ("A. 12\nB. 15 kg\nC. red", "listed_numbers", 0.6667),
        ("a = b + c", "maths", 1.0986),
        ("same same same", "variety", 0.3333),
        ("", "words", 0.0),
    ],
)
def test_a_feature_is_what_its_name_says(text: str, name: str, expected: float) -> None:
    assert features(text)[name] == pytest.approx(expected, abs=1e-4)


def test_a_question_with_sums_scores_higher_than_a_plain_one() -> None:
    assert classifier().score(HARD) > classifier().score(EASY) + 0.1


@pytest.mark.parametrize("text", ["", "\0", "9" * 5000, "=" * 5000, "😀" * 5000, "a " * 5000, "\n" * 5000])
def test_any_text_gets_a_chance_between_0_and_1(text: str) -> None:
    assert 0 < classifier().score(text) < 1


def test_a_score_costs_less_than_a_millisecond_also_for_a_huge_text() -> None:
    huge = (HARD + "\n") * 5000
    classifier().score(huge)
    began = time.process_time()
    for _ in range(20):
        classifier().score(huge)

    assert (time.process_time() - began) / 20 < 0.005


@pytest.mark.parametrize("task", [ask("un deux trois quatre", language="fr"), ask("two words")])
def test_there_is_no_opinion_on_other_languages_and_on_next_to_nothing(task: Task) -> None:
    assert score_of(task) is None


def test_what_a_person_filled_in_is_scored_and_not_the_prompt_around_it() -> None:
    assert score_of(ask(HARD)) == classifier().score(HARD)
    assert score_of(ask(HARD, language="", brief=False)) == classifier().score(HARD)


def test_a_brief_is_read_field_by_field_with_its_lists_and_tables() -> None:
    assert brief_text(["one", ("two", "three"), [{"a": 4, "b": "five"}], "", None, 6]) == "one\ntwo\nthree\n4 five\n6"


def test_the_artefact_is_small_and_tells_where_it_comes_from() -> None:
    artefact = Classifier.model_validate_json(ARTEFACT.read_bytes())

    assert ARTEFACT.stat().st_size < 6_000
    assert set(artefact.features) == set(features("x"))
    assert artefact.provenance.metrics["apgr"] > artefact.provenance.metrics["apgr_length_rule"] > 0.5


def test_the_shipped_thresholds_bring_the_templates_near_the_wanted_shares() -> None:
    routing = default_policy().routing
    reached = shares(routing)
    off = {tier: abs(share - getattr(routing.shares, tier)) for tier, share in reached.items()}

    assert max(off.values()) <= 6, f"{reached}: run `python3 -m app train-router` and take over its thresholds"


@pytest.mark.parametrize(
    "wanted", [Shares(), Shares(fast=60, strong=30, critical=10), Shares(fast=90, strong=6, critical=4)]
)
def test_thresholds_can_be_found_for_other_shares(wanted: Shares) -> None:
    reached = shares(RoutingPolicy(second_opinion=second_opinion_for(wanted)))

    assert abs(reached["fast"] - wanted.fast) <= 5


def test_training_again_gives_the_shipped_weights(shared_data: Path) -> None:
    folder, shipped = shared_data / "routellm", classifier()
    everything = read(folder)
    again = train(everything, look(everything))

    assert fingerprint(folder) == shipped.provenance.data_sha256
    assert len(everything) == shipped.provenance.prompts
    for name, feature in shipped.features.items():
        assert again.features[name].weight == pytest.approx(feature.weight, abs=0.01)


def test_the_command_writes_an_artefact_and_tells_the_thresholds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mmlu").mkdir()
    for name in ("mmlu/mmlu_law.csv", "mmlu/mmlu_art.csv", "gsm8k_responses.csv"):
        rows = [f'"{name} asks {"why, " * n}{n}",{n % 3 != 0},True' for n in range(60)]
        (tmp_path / name).write_text("\n".join([f"prompt,{CHEAP},{STRONG}", *rows]), "utf-8")
    made = tmp_path / "made.json"

    assert train_router([str(tmp_path), "--to", str(made)]) == 0

    assert Classifier.model_validate_json(made.read_bytes()).provenance.prompts == 180
    assert "The templates with their samples then go" in capsys.readouterr().out


def test_training_without_data_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no answered prompts"):
        train_router([str(tmp_path)])
