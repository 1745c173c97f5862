"""/api/v1/members: who belongs to the active organisation, and as what."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.scopes import person, requires
from app.api.shapes import AddressId, Page
from app.tenancy import members
from app.tenancy.members import MemberView
from app.tenancy.schemas import ChangeRole

router = APIRouter(prefix="/api/v1/members", tags=["members"], route_class=DoorRoute)


@router.get("")
@requires("members:write")
async def list_members(ctx: Ctx) -> Page[MemberView]:
    """List the members, longest membership first."""
    return Page(items=await members.list_all(ctx))


@router.delete("/me", status_code=204)
@person
async def leave_organisation(ctx: Ctx) -> None:
    """Leave the active organisation; its last owner cannot."""
    await members.leave(ctx)


@router.patch("/{user_id}", status_code=204)
@requires("members:write")
async def change_member(ctx: Ctx, user_id: AddressId, body: ChangeRole) -> None:
    """Give a member another role; nobody hands out more than they have."""
    await members.change_role(ctx, user_id=user_id, form=body)


@router.delete("/{user_id}", status_code=204)
@requires("members:write")
async def remove_member(ctx: Ctx, user_id: AddressId) -> None:
    """Take a member out; their sign-ins here and their keys end at once."""
    await members.remove(ctx, user_id=user_id)
