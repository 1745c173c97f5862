"""/api/v1/favourites: templates that a person marked for themselves."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import Page
from app.content import favourites

router = APIRouter(prefix="/api/v1/favourites", tags=["favourites"], route_class=DoorRoute)


class Favourite(BaseModel):
    """A marked template."""

    template: str = Field(examples=["google-rsa"])


@router.get("")
@requires("templates:read")
async def list_favourites(ctx: Ctx) -> Page[Favourite]:
    """List one's favourite templates, newest first."""
    return Page(items=[Favourite(template=one) for one in await favourites.list_mine(ctx)])


@router.put("/{slug}", status_code=204)
@requires("templates:read")
async def add_favourite(ctx: Ctx, slug: str) -> None:
    """Mark a template."""
    await favourites.add(ctx, template_id=slug)


@router.delete("/{slug}", status_code=204)
@requires("templates:read")
async def remove_favourite(ctx: Ctx, slug: str) -> None:
    """Take the mark away."""
    await favourites.remove(ctx, template_id=slug)
