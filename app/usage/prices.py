"""What a call costs, in integer micro-dollars. The figures and their sources are in prices.yaml; what the operator has
set (price_list.py) goes before them, from its date on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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


class Overlay:
    """The operator's prices in this process's memory; each holds from its date until the next one's."""

    def __init__(self) -> None:
        self._prices: dict[tuple[str, str], tuple[Price, ...]] = {}
        self.today = date.max

    def replace(self, prices: Iterable[tuple[str, str, Price]], *, today: date) -> None:
        """Take what the table says now: (kind, model, price), the newest first of each."""
        found: dict[tuple[str, str], tuple[Price, ...]] = {}
        for kind, model, price in prices:
            key = (kind, model.lower())
            found[key] = (*found.get(key, ()), price)
        self._prices, self.today = found, today

    def price(self, kind: str, model: str, *, on: date | None) -> Price | None:
        """Return what holds on a day; None: the operator has said nothing for it."""
        prices = self._prices.get((kind, model), ())
        return next((one for one in prices if one.verified_on is None or one.verified_on <= (on or self.today)), None)


overlay = Overlay()


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


def price_of(kind: ProviderKind, model: str, *, on: date | None = None) -> Price | None:
    """Return the model's price, by its exact name, else by its name without vendor, date and tag; None: unknown.

    A compatible server that passes on to a vendor names it in front: `anthropic/claude-haiku-4-5`. A bare name there
    is whatever that server calls so, and has no price but the operator's. `on`: the day, None for today.
    """
    own = overlay.price(kind, model.lower(), on=on)
    if own is not None:
        return own
    vendor, bare = vendor_and_name(kind, model)
    prices = load_prices().get(vendor, {})
    for name in names_of(bare):
        found = overlay.price(vendor, name, on=on) or prices.get(name)
        if found is not None:
            return found
    return None


def plain_name(model: str) -> str:
    """Return a model's name without vendor, tag and date: what bills and calls call it, alike."""
    return names_of(model.lower().rpartition("/")[2])[-2]


def cost_of(
    kind: ProviderKind,
    model: str,
    *,
    tokens_in: int,
    tokens_out: int,
    flat_micros: int,
    own: Price | None = None,
    on: date | None = None,
) -> Cost:
    """Return what a call costs; `own` is a price that the workspace gave itself, `flat_micros` stands in for none.

    The built-in writer is free. A call without tokens costs nothing, whatever the price.
    """
    if kind == "embedded" or not (tokens_in or tokens_out):
        return Cost(0, known=True)
    price = own or price_of(kind, model, on=on)
    if price is None:
        return Cost(flat_micros, known=False)
    total = tokens_in * price.input_micros + tokens_out * price.output_micros
    return Cost(-(-total // TOKENS_PER_PRICE), known=True)


def vendor_and_name(kind: ProviderKind, model: str) -> tuple[str, str]:
    """Return whose price list a model is on, and its name there."""
    first, slash, rest = model.lower().partition("/")
    if kind != "openai-compatible":
        return kind, rest if slash and first in (kind, "models") else model.lower()
    return ({"google": "gemini", "mistralai": "mistral"}.get(first, first), rest) if slash else ("", model)


def names_of(name: str) -> list[str]:
    """Return `name` and what is left of it without tag and date, longest first; `x-latest` is also tried for `x`."""
    names = [name]
    for pattern in (_TAG, _DATE, _TAG):
        names.append(pattern.sub("", names[-1]))
    return [*dict.fromkeys(names), f"{names[-1]}-latest"]
