"""All SQL of the cache."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from app.llm.cache.models import CacheEntry, CacheTally

_LIGHT = ("id", "tenant_id", "kind", "key", "circle", "vector", "size_bytes", "created_at", "expires_at")


async def ids(session: AsyncSession, *, since: datetime | None, now: datetime) -> list[tuple[str, UUID]]:
    """Return (key, id) of the live entries made since a moment, oldest first."""
    query = sa.select(col(CacheEntry.key), col(CacheEntry.id)).where(col(CacheEntry.expires_at) > now)
    if since is not None:
        query = query.where(col(CacheEntry.created_at) >= since)
    return [(key, row_id) for key, row_id in (await session.execute(query.order_by(col(CacheEntry.id)))).all()]


async def rows(session: AsyncSession, *, ids: Sequence[UUID]) -> Sequence[CacheEntry]:
    """Return entries without question and text, which stay sealed in the database."""
    light = load_only(*(getattr(CacheEntry, name) for name in _LIGHT))
    query = select(CacheEntry).options(light).where(col(CacheEntry.id).in_(ids))
    return (await session.execute(query)).scalars().all()


async def by_key(session: AsyncSession, *, key: str, now: datetime) -> CacheEntry | None:
    """Return the live entry of a key."""
    query = select(CacheEntry).where(CacheEntry.key == key, col(CacheEntry.expires_at) > now)
    return (await session.execute(query)).scalar_one_or_none()


async def by_keys(session: AsyncSession, *, keys: Sequence[str], now: datetime) -> dict[str, CacheEntry]:
    """Return the live entries of some keys."""
    query = select(CacheEntry).where(col(CacheEntry.key).in_(keys), col(CacheEntry.expires_at) > now)
    return {row.key: row for row in (await session.execute(query)).scalars()}


async def drop_key(session: AsyncSession, *, key: str) -> None:
    """Delete the entry of a key."""
    await session.execute(sa.delete(CacheEntry).where(col(CacheEntry.key) == key))


async def drop_expired(session: AsyncSession, *, now: datetime) -> int:
    """Delete what has expired; return how many."""
    gone = await session.execute(
        sa.delete(CacheEntry).where(col(CacheEntry.expires_at) <= now).returning(col(CacheEntry.id))
    )
    return len(gone.all())


async def drop_oldest(session: AsyncSession, *, count: int) -> set[str]:
    """Delete the oldest entries; return their keys."""
    oldest = select(CacheEntry.id).order_by(col(CacheEntry.created_at), col(CacheEntry.id)).limit(count)
    gone = await session.execute(
        sa.delete(CacheEntry).where(col(CacheEntry.id).in_(oldest)).returning(col(CacheEntry.key))
    )
    return set(gone.scalars())


async def drop_all(session: AsyncSession) -> int:
    """Delete every entry; return how many."""
    return len((await session.execute(sa.delete(CacheEntry).returning(col(CacheEntry.id)))).all())


async def drop_tallies(session: AsyncSession, *, before: date) -> None:
    """Forget the tallies of days long ago."""
    await session.execute(sa.delete(CacheTally).where(col(CacheTally.day) < before))


async def contents(session: AsyncSession, *, now: datetime) -> tuple[int, int]:
    """Return how many live entries there are, and their size in bytes."""
    query = sa.select(
        sa.func.count(col(CacheEntry.id)), sa.func.coalesce(sa.func.sum(col(CacheEntry.size_bytes)), 0)
    ).where(col(CacheEntry.expires_at) > now)
    count, size_bytes = (await session.execute(query)).one()
    return int(count), int(size_bytes)


async def add_to_tally(session: AsyncSession, *, day: date, outcome: str, lookups: int, saved_micros: int) -> None:
    """Add to the tally of a day."""
    add = (
        sa.update(CacheTally)
        .where(col(CacheTally.day) == day, col(CacheTally.outcome) == outcome)
        .values(lookups=CacheTally.lookups + lookups, saved_micros=CacheTally.saved_micros + saved_micros)
        .returning(col(CacheTally.id))
    )
    if (await session.execute(add)).first() is not None:
        return
    try:
        async with session.begin_nested():
            session.add(CacheTally(day=day, outcome=outcome, lookups=lookups, saved_micros=saved_micros))
    except IntegrityError:  # another process made the row meanwhile
        await session.execute(add)


async def tallies(session: AsyncSession, *, since: date) -> dict[str, tuple[int, int]]:
    """Return (lookups, micro-dollars saved) by outcome since a day."""
    query = (
        sa.select(
            col(CacheTally.outcome), sa.func.sum(col(CacheTally.lookups)), sa.func.sum(col(CacheTally.saved_micros))
        )
        .where(col(CacheTally.day) >= since)
        .group_by(col(CacheTally.outcome))
    )
    return {str(outcome): (int(n), int(saved)) for outcome, n, saved in (await session.execute(query)).all()}
