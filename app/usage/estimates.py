"""What a call may cost, before it is made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.ports import ModelTarget
from app.usage.errors import PriceUnknown
from app.usage.prices import Price, cost_of, price_of

USUAL_TOKENS_OUT = 500
"""What an answer is reckoned at where it may be longer; the median of the templates' samples is below it."""
INPUT_SLACK = 1.25
"""A prompt's tokens are guessed by its characters: the upper estimate allows for a guess that is a quarter too low."""


class Priced(Protocol):
    """A model that may be asked; routing's candidates are."""

    @property
    def target(self) -> ModelTarget: ...
    @property
    def own_price(self) -> Price | None: ...


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From what the cheapest would cost with a usual answer to what the dearest would with the longest, micro-dollars.

    `known` False: for one of them at least a flat estimate stands in.
    """

    low_micros: int
    high_micros: int
    known: bool


def estimate(
    tokens_in: int, max_tokens: int, candidates: Sequence[Priced], *, flat_micros: int, calls: int = 1
) -> PriceRange:
    """Return what `calls` texts would cost if one of `candidates` writes them; nobody to ask costs nothing."""
    if not candidates:
        return PriceRange(0, 0, known=True)
    usual = min(max_tokens, USUAL_TOKENS_OUT)
    lows = [_cost(one, tokens_in, usual, flat_micros) for one in candidates]
    highs = [_cost(one, int(tokens_in * INPUT_SLACK) + 1, max_tokens, flat_micros) for one in candidates]
    return PriceRange(min(lows) * calls, max(highs) * calls, all(is_priced(one) for one in candidates))


def is_priced(candidate: Priced) -> bool:
    """Whether the model is free or its price is known."""
    target = candidate.target
    is_free = target.kind == "embedded"
    return is_free or candidate.own_price is not None or price_of(target.kind, target.model) is not None


def assert_priced(candidate: Priced) -> None:
    """Refuse a model without a known price; for workspaces that block those.

    Raises:
        PriceUnknown: it has none.
    """
    if not is_priced(candidate):
        raise PriceUnknown(params={"model": candidate.target.model, "provider": candidate.target.provider})


def _cost(candidate: Priced, tokens_in: int, tokens_out: int, flat_micros: int) -> int:
    return cost_of(
        candidate.target.kind,
        candidate.target.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        flat_micros=flat_micros,
        own=candidate.own_price,
    ).micros
