"""What the gateway tells whoever asked.

(Chosen Text* (Continued | Restarted)?)+ Settled: a new Chosen begins another provider's attempt. Continued: the text so
far stays and the next provider goes on where it stops. Restarted voids the text so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.core.ports import Tier

Served = Literal["model", "exact", "answer"]
"""Where a text came from: a model wrote it, the same question was answered before, or one that means the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one candidate. `code` finds the text on screen, `text` is its English, `params` the slots.

    Codes: why.chosen.* (the one that was taken), why.later, why.costs_more, why.stronger, why.weaker, why.failed,
    why.resting, why.last, why.needs_brief, why.over_budget, why.banned. `cost_micros` is always among the params:
    about what it would cost. The chosen one's also hold `tier`, `rule_code` and `policy` (its version).
    """

    label: str
    code: str
    text: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Every candidate with its verdict, in the order in which they are tried.

    `reasons` say how the tier came about, the last one decided; their labels are empty, their codes why.rule.*.
    """

    verdicts: tuple[Verdict, ...]
    tier: Tier = "fast"
    reasons: tuple[Verdict, ...] = ()
    policy_version: int = 0

    def rows(self) -> tuple[tuple[str, str, str, Mapping[str, str | int | float]], ...]:
        """Return the verdicts as (label, code, text, params)."""
        return tuple((v.label, v.code, v.text, v.params) for v in self.verdicts)

    def chosen_rows(self) -> tuple[tuple[str, str, str, Mapping[str, str | int | float]], ...]:
        """Return the row of the model that was taken."""
        return tuple(row for row in self.rows() if row[1].startswith("why.chosen."))


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
class Continued:
    """The text so far stays: `provider` broke off (`reason_code`) after `at_chars` characters; the next goes on."""

    reason_code: str
    provider: str
    at_chars: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """The text so far is void: `provider` broke off (`reason_code`), and the next one begins from the start.

    Only where nobody can go on: the built-in writer is next, or the output is structured and was cut.
    """

    reason_code: str
    provider: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One provider's part in a text, as it was booked; a failed or beaten one is a leg too."""

    provider: str
    model: str
    embedded: bool
    outcome: str
    error_code: str
    tokens_in: int
    tokens_out: int
    cost_micros: int
    cost_known: bool
    first_token_ms: int | None
    total_ms: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The text is whole. `cost_micros` is in micro-dollars; `cost_known` False means a flat estimate.

    Provider, model and times are of the leg that finished; tokens and cost are of all `legs` together.
    `seams` are the places (in characters) where one provider went on for another.
    """

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
    legs: tuple[Leg, ...] = ()
    served: Served = "model"
    written_at: datetime | None = None
    saved_micros: int = 0
    tier: Tier = "fast"
    seams: tuple[int, ...] = ()


GatewayEvent = Chosen | Text | Continued | Restarted | Settled
