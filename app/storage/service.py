"""Files of an organisation: stored whole or not at all, counted against the quota, read by range, deleted for good.

A row exists before its blob and after it, so a crash leaves no blob that nobody knows of. Bytes are named by their
sum under their tenant's prefix: the same bytes are kept once, and go with the last row that holds them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Literal
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import AppError, InvalidInput, NotFound, TooLarge
from app.core.telemetry import log
from app.core.text import one_line
from app.storage import queries
from app.storage.errors import QuotaFull
from app.storage.media_kinds import MEDIA_KINDS, MediaSniffer, refuse_second_face
from app.storage.models import FileRecord
from app.storage.sniffing import MEDIA_TYPES, TextSniffer, kind_of
from app.storage.spooling import Sniffer, chunks_of, spooled

MIB = 2**20
NAME_CHARACTERS = 200
PAGE_MOST = 100
LEFT_OVER_AFTER = timedelta(hours=1)

Purpose = Literal["file", "media", "preview"]


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
    media_type = MEDIA_TYPES.get(row.kind) or MEDIA_KINDS[row.kind]
    return FileView(row.id, row.name, row.kind, media_type, row.size_bytes, row.sha256, row.created_at)


def blob_key(row: FileRecord) -> str:
    """Return where a file's bytes lie: under its tenant's prefix, by their sum, never by a name from outside."""
    return f"{row.tenant_id}/{blob_of(row)}"


def blob_of(row: FileRecord) -> str:
    """Return the name of a row's blob; rows from before blobs were named by their sums have their own."""
    return row.blob or f"files/{row.id}"


async def store(
    ctx: Context,
    *,
    name: str,
    chunks: AsyncIterator[bytes],
    declared_bytes: int | None = None,
    purpose: Purpose = "file",
) -> FileView:
    """Keep a file; `declared_bytes` is what the sender says it has, used for an early refusal and never trusted.

    What a person uploads is plain text; everything else is a picture, a sound or a clip.

    Raises:
        InvalidInput: no name, empty, or not what can be kept for this purpose.
        TooLarge: beyond the limit of one file.
        QuotaFull: the workspace keeps as much as it may.
        Unavailable: the disk is full.
    """
    name = one_line(name).replace("/", " ").replace("\\", " ").strip()[-NAME_CHARACTERS:]
    if not name:
        raise InvalidInput("This file has no name.", code="file.name_missing", field="file")
    if declared_bytes is not None and declared_bytes > _limit_bytes(ctx, purpose):
        raise _too_large(ctx, purpose)
    row = await _reserve(ctx, name=name, declared_bytes=declared_bytes or None, purpose=purpose)
    is_cut_by_quota = not declared_bytes and row.size_bytes < _limit_bytes(ctx, purpose)
    refusal = _over_quota(ctx) if is_cut_by_quota else _too_large(ctx, purpose)
    sniffer = _sniffer(purpose, name=name, limit_bytes=row.size_bytes, refusal=refusal)
    try:
        async with spooled(_folder(ctx), chunks, sniffer) as file:
            if purpose != "file":
                await asyncio.to_thread(refuse_second_face, file, sniffer.kind)
            return await _keep(ctx, row.id, file, sniffer)
    except BaseException:
        # Also when the sender went away: the row must not hold the quota until it is swept up.
        await asyncio.shield(_undo_or_leave(ctx, row.id))
        raise


def received_media(
    ctx: Context, *, chunks: AsyncIterator[bytes], declared_bytes: int | None, sniffer: MediaSniffer | None = None
) -> AbstractAsyncContextManager[IO[bytes]]:
    """Return a picture, a sound or a clip as a file that is laid aside and not kept; it is gone afterwards.

    Raises:
        InvalidInput: empty, or none of the kinds.
        TooLarge: beyond the limit of one file.
        Unavailable: the disk is full.
    """
    limit_bytes, refusal = _limit_bytes(ctx, "media"), _too_large(ctx, "media")
    if declared_bytes is not None and declared_bytes > limit_bytes:
        raise refusal
    return spooled(_folder(ctx), chunks, sniffer or MediaSniffer(limit_bytes=limit_bytes, refusal=refusal))


