"""What the gateway tells whoever asked.

(Chosen Text* Restarted?)+ Settled: a new Chosen begins another provider's attempt; Restarted voids the text so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one candidate. `code` finds the text on screen, `text` is its English, `params` the slots.

    Codes: why.chosen.* (the one that was taken), why.later, why.costs_more, why.stronger, why.weaker, why.failed,
    why.resting, why.last, why.needs_brief. `cost_micros` is always among the params: about what it would cost.
    """

    label: str
    code: str
    text: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Every candidate with its verdict, in the order in which they are tried."""

    verdicts: tuple[Verdict, ...]

    def rows(self) -> tuple[tuple[str, str, str, Mapping[str, str | int | float]], ...]:
        """Return the verdicts as (label, code, text, params)."""
        return tuple((v.label, v.code, v.text, v.params) for v in self.verdicts)


@dataclass(frozen=True, slots=True)
class Chosen:
    """This model begins to write. `provider` is the name the workspace gave it, `label` the model's name for people."""

    provider: str
    model: str
    label: str
    embedded: bool
    why: Decision


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The text so far is void: `provider` broke off (`reason_code`), and the next one begins from the start."""

    reason_code: str
    provider: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The text is whole. `cost_micros` is in micro-dollars; `cost_known` False means a flat estimate."""

    provider: str
    model: str
    embedded: bool
    tokens_in: int
    tokens_out: int
    tokens_estimated: bool
    cost_micros: int
    cost_known: bool
    first_token_ms: int
    total_ms: int
    finish_reason: str


GatewayEvent = Chosen | Text | Restarted | Settled
