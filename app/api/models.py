"""What the REST door keeps by itself: the results of requests that carried an Idempotency-Key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, encrypted_column, id_column, moment_column, tenant_key


class IdempotencyRecord(TenantOwned, table=True):
    """One key of one caller. `status` is 0 while the first request runs; `lease_until` tells a crash from patience."""

    __tablename__ = "idempotency_record"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "caller_id", "key"))

    id: UUID = id_column()
    caller_id: UUID
    key: str = Field(max_length=255)
    request_hash: str = Field(max_length=64)
    status: int = 0
    media_type: str = Field(default="", max_length=100)
    body: str | None = encrypted_column(nullable=True)
    lease_until: datetime = moment_column()
    expires_at: datetime = moment_column(index=True)
    created_at: datetime = created_column()
