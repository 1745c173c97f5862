"""What pictures, sounds, transcripts and clips cost, in integer micro-dollars; figures and sources: media_prices.yaml.

A price that a workspace or the operator set goes before them; its `output` half is for a million units. Nothing that a
provider made is ever booked as 0 for want of a price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt

from app.core.ports import ModelTarget
from app.usage.prices import Cost, Price, names_of, overlay, vendor_and_name

Unit = Literal["image", "second", "character"]
UNITS_PER_PRICE = 1_000_000

_FILE = Path(__file__).parent / "media_prices.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: Unit
    micros: PositiveInt


class _PriceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    verified_on: date
    via: str
    sources: dict[str, str]
    prices: dict[str, dict[str, _Entry]]


@dataclass(frozen=True, slots=True)
class Amount:
    """What was made, or is going to be made: as many of each unit as may be charged by."""

    images: int = 0
    seconds: float = 0.0
    characters: int = 0

    def of(self, unit: Unit) -> float:
        """Return how many of a unit."""
        return {"image": self.images, "second": self.seconds, "character": self.characters}[unit]

    @property
    def largest(self) -> float:
        """What a price without a unit is for: the unit that the maker is usually charged by."""
        return self.images or self.characters or self.seconds


@cache
def load_media_prices() -> dict[str, dict[str, _Entry]]:
    """Return the price of every known model, by kind of provider and name; read once."""
    file = _PriceFile.model_validate(yaml.load(_FILE.read_bytes(), Loader=yaml.CSafeLoader))
    assert set(file.prices) <= set(file.sources)
    return file.prices


def media_cost(
    target: ModelTarget,
    amount: Amount,
    *,
    flat_micros: int,
    own: Price | None = None,
    said_micros: int | None = None,
    on: date | None = None,
) -> Cost:
    """Return what a target charges for an amount; `said_micros` is what the provider itself said, and goes before all.

    What is built in is free. `flat_micros` stands in for an unknown price.
    """
    if target.kind == "embedded":
        return Cost(0, known=True)
    if said_micros is not None and said_micros >= 0:
        return Cost(said_micros, known=True)
    vendor, bare = vendor_and_name(target.kind, target.model)
    set_by_people = own or overlay.price(target.kind, target.model.lower(), on=on)
    for name in names_of(bare):
        set_by_people = set_by_people or overlay.price(vendor, name, on=on)
        if set_by_people is not None:
            return Cost(_ceil(amount.largest * set_by_people.output_micros / UNITS_PER_PRICE), known=True)
        entry = load_media_prices().get(vendor, {}).get(name)
        if entry is not None:
            return Cost(_ceil(amount.of(entry.unit) * entry.micros), known=True)
    return Cost(flat_micros, known=False)


def _ceil(micros: float) -> int:
    return -int(-micros // 1)
