"""All SQL of organisations and people. `cross_tenant` marks the three reads that look over the wall, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.tenancy.models import ApiKey, AuthSession, Invitation, Membership, OperatorClaim, Team, Tenant, User

_OVER_THE_WALL = {"cross_tenant": True}


async def session_by_hash(session: AsyncSession, token_hash: str) -> AuthSession | None:
    """Return the sign-in that a cookie stands for."""
    return (await session.execute(select(AuthSession).where(AuthSession.token_hash == token_hash))).scalar_one_or_none()


async def who(session: AsyncSession, *, user_id: UUID, tenant_id: UUID) -> tuple[User, Tenant, str] | None:
    """Return the person, the organisation and the role in it; None where there is no membership (any more)."""
    query = (
        select(User, Tenant, Membership.role)
        .join(Membership, col(Membership.user_id) == User.id)
        .join(Tenant, col(Tenant.id) == Membership.tenant_id)
        .where(User.id == user_id, Membership.tenant_id == tenant_id)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """Return the person with this (normalised) e-mail."""
    return (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()


async def organisations_of(session: AsyncSession, user_id: UUID) -> Sequence[tuple[Tenant, str]]:
    """Return a person's organisations with the role in each, oldest first.

    Over the wall: one's own memberships everywhere; row-level security allows exactly those to be read.
    """
    query = (
        select(Tenant, Membership.role)
        .join(Membership, col(Membership.tenant_id) == Tenant.id)
        .where(Membership.user_id == user_id)
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    rows = await session.execute(query, execution_options=_OVER_THE_WALL)
    return [(tenant, role) for tenant, role in rows]


async def live_demos(session: AsyncSession, *, now: datetime) -> int:
    """Return how many demo workspaces have not expired."""
    query = sa.select(sa.func.count()).select_from(Tenant).where(col(Tenant.is_demo), col(Tenant.expires_at) > now)
    return int((await session.execute(query)).scalar_one())


async def operator_exists(session: AsyncSession) -> bool:
    """Whether anybody is an operator."""
    return (await session.execute(select(User.id).where(col(User.is_operator)).limit(1))).first() is not None


async def take_claim(session: AsyncSession, token_hash: str) -> bool:
    """Use up an operator's claim; false where there is none of that hash."""
    result = await session.execute(
        sa.delete(OperatorClaim).where(col(OperatorClaim.token_hash) == token_hash).returning(col(OperatorClaim.id))
    )
    return result.first() is not None


async def drop_claims(session: AsyncSession) -> None:
    """Forget every operator's claim."""
    await session.execute(sa.delete(OperatorClaim))


async def end_sessions(session: AsyncSession, *, user_id: UUID, keep: UUID | None = None) -> list[str]:
    """End a person's sign-ins except `keep`; return the hashes of their cookies."""
    query = sa.delete(AuthSession).where(col(AuthSession.user_id) == user_id)
    if keep is not None:
        query = query.where(col(AuthSession.id) != keep)
    return list((await session.execute(query.returning(col(AuthSession.token_hash)))).scalars())


async def sessions_of(session: AsyncSession, user_id: UUID) -> Sequence[AuthSession]:
    """Return a person's sign-ins, latest use first."""
    query = select(AuthSession).where(AuthSession.user_id == user_id).order_by(col(AuthSession.seen_at).desc())
    return (await session.execute(query)).scalars().all()


async def touch_session(session: AsyncSession, session_id: UUID, *, now: datetime, expires_at: datetime) -> None:
    """Note a use and put off the end."""
    await session.execute(
        sa.update(AuthSession).where(col(AuthSession.id) == session_id).values(seen_at=now, expires_at=expires_at)
    )


async def drop_session(session: AsyncSession, token_hash: str) -> None:
    """End the sign-in of this cookie."""
    await session.execute(sa.delete(AuthSession).where(col(AuthSession.token_hash) == token_hash))


async def drop_session_of(session: AsyncSession, session_id: UUID, *, user_id: UUID) -> str | None:
    """End one sign-in of this person; return the hash of its cookie, None where it is not theirs."""
    query = sa.delete(AuthSession).where(col(AuthSession.id) == session_id, col(AuthSession.user_id) == user_id)
    return (await session.execute(query.returning(col(AuthSession.token_hash)))).scalar_one_or_none()


async def membership_of(session: AsyncSession, user_id: UUID) -> Membership | None:
    """Return the person's membership in the bound organisation."""
    return (await session.execute(select(Membership).where(Membership.user_id == user_id))).scalar_one_or_none()


async def role_of(session: AsyncSession, user_id: UUID) -> str:
    """Return the person's present role in the bound organisation; empty where there is none."""
    member = await membership_of(session, user_id)
    return member.role if member else ""


async def count_invitations(session: AsyncSession, *, now: datetime) -> int:
    """Return how many invitations are open."""
    query = sa.select(sa.func.count()).select_from(Invitation).where(col(Invitation.expires_at) > now)
    return int((await session.execute(query)).scalar_one())


async def open_invitations(session: AsyncSession, *, now: datetime) -> Sequence[Invitation]:
    """Return the open invitations, newest first."""
    query = select(Invitation).where(Invitation.expires_at > now).order_by(col(Invitation.id).desc())
    return (await session.execute(query)).scalars().all()


