"""/api/v1/asset-folders: the folders of the media library."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.rest.asset_bodies import FolderName
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.media import library
from app.media.schemas import FolderView

router = APIRouter(prefix="/api/v1/asset-folders", tags=["assets"], route_class=DoorRoute)


@router.get("")
@requires("media:read")
async def list_folders(ctx: Ctx) -> Page[FolderView]:
    """List the folders by name."""
    return Page(items=await library.folders(ctx))


@router.post("", status_code=201)
@requires("media:write")
async def make_folder(ctx: Ctx, body: FolderName) -> FolderView:
    """Make a folder; one of that name that is there already is answered as it is."""
    return await library.make_folder(ctx, name=body.name)


@router.patch("/{folder_id}", status_code=204)
@requires("media:write")
async def rename_folder(ctx: Ctx, folder_id: AddressId, body: FolderName) -> None:
    """Give a folder another name."""
    await library.rename_folder(ctx, folder_id=folder_id, name=body.name)


@router.delete("/{folder_id}", status_code=204)
@requires("media:write")
async def delete_folder(ctx: Ctx, folder_id: AddressId) -> None:
    """Remove a folder; what lies in it stays in the library."""
    await library.delete_folder(ctx, folder_id=folder_id)
