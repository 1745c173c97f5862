"""`train-router`: fits the classifier that gives a second opinion on the tier, and says which thresholds suit it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from app.setup.refusal import Refusal


def main(arguments: Sequence[str]) -> int:
    """Train on a folder of answered prompts and write app/llm/classifier.json, for somebody to review."""
    parser = argparse.ArgumentParser(prog="python3 -m app train-router")
    parser.add_argument("data", type=Path, metavar="DATA_FOLDER", help="RouteLLM's answers: mmlu/, gsm8k_responses.csv")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write there instead")
    given = parser.parse_args(arguments)
    from bench.routing_data import files

    if not files(given.data):
        raise Refusal(
            f"There are no answered prompts in {given.data}.",
            "Name the folder that holds mmlu/ and gsm8k_responses.csv.",
        )
    try:
        import sklearn  # noqa: F401  (only asked whether it is there)
    except ModuleNotFoundError:
        raise Refusal(
            "Training needs scikit-learn.", "Install the development packages: requirements-dev.lock."
        ) from None
    _train(given.data, given.to)
    return 0


def _train(folder: Path, target: Path | None) -> None:
    from app.content.tier_shares import second_opinion_for, shares
    from app.llm.classifier import ARTEFACT, classifier
    from app.llm.policy import default_policy
    from bench.routing_training import artefact

    made = artefact(folder)
    path = target or ARTEFACT
    path.write_text(made.model_dump_json(indent=1) + "\n", "utf-8")
    print(f"Written: {path}\n{made.provenance.model_dump_json(indent=1)}")
    classifier.cache_clear()
    routing = default_policy().routing
    opinion = second_opinion_for(routing.shares)
    suited = shares(routing.model_copy(update={"second_opinion": opinion}))
    print(f"Thresholds for {routing.shares.model_dump()}: {opinion.model_dump()}")
    print("The templates with their samples then go:", {tier: f"{share:.1f} %" for tier, share in suited.items()})
    print("Put them into app/llm/default_policy.yaml if you agree.")
