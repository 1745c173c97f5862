"""Sign-ins of browsers: a random cookie, its hash in the database, gone the moment the row is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import NotAllowed, NotFound, NotSignedIn, Unavailable
from app.core.ports import Ports
from app.core.telemetry import log
from app.tenancy import audit, queries, recent
from app.tenancy.models import AuthSession, Tenant, User
from app.tenancy.principal import Principal, SignedIn, context_for
from app.tenancy.scopes import scopes_of
from app.tenancy.tokens import hashed, new_secret

__all__ = ["Principal", "SignedIn", "context_for", "resolve"]

SEEN_EVERY = timedelta(minutes=5)


async def resolve(ports: Ports, *, token: str) -> Principal | None:
    """Return who the cookie stands for, or None: unknown, expired, signed out or no longer a member.

    The answer may be up to one second old. A use puts off the expiry.
    """
    token_hash = hashed(token)
    return await recent.known.get(ports, token_hash, lambda: _resolve(ports, token_hash))


async def _resolve(ports: Ports, token_hash: str) -> Principal | None:
    now = ports.clock.now()
    async with ports.db.bound(tenant_id=None).read() as session:
        found = await queries.session_by_hash(session, token_hash)
    if found is None or found.expires_at <= now:
        return None
    async with ports.db.bound(tenant_id=found.active_tenant_id, user_id=found.user_id).read() as session:
        row = await queries.who(session, user_id=found.user_id, tenant_id=found.active_tenant_id)
    if row is None or (row[1].expires_at is not None and row[1].expires_at <= now):
        return None
    principal = describe(*row, session_id=found.id)
    if now - found.seen_at >= SEEN_EVERY:
        await _touch(ports, found, principal)
    return principal


async def _touch(ports: Ports, found: AuthSession, principal: Principal) -> None:
    now = ports.clock.now()
    try:
        async with ports.db.bound(tenant_id=None).write() as session:
            await queries.touch_session(session, found.id, now=now, expires_at=_end(ports, principal.expires_at))
    except Unavailable as error:  # on a full disk people can still read
        log.warning("session.not_touched", code=error.code)


def describe(
    user: User,
    tenant: Tenant,
    role: str,
    *,
    session_id: UUID | None = None,
    api_key_id: UUID | None = None,
    at_most: frozenset[str] | None = None,
) -> Principal:
    """Return the person in that organisation as a principal, by a sign-in or by a key that has `at_most` scopes."""
    scopes = scopes_of(role, is_demo=tenant.is_demo)
    return Principal(
        user_id=user.id,
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        role=role,
        scopes=scopes if at_most is None else scopes & at_most,
        email=user.email,
        name=user.name,
        locale=user.locale,
        theme=user.theme,
        is_demo=tenant.is_demo,
        is_operator=user.is_operator and api_key_id is None,
        session_id=session_id,
        api_key_id=api_key_id,
        expires_at=tenant.expires_at,
    )


def _end(ports: Ports, tenant_end: datetime | None) -> datetime:
    end = ports.clock.now() + timedelta(days=ports.settings.session_days)
    return end if tenant_end is None else min(end, tenant_end)


def open_session(ports: Ports, session: AsyncSession, *, user: User, tenant: Tenant, role: str) -> SignedIn:
    """Add a new sign-in to the caller's unit of work and return its cookie."""
    now = ports.clock.now()
    token = new_secret()
    row = AuthSession(
        token_hash=hashed(token),
        user_id=user.id,
        active_tenant_id=tenant.id,
        expires_at=_end(ports, tenant.expires_at),
        seen_at=now,
        created_at=now,
    )
    session.add(row)
    max_age_s = int((row.expires_at - now).total_seconds())
    return SignedIn(token, max_age_s, describe(user, tenant, role, session_id=row.id))


async def sign_out(ctx: Context, *, token: str) -> None:
    """End the sign-in of this cookie; an unknown one is fine."""
    token_hash = hashed(token)
    async with ctx.db.write() as session:
        await queries.drop_session(session, token_hash)
        if ctx.tenant_id is not None:
            audit.record(session, ctx, "session.ended")
    recent.forget(ctx.ports, token_hash)


async def sign_out_everywhere(ctx: Context, *, keep: UUID | None = None) -> int:
    """End the person's sign-ins on every device, except the session `keep`; return how many ended.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    async with ctx.db.write() as session:
        ended = await queries.end_sessions(session, user_id=person(ctx), keep=keep)
        audit.record(session, ctx, "session.ended_everywhere", detail={"count": len(ended)})
    recent.forget(ctx.ports, *ended)
    return len(ended)


@dataclass(frozen=True, slots=True)
class SessionView:
    """One sign-in, as its owner sees it."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


async def list_sessions(ctx: Context) -> list[SessionView]:
    """Return the person's sign-ins that still hold, latest use first."""
    now = ctx.ports.clock.now()
    async with ctx.db.read() as session:
        rows = await queries.sessions_of(session, person(ctx))
    return [SessionView(r.id, r.created_at, r.seen_at, r.expires_at) for r in rows if r.expires_at > now]


async def end_session(ctx: Context, *, session_id: UUID) -> None:
    """End one of the person's own sign-ins.

    Raises:
        NotFound: it is not theirs, or over already.
    """
    async with ctx.db.write() as session:
        token_hash = await queries.drop_session_of(session, session_id, user_id=person(ctx))
        if token_hash is None:
            raise NotFound
        audit.record(session, ctx, "session.ended", target=str(session_id))
    recent.forget(ctx.ports, token_hash)


def person(ctx: Context) -> UUID:
    """Return the person who acts, themselves: an account is no business of a program with a key.

    Raises:
        NotSignedIn: nobody is signed in.
        NotAllowed: a program asks.
    """
    if ctx.user_id is None:
        raise NotSignedIn
    if ctx.actor == "api_key":
        raise NotAllowed("Only a person in a browser may do this, not an API key.", code="auth.person_only")
    return ctx.user_id
