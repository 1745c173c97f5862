"""What `generate` tells its door, in the order things happen.

Started  (Chosen Delta* (Continued | Restarted)?)+  Checked  (Repairing Delta* Chosen? Checked)?  VariantDone  …  Done
The Chosen of a repair comes where another model has corrected: its reasons then tell of both.
Failed may come instead of anything; variants already done stay saved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.content.checks.model import CheckResult
    from app.content.provenance import WrittenBy
    from app.content.typesetting import SetLine


@dataclass(frozen=True, slots=True)
class Started:
    """The run is saved and begins."""

    generation_id: str
    template_id: str
    template_version: int
    variants: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which model writes this variant; `why` lists each candidate: (model label, verdict code, default, params)."""

    variant: str
    provider: str
    model: str
    embedded: bool
    why: tuple[tuple[str, str, str, Mapping[str, str | int | float]], ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of a variant ("A" to "E")."""

    variant: str
    text: str


@dataclass(frozen=True, slots=True)
class Continued:
    """The text so far stays: its provider broke off after `at_chars` characters, and the next one goes on."""

    variant: str
    reason_code: str
    provider: str
    at_chars: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """The text of this variant so far is void: its provider broke off and the next one begins from the start."""

    variant: str
    reason_code: str
    provider: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The machine's verdict on a variant, with the lines as they are set."""

    variant: str
    text: str
    results: tuple[CheckResult, ...]
    lines: tuple[SetLine, ...]
    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class Repairing:
    """One more ask, only for what failed; the better of the two versions is kept."""

    variant: str
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VariantDone:
    """A variant is complete and saved. `cost_micros` is in micro-dollars; `cost_known` False means a flat estimate.

    `served` "exact" or "answer": an earlier answer, written at `written_at`; then `saved_micros` were saved.
    `seams` are the places (in characters of the text as it flowed) where one provider went on for another.
    `legs` are all calls that the text took, its correction's too.
    """

    variant: str
    text: str
    provider: str
    model: str
    embedded: bool
    tokens_in: int
    tokens_out: int
    cost_micros: int
    cost_known: bool
    first_token_ms: int
    total_ms: int
    repaired: bool
    passed: int
    total: int
    served: str = "model"
    written_at: datetime | None = None
    saved_micros: int = 0
    tier: str = ""
    seams: tuple[int, ...] = ()
    legs: tuple[WrittenBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """All variants are complete; the first is kept as a document."""

    generation_id: str
    document_id: str | None
    cost_micros: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended early; `variant` says where. What was complete is saved."""

    variant: str
    code: str
    message: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


Event = Started | Chosen | Delta | Continued | Restarted | Checked | Repairing | VariantDone | Done | Failed
