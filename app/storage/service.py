"""Files of an organisation: stored whole or not at all, counted against the quota, read by range, deleted for good.

A row exists before its blob and after it, so a crash leaves no blob that nobody knows of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from app.core.context import Context
from app.core.errors import AppError, InvalidInput, NotFound, TooLarge, TooMany
from app.core.telemetry import log
from app.core.text import one_line
from app.storage import queries
from app.storage.models import FileRecord
from app.storage.sniffing import MEDIA_TYPES, TextSniffer, kind_of

MIB = 2**20
NAME_CHARACTERS = 200
PAGE_MOST = 100
LEFT_OVER_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FileView:
    """What is known of a file."""

    id: UUID
    name: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime


def _view(row: FileRecord) -> FileView:
    return FileView(row.id, row.name, row.kind, MEDIA_TYPES[row.kind], row.size_bytes, row.sha256, row.created_at)


def blob_key(tenant_id: UUID, file_id: UUID) -> str:
    """Return where a file's bytes lie: under its tenant's prefix, by an id of ours, never by a name from outside."""
    return f"{tenant_id}/files/{file_id}"


async def store(
    ctx: Context, *, name: str, chunks: AsyncIterator[bytes], declared_bytes: int | None = None
) -> FileView:
    """Keep a file; `declared_bytes` is what the sender says it has, used for an early refusal and never trusted.

    Raises:
        InvalidInput: no name, empty, or no plain text in UTF-8.
        TooLarge: beyond the limit of one file.
        TooMany: the workspace's quota is used up.
        Unavailable: the disk is full.
    """
    name = one_line(name).replace("/", " ").replace("\\", " ").strip()[-NAME_CHARACTERS:]
    if not name:
        raise InvalidInput("This file has no name.", code="file.name_missing", field="file")
    if declared_bytes is not None and declared_bytes > _limit_bytes(ctx):
        raise _too_large(ctx)
    row = await _reserve(ctx, name=name, declared_bytes=declared_bytes or None)
    is_cut_by_quota = not declared_bytes and row.size_bytes < _limit_bytes(ctx)
    refusal = _over_quota(ctx) if is_cut_by_quota else _too_large(ctx)
    sniffer = TextSniffer(limit_bytes=row.size_bytes, refusal=refusal)
    key = blob_key(ctx.tenant, row.id)
    try:
        await ctx.ports.blobs.put(key, _watched(chunks, sniffer))
        return await _make_ready(ctx, row.id, size_bytes=sniffer.size_bytes, sha256=sniffer.sha256)
    except BaseException:
        # Also when the sender went away: the row must not hold the quota until it is swept up.
        await asyncio.shield(_undo_or_leave(ctx, row.id, key))
        raise


def _limit_bytes(ctx: Context) -> int:
    return ctx.ports.settings.max_upload_mb * MIB


def _too_large(ctx: Context) -> TooLarge:
    limit = f"{ctx.ports.settings.max_upload_mb} MB"
    return TooLarge("This file is larger than {limit}.", code="file.too_large", field="file", params={"limit": limit})


def _over_quota(ctx: Context) -> TooMany:
    return TooMany(
        "The workspace's {limit} MB for files are used up. Delete some first.",
        code="storage.quota",
        field="file",
        params={"limit": ctx.ports.settings.storage_quota_mb},
    )


async def _watched(chunks: AsyncIterator[bytes], sniffer: TextSniffer) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        sniffer.feed(chunk)
        yield chunk
    sniffer.finish()


async def _reserve(ctx: Context, *, name: str, declared_bytes: int | None) -> FileRecord:
    """Write the row first, with what the file may take at most; without a declared size that is what is left."""
    now = ctx.ports.clock.now()
    async with ctx.db.write() as session:
        await queries.lock_tenant(session, ctx.tenant)
        left_bytes = ctx.ports.settings.storage_quota_mb * MIB - await queries.used_bytes(session)
        if left_bytes < (declared_bytes or 1):
            raise _over_quota(ctx)
        row = FileRecord(
            user_id=ctx.user_id,
            name=name,
            kind=kind_of(name),
            size_bytes=declared_bytes or min(_limit_bytes(ctx), left_bytes),
            state="writing",
            changed_at=now,
            created_at=now,
        )
        session.add(row)
    return row


async def _make_ready(ctx: Context, file_id: UUID, *, size_bytes: int, sha256: str) -> FileView:
    async with ctx.db.write() as session:
        row = await session.get(FileRecord, file_id)
        if row is None:  # so slow that it was swept up
            raise NotFound
        row.size_bytes, row.sha256, row.state = size_bytes, sha256, "ready"
        row.changed_at = ctx.ports.clock.now()
    return _view(row)


async def _undo_or_leave(ctx: Context, file_id: UUID, key: str) -> None:
    try:
        await _undo(ctx, file_id, key)
    except (AppError, OSError, SQLAlchemyError) as error:
        log.warning("file.left_over", file=str(file_id), error=type(error).__name__)  # swept up later


async def _undo(ctx: Context, file_id: UUID, key: str) -> None:
    await ctx.ports.blobs.delete(key)
    async with ctx.db.write() as session:
        await queries.drop(session, file_id)


async def list_files(ctx: Context, *, limit: int = 50, before: UUID | None = None) -> list[FileView]:
    """Return files, newest first; `before` is the last id of the page before."""
    async with ctx.db.read() as session:
        rows = await queries.newest(session, limit=max(1, min(limit, PAGE_MOST)), before=before)
    return [_view(row) for row in rows]


async def describe(ctx: Context, *, file_id: UUID) -> FileView:
    """Return what is known of a file.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.read() as session:
        row = await queries.ready(session, file_id)
    if row is None:
        raise NotFound
    return _view(row)


async def read(
    ctx: Context, *, file_id: UUID, start: int = 0, stop: int | None = None
) -> tuple[FileView, AsyncIterator[bytes]]:
    """Return a file and its bytes [start, stop); the caller iterates or closes them.

    Raises:
        NotFound: there is none of that id.
    """
    file = await describe(ctx, file_id=file_id)
    return file, ctx.ports.blobs.read(blob_key(ctx.tenant, file_id), start=start, stop=stop)


async def delete(ctx: Context, *, file_id: UUID) -> None:
    """Delete a file and its bytes.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        if not await queries.mark(session, file_id, state="deleting", now=ctx.ports.clock.now()):
            raise NotFound
    await _undo(ctx, file_id, blob_key(ctx.tenant, file_id))


async def sweep(ctx: Context) -> int:
    """Remove what was cut short while being written or deleted; return how many files."""
    before = ctx.ports.clock.now() - LEFT_OVER_AFTER
    async with ctx.db.read() as session:
        file_ids = await queries.left_over(session, changed_before=before)
    for file_id in file_ids:
        await _undo(ctx, file_id, blob_key(ctx.tenant, file_id))
    return len(file_ids)


async def erase(ctx: Context) -> int:
    """Remove every file of the organisation, whatever its state; return how many."""
    async with ctx.db.read() as session:
        file_ids = await queries.all_ids(session)
    for file_id in file_ids:
        await _undo(ctx, file_id, blob_key(ctx.tenant, file_id))
    return len(file_ids)
