"""Teams: some of an organisation's members, for budgets and reports. A member is in one team or in none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.kept import Kept
from app.core.text import one_line
from app.tenancy import audit, queries
from app.tenancy.models import Team

MOST = 200

_team_of: Kept[tuple[UUID, UUID], tuple[UUID | None]] = Kept()
"""By tenant and person; a tuple, since no team is an answer too."""


class TeamForm(BaseModel):
    """A team's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(max_length=80), AfterValidator(one_line)]


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team and who is in it."""

    id: UUID
    name: str
    members: tuple[UUID, ...]


async def list_all(ctx: Context) -> list[TeamView]:
    """Return the organisation's teams by name, each with its members' ids."""
    async with ctx.db.read() as session:
        teams = await queries.teams(session)
        rows = await queries.members(session)
    return [
        TeamView(team.id, team.name, tuple(user.id for member, user in rows if member.team_id == team.id))
        for team in teams
    ]


async def create(ctx: Context, *, form: TeamForm) -> TeamView:
    """Make a team without members.

    Raises:
        InvalidInput: no name.
        Conflict: the name is taken, or there are too many teams.
    """
    async with ctx.db.write() as session:
        name = await _free_name(session, form)
        if len(await queries.teams(session)) >= MOST:
            raise Conflict("There are {limit} teams already.", code="team.many", params={"limit": MOST})
        team = Team(name=name, created_at=ctx.ports.clock.now())
        session.add(team)
        audit.record(session, ctx, "team.created", target=str(team.id))
    return TeamView(team.id, team.name, ())


async def rename(ctx: Context, *, team_id: UUID, form: TeamForm) -> None:
    """Give a team another name.

    Raises:
        NotFound: there is no such team.
        InvalidInput: no name.
        Conflict: the name is taken.
    """
    async with ctx.db.write() as session:
        team = await _team(session, team_id)
        team.name = await _free_name(session, form, but=team_id)
        audit.record(session, ctx, "team.renamed", target=str(team_id))


async def delete(ctx: Context, *, team_id: UUID) -> None:
    """Dissolve a team; its members stay in the organisation.

    Raises:
        NotFound: there is no such team.
    """
    async with ctx.db.write() as session:
        team = await _team(session, team_id)
        await queries.empty_team(session, team_id)
        audit.record(session, ctx, "team.deleted", target=str(team_id))
        await session.delete(team)
    forget(ctx)


async def assign(ctx: Context, *, user_id: UUID, team_id: UUID) -> None:
    """Put a member into a team. What they spent before stays with the team of then.

    Raises:
        NotFound: there is no such member or team.
    """
    async with ctx.db.write() as session:
        member = await queries.membership_of(session, user_id)
        if member is None:
            raise NotFound
        member.team_id = (await _team(session, team_id)).id
        audit.record(session, ctx, "member.team_changed", target=str(user_id), detail={"team": str(team_id)})
    forget(ctx)


async def take_out(ctx: Context, *, user_id: UUID, team_id: UUID) -> None:
    """Take a member out of a team.

    Raises:
        NotFound: there is no such member in that team.
    """
    async with ctx.db.write() as session:
        member = await queries.membership_of(session, user_id)
        if member is None or member.team_id != team_id:
            raise NotFound
        member.team_id = None
        audit.record(session, ctx, "member.team_changed", target=str(user_id), detail={"team": ""})
    forget(ctx)


async def team_of(ctx: Context) -> UUID | None:
    """Return the team of the person who asks; at most two seconds old."""
    if ctx.tenant_id is None or ctx.user_id is None:
        return None
    user_id = ctx.user_id

    async def read() -> tuple[UUID | None]:
        async with ctx.db.read() as session:
            member = await queries.membership_of(session, user_id)
        return (member.team_id if member else None,)

    return (await _team_of.get(ctx.ports, (ctx.tenant_id, user_id), read))[0]


def forget(ctx: Context) -> None:
    """Ask anew who is in which team."""
    _team_of.forget_all(ctx.ports)


async def _team(session: AsyncSession, team_id: UUID) -> Team:
    team = await session.get(Team, team_id)
    if team is None:
        raise NotFound
    return team


async def _free_name(session: AsyncSession, form: TeamForm, *, but: UUID | None = None) -> str:
    if not form.name:
        raise InvalidInput("Give the team a name.", code="team.name_missing", field="name")
    if any(team.name.casefold() == form.name.casefold() and team.id != but for team in await queries.teams(session)):
        raise Conflict("There is a team of this name already.", code="team.name_taken", field="name")
    return form.name
