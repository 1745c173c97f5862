"""What crosses the doors of usage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.core.ports import ProviderKind
from app.usage.prices import Cost, Price

Outcome = Literal["ok", "failed", "cancelled"]
Served = Literal["model", "exact", "answer"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a model, as it ended. Tokens are None where the provider did not count; then texts are guessed by.

    `billable` False: the provider refused before it worked, or nobody was asked, so nothing is owed.
    `call_id` is the same for all attempts at one text (None: a call of its own); `attempt_no` counts them from 1, and
    0 leaves the counting to the ledger. `score`: the classifier's, 0 to 1. `saved_micros`: what an earlier answer,
    given again (`served`), had cost. `cost`: what it is booked at where nothing is counted in tokens (media).
    """

    feature: str
    provider: str
    kind: ProviderKind
    model: str
    outcome: Outcome
    total_ms: int
    generation_id: UUID | None = None
    error_code: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    prompt_tokens_guess: int = 0
    output_tokens_guess: int = 0
    billable: bool = True
    first_token_ms: int | None = None
    own_price: Price | None = None
    call_id: UUID | None = None
    attempt_no: int = 0
    tier: str = ""
    asked_tier: str = ""
    quality: str = "balanced"
    template_id: str = ""
    task_kind: str = ""
    language: str = ""
    served: Served = "model"
    saved_micros: int = 0
    prompt_chars: int = 0
    max_tokens: int = 0
    failed_checks: int = 0
    score: float | None = None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money held for one call. `micros` is the upper estimate; one of 0 holds nothing and is written nowhere."""

    call_id: UUID
    feature: str
    micros: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a call cost in the end. `booked` is in the order of its attempts; `already`: it was settled before."""

    booked: tuple[Booked, ...]
    reserved_micros: int = 0
    already: bool = False

    @property
    def cost_micros(self) -> int:
        """All attempts together, in micro-dollars."""
        return sum(one.cost_micros for one in self.booked)

    @property
    def cost_known(self) -> bool:
        """Whether no part of it is a flat estimate."""
        return all(one.cost_known for one in self.booked)


@dataclass(frozen=True, slots=True)
class Booked:
    """What an attempt was booked at. `cost_micros` is in micro-dollars; `cost_known` False means a flat estimate."""

    tokens_in: int
    tokens_out: int
    tokens_estimated: bool
    cost_micros: int
    cost_known: bool


@dataclass(frozen=True, slots=True)
class UsageView:
    """One attempt in a list."""

    id: UUID
    created_at: datetime
    user_id: UUID | None
    api_key_id: UUID | None
    feature: str
    generation_id: UUID | None
    provider: str
    model: str
    embedded: bool
    outcome: str
    error_code: str
    tokens_in: int
    tokens_out: int
    tokens_estimated: bool
    cost_micros: int
    cost_known: bool
    first_token_ms: int | None
    total_ms: int


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Attempts, newest first; `next_cursor` leads on, None at the end."""

    items: tuple[UsageView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """What one feature or one provider used, in micro-dollars; `estimated_micros` is the part that is a flat guess."""

    name: str
    attempts: int
    tokens_in: int
    tokens_out: int
    cost_micros: int
    estimated_micros: int


@dataclass(frozen=True, slots=True)
class Summary:
    """This month so far (UTC), all told, by feature and by provider; the built-in writer counts as a provider."""

    since: datetime
    attempts: int
    tokens_in: int
    tokens_out: int
    cost_micros: int
    estimated_micros: int
    by_feature: tuple[Share, ...]
    by_provider: tuple[Share, ...]
