"""Links to assets: made by members, followed by anybody for a time, all ended at once by whoever may write settings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from app.api.door import Ctx, DoorRoute
from app.api.media_answers import answer
from app.api.rest.asset_bodies import AskLink, Linked
from app.api.rest.assets import BINARY
from app.api.scopes import public, requires
from app.api.shapes import AddressId
from app.media import library
from app.storage import links
from app.storage import service as storage
from app.tenancy.principal import system_context

router = APIRouter(prefix="/api/v1", tags=["assets"], route_class=DoorRoute)

Token = Annotated[str, Path(min_length=1, max_length=100)]


@router.post("/assets/{asset_id}/link", status_code=201)
@requires("media:write")
async def make_link(ctx: Ctx, asset_id: AddressId, body: AskLink | None = None) -> Linked:
    """Make a link to an asset's content that works without a sign-in, for a time."""
    link = await library.link(ctx, asset_id=asset_id, minutes=body.minutes if body else None)
    return Linked(url=f"{ctx.ports.settings.address}/api/v1/links/{link.token}", until=link.until.isoformat())


@router.delete("/asset-links", status_code=204)
@requires("settings:write")
async def end_links(ctx: Ctx) -> None:
    """End every link that the workspace has given out."""
    await links.revoke_all(ctx)


@router.get("/links/{token}", response_class=Response, responses={200: BINARY, 206: BINARY})
@public
async def follow_link(ctx: Ctx, token: Token, request: Request) -> Response:
    """Read what a link leads to; with a CDN, be sent on there."""
    linked = await links.follow(ctx.ports, token)
    owner = system_context(ctx.ports, tenant_id=linked.tenant_id, request_id=ctx.request_id)
    found = await library.linked(owner, file_id=linked.file_id)
    cdn = await storage.cdn_address(owner, file_id=linked.file_id, until=linked.until)
    if cdn is not None:
        return RedirectResponse(cdn, status_code=302, headers={"Cache-Control": "private, no-store"})
    return await answer(owner, found, request)
