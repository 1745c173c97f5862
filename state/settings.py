"""The settings of a person and their workspace; providers have a page of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError, InvalidInput
from app.core.ids import parse_id
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context


@dataclass
class MemberRow:
    """A person of the workspace."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    is_you: bool = False


@dataclass
class PlaceRow:
    """A workspace one may switch to."""

    id: str = ""
    name: str = ""
    role: str = ""
    is_active: bool = False


@dataclass
class SignInRow:
    """A browser that is signed in."""

    id: str = ""
    since: str = ""
    seen: str = ""


class SettingsState(rx.State):
    """What the settings page shows; changes go straight to the services."""

    members: list[MemberRow] = []
    places: list[PlaceRow] = []
    sign_ins: list[SignInRow] = []
    invitation_link: str = ""

    @rx.event
    @public
    async def open(self) -> None:
        """Read everything the page shows."""
        ctx = await ctx_for(self)
        if ctx.actor == "nobody":
            return
        self.invitation_link = ""
        await self._read(ctx)

    async def _read(self, ctx: Context) -> None:
        from app.tenancy import members, organisations, sessions

        self.members = [
            MemberRow(str(one.user_id), one.name, one.email or "", one.role, one.is_you)
            for one in await members.list_all(ctx)
        ]
        self.places = [
            PlaceRow(str(one.id), one.name, one.role, one.is_active) for one in await organisations.list_mine(ctx)
        ]
        self.sign_ins = [
            SignInRow(str(one.id), one.created_at.isoformat(), one.seen_at.isoformat())
            for one in await sessions.list_sessions(ctx)
        ]

    @rx.event
    @needs("templates:read")
    async def save_profile(self, form: dict[str, str]) -> None:
        """Keep name, language and theme."""
        from app.tenancy import accounts
        from app.tenancy.schemas import Profile

        session = await self.get_state(SessionState)
        try:
            profile = Profile.model_validate({key: form[key] for key in ("name", "locale", "theme") if key in form})
            await accounts.update_profile(await ctx_for(self), form=profile)
        except ValueError:
            session._say("error.invalid", "This value cannot be used.", tone="bad")
            return
        except AppError as error:
            session._say_error(error)
            return
        session.name, session.locale, session.theme = form["name"], form["locale"], form["theme"]
        session._say("settings.saved", "Saved.")

    @rx.event
    @needs("organisation:write")
    async def rename(self, form: dict[str, str]) -> None:
        """Give the workspace another name."""
        from app.tenancy import organisations
        from app.tenancy.schemas import OrganisationName

        session = await self.get_state(SessionState)
        try:
            await organisations.rename(
                await ctx_for(self), form=OrganisationName(name=form.get("organisation", "")[:120])
            )
        except AppError as error:
            session._say_error(error)
            return
        session.organisation = form["organisation"].strip()
        session._say("settings.saved", "Saved.")

    @rx.event
    @needs("members:write")
    async def invite(self, form: dict[str, str]) -> None:
        """Make a one-time link into the workspace; it is shown once."""
        from app.tenancy import invitations
        from app.tenancy.schemas import Invite

        session = await self.get_state(SessionState)
        try:
            made = await invitations.create(await ctx_for(self), form=Invite.model_validate({"role": form.get("role")}))
        except (AppError, ValueError) as error:
            session._say_error(error if isinstance(error, AppError) else InvalidInput())
            return
        self.invitation_link = f"{(await ctx_for(self)).ports.settings.address}/sign-up?invitation={made.token}"

    @rx.event
    @needs("members:write")
    async def change_role(self, user_id: str, role: str) -> None:
        """Give a member another role."""
        from app.tenancy import members
        from app.tenancy.schemas import ChangeRole

        found = parse_id(user_id)
        session = await self.get_state(SessionState)
        try:
            if found is not None:
                await members.change_role(
                    await ctx_for(self), user_id=found, form=ChangeRole.model_validate({"role": role})
                )
                session._say("settings.saved", "Saved.")
        except (AppError, ValueError) as error:
            session._say_error(error if isinstance(error, AppError) else InvalidInput())
        await self._read(await ctx_for(self))

    @rx.event
    @needs("members:write")
    async def remove_member(self, user_id: str) -> None:
        """Take a member out of the workspace."""
        from app.tenancy import members

        found = parse_id(user_id)
        try:
            if found is not None:
                await members.remove(await ctx_for(self), user_id=found)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(await ctx_for(self))

    @rx.event
    @needs("templates:read")
    async def end_sign_in(self, session_id: str) -> None:
        """Sign another browser out."""
        from app.tenancy import sessions

        found = parse_id(session_id)
        try:
            if found is not None:
                await sessions.end_session(await ctx_for(self), session_id=found)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(await ctx_for(self))
