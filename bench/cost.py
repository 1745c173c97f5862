"""What requests cost under three policies: a public trace of real requests, priced with the shipped list.

    cost of a request  = ceil((tokens in * input price + tokens out * output price) / 1,000,000), in micro-dollars
    per 1,000 requests = sum over the trace / requests * 1,000
    per user and month = sum over the trace / requests * 376

376 requests per active user and month: 3.2 million requests of 8,500 users, a published load of a content platform.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.ports import ProviderKind, Tier
from app.llm.policy import default_policy
from app.usage.prices import cost_of, price_of
from bench.table import Table

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "azure-llm" / "data"
TRACES = {
    "conversation": "AzureLLMInferenceTrace_conv.csv",
    "code": "AzureLLMInferenceTrace_code.csv",
}
REQUESTS_PER_USER_AND_MONTH = 376
COLUMNS = (
    "trace, policy",
    "$ per 1,000 requests",
    "$ per user and month",
    "saved %",
    "requests",
    "mean tokens in",
)
MODELS: dict[Tier, tuple[ProviderKind, str]] = {
    "fast": ("openai", "gpt-5-mini"),
    "strong": ("openai", "gpt-5.1"),
    "critical": ("openai", "gpt-5.5"),
}
"""One vendor's models, so that the tiers differ in price by more than taste."""
SPREAD = 61
"""A stride without a common factor with 100: any hundred requests in a row get exactly the shares."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the trace."""

    tokens_in: int
    tokens_out: int


Policy = Callable[[int], Tier]
"""The tier of the request at a place in the trace."""


def measure() -> Table:
    """Run the bench; without the outside data the table has no rows."""
    if not FOLDER.is_dir():
        return Table("cost", COLUMNS, (), "", notes=(f"Skipped: {FOLDER} is not part of the project.",))
    shares = default_policy().routing.shares
    mixed = f"default shares {shares.fast}/{shares.strong}/{shares.critical}"
    policies: dict[str, Policy] = {
        "always strong": lambda _: "strong",
        mixed: by_shares,
        "cheapest": lambda _: "fast",
    }
    rows: list[tuple[str, float, float, float, int, int]] = []
    for trace, name in TRACES.items():
        requests = read(FOLDER / name)
        reference = 0.0
        for policy, tier_of in policies.items():
            cost = mean_micros(requests, tier_of)
            reference = reference or cost
            rows.append(
                (
                    f"{trace}, {policy}",
                    round(cost / 1000, 4),
                    round(cost * REQUESTS_PER_USER_AND_MONTH / 1_000_000, 4),
                    round(100 * (1 - cost / reference), 1),
                    len(requests),
                    round(sum(one.tokens_in for one in requests) / len(requests)),
                )
            )
    return Table(
        bench="cost",
        columns=COLUMNS,
        rows=rows,
        reference="always strong",
        notes=(
            "Cost of a request = (tokens in x input price + tokens out x output price) / 1,000,000, rounded up to a"
            f" micro-dollar; a user makes {REQUESTS_PER_USER_AND_MONTH} requests a month. Prices (per million tokens):",
            *(f"{tier} {_priced(tier)};" for tier in MODELS),
            "Tiers are dealt by the shares alone, without a look at the request: what this saves is the mixture's doing"
            " and says nothing about quality, which `bench routing` measures. Corrections, failed attempts and earlier"
            " answers are left out. Trace: Azure LLM inference 2023 (CC BY 4.0).",
        ),
    )


def by_shares(place: int) -> Tier:
    """Return the tier that the shipped shares give a request, whatever it asks."""
    shares = default_policy().routing.shares
    at = place * SPREAD % 100
    if at < shares.fast:
        return "fast"
    return "strong" if at < shares.fast + shares.strong else "critical"


def mean_micros(requests: Sequence[Request], tier_of: Policy) -> float:
    """Return what a request costs on average, in micro-dollars."""
    total = 0
    for place, request in enumerate(requests):
        kind, model = MODELS[tier_of(place)]
        total += cost_of(kind, model, tokens_in=request.tokens_in, tokens_out=request.tokens_out, flat_micros=0).micros
    return total / len(requests)


def read(path: Path) -> list[Request]:
    """Return a trace's requests, in order."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Request(int(row["ContextTokens"]), int(row["GeneratedTokens"])) for row in csv.DictReader(file)]


def _priced(tier: Tier) -> str:
    kind, model = MODELS[tier]
    price = price_of(kind, model)
    assert price is not None
    return (
        f"{model} ${price.input_micros / 1_000_000:g} in, ${price.output_micros / 1_000_000:g} out"
        f" ({price.source}, {price.verified_on})"
    )
