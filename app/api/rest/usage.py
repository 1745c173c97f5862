"""/api/v1/usage: every call to a model, and this month's sums. The built-in writer is listed, at no charge."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import CursorText, Limit, Page
from app.usage import service as usage
from app.usage.schemas import Summary, UsageView

router = APIRouter(prefix="/api/v1/usage", tags=["usage"], route_class=DoorRoute)


@router.get("")
@requires("usage:read")
async def list_usage(ctx: Ctx, limit: Limit = 50, cursor: CursorText = None) -> Page[UsageView]:
    """List calls to models, newest first; failed and cancelled ones too."""
    page = await usage.list_events(ctx, cursor=cursor, limit=limit)
    return Page(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/summary")
@requires("usage:read")
async def summarise_usage(ctx: Ctx) -> Summary:
    """Sum up this month so far (UTC), by feature and by provider, in micro-dollars."""
    return await usage.summary(ctx)
