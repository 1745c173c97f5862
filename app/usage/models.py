"""What was used: one row per attempt at a model, however it ended. Rows outlive what they paid for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, id_column, tenant_key


class UsageEvent(TenantOwned, table=True):
    """One attempt. Amounts are micro-dollars; `tokens_estimated` and `cost_known` say how far they can be trusted.

    `generation_id` points at nothing on purpose: erasing a text does not erase what it cost.
    """

    __tablename__ = "usage_event"
    __table_args__ = (tenant_key(), sa.Index("ix_usage_event_month", "tenant_id", "created_at"))

    id: UUID = id_column()
    user_id: UUID | None = Field(
        default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True, index=True
    )
    api_key_id: UUID | None = Field(default=None, nullable=True)
    feature: str = Field(max_length=40)
    generation_id: UUID | None = Field(default=None, nullable=True, index=True)
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
    first_token_ms: int | None = Field(default=None, nullable=True)
    total_ms: int = 0
    created_at: datetime = created_column()
