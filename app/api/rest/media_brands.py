"""/api/v1/media-brands: how brands look and sound."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.rest.asset_bodies import Brand
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.media import brands
from app.media.brands import BrandView

router = APIRouter(prefix="/api/v1/media-brands", tags=["assets"], route_class=DoorRoute)


@router.get("")
@requires("media:read")
async def list_brands(ctx: Ctx) -> Page[BrandView]:
    """List the brands by name."""
    return Page(items=await brands.list_brands(ctx))


@router.post("", status_code=201)
@requires("media:write")
async def make_brand(ctx: Ctx, body: Brand) -> BrandView:
    """Keep a brand: colours, style, logo, voice and pronunciations."""
    return await brands.make(ctx, name=body.name, kit=body.kit)


@router.put("/{brand_id}")
@requires("media:write")
async def change_brand(ctx: Ctx, brand_id: AddressId, body: Brand) -> BrandView:
    """Give a brand another name and kit."""
    return await brands.change(ctx, brand_id=brand_id, name=body.name, kit=body.kit)


@router.delete("/{brand_id}", status_code=204)
@requires("media:write")
async def delete_brand(ctx: Ctx, brand_id: AddressId) -> None:
    """Forget a brand; what was made with it stays as it is."""
    await brands.delete(ctx, brand_id=brand_id)
