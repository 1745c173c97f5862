"""The trash of the library: what was thrown away is hidden everywhere and out of reach, until it is put back or its
days are over.

    there ──throw away──> in the trash ──put back──> there
      │                        │
      └──────delete────────────┴──> gone, with its bytes      (by hand, by emptying, by housekeeping after its days)

It keeps its files, so the quota counts it. What is not finished, and a mask, holds nothing that anybody would look for:
it goes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import NotFound
from app.core.jobs import service as jobs
from app.core.jobs.errors import JobEnded
from app.media import making, queries
from app.media.cuts import is_draft
from app.media.models import Asset
from app.media.recipes import read_recipe
from app.media.schemas import AssetView
from app.media.views import views
from app.tenancy import audit

AT_ONCE = 100
"""So many assets go in one unit of work: SQLite has one writer."""


@dataclass(frozen=True, slots=True)
class TrashView:
    """How much lies in the trash, and after how many days each thing in it is deleted for good."""

    assets: int
    size_bytes: int
    days: int


async def throw_away(ctx: Context, *, asset_id: UUID) -> AssetView | None:
    """Put an asset into the trash, and stop the job that still makes it; return it, None where it went at once.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        asset = await queries.locked(session, asset_id)
        if asset is None:
            raise NotFound
        view = job_id = None
        if asset.state == "ready" and asset.origin != "mask":
            asset.deleted_at = ctx.ports.clock.now()
            if is_draft(asset):  # put back, it is a draft that nobody finishes
                job_id, asset.job_id = asset.job_id, None
            audit.record(session, ctx, "asset.thrown_away", target=str(asset_id), detail={"kind": asset.kind})
            await session.flush()
            view = (await views(session, [asset]))[0]
    if view is None:
        await delete(ctx, asset_id=asset_id)
    elif job_id is not None:
        await _stop(ctx, job_id)
    return view


async def _stop(ctx: Context, job_id: UUID) -> None:
    with suppress(NotFound, JobEnded):  # it has just ended, and found that nobody wants what it made
        await jobs.cancel(ctx, job_id=job_id)


async def put_back(ctx: Context, *, asset_id: UUID) -> AssetView:
    """Take an asset out of the trash; its links work again. One that does not lie there stays as it is.

    Raises:
        NotFound: there is none of that id, or it is deleted for good.
    """
    async with ctx.db.write() as session:
        asset = await queries.locked_or_in_trash(session, asset_id)
        if asset is None:
            raise NotFound
        if asset.deleted_at is not None:
            asset.deleted_at = None
            audit.record(session, ctx, "asset.put_back", target=str(asset_id), detail={"kind": asset.kind})
            await session.flush()
        return (await views(session, [asset]))[0]


async def delete(ctx: Context, *, asset_id: UUID) -> None:
    """Delete an asset and its bytes for good, wherever it lies; the job that makes it is cancelled.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        asset = await queries.locked_or_in_trash(session, asset_id)
        if asset is None:
            raise NotFound
        job_id = asset.job_id if asset.state == "making" or is_draft(asset) else None
        audit.record(session, ctx, "asset.deleted", target=str(asset_id), detail={"kind": asset.kind})
        file_ids = await _remove(session, [asset])
    if job_id is not None:
        await _stop(ctx, job_id)
    await making.forget(ctx, *file_ids)


async def contents(ctx: Context) -> TrashView:
    """Return how much lies in the trash."""
    async with ctx.db.read() as session:
        count, size_bytes = await queries.trash_total(session)
    return TrashView(count, size_bytes, ctx.ports.settings.deleted_days)


async def empty(ctx: Context) -> int:
    """Delete for good everything that lies in the trash now; return how many assets."""
    return await _delete_until(ctx, ctx.ports.clock.now(), action="trash.emptied")


async def purge(ctx: Context) -> int:
    """Delete for good what has lain in the trash for as long as it can be put back; return how many assets."""
    days = timedelta(days=ctx.ports.settings.deleted_days)
    return await _delete_until(ctx, ctx.ports.clock.now() - days, action="trash.ran_out")


async def _delete_until(ctx: Context, moment: datetime, *, action: str) -> int:
    """Delete what was thrown away until a moment, some at a time; cut short, the rest is left for the next time."""
    total = 0
    while True:
        async with ctx.db.write() as session:
            found = await queries.trash_before(session, moment, limit=AT_ONCE)
            file_ids = await _remove(session, found)
            if found:
                audit.record(session, ctx, action, detail={"count": len(found)})
        await making.forget(ctx, *file_ids)
        total += len(found)
        if len(found) < AT_ONCE:
            return total


async def _remove(session: AsyncSession, found: Sequence[Asset]) -> list[UUID | None]:
    """Delete rows, and the masks that only they needed; return the files that nothing holds then."""
    file_ids = [file_id for asset in found for file_id in (asset.file_id, asset.preview_id)]
    mask_ids = {mask_id for asset in found if (mask_id := read_recipe(asset.recipe).mask_id) is not None}
    for asset in found:
        await session.delete(asset)
    await session.flush()
    for mask_id in mask_ids:
        if (mask := await _lone_mask(session, mask_id)) is not None:
            file_ids += [mask.file_id, mask.preview_id]
            await session.delete(mask)
    return file_ids


async def _lone_mask(session: AsyncSession, mask_id: UUID) -> Asset | None:
    """Return a mask that no picture needs any more, also none that can be put back."""
    mask = await queries.locked_or_in_trash(session, mask_id)
    needed = mask is None or mask.origin != "mask" or await queries.made_of(session, mask_id, and_in_trash=True)
    return None if needed else mask
