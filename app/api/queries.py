"""All SQL of the REST door's own table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.api.models import IdempotencyRecord


async def record_of(
    session: AsyncSession, *, caller_id: UUID, key: str, locked: bool = False
) -> IdempotencyRecord | None:
    """Return what is kept under a caller's key; `locked` holds the row against others (PostgreSQL)."""
    query = select(IdempotencyRecord).where(IdempotencyRecord.caller_id == caller_id, IdempotencyRecord.key == key)
    if locked:
        query = query.with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def drop_expired(session: AsyncSession, *, now: datetime) -> None:
    """Forget the tenant's results whose time is over."""
    await session.execute(sa.delete(IdempotencyRecord).where(col(IdempotencyRecord.expires_at) <= now))


async def drop(session: AsyncSession, record_id: UUID) -> None:
    """Forget one record."""
    await session.execute(sa.delete(IdempotencyRecord).where(col(IdempotencyRecord.id) == record_id))


async def renew(session: AsyncSession, record_id: UUID, *, until: datetime) -> None:
    """Say that the request of a record still runs."""
    await session.execute(
        sa.update(IdempotencyRecord).where(col(IdempotencyRecord.id) == record_id).values(lease_until=until)
    )