def _folder(ctx: Context) -> Path:
    return ctx.ports.settings.data_dir / "incoming"


def _sniffer(purpose: Purpose, *, name: str, limit_bytes: int, refusal: AppError) -> Sniffer:
    if purpose == "file":
        return TextSniffer(name=name, limit_bytes=limit_bytes, refusal=refusal)
    return MediaSniffer(limit_bytes=limit_bytes, refusal=refusal)


def _limit_bytes(ctx: Context, purpose: Purpose) -> int:
    settings = ctx.ports.settings
    return (settings.max_upload_mb if purpose == "file" else settings.max_media_mb) * MIB


def _too_large(ctx: Context, purpose: Purpose) -> TooLarge:
    limit = f"{_limit_bytes(ctx, purpose) // MIB} MB"
    return TooLarge("This file is larger than {limit}.", code="file.too_large", field="file", params={"limit": limit})


def _over_quota(ctx: Context) -> QuotaFull:
    return QuotaFull(field="file", params={"limit": ctx.ports.settings.storage_quota_mb})


async def _reserve(ctx: Context, *, name: str, declared_bytes: int | None, purpose: Purpose) -> FileRecord:
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
            purpose=purpose,
            size_bytes=declared_bytes or min(_limit_bytes(ctx, purpose), left_bytes),
            state="writing",
            changed_at=now,
            created_at=now,
        )
        session.add(row)
    return row


async def _keep(ctx: Context, file_id: UUID, file: IO[bytes], sniffer: Sniffer) -> FileView:
    """Put the bytes where they belong unless they lie there already, then let the file be read."""
    async with ctx.db.write() as session:
        await queries.lock_tenant(session, ctx.tenant)
        row = await _written(session, file_id)
        shared = await queries.blob_with(session, sniffer.sha256)
        row.blob = shared or f"sha256/{sniffer.sha256[:2]}/{sniffer.sha256}"
        if not shared and "deleting" in await queries.holders(session, row.blob):
            row.blob += f"-{file_id.hex}"  # the other one is about to go: these bytes must not go with it
        row.sha256, row.size_bytes, row.kind = sniffer.sha256, sniffer.size_bytes, sniffer.kind
        key, media_type = blob_key(row), _view(row).media_type
    if not shared:
        await ctx.ports.blobs.put(key, chunks_of(file), media_type=media_type)
    async with ctx.db.write() as session:
        row = await _written(session, file_id)
        row.state, row.changed_at = "ready", ctx.ports.clock.now()
    return _view(row)


async def _written(session: AsyncSession, file_id: UUID) -> FileRecord:
    row = await session.get(FileRecord, file_id)
    if row is None:  # so slow that it was swept up
        raise NotFound
    return row


async def _undo_or_leave(ctx: Context, file_id: UUID) -> None:
    try:
        await undo(ctx, file_id)
    except (AppError, OSError, SQLAlchemyError) as error:
        log.warning("file.left_over", file=str(file_id), error=type(error).__name__)  # swept up later


async def undo(ctx: Context, file_id: UUID) -> None:
    """Remove a file in whatever state, and its bytes unless another row holds them too. Can run twice."""
    async with ctx.db.write() as session:
        await queries.lock_tenant(session, ctx.tenant)
        row = await session.get(FileRecord, file_id)
        if row is None:
            return
        row.state = "deleting"  # from here on nobody new shares the blob
        key = blob_key(row)
        is_shared = bool(row.blob) and sum((await queries.holders(session, row.blob)).values()) > 1
        if is_shared:
            await session.delete(row)
    if is_shared:
        return
    await ctx.ports.blobs.delete(key)
    await _forget_at_edges(ctx, key)
    async with ctx.db.write() as session:
        await queries.drop(session, file_id)


