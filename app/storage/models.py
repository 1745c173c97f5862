"""Files of an organisation: what is known of them; the bytes are blobs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, encrypted_column, id_column, moment_column, tenant_key


class FileRecord(TenantOwned, table=True):
    """One file. `state` goes writing -> ready -> deleting -> gone; a crash in between is swept up by its age.

    While a file is being written, `size_bytes` is what it may take at most: the quota counts it already.
    """

    __tablename__ = "file_record"
    __table_args__ = (tenant_key(), sa.Index("ix_file_record_newest", "tenant_id", "created_at", "id"))

    id: UUID = id_column()
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    name: str = encrypted_column()
    kind: str = Field(default="", max_length=20)
    size_bytes: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(default="", max_length=64)
    state: str = Field(max_length=10)
    changed_at: datetime = moment_column()
    created_at: datetime = created_column()
