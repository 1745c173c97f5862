"""A workspace's connections to providers of models."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.core.tables import TenantOwned, created_column, encrypted_column, id_column, json_column, tenant_key


class ProviderConnection(TenantOwned, table=True):
    """One provider, as the workspace reaches it. `models` is a list of {id, tier, label, input_price, output_price}.

    A row of kind `embedded` exists only where the built-in writer was switched off once; it says nothing but that.
    """

    __tablename__ = "provider_connection"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "name"))

    id: UUID = id_column()
    name: str = Field(max_length=80)
    kind: str = Field(max_length=20)
    base_url: str = Field(default="", max_length=500)
    api_key: str = encrypted_column()
    position: int = 0
    enabled: bool = True
    models: list[dict[str, Any]] = json_column()
    options: dict[str, str] | None = json_column(nullable=True)
    last_test: dict[str, Any] | None = json_column(nullable=True)
    created_at: datetime = created_column()


class GatewayPolicyRow(TenantOwned, table=True):
    """One version of what a workspace decided about its calls to models; the highest is in force, none is changed."""

    __tablename__ = "gateway_policy"
    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "version"))

    id: UUID = id_column()
    version: int
    policy: dict[str, Any] = json_column()
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True)
    created_at: datetime = created_column()
