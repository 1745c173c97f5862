"""Sign-ins of browsers: a random cookie, its hash in the database, gone the moment the row is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.db import Database
from app.core.errors import NotAllowed, NotFound, NotSignedIn
from app.core.ports import Ports
from app.tenancy import audit, queries
from app.tenancy.models import AuthSession, Tenant, User
from app.tenancy.principal import Principal, SignedIn, context_for
from app.tenancy.scopes import scopes_of
from app.tenancy.tokens import hashed, new_secret

__all__ = ["Principal", "SignedIn", "context_for", "resolve"]

REMEMBERED_S = 1.0  # a revocation is felt within this time everywhere: OWASP ASVS 5.0, 8.3.2
REMEMBERED_MANY = 10_000
SEEN_EVERY = timedelta(minutes=5)


class _Recent:
    """Principals resolved within the last second, by the hash of their cookie."""

    def __init__(self) -> None:
        self._by_hash: dict[str, tuple[float, Principal]] = {}

    def get(self, token_hash: str, *, now_s: float) -> Principal | None:
        at_s, principal = self._by_hash.get(token_hash, (float("-inf"), None))
        return principal if now_s - at_s < REMEMBERED_S else None

    def put(self, token_hash: str, principal: Principal, *, now_s: float) -> None:
        if len(self._by_hash) >= REMEMBERED_MANY:
            self._by_hash.clear()
        self._by_hash[token_hash] = (now_s, principal)

    def forget(self, token_hash: str) -> None:
        self._by_hash.pop(token_hash, None)

    def forget_all(self) -> None:
        self._by_hash.clear()


_recent: WeakKeyDictionary[Database, _Recent] = WeakKeyDictionary()


def _recent_of(ports: Ports) -> _Recent:
    return _recent.setdefault(ports.db, _Recent())


def forget_recent(ports: Ports) -> None:
    """Resolve everybody anew: after roles, memberships or persons changed in this process."""
    _recent_of(ports).forget_all()


def forget(ports: Ports, token: str) -> None:
    """Resolve the holder of this cookie anew."""
    _recent_of(ports).forget(hashed(token))


async def resolve(ports: Ports, *, token: str) -> Principal | None:
    """Return who the cookie stands for, or None: unknown, expired, signed out or no longer a member.

    The answer may be up to one second old. A use puts off the expiry.
    """
    token_hash, now_s = hashed(token), ports.clock.monotonic_s()
    recent = _recent_of(ports)
    if principal := recent.get(token_hash, now_s=now_s):
        return principal
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
    recent.put(token_hash, principal, now_s=now_s)
    return principal


async def _touch(ports: Ports, found: AuthSession, principal: Principal) -> None:
    now = ports.clock.now()
    async with ports.db.bound(tenant_id=None).write() as session:
        await queries.touch_session(session, found.id, now=now, expires_at=_end(ports, principal.expires_at))


def describe(user: User, tenant: Tenant, role: str, *, session_id: UUID | None = None) -> Principal:
    """Return the person in that organisation as a principal."""
    return Principal(
        user_id=user.id,
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        role=role,
        scopes=scopes_of(role, is_demo=tenant.is_demo),
        email=user.email,
        name=user.name,
        locale=user.locale,
        theme=user.theme,
        is_demo=tenant.is_demo,
        is_operator=user.is_operator,
        session_id=session_id,
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
    _recent_of(ctx.ports).forget(token_hash)
    async with ctx.db.write() as session:
        await queries.drop_session(session, token_hash)
        if ctx.tenant_id is not None:
            audit.record(session, ctx, "session.ended")


async def sign_out_everywhere(ctx: Context, *, keep: UUID | None = None) -> int:
    """End the person's sign-ins on every device, except the session `keep`; return how many ended.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    async with ctx.db.write() as session:
        ended = await queries.end_sessions(session, user_id=person(ctx), keep=keep)
        audit.record(session, ctx, "session.ended_everywhere", detail={"count": len(ended)})
    for token_hash in ended:
        _recent_of(ctx.ports).forget(token_hash)
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
    _recent_of(ctx.ports).forget(token_hash)


def person(ctx: Context) -> UUID:
    """Return the person who acts, themselves: an account is no business of a program with a key.

    Raises:
        NotSignedIn: nobody is signed in.
        NotAllowed: a program asks.
    """
    if ctx.user_id is None:
        raise NotSignedIn
    if ctx.actor == "api_key":
        raise NotAllowed("This needs a person who is signed in, not an API key.", code="auth.person_only")
    return ctx.user_id
