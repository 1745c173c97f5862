"""Tables of the job ledger.

`job`, `job_need` and `job_effect` are the tenant's and lie behind its walls. `outbox` and `duty` belong to no tenant:
dispatcher and sweeper look over all of them at once, so these hold ids, numbers and moments and never any content.
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
    encrypted_column,
    id_column,
    json_column,
    moment_column,
    tenant_key,
    within_tenant,
)


class Job(TenantOwned, table=True):
    """One piece of work that was asked for.

    `args`, `noted` and `result` are JSON objects. `attempt` counts the starts since it was last asked for, `failures`
    and `deaths` how they ended; `fence` counts all starts. `asked` is what a running job was told to do.
    `reserved_micros` is what the feature holds in its budget for it. `every_s`: 0, or the pace of a series.
    """

    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "name", "key"),
        sa.Index("ix_job_tenant_id_state", "tenant_id", "state"),
    )

    id: UUID = id_column()
    name: str = Field(max_length=40)
    queue: str = Field(max_length=12)
    key: str | None = Field(default=None, max_length=200, nullable=True)
    args: str = encrypted_column()
    noted: str = encrypted_column()
    result: str = encrypted_column()
    state: str = Field(max_length=12)
    asked: str = Field(default="", max_length=8)
    priority: int = 0
    every_s: int = 0
    reserved_micros: int = Field(default=0, sa_type=sa.BigInteger)
    attempt: int = 0
    failures: int = 0
    deaths: int = 0
    fence: int = 0
    step: str = Field(default="", max_length=60)
    done_permille: int = 0
    error_code: str = Field(default="", max_length=60)
    error_params: dict[str, Any] | None = json_column(nullable=True)
    user_id: UUID | None = Field(
        default=None, foreign_key="user_account.id", ondelete="SET NULL", nullable=True, index=True
    )
    api_key_id: UUID | None = Field(default=None, nullable=True)
    actor: str = Field(max_length=10)
    locale: str = Field(default="en", max_length=10)
    request_id: str = Field(default="", max_length=60)
    not_before: datetime | None = moment_column(nullable=True)
    began_at: datetime | None = moment_column(nullable=True)
    progressed_at: datetime | None = moment_column(nullable=True)
    ended_at: datetime | None = moment_column(nullable=True, index=True)
    created_at: datetime = created_column()


class JobNeed(TenantOwned, table=True):
    """A job that starts only after another one is done."""

    __tablename__ = "job_need"
    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "job_id", "needs_id"),
        within_tenant("job_id", parent="job"),
        within_tenant("needs_id", parent="job"),
    )

    id: UUID = id_column()
    job_id: UUID
    needs_id: UUID = Field(index=True)


class JobEffect(TenantOwned, table=True):
    """Something that a job has done and must never do again: committed together with what it did."""

    __tablename__ = "job_effect"
    __table_args__ = (
        tenant_key(),
        sa.UniqueConstraint("tenant_id", "job_id", "effect"),
        within_tenant("job_id", parent="job"),
    )

    id: UUID = id_column()
    job_id: UUID
    effect: str = Field(max_length=60)
    fence: int
    created_at: datetime = created_column()


class Outbox(SQLModel, table=True):
    """An unfinished job as the dispatcher sees it; written in the same unit of work as the job, gone when it ends.

    `look_at` is when somebody has to look: waiting, when it may start (None: when what it needs is done); queued, when
    to ring again; running, when its lease ends. `due_at` is since when it could have run, while it waits or is queued.
    `holder` is the process that runs it. A job in quarantine stays: operators count here, over all workspaces.
    """

    __table_args__ = (
        sa.Index("ix_outbox_state_look_at", "state", "look_at"),
        sa.Index("ix_outbox_owner_tenant_id_queue", "owner_tenant_id", "queue"),
    )

    job_id: UUID = Field(primary_key=True, foreign_key="job.id", ondelete="CASCADE")
    owner_tenant_id: UUID = Field(foreign_key="tenant.id", ondelete="CASCADE")
    queue: str = Field(max_length=12)
    state: str = Field(max_length=12)
    priority: int = 0
    look_at: datetime | None = moment_column(nullable=True)
    due_at: datetime | None = moment_column(nullable=True)
    fence: int = 0
    asked: str = Field(default="", max_length=8)
    holder: str = Field(default="", max_length=80, index=True)


class Duty(SQLModel, table=True):
    """Work that one process of the installation does for all; whoever holds it renews it before `until`."""

    name: str = Field(primary_key=True, max_length=40)
    holder: str = Field(max_length=80)
    until: datetime = moment_column()
