"""What a report of a month is made of. Amounts are micro-dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.usage.budgeting import BudgetView
from app.usage.pace import Pace
from app.usage.schemas import Share


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month all told.

    `half_micros` and `twentieth_micros`: half of all runs that asked a provider cost no more than the first, one in
    twenty costs more than the second, nearly always of `twentieth_feature` ("" where none stands out). `pace` is None
    for a month that is over. `budget` is the workspace's own for the month, None where there is none.
    """

    month: date
    until: date
    is_present: bool
    attempts: int
    tokens_in: int
    tokens_out: int
    cost_micros: int
    estimated_micros: int
    runs: int
    half_micros: int
    twentieth_micros: int
    twentieth_feature: str
    earlier_answers: int
    saved_micros: int
    by_feature: tuple[Share, ...]
    by_provider: tuple[Share, ...]
    budget: BudgetView | None
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class DaySpend:
    """What one feature cost on one day."""

    day: date
    feature: str
    calls: int
    cost_micros: int
    estimated_micros: int


@dataclass(frozen=True, slots=True)
class MemberSpend:
    """What a person's own calls cost; those of their API keys are in KeySpend. `budgets` are the person's."""

    user_id: UUID | None
    name: str
    calls: int
    cost_micros: int
    estimated_micros: int
    budgets: tuple[BudgetView, ...]


@dataclass(frozen=True, slots=True)
class KeySpend:
    """What an API key's calls cost; `name` is "" where the key is gone."""

    api_key_id: UUID
    name: str
    calls: int
    cost_micros: int
    estimated_micros: int
    budgets: tuple[BudgetView, ...]


@dataclass(frozen=True, slots=True)
class TeamSpend:
    """What a team's calls cost, those of its members' keys included; `team_id` None: people without a team."""

    team_id: UUID | None
    name: str
    calls: int
    cost_micros: int
    estimated_micros: int
    budgets: tuple[BudgetView, ...]


@dataclass(frozen=True, slots=True)
class ModelSpend:
    """What a provider's model cost; the built-in writer is `embedded`."""

    provider: str
    model: str
    embedded: bool
    calls: int
    tokens_in: int
    tokens_out: int
    cost_micros: int
    estimated_micros: int


@dataclass(frozen=True, slots=True)
class CallRow:
    """One attempt at a text. `outcome`: ok, failed, cancelled, or lost (a killed process; booked at its estimate)."""

    id: UUID
    call_id: UUID
    attempt_no: int
    created_at: datetime
    feature: str
    template_id: str
    generation_id: UUID | None
    user_id: UUID | None
    user_name: str
    api_key_id: UUID | None
    key_name: str
    team_id: UUID | None
    provider: str
    model: str
    tier: str
    embedded: bool
    served: str
    saved_micros: int
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
class CallPage:
    """The calls behind a bar, dearest first. `calls` and `cost_micros` are of all of them, not of this page."""

    items: tuple[CallRow, ...]
    next_cursor: str | None
    calls: int
    cost_micros: int
