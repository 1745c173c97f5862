"""Blobs that no row knows of, and rows whose blob is gone: what a lost disk, a restored backup or a crash leaves.

A blob without a row is removed a day after it was written. A row without a blob is marked lost, and said so wherever
it is asked for: nothing brings its bytes back, but a person can delete it or make it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.core.context import Context
from app.core.errors import NotFound
from app.core.telemetry import BLOBS_ASTRAY, log
from app.storage import queries
from app.storage.models import FileRecord
from app.storage.service import blob_key, blob_of, undo

ASTRAY_AFTER = timedelta(days=1)
SETTLED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many blobs had no row, and how many rows no blob."""

    blobs_removed: int
    rows_lost: int


async def reconcile(ctx: Context) -> Reconciled:
    """Hold the workspace's blobs against its rows and put right what does not fit; can run twice, beside uploads."""
    now = ctx.ports.clock.now()
    async with ctx.db.read() as session:
        before = await queries.known_blobs(session)
    seen, old = set[str](), list[str]()
    async for found in ctx.ports.blobs.find(str(ctx.tenant)):
        name = found.key.removeprefix(f"{ctx.tenant}/")
        seen.add(name)
        if found.changed_at < now - ASTRAY_AFTER:
            old.append(name)
    held = {blob_of(row) for row in before}
    removed = [name for name in old if name not in held and await _remove_astray(ctx, name)]
    missing = [row for row in before if row.state == "ready" and blob_of(row) not in seen]
    lost = [row.id for row in missing if row.changed_at < now - SETTLED_AFTER and await _mark_lost(ctx, row)]
    BLOBS_ASTRAY.labels("blob").inc(len(removed))
    BLOBS_ASTRAY.labels("row").inc(len(lost))
    if removed or lost:
        log.warning("storage.reconciled", tenant=str(ctx.tenant), blobs_removed=len(removed), rows_lost=len(lost))
    return Reconciled(len(removed), len(lost))


async def _remove_astray(ctx: Context, name: str) -> bool:
    """Remove a blob by way of a row of its own: an upload of the same bytes sees it and takes another name."""
    async with ctx.db.write() as session:
        await queries.lock_tenant(session, ctx.tenant)
        if await queries.holders(session, name):  # somebody has stored these bytes meanwhile
            return False
        row = FileRecord(name="astray", size_bytes=0, blob=name, state="deleting", changed_at=ctx.ports.clock.now())
        session.add(row)
    await undo(ctx, row.id)
    return True


async def _mark_lost(ctx: Context, row: FileRecord) -> bool:
    if await _can_be_read(ctx, row):  # written, or moved to another name, while the list was made
        return False
    async with ctx.db.write() as session:
        return await queries.mark(session, row.id, state="lost", now=ctx.ports.clock.now())


async def _can_be_read(ctx: Context, row: FileRecord) -> bool:
    try:
        async for _ in ctx.ports.blobs.read(blob_key(row), stop=1):
            break
    except NotFound:
        return False
    return True
