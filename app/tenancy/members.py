"""The members of an organisation. There is always an owner, and nobody rules over somebody stronger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, NotAllowed, NotFound
from app.tenancy import audit, queries, recent, sessions
from app.tenancy.models import Membership
from app.tenancy.schemas import ChangeRole
from app.tenancy.scopes import outranks


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person in an organisation."""

    user_id: UUID
    name: str
    email: str | None
    role: str
    joined_at: datetime
    is_you: bool


async def list_all(ctx: Context) -> list[MemberView]:
    """Return the organisation's members, longest membership first."""
    async with ctx.db.read() as session:
        rows = await queries.members(session)
    return [
        MemberView(user.id, user.name, user.email, member.role, member.created_at, user.id == ctx.user_id)
        for member, user in rows
    ]


async def change_role(ctx: Context, *, user_id: UUID, form: ChangeRole) -> None:
    """Give a member another role.

    Raises:
        NotFound: there is no such member.
        NotAllowed: the member, or the new role, is stronger than one's own.
        Conflict: it is the last owner.
    """
    async with ctx.db.write() as session:
        member = await _within_reach(ctx, session, user_id=user_id)
        mine = await queries.role_of(session, sessions.person(ctx))
        if not outranks(mine, form.role):
            raise NotAllowed(code="role.above_own", params={"role": form.role})
        if form.role != "owner":
            await _assert_not_last_owner(session, member)
        audit.record(
            session, ctx, "member.role_changed", target=str(user_id), detail={"from": member.role, "to": form.role}
        )
        member.role = form.role
    recent.forget_all(ctx.ports)


async def remove(ctx: Context, *, user_id: UUID) -> None:
    """Take a member out: their sign-ins here and their API keys end at once.

    Raises:
        NotFound: there is no such member.
        NotAllowed: the member is stronger.
        Conflict: it is the last owner.
    """
    async with ctx.db.write() as session:
        member = await _within_reach(ctx, session, user_id=user_id)
        await _take_out(ctx, session, member)
    recent.forget_all(ctx.ports)


async def leave(ctx: Context) -> None:
    """Leave the active organisation; any member may.

    Raises:
        Conflict: the last owner cannot leave.
    """
    async with ctx.db.write() as session:
        member = await queries.membership_of(session, sessions.person(ctx))
        if member is None:
            raise NotFound
        await _take_out(ctx, session, member)
    recent.forget_all(ctx.ports)


async def _within_reach(ctx: Context, session: AsyncSession, *, user_id: UUID) -> Membership:
    mine = await queries.role_of(session, sessions.person(ctx))
    member = await queries.membership_of(session, user_id)
    if member is None:
        raise NotFound
    if not outranks(mine, member.role):
        raise NotAllowed(
            "This member's role is stronger than yours. Ask an owner.",
            code="member.above_own",
            params={"role": member.role},
        )
    return member


async def _take_out(ctx: Context, session: AsyncSession, member: Membership) -> None:
    await _assert_not_last_owner(session, member)
    await queries.end_sessions_in(session, user_id=member.user_id, tenant_id=member.tenant_id)
    audit.record(session, ctx, "member.removed", target=str(member.user_id), detail={"role": member.role})
    await session.delete(member)


async def _assert_not_last_owner(session: AsyncSession, member: Membership) -> None:
    owners = await queries.lock_owners(session)
    if member.role == "owner" and owners <= {member.user_id}:
        raise Conflict(
            "This is the last owner. Make somebody else an owner first.", code="organisation.last_owner", field="role"
        )
