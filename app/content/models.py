"""Runs, their variants, and the documents people keep. What a person or a model wrote is sealed; the rest is plain.

Generation 1-n Variant; Document 1-n DocumentVersion; a document remembers the run and the variant it came from.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import (
    TenantOwned,
    created_column,
    encrypted_column,
    id_column,
    json_column,
    moment_column,
    tenant_key,
    within_tenant,
)


class Generation(TenantOwned, table=True):
    """One run of a template. `state` goes running -> done | failed | stopped; `inputs` is JSON."""

    __table_args__ = (tenant_key(), sa.Index("ix_generation_newest", "tenant_id", "created_at", "id"))

    id: UUID = id_column()
    template_id: str = Field(max_length=60)
    template_version: int
    language: str = Field(max_length=10)
    inputs: str = encrypted_column()
    variants: int
    state: str = Field(max_length=10)
    error_code: str = Field(default="", max_length=60)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    api_key_id: UUID | None = Field(default=None, nullable=True)
    cost_micros: int = 0
    created_at: datetime = created_column()
    finished_at: datetime | None = moment_column(nullable=True)


class Variant(TenantOwned, table=True):
    """One text of a run ("A" to "E"): what was written, by whom, at what price, and the machine's verdict (JSON)."""

    __table_args__ = (
        tenant_key(),
        within_tenant("generation_id", parent="generation"),
        sa.UniqueConstraint("tenant_id", "generation_id", "letter"),
    )

    id: UUID = id_column()
    generation_id: UUID
    letter: str = Field(max_length=1)
    state: str = Field(max_length=10)
    output: str = encrypted_column()
    verdict: str = encrypted_column()
    why: list[dict[str, object]] | None = json_column(nullable=True)
    provenance: dict[str, object] | None = json_column(nullable=True)
    provider: str = Field(default="", max_length=120)
    model: str = Field(default="", max_length=200)
    embedded: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    cost_micros: int = 0
    cost_known: bool = True
    first_token_ms: int = 0
    total_ms: int = 0
    repaired: bool = False
    passed: int = 0
    total: int = 0
    created_at: datetime = created_column()


class Document(TenantOwned, table=True):
    """A text that was kept. `version` is the number of the current version; `deleted_at` lets a deletion be undone."""

    __table_args__ = (
        tenant_key(),
        # NO ACTION: a run that led to a document is not deleted by itself, and the tenant's cascade still passes.
        within_tenant("generation_id", parent="generation", ondelete="NO ACTION"),
        sa.Index("ix_document_latest", "tenant_id", "updated_at", "id"),
        sa.Index("ix_document_origin", "tenant_id", "generation_id", "variant"),
    )

    id: UUID = id_column()
    title: str = encrypted_column()
    template_id: str = Field(max_length=60)
    language: str = Field(max_length=10)
    generation_id: UUID
    variant: str = Field(max_length=1)
    version: int = 1
    passed: int = 0
    total: int = 0
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    created_at: datetime = created_column()
    updated_at: datetime = moment_column()
    deleted_at: datetime | None = moment_column(nullable=True)


class DocumentVersion(TenantOwned, table=True):
    """One state of a document; numbers go up from 1. `cause` is generated, edited or restored."""

    __tablename__ = "document_version"
    __table_args__ = (
        tenant_key(),
        within_tenant("document_id", parent="document"),
        sa.UniqueConstraint("tenant_id", "document_id", "number"),
    )

    id: UUID = id_column()
    document_id: UUID
    number: int
    content: str = encrypted_column()
    cause: str = Field(max_length=10)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    passed: int = 0
    total: int = 0
    created_at: datetime = created_column()


class Favourite(TenantOwned, table=True):
    """A template that a person marked for themselves."""

    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "user_id", "template_id"))

    id: UUID = id_column()
    user_id: UUID = Field(foreign_key="user_account.id", ondelete="CASCADE")
    template_id: str = Field(max_length=60)
    created_at: datetime = created_column()
