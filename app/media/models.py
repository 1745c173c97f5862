"""The media library: assets, their tags and folders, and what they were made from and used in.

AssetFolder 1-n Asset; Asset 1-n AssetTag; Asset 1-n AssetTie. What a person or a model wrote is sealed; kinds, sizes,
states, prices and ids are plain.
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
    moment_column,
    tenant_key,
    within_tenant,
)


class AssetFolder(TenantOwned, table=True):
    """A folder of the library; there is one level of them."""

    __tablename__ = "asset_folder"
    __table_args__ = (tenant_key(),)

    id: UUID = id_column()
    name: str = encrypted_column()
    created_at: datetime = created_column()


class Asset(TenantOwned, table=True):
    """One picture, sound, transcript or clip. `state` goes making -> ready | failed; an upload is ready at once.

    `recipe` is JSON: what was asked for, and with which it can be made again (recipes.py), and what became of it
    (outcomes.py). `file_id` is the content,
    `preview_id` a picture of it (a thumbnail, a waveform, a frame); both point at rows of file_record, which are
    deleted after this one. `rights`: own, licensed, generated or unknown. `error_code` says why it failed.
    `deleted_at`: since when it lies in the trash (trash.py).
    """

    __table_args__ = (
        tenant_key(),
        within_tenant("folder_id", parent="asset_folder", ondelete="NO ACTION"),
        within_tenant("file_id", parent="file_record", ondelete="NO ACTION"),
        within_tenant("preview_id", parent="file_record", ondelete="NO ACTION"),
        sa.Index("ix_asset_newest", "tenant_id", "created_at", "id"),
        sa.Index("ix_asset_folder_id", "tenant_id", "folder_id"),
        sa.Index("ix_asset_file_id", "tenant_id", "file_id"),
        sa.Index("ix_asset_deleted", "tenant_id", "deleted_at"),
    )

    id: UUID = id_column()
    kind: str = Field(max_length=12)
    state: str = Field(max_length=10)
    origin: str = Field(max_length=10)
    title: str = encrypted_column()
    alt_text: str = encrypted_column()
    rights: str = Field(default="unknown", max_length=12)
    licence_note: str = encrypted_column()
    recipe: str = encrypted_column()
    folder_id: UUID | None = Field(default=None, nullable=True)
    file_id: UUID | None = Field(default=None, nullable=True)
    preview_id: UUID | None = Field(default=None, nullable=True)
    media_type: str = Field(default="", max_length=60)
    width_px: int = 0
    height_px: int = 0
    duration_ms: int = 0
    size_bytes: int = Field(default=0, sa_type=sa.BigInteger)
    sha256: str = Field(default="", max_length=64)
    captions: str = encrypted_column()
    provider: str = Field(default="", max_length=120)
    model: str = Field(default="", max_length=200)
    embedded: bool = False
    seed: int | None = Field(default=None, nullable=True, sa_type=sa.BigInteger)
    cost_micros: int = Field(default=0, sa_type=sa.BigInteger)
    cost_known: bool = True
    job_id: UUID | None = Field(default=None, nullable=True, index=True)
    error_code: str = Field(default="", max_length=60)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", nullable=True, ondelete="SET NULL")
    api_key_id: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = created_column()
    updated_at: datetime = moment_column()
    deleted_at: datetime | None = moment_column(nullable=True)


class MediaBrand(TenantOwned, table=True):
    """How a brand looks and sounds. `kit` is JSON: colours, style, logo, voice, pronunciations (brands.py)."""

    __tablename__ = "media_brand"
    __table_args__ = (tenant_key(),)

    id: UUID = id_column()
    name: str = encrypted_column()
    kit: str = encrypted_column()
    created_at: datetime = created_column()


class WorkspaceWords(TenantOwned, table=True):
    """How words are said in every text of a workspace; there is one row. `said` is a JSON list (pronunciations.py)."""

    __tablename__ = "workspace_words"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", name="uq_workspace_words_tenant_id"))

    id: UUID = id_column()
    said: str = encrypted_column()
    created_at: datetime = created_column()


class AssetTag(TenantOwned, table=True):
    """A word that a person put on an asset. `digest`, made with the tenant's key, finds equal ones unopened."""

    __tablename__ = "asset_tag"
    __table_args__ = (
        tenant_key(),
        within_tenant("asset_id", parent="asset"),
        sa.UniqueConstraint("tenant_id", "asset_id", "digest"),
        sa.Index("ix_asset_tag_digest", "tenant_id", "digest"),
    )

    id: UUID = id_column()
    asset_id: UUID
    label: str = encrypted_column()
    digest: str = Field(max_length=64)


class AssetTie(TenantOwned, table=True):
    """Where an asset comes from and is used. `relation`: made_from or used_in; `other_kind`: asset or document.

    `other_id` points at nothing on purpose: what is gone stays in the history of what was made from it.
    """

    __tablename__ = "asset_tie"
    __table_args__ = (
        tenant_key(),
        within_tenant("asset_id", parent="asset"),
        sa.UniqueConstraint("tenant_id", "asset_id", "relation", "other_id"),
        sa.Index("ix_asset_tie_other_id", "tenant_id", "other_id"),
    )

    id: UUID = id_column()
    asset_id: UUID
    relation: str = Field(max_length=10)
    other_kind: str = Field(max_length=10)
    other_id: UUID
    created_at: datetime = created_column()
