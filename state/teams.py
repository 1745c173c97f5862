"""Teams of a workspace: who is counted together in budgets and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx
from pydantic import ValidationError

from app.core.errors import AppError, InvalidInput
from app.core.ids import parse_id
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context

MOST_ROWS = 200


@dataclass
class TeamRow:
    """A team and how many are in it."""

    id: str = ""
    name: str = ""
    people: int = 0


@dataclass
class SeatRow:
    """A member, and the team they are in; "" for none."""

    id: str = ""
    name: str = ""
    team: str = ""


class TeamsState(rx.State):
    """The teams, and who sits where."""

    teams: list[TeamRow] = []
    seats: list[SeatRow] = []
    stamp: int = 0

    @rx.event
    @public
    async def open(self) -> None:
        """Read the teams."""
        ctx = await ctx_for(self)
        if ctx.actor != "nobody":
            await self._read(ctx)

    @rx.event
    @needs("members:write")
    async def create(self, form: dict[str, str]) -> None:
        """Make a team."""
        from app.tenancy import teams

        ctx = await ctx_for(self)
        try:
            await teams.create(ctx, form=teams.TeamForm(name=form.get("team", "")[:200]))
        except (AppError, ValidationError) as error:
            refused = error if isinstance(error, AppError) else InvalidInput()
            (await self.get_state(SessionState))._say_error(refused)
            return
        self.stamp += 1
        await self._read(ctx)

    @rx.event
    @needs("members:write")
    async def remove(self, team_id: str) -> None:
        """Dissolve a team; its members stay."""
        from app.tenancy import teams

        ctx, wanted = await ctx_for(self), parse_id(team_id)
        try:
            if wanted is not None:
                await teams.delete(ctx, team_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    @rx.event
    @needs("members:write")
    async def seat(self, user_id: str, team_id: str) -> None:
        """Put a member into a team, or out of theirs."""
        from app.tenancy import teams

        ctx, member = await ctx_for(self), parse_id(user_id)
        try:
            if member is not None:
                await teams.assign(ctx, user_id=member, team_id=parse_id(team_id) if team_id else None)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    async def _read(self, ctx: Context) -> None:
        from app.tenancy import members, teams

        found = (await teams.list_all(ctx))[:MOST_ROWS]
        self.teams = [TeamRow(str(one.id), one.name, len(one.members)) for one in found]
        team_of = {member: str(one.id) for one in found for member in one.members}
        self.seats = [
            SeatRow(str(one.user_id), one.name or one.email or "", team_of.get(one.user_id, ""))
            for one in (await members.list_all(ctx))[:MOST_ROWS]
        ]
