"""What a call costs, in integer micro-dollars. The figures and their sources are in prices.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt

from app.core.ports import ProviderKind

TOKENS_PER_PRICE = 1_000_000

_FILE = Path(__file__).parent / "prices.yaml"
_DATE = re.compile(r"[-@](20\d{2}-\d{2}-\d{2}|20\d{6}|\d{3,4})$")
_TAG = re.compile(r"(:[a-z0-9.-]+|-latest)$")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    input: PositiveInt
    output: PositiveInt
    source: str


class _PriceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    verified_on: date
    via: str
    sources: dict[str, str]
    prices: dict[str, dict[str, _Entry]]


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars per million tokens, and who says so since when."""

    input_micros: int
    output_micros: int
    source: str
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What to book. `known` False: a flat estimate stands in for an unknown price."""

    micros: int
    known: bool


@cache
def load_prices() -> dict[str, dict[str, Price]]:
    """Return the price of every known model, by kind of provider and name; read once."""
    file = _PriceFile.model_validate(yaml.load(_FILE.read_bytes(), Loader=yaml.CSafeLoader))
    return {
        kind: {
            name: Price(entry.input, entry.output, file.sources[entry.source], file.verified_on)
            for name, entry in models.items()
        }
        for kind, models in file.prices.items()
    }


def price_of(kind: ProviderKind, model: str) -> Price | None:
    """Return the model's price, by its exact name, else by its name without vendor, date and tag; None: unknown.

    A compatible server that passes on to a vendor names it in front: `anthropic/claude-haiku-4-5`. A bare name there
    is whatever that server calls so, and has no price.
    """
    vendor, bare = _vendor_and_name(kind, model)
    prices = load_prices().get(vendor)
    if prices is None:
        return None
    for name in _names(bare):
        if name in prices:
            return prices[name]
    return None


def cost_of(
    kind: ProviderKind, model: str, *, tokens_in: int, tokens_out: int, flat_micros: int, own: Price | None = None
) -> Cost:
    """Return what a call costs; `own` is a price that the workspace gave itself, `flat_micros` stands in for none.

    The built-in writer is free. A call without tokens costs nothing, whatever the price.
    """
    if kind == "embedded" or not (tokens_in or tokens_out):
        return Cost(0, known=True)
    price = own or price_of(kind, model)
    if price is None:
        return Cost(flat_micros, known=False)
    total = tokens_in * price.input_micros + tokens_out * price.output_micros
    return Cost(-(-total // TOKENS_PER_PRICE), known=True)


def _vendor_and_name(kind: ProviderKind, model: str) -> tuple[str, str]:
    first, slash, rest = model.lower().partition("/")
    if kind != "openai-compatible":
        return kind, rest if slash and first in (kind, "models") else model.lower()
    return ({"google": "gemini", "mistralai": "mistral"}.get(first, first), rest) if slash else ("", model)


def _names(name: str) -> list[str]:
    """Return `name` and what is left of it without tag and date, longest first; `x-latest` is also tried for `x`."""
    names = [name]
    for pattern in (_TAG, _DATE, _TAG):
        names.append(pattern.sub("", names[-1]))
    return [*dict.fromkeys(names), f"{names[-1]}-latest"]
