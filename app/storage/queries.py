"""All SQL of files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.storage.models import FileRecord, LinkKey


async def lock_tenant(session: AsyncSession, tenant_id: UUID) -> None:
    """Let one upload of this tenant at a time count what is stored, until this unit of work ends.

    SQLite has one writer anyhow. A key-share lock would be too weak: every new row of the tenant takes that one.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(str(tenant_id), 0)))
        await session.execute(lock, execution_options={"cross_tenant": True})


async def used_bytes(session: AsyncSession) -> int:
    """Return what the tenant's files take, those being written included."""
    total = sa.select(sa.func.coalesce(sa.func.sum(FileRecord.size_bytes), 0))
    return int((await session.execute(total)).scalar_one())


async def ready(session: AsyncSession, file_id: UUID) -> FileRecord | None:
    """Return a file that can be read."""
    query = select(FileRecord).where(FileRecord.id == file_id, FileRecord.state == "ready")
    return (await session.execute(query)).scalar_one_or_none()


async def newest(session: AsyncSession, *, limit: int, before: UUID | None) -> Sequence[FileRecord]:
    """Return uploaded files that can be read, newest first; `before` is the last id of the page before."""
    query = select(FileRecord).where(FileRecord.state == "ready", FileRecord.purpose == "file")
    query = query.order_by(col(FileRecord.id).desc()).limit(limit)
    if before is not None:
        query = query.where(FileRecord.id < before)
    return (await session.execute(query)).scalars().all()


async def left_over(session: AsyncSession, *, changed_before: datetime) -> Sequence[UUID]:
    """Return the files whose writing or deleting was cut short."""
    states = ("writing", "deleting")
    query = select(FileRecord.id).where(col(FileRecord.state).in_(states), FileRecord.changed_at < changed_before)
    return (await session.execute(query)).scalars().all()


async def of_purpose(session: AsyncSession, purposes: Sequence[str], *, changed_before: datetime) -> Sequence[UUID]:
    """Return the files of these purposes that lie there unchanged since then."""
    query = select(FileRecord.id).where(
        col(FileRecord.purpose).in_(purposes),
        col(FileRecord.state).in_(("ready", "lost")),
        FileRecord.changed_at < changed_before,
    )
    return (await session.execute(query)).scalars().all()


async def all_ids(session: AsyncSession) -> Sequence[UUID]:
    """Return every file of the tenant, in whatever state."""
    return (await session.execute(select(FileRecord.id))).scalars().all()


async def holders(session: AsyncSession, blob: str) -> dict[str, int]:
    """Return how many rows hold a blob, by their state."""
    count = sa.func.count()
    query = sa.select(col(FileRecord.state), count).where(col(FileRecord.blob) == blob).group_by(FileRecord.state)
    return {str(state): int(number) for state, number in await session.execute(query)}


async def blob_with(session: AsyncSession, sha256: str) -> str | None:
    """Return the blob of a file that can be read and has this sum, None where there is none."""
    query = select(FileRecord.blob).where(
        FileRecord.sha256 == sha256, FileRecord.state == "ready", FileRecord.blob != ""
    )
    return (await session.execute(query.limit(1))).scalar_one_or_none()


async def known_blobs(session: AsyncSession) -> Sequence[FileRecord]:
    """Return every row of the tenant that has bytes, or may have some."""
    return (await session.execute(select(FileRecord))).scalars().all()


async def drop(session: AsyncSession, file_id: UUID) -> None:
    """Forget a file."""
    await session.execute(sa.delete(FileRecord).where(col(FileRecord.id) == file_id))


async def mark(session: AsyncSession, file_id: UUID, *, state: str, now: datetime) -> bool:
    """Move a file that is ready, or lost its bytes, on to `state`; false where there is none."""
    query = sa.update(FileRecord).where(col(FileRecord.id) == file_id, col(FileRecord.state).in_(("ready", "lost")))
    result = await session.execute(query.values(state=state, changed_at=now).returning(col(FileRecord.id)))
    return result.first() is not None


async def link_key(session: AsyncSession) -> LinkKey | None:
    """Return what signs the tenant's links."""
    return (await session.execute(select(LinkKey))).scalar_one_or_none()


async def drop_link_key(session: AsyncSession) -> None:
    """Forget what signed the tenant's links."""
    await session.execute(sa.delete(LinkKey))
