"""Documents and media: what was made from a document or is used in it, and what of its text is said aloud."""

from __future__ import annotations

from uuid import UUID

from app.core.context import Context
from app.media import queries
from app.media.schemas import AssetView
from app.media.views import views

MOST = 40


async def assets_of(ctx: Context, *, document_id: UUID) -> list[AssetView]:
    """Return the assets to be looked at that were made from a document or are used in it, newest first."""
    async with ctx.db.read() as session:
        rows = await queries.tied_to(session, document_id, limit=MOST)
        return [view for view in await views(session, rows) if view.is_there]
