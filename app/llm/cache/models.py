"""What a workspace's earlier answers and searches are kept in, and how often they were of use."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, encrypted_column, id_column, moment_column, tenant_key


class CacheEntry(TenantOwned, table=True):
    """One answer (`kind` "answer") or one search ("search").

    `key` and `circle` are keyed hashes under the tenant's data key: equal prompts of two tenants share nothing.
    `key` is of everything that makes a question the same to the letter; `circle` is of all that must agree before two
    questions are compared by meaning. `question` and `vector` are what they are compared by, empty where they are not.
    """

    __tablename__ = "cache_entry"
    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "key"),
        sa.Index("ix_cache_entry_created", "tenant_id", "created_at"),
        sa.Index("ix_cache_entry_expires", "tenant_id", "expires_at"),
    )

    id: UUID = id_column()
    kind: str = Field(max_length=10)
    key: str = Field(max_length=64)
    circle: str = Field(max_length=64)
    question: str = encrypted_column()
    vector: str = encrypted_column()
    text: str = encrypted_column()
    provider: str = Field(default="", max_length=80)
    model: str = Field(default="", max_length=200)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True)
    cost_micros: int = Field(default=0, sa_type=sa.BigInteger)
    size_bytes: int = 0
    created_at: datetime = created_column()
    expires_at: datetime = moment_column()


class CacheTally(TenantOwned, table=True):
    """How often on one day (UTC) a lookup ended so: "exact", "answer", "embedding" or "miss"; micro-dollars saved."""

    __tablename__ = "cache_tally"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "day", "outcome"))

    id: UUID = id_column()
    day: date = Field(sa_type=sa.Date)
    outcome: str = Field(max_length=10)
    lookups: int = 0
    saved_micros: int = Field(default=0, sa_type=sa.BigInteger)
