"""/api/v1/cache: what earlier answers are kept, what they were good for, and how to forget them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.llm.cache import service as cache
from app.llm.cache.schemas import CacheStats

router = APIRouter(prefix="/api/v1/cache", tags=["cache"], route_class=DoorRoute)


@router.get("")
@requires("usage:read")
async def show_cache(ctx: Ctx, days: Annotated[int, Query(ge=1, le=366)] = 30) -> CacheStats:
    """Show how many answers are kept, how often they were served in the last `days`, and what that saved."""
    return await cache.stats(ctx, days=days)


@router.delete("", status_code=204)
@requires("settings:write")
async def clear_cache(ctx: Ctx) -> None:
    """Forget every kept answer and search of the workspace, at once. Counts of the past stay."""
    await cache.clear(ctx)
