"""/api/v1/organisations: one's own, and going from one to another."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.credentials import put_cookie
from app.api.door import Asking, Ctx, DoorRoute
from app.api.scopes import person, requires, signed_in
from app.api.shapes import AddressId, Page
from app.core.errors import NotFound
from app.tenancy import organisations
from app.tenancy.organisations import OrganisationView
from app.tenancy.schemas import OrganisationName

router = APIRouter(prefix="/api/v1/organisations", tags=["organisations"], route_class=DoorRoute)


@router.get("")
@signed_in
async def list_organisations(ctx: Ctx) -> Page[OrganisationView]:
    """List one's organisations, oldest membership first; an API key sees its own only."""
    mine = await organisations.list_mine(ctx)
    return Page(items=[one for one in mine if ctx.api_key_id is None or one.is_active])


@router.post("", status_code=201)
@person
async def create_organisation(ctx: Ctx, body: OrganisationName) -> OrganisationView:
    """Found another organisation; the active one stays active."""
    return await organisations.create(ctx, form=body)


@router.patch("/{organisation_id}", status_code=204)
@requires("organisation:write")
async def rename_organisation(ctx: Ctx, organisation_id: AddressId, body: OrganisationName) -> None:
    """Give the active organisation another name."""
    if organisation_id != ctx.tenant_id:
        raise NotFound
    await organisations.rename(ctx, form=body)


@router.post("/{organisation_id}/switch", status_code=204)
@person
async def switch_organisation(ctx: Ctx, asking: Asking, organisation_id: AddressId, response: Response) -> None:
    """Make another of one's organisations the active one; this browser gets a new session."""
    fresh = await organisations.switch(ctx, token=asking.token, tenant_id=organisation_id)
    put_cookie(response, fresh, ctx.ports.settings)
