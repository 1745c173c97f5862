"""What crosses the doors of usage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.core.ports import ProviderKind
from app.usage.prices import Price

Outcome = Literal["ok", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a model, as it ended. Tokens are None where the provider did not count; then texts are guessed by.

    `billable` False: the provider refused before it worked, so nothing is owed.
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
