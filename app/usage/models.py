"""What was used and what it cost: attempts, the double-entry ledger, open reservations, budgets, prices, invoices.

Rows outlive what they paid for: they point at people, teams, keys and texts without holding on to them.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.ids import NOBODY
from app.core.tables import (
    TenantOwned,
    created_column,
    id_column,
    tenant_key,
    within_tenant,
)


class UsageEvent(TenantOwned, table=True):
    """One attempt. Amounts are micro-dollars; `tokens_estimated` and `cost_known` say how far they can be trusted.

    `call_id` is the same for all attempts at one text, `attempt_no` counts them from 1; 0 is what a killed process
    left. `served` says whether a model wrote ("model") or an earlier answer was given again ("exact", "answer").
    `asked_tier`, `quality`, `max_tokens`, `prompt_chars`, `failed_checks` and `score_permille` are what a routing
    decision looks at: with them it can be made again under another policy. `created_at` is when the call began.
    `generation_id` points at nothing on purpose: erasing a text does not erase what it cost.
    """

    __tablename__ = "usage_event"
    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "call_id", "attempt_no"),
        sa.Index("ix_usage_event_month", "tenant_id", "created_at"),
    )

    id: UUID = id_column()
    call_id: UUID
    attempt_no: int = 1
    user_id: UUID | None = Field(
        default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True, index=True
    )
    api_key_id: UUID | None = Field(default=None, nullable=True)
    team_id: UUID | None = Field(default=None, nullable=True)
    feature: str = Field(max_length=40)
    generation_id: UUID | None = Field(default=None, nullable=True, index=True)
    template_id: str = Field(default="", max_length=80)
    task_kind: str = Field(default="", max_length=60)
    language: str = Field(default="", max_length=20)
    tier: str = Field(default="", max_length=10)
    asked_tier: str = Field(default="", max_length=10)
    quality: str = Field(default="balanced", max_length=10)
    provider: str = Field(max_length=80)
    kind: str = Field(max_length=20)
    model: str = Field(max_length=200)
    outcome: str = Field(max_length=10)
    error_code: str = Field(default="", max_length=60)
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_estimated: bool = False
    cost_micros: int = Field(default=0, sa_type=sa.BigInteger)
    cost_known: bool = True
    served: str = Field(default="model", max_length=10)
    saved_micros: int = Field(default=0, sa_type=sa.BigInteger)
    prompt_chars: int = 0
    max_tokens: int = 0
    failed_checks: int = 0
    score_permille: int | None = Field(default=None, nullable=True)
    first_token_ms: int | None = Field(default=None, nullable=True)
    total_ms: int = 0
    created_at: datetime = created_column()


class Reservation(TenantOwned, table=True):
    """Money held for one call while it runs; its id is the call's. `state`: open, settled, or swept."""

    __table_args__ = (tenant_key(), sa.Index("ix_reservation_open", "tenant_id", "state", "created_at"))

    id: UUID = id_column()
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True)
    api_key_id: UUID | None = Field(default=None, nullable=True)
    team_id: UUID | None = Field(default=None, nullable=True)
    feature: str = Field(max_length=40)
    micros: int = Field(sa_type=sa.BigInteger)
    state: str = Field(max_length=10)
    created_at: datetime = created_column()


class LedgerLine(TenantOwned, table=True):
    """One line of a transaction; the lines of one (`call_id`, `kind`, `attempt_no` of a booking) sum to zero."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "call_id", "kind", "attempt_no", "account"),
        sa.Index("ix_ledger_line_transaction", "tenant_id", "transaction_id"),
    )

    id: UUID = id_column()
    transaction_id: UUID
    kind: str = Field(max_length=10)
    call_id: UUID
    attempt_no: int = 0
    account: str = Field(max_length=60)
    micros: int = Field(sa_type=sa.BigInteger)
    created_at: datetime = created_column()


class Budget(TenantOwned, table=True):
    """What may be spent in a month or a day by somebody or for something, and what was spent of it.

    `subject_id` is the team's, the person's or the key's; NOBODY where `kind` is tenant or feature. `spent_micros` and
    `reserved_micros` are of the period that began on `period_start`; they begin anew with the next one.
    """

    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "kind", "subject_id", "feature", "period"),
    )

    id: UUID = id_column()
    kind: str = Field(max_length=10)
    subject_id: UUID = NOBODY
    feature: str = Field(default="", max_length=40)
    period: str = Field(max_length=10)
    limit_micros: int | None = Field(default=None, sa_type=sa.BigInteger, nullable=True)
    soft_micros: int | None = Field(default=None, sa_type=sa.BigInteger, nullable=True)
    period_start: date
    spent_micros: int = Field(default=0, sa_type=sa.BigInteger)
    reserved_micros: int = Field(default=0, sa_type=sa.BigInteger)
    created_at: datetime = created_column()


class PriceEntry(SQLModel, table=True):
    """A price that the operator set: it holds from a date on, for every workspace. Nothing is overwritten."""

    __tablename__ = "price_entry"
    __table_args__ = (sa.UniqueConstraint("kind", "model", "valid_from"),)

    id: UUID = id_column()
    kind: str = Field(max_length=20)
    model: str = Field(max_length=200)
    input_micros: int = Field(sa_type=sa.BigInteger)
    output_micros: int = Field(sa_type=sa.BigInteger)
    valid_from: date
    source: str = Field(max_length=300)
    set_by: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = created_column()


class Invoice(TenantOwned, table=True):
    """A provider's bill as it was imported, to be held against what was booked."""

    __table_args__ = (tenant_key(),)

    id: UUID = id_column()
    provider: str = Field(max_length=80)
    first_day: date
    last_day: date
    billed_micros: int = Field(sa_type=sa.BigInteger)
    imported_by: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = created_column()


class InvoiceLine(TenantOwned, table=True):
    """What a bill says for one model on one day."""

    __tablename__ = "invoice_line"
    __table_args__ = (tenant_key(), within_tenant("invoice_id", parent="invoice"))

    id: UUID = id_column()
    invoice_id: UUID = Field(index=True)
    day: date
    model: str = Field(max_length=200)
    tokens_in: int = Field(default=0, sa_type=sa.BigInteger)
    tokens_out: int = Field(default=0, sa_type=sa.BigInteger)
    billed_micros: int = Field(sa_type=sa.BigInteger)
