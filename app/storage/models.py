"""Files of an organisation: what is known of them; the bytes are blobs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, encrypted_column, id_column, moment_column, tenant_key


class FileRecord(TenantOwned, table=True):
    """One file. `state` goes writing -> ready -> deleting -> gone; a crash in between is swept up by its age.

    While a file is being written, `size_bytes` is what it may take at most: the quota counts it already. `blob` is
    where its bytes lie under the tenant's prefix: named by their sum, so rows of the same bytes share one. Empty: the
    row is older than that, and the blob is named by the row. `purpose`: what a person uploaded ("file"), an asset's
    content ("media") or what was made to show it ("preview"). A file whose blob is gone is `lost`.
    """

    __tablename__ = "file_record"
    __table_args__ = (
        tenant_key(),
        sa.Index("ix_file_record_newest", "tenant_id", "created_at", "id"),
        sa.Index("ix_file_record_blob", "tenant_id", "blob"),
    )

    id: UUID = id_column()
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    name: str = encrypted_column()
    kind: str = Field(default="", max_length=20)
    purpose: str = Field(default="file", max_length=10, sa_column_kwargs={"server_default": "file"})
    size_bytes: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(default="", max_length=64)
    blob: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    state: str = Field(max_length=10)
    changed_at: datetime = moment_column()
    created_at: datetime = created_column()


class LinkKey(TenantOwned, table=True):
    """What signs a workspace's links to files. There is one; a new one makes every earlier link worthless."""

    __tablename__ = "link_key"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", name="uq_link_key_tenant_id"))

    id: UUID = id_column()
    secret: str = encrypted_column()
    created_at: datetime = created_column()
