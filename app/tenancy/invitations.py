"""Invitations: a link that lets one person in, once, as one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.tenancy import audit, queries, recent, sessions
from app.tenancy.emails import normal_email
from app.tenancy.models import Invitation, Membership, User
from app.tenancy.schemas import Invite
from app.tenancy.scopes import outranks
from app.tenancy.tokens import hashed, new_secret, split_tenant, with_tenant

PREFIX = "gli"
LASTS = timedelta(days=7)
MOST_OPEN = 200


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An open invitation; `token` is set only in the answer that made it."""

    id: UUID
    role: str
    email: str | None
    expires_at: datetime
    created_at: datetime
    token: str = ""


def read_token(token: str) -> tuple[UUID, str]:
    """Return the organisation and the secret's hash of an invitation's token.

    Raises:
        InvalidInput: it is none.
    """
    parts = split_tenant(PREFIX, token.strip())
    if parts is None:
        raise _not_valid()
    return parts[0], hashed(parts[1])


def _not_valid() -> InvalidInput:
    return InvalidInput(
        "This invitation is used, withdrawn or expired. Ask for a new one.",
        code="invitation.invalid",
        field="invitation",
    )


async def create(ctx: Context, *, form: Invite) -> InvitationView:
    """Make an invitation into the active organisation; its token is in this answer and nowhere else.

    Raises:
        NotAllowed: the role is stronger than one's own.
        InvalidInput: the e-mail is none.
        Conflict: too many are open.
    """
    email = normal_email(form.email) if form.email else None
    now, user_id, secret = ctx.ports.clock.now(), sessions.person(ctx), new_secret()
    async with ctx.db.write() as session:
        mine = await queries.role_of(session, user_id)
        if not outranks(mine, form.role):
            raise NotAllowed(code="role.above_own", params={"role": form.role})
        if await queries.count_invitations(session, now=now) >= MOST_OPEN:
            raise Conflict("There are {limit} open invitations.", code="invitation.many", params={"limit": MOST_OPEN})
        row = Invitation(
            secret_hash=hashed(secret),
            email=email,
            role=form.role,
            invited_by=user_id,
            expires_at=now + LASTS,
            created_at=now,
        )
        session.add(row)
        audit.record(session, ctx, "invitation.created", target=str(row.id), detail={"role": form.role})
    token = with_tenant(PREFIX, ctx.tenant, secret)
    return InvitationView(row.id, row.role, row.email, row.expires_at, row.created_at, token)


async def list_open(ctx: Context) -> list[InvitationView]:
    """Return the invitations that can still be used, newest first."""
    async with ctx.db.read() as session:
        rows = await queries.open_invitations(session, now=ctx.ports.clock.now())
    return [InvitationView(r.id, r.role, r.email, r.expires_at, r.created_at) for r in rows]


async def revoke(ctx: Context, *, invitation_id: UUID) -> None:
    """Withdraw an invitation.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        row = await session.get(Invitation, invitation_id)
        if row is None:
            raise NotFound
        await session.delete(row)
        audit.record(session, ctx, "invitation.revoked", target=str(invitation_id))


async def use(ctx: Context, session: AsyncSession, *, secret_hash: str, user: User) -> str:
    """Use up an invitation for `user` in the caller's unit of work, which is bound to its organisation.

    Returns the role. A stronger role that the person has already is kept.

    Raises:
        InvalidInput: used, withdrawn, expired, or meant for another e-mail.
    """
    row = await queries.take_invitation(session, secret_hash, now=ctx.ports.clock.now())
    if row is None:
        raise _not_valid()
    if row.email is not None and row.email != user.email:
        raise InvalidInput("This invitation is for another e-mail.", code="invitation.other_email", field="invitation")
    member = await queries.membership_of(session, user.id)
    if member is None:
        session.add(Membership(user_id=user.id, role=row.role, created_at=ctx.ports.clock.now()))
    elif outranks(row.role, member.role):
        member.role = row.role
    audit.record(session, ctx, "invitation.accepted", target=str(row.id), user_id=user.id, detail={"role": row.role})
    return row.role if member is None else member.role


async def accept(ctx: Context, *, token: str) -> UUID:
    """Join the organisation that the token invites to; return its id, for switching there.

    Raises:
        InvalidInput: used, withdrawn, expired, or meant for another e-mail.
        Conflict: a demo visitor has to sign up first.
    """
    user_id = sessions.person(ctx)
    if ctx.is_demo:
        raise Conflict("Sign up first: a demo workspace stands alone.", code="demo.sign_up_first")
    tenant_id, secret_hash = read_token(token)
    async with ctx.ports.db.bound(tenant_id=tenant_id, user_id=user_id).write() as session:
        user = await session.get_one(User, user_id)
        await use(ctx, session, secret_hash=secret_hash, user=user)
    recent.forget_all(ctx.ports)
    return tenant_id