async def _forget_at_edges(ctx: Context, key: str) -> None:
    if ctx.ports.cdn is None:
        return
    try:
        await ctx.ports.cdn.forget([key])
    except AppError as error:  # its links run out by themselves
        log.warning("file.at_edges", code=error.code)


async def list_files(ctx: Context, *, limit: int = 50, before: UUID | None = None) -> list[FileView]:
    """Return files that people uploaded, newest first; `before` is the last id of the page before."""
    async with ctx.db.read() as session:
        rows = await queries.newest(session, limit=max(1, min(limit, PAGE_MOST)), before=before)
    return [_view(row) for row in rows]


async def describe(ctx: Context, *, file_id: UUID, purpose: Purpose | None = None) -> FileView:
    """Return what is known of a file, of one purpose only if that is given.

    Raises:
        NotFound: there is none of that id.
    """
    return _view(await _ready(ctx, file_id, purpose))


async def _ready(ctx: Context, file_id: UUID, purpose: Purpose | None) -> FileRecord:
    async with ctx.db.read() as session:
        row = await queries.ready(session, file_id)
    if row is None or purpose not in (None, row.purpose):
        raise NotFound
    return row


async def read(
    ctx: Context, *, file_id: UUID, start: int = 0, stop: int | None = None
) -> tuple[FileView, AsyncIterator[bytes]]:
    """Return a file and its bytes [start, stop); the caller iterates or closes them.

    Raises:
        NotFound: there is none of that id.
    """
    row = await _ready(ctx, file_id, None)
    return _view(row), ctx.ports.blobs.read(blob_key(row), start=start, stop=stop)


async def cdn_address(ctx: Context, *, file_id: UUID, until: datetime) -> str | None:
    """Return where the CDN serves a file until that moment; None where there is no CDN.

    Raises:
        NotFound: there is none of that id.
    """
    row = await _ready(ctx, file_id, None)
    return ctx.ports.cdn.link(blob_key(row), until=until) if ctx.ports.cdn is not None else None


async def read_all(ctx: Context, *, file_id: UUID) -> bytes:
    """Return a file's bytes whole; for media, which are bounded by the limit of one file.

    Raises:
        NotFound: there is none of that id.
    """
    _, chunks = await read(ctx, file_id=file_id)
    return b"".join([chunk async for chunk in chunks])


async def delete(ctx: Context, *, file_id: UUID, purpose: Purpose | None = None) -> None:
    """Delete a file, of one purpose only if that is given; its bytes go with their last row.

    Raises:
        NotFound: there is none of that id.
    """
    if purpose is not None:
        await _ready(ctx, file_id, purpose)
    async with ctx.db.write() as session:
        if not await queries.mark(session, file_id, state="deleting", now=ctx.ports.clock.now()):
            raise NotFound
    await undo(ctx, file_id)


async def of_purpose(ctx: Context, *, purposes: Sequence[Purpose], changed_before: datetime) -> list[UUID]:
    """Return the files of these purposes that lie there unchanged since then."""
    async with ctx.db.read() as session:
        return list(await queries.of_purpose(session, purposes, changed_before=changed_before))


async def sweep(ctx: Context) -> int:
    """Remove what was cut short while being written or deleted; return how many files."""
    before = ctx.ports.clock.now() - LEFT_OVER_AFTER
    async with ctx.db.read() as session:
        file_ids = await queries.left_over(session, changed_before=before)
    for file_id in file_ids:
        await undo(ctx, file_id)
    return len(file_ids)


async def erase(ctx: Context) -> int:
    """Remove every file of the organisation, whatever its state; return how many."""
    async with ctx.db.read() as session:
        file_ids = await queries.all_ids(session)
    for file_id in file_ids:
        await undo(ctx, file_id)
    return len(file_ids)
