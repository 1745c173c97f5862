"""/api/v1/teams: some of an organisation's members, for budgets and reports."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.tenancy import teams
from app.tenancy.teams import TeamForm, TeamView

router = APIRouter(prefix="/api/v1/teams", tags=["teams"], route_class=DoorRoute)


@router.get("")
@requires("members:write")
async def list_teams(ctx: Ctx) -> Page[TeamView]:
    """List the teams by name, each with its members' ids."""
    return Page(items=await teams.list_all(ctx))


@router.post("", status_code=201)
@requires("members:write")
async def create_team(ctx: Ctx, body: TeamForm) -> TeamView:
    """Make a team without members."""
    return await teams.create(ctx, form=body)


@router.patch("/{team_id}", status_code=204)
@requires("members:write")
async def rename_team(ctx: Ctx, team_id: AddressId, body: TeamForm) -> None:
    """Give a team another name."""
    await teams.rename(ctx, team_id=team_id, form=body)


@router.delete("/{team_id}", status_code=204)
@requires("members:write")
async def delete_team(ctx: Ctx, team_id: AddressId) -> None:
    """Dissolve a team; its members stay in the organisation."""
    await teams.delete(ctx, team_id=team_id)


@router.put("/{team_id}/members/{user_id}", status_code=204)
@requires("members:write")
async def put_into_team(ctx: Ctx, team_id: AddressId, user_id: AddressId) -> None:
    """Put a member into a team; they leave the one they were in."""
    await teams.assign(ctx, user_id=user_id, team_id=team_id)


@router.delete("/{team_id}/members/{user_id}", status_code=204)
@requires("members:write")
async def take_out_of_team(ctx: Ctx, team_id: AddressId, user_id: AddressId) -> None:
    """Take a member out of a team."""
    await teams.take_out(ctx, user_id=user_id, team_id=team_id)