async def take_invitation(session: AsyncSession, secret_hash: str, *, now: datetime) -> Invitation | None:
    """Use up an open invitation of the bound organisation; None where there is none of that hash."""
    query = (
        sa.delete(Invitation)
        .where(col(Invitation.secret_hash) == secret_hash, col(Invitation.expires_at) > now)
        .returning(Invitation)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def members(session: AsyncSession) -> Sequence[tuple[Membership, User]]:
    """Return the bound organisation's members, longest membership first."""
    query = (
        select(Membership, User)
        .join(User, col(User.id) == Membership.user_id)
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    return [(member, user) for member, user in await session.execute(query)]


async def lock_owners(session: AsyncSession) -> set[UUID]:
    """Return the owners, and let nobody else change them before this unit of work ends."""
    query = select(Membership).where(Membership.role == "owner").order_by(col(Membership.id)).with_for_update()
    return {member.user_id for member in (await session.execute(query)).scalars()}


async def end_sessions_in(session: AsyncSession, *, user_id: UUID, tenant_id: UUID) -> None:
    """End a person's sign-ins that are in this organisation now."""
    await session.execute(
        sa.delete(AuthSession).where(
            col(AuthSession.user_id) == user_id, col(AuthSession.active_tenant_id) == tenant_id
        )
    )


async def count_api_keys(session: AsyncSession) -> int:
    """Return how many keys the bound organisation has."""
    return int((await session.execute(sa.select(sa.func.count()).select_from(ApiKey))).scalar_one())


async def api_keys(session: AsyncSession) -> Sequence[ApiKey]:
    """Return the bound organisation's keys, newest first."""
    return (await session.execute(select(ApiKey).order_by(col(ApiKey.id).desc()))).scalars().all()


async def api_key_by_hash(session: AsyncSession, secret_hash: str) -> ApiKey | None:
    """Return the key of the bound organisation with this secret."""
    return (await session.execute(select(ApiKey).where(ApiKey.secret_hash == secret_hash))).scalar_one_or_none()


async def touch_api_key(session: AsyncSession, key_id: UUID, *, now: datetime) -> None:
    """Note a use."""
    await session.execute(sa.update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=now))


async def tenant_ids(session: AsyncSession) -> Sequence[UUID]:
    """Return every organisation, oldest first."""
    return (await session.execute(select(Tenant.id).order_by(col(Tenant.id)))).scalars().all()


async def expired_demos(session: AsyncSession, *, before: datetime) -> Sequence[UUID]:
    """Return the demo workspaces that ended before then."""
    query = select(Tenant.id).where(col(Tenant.is_demo), col(Tenant.expires_at) < before)
    return (await session.execute(query)).scalars().all()


async def drop_demo(session: AsyncSession, tenant_id: UUID, *, before: datetime) -> bool:
    """Delete a demo workspace that ended before then, and with it every row it owns."""
    query = sa.delete(Tenant).where(col(Tenant.id) == tenant_id, col(Tenant.is_demo), col(Tenant.expires_at) < before)
    return (await session.execute(query.returning(col(Tenant.id)))).first() is not None


async def drop_visitors(session: AsyncSession, user_ids: Sequence[UUID]) -> None:
    """Delete those of these people who never made an account."""
    await session.execute(sa.delete(User).where(col(User.id).in_(user_ids), col(User.email).is_(None)))


async def drop_ended_sessions(session: AsyncSession, *, now: datetime) -> int:
    """Delete sign-ins that are over."""
    query = sa.delete(AuthSession).where(col(AuthSession.expires_at) <= now).returning(col(AuthSession.id))
    return len((await session.execute(query)).all())


async def drop_old_claims(session: AsyncSession, *, before: datetime) -> int:
    """Delete operator's claims made before then."""
    query = sa.delete(OperatorClaim).where(col(OperatorClaim.created_at) < before).returning(col(OperatorClaim.id))
    return len((await session.execute(query)).all())


async def drop_ended_invitations(session: AsyncSession, *, now: datetime) -> int:
    """Delete the bound organisation's invitations that are over."""
    query = sa.delete(Invitation).where(col(Invitation.expires_at) <= now).returning(col(Invitation.id))
    return len((await session.execute(query)).all())


async def teams(session: AsyncSession) -> Sequence[Team]:
    """Return the bound organisation's teams, by name."""
    return (await session.execute(select(Team).order_by(col(Team.name)))).scalars().all()


async def empty_team(session: AsyncSession, team_id: UUID) -> None:
    """Let a team's members be in none."""
    await session.execute(sa.update(Membership).where(col(Membership.team_id) == team_id).values(team_id=None))


async def lock_tenant(session: AsyncSession, tenant_id: UUID) -> Tenant:
    """Return the organisation, and let no row of it be added before this unit of work ends.

    Every row refers to its tenant, and PostgreSQL holds the referred row while it is written.
    """
    query = select(Tenant).where(Tenant.id == tenant_id).with_for_update()
    return (await session.execute(query)).scalar_one()


async def users(session: AsyncSession, user_ids: Sequence[UUID]) -> Sequence[User]:
    """Return these people, also those who have left; the caller found their ids in rows of the bound organisation."""
    return (await session.execute(select(User).where(col(User.id).in_(user_ids)))).scalars().all()


async def tenants(session: AsyncSession) -> Sequence[Tenant]:
    """Return every organisation, oldest first; for operators."""
    return (await session.execute(select(Tenant).order_by(col(Tenant.id)))).scalars().all()
