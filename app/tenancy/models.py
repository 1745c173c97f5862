"""Organisations (tenants), people, memberships, sessions, keys, invitations, and the audit trail.

`tenant`, `user_account`, `auth_session` and `operator_claim` belong to no tenant: they are read before one is known.
A membership is its tenant's, and its person's: row-level security lets a person see their own memberships everywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.tables import (
    TenantOwned,
    created_column,
    id_column,
    json_column,
    moment_column,
    tenant_key,
    within_tenant,
)


class Tenant(SQLModel, table=True):
    """An organisation: the unit of isolation."""

    id: UUID = id_column()
    name: str = Field(max_length=120)
    is_demo: bool = False
    expires_at: datetime | None = moment_column(nullable=True, index=True)
    wrapped_key: str | None = Field(default=None, sa_type=sa.Text, nullable=True)
    settings: dict[str, Any] | None = json_column(nullable=True)
    created_at: datetime = created_column()


class User(SQLModel, table=True):
    """A person. Demo visitors have no e-mail and no password."""

    __tablename__ = "user_account"  # "user" is a reserved word of PostgreSQL

    id: UUID = id_column()
    email: str | None = Field(default=None, max_length=254, unique=True, nullable=True)
    password_hash: str | None = Field(default=None, max_length=255, nullable=True)
    name: str = Field(default="", max_length=120)
    locale: str = Field(default="en", max_length=10)
    theme: str = Field(default="system", max_length=10)
    is_operator: bool = False
    created_at: datetime = created_column()


class Team(TenantOwned, table=True):
    """Some of an organisation's members, for budgets and reports."""

    __table_args__ = (tenant_key(), sa.UniqueConstraint("tenant_id", "name"))

    id: UUID = id_column()
    name: str = Field(max_length=80)
    created_at: datetime = created_column()


class Membership(TenantOwned, table=True):
    """A person's role in an organisation, and their team in it."""

    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "user_id"),
        within_tenant("team_id", parent="team", ondelete="NO ACTION"),
    )

    id: UUID = id_column()
    user_id: UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    role: str = Field(max_length=10)
    team_id: UUID | None = Field(default=None, nullable=True, index=True)
    created_at: datetime = created_column()


class AuthSession(SQLModel, table=True):
    """A browser's sign-in; only a hash of the cookie is kept."""

    __tablename__ = "auth_session"

    id: UUID = id_column()
    token_hash: str = Field(max_length=64, unique=True)
    user_id: UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    active_tenant_id: UUID = Field(foreign_key="tenant.id", ondelete="CASCADE", index=True)
    expires_at: datetime = moment_column(index=True)
    seen_at: datetime = moment_column()
    created_at: datetime = created_column()


class ApiKey(TenantOwned, table=True):
    """A program's key, shown once; the tenant's id is part of the key, so that it is looked up inside its wall."""

    __tablename__ = "api_key"
    __table_args__ = (
        tenant_key(),
        sa.ForeignKeyConstraint(  # a key ends with its person's membership
            ["tenant_id", "user_id"], ["membership.tenant_id", "membership.user_id"], ondelete="CASCADE"
        ),
    )

    id: UUID = id_column()
    user_id: UUID
    name: str = Field(max_length=80)
    secret_hash: str = Field(max_length=64, unique=True)
    tail: str = Field(max_length=4)
    scopes: list[str] = json_column()
    expires_at: datetime | None = moment_column(nullable=True)
    last_used_at: datetime | None = moment_column(nullable=True)
    created_at: datetime = created_column()


class Invitation(TenantOwned, table=True):
    """A one-time link into an organisation."""

    __table_args__ = (tenant_key(),)

    id: UUID = id_column()
    secret_hash: str = Field(max_length=64, unique=True)
    email: str | None = Field(default=None, max_length=254, nullable=True)
    role: str = Field(max_length=10)
    invited_by: UUID = Field(foreign_key="user_account.id", ondelete="CASCADE")
    expires_at: datetime = moment_column()
    created_at: datetime = created_column()


class AuditEvent(TenantOwned, table=True):
    """Who did what to which thing, in words a person can read."""

    __tablename__ = "audit_event"
    __table_args__ = (tenant_key(),)

    id: UUID = id_column()
    user_id: UUID | None = Field(default=None, nullable=True)
    action: str = Field(max_length=60)
    target: str = Field(default="", max_length=120)
    detail: dict[str, Any] | None = json_column(nullable=True)
    created_at: datetime = created_column()


class OperatorClaim(SQLModel, table=True):
    """The one-time token that makes the first operator; a hash, gone once used."""

    __tablename__ = "operator_claim"

    id: UUID = id_column()
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = created_column()
