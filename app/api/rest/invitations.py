"""/api/v1/invitations: links that let one person in, once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.scopes import person, requires
from app.api.shapes import AddressId, Body, Page
from app.tenancy import invitations
from app.tenancy.invitations import InvitationView
from app.tenancy.schemas import Invite

router = APIRouter(prefix="/api/v1/invitations", tags=["invitations"], route_class=DoorRoute)


class AcceptInvitation(Body):
    """The token of an invitation link."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["gli_…"])


class Joined(BaseModel):
    """The organisation that was joined; go there with /organisations/{id}/switch."""

    organisation_id: UUID


@router.get("")
@requires("members:write")
async def list_invitations(ctx: Ctx) -> Page[InvitationView]:
    """List the invitations that can still be used; their tokens are not shown again."""
    return Page(items=await invitations.list_open(ctx))


@router.post("", status_code=201)
@requires("members:write")
async def create_invitation(ctx: Ctx, body: Invite) -> InvitationView:
    """Invite somebody; the token is in this answer and nowhere else."""
    return await invitations.create(ctx, form=body)


@router.post("/accept")
@person
async def accept_invitation(ctx: Ctx, body: AcceptInvitation) -> Joined:
    """Join the organisation that a token invites to."""
    return Joined(organisation_id=await invitations.accept(ctx, token=body.token))


@router.delete("/{invitation_id}", status_code=204)
@requires("members:write")
async def revoke_invitation(ctx: Ctx, invitation_id: AddressId) -> None:
    """Withdraw an invitation."""
    await invitations.revoke(ctx, invitation_id=invitation_id)
