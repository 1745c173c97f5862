"""/api/v1/api-keys: keys for programs."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.tenancy import api_keys
from app.tenancy.api_keys import ApiKeyView
from app.tenancy.schemas import NewApiKey

router = APIRouter(prefix="/api/v1/api-keys", tags=["api-keys"], route_class=DoorRoute)


@router.get("")
@requires("api-keys:write")
async def list_api_keys(ctx: Ctx) -> Page[ApiKeyView]:
    """List the organisation's keys, newest first; the keys themselves are not shown again."""
    return Page(items=await api_keys.list_all(ctx))


@router.post("", status_code=201)
@requires("api-keys:write")
async def create_api_key(ctx: Ctx, body: NewApiKey) -> ApiKeyView:
    """Make a key that can do what you can do, or less; it is in this answer and nowhere else."""
    return await api_keys.create(ctx, form=body)


@router.delete("/{key_id}", status_code=204)
@requires("api-keys:write")
async def revoke_api_key(ctx: Ctx, key_id: AddressId) -> None:
    """End a key at once."""
    await api_keys.revoke(ctx, key_id=key_id)
