"""What is left of media when something was cut short, or a workspace ends."""

from __future__ import annotations

from datetime import timedelta

from app.core.context import Context
from app.media import making, queries
from app.storage import service as storage

UNHELD_AFTER = timedelta(hours=2)
"""A file that no asset holds is older than any job's last step by then."""


async def sweep(ctx: Context) -> int:
    """Remove files that were made for an asset that never came to hold them; return how many."""
    before = ctx.ports.clock.now() - UNHELD_AFTER
    async with ctx.db.read() as session:
        held = await queries.files_in_use(session)
    unheld = await storage.of_purpose(ctx, purposes=("media", "preview"), changed_before=before)
    left = [file_id for file_id in unheld if file_id not in held]
    await making.forget(ctx, *left)
    return len(left)


async def erase(ctx: Context) -> int:
    """Remove every asset of the workspace with its bytes; return how many."""
    async with ctx.db.write() as session:
        rows = await queries.all_assets(session)
        file_ids = [file_id for row in rows for file_id in (row.file_id, row.preview_id)]
        for row in rows:
            await session.delete(row)
    await making.forget(ctx, *file_ids)
    return len(rows)
