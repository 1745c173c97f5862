"""API keys: shown once, kept as a hash, never able to do more than the person who made them can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from app.core.ports import Ports
from app.core.telemetry import log
from app.tenancy import audit, queries, recent, sessions
from app.tenancy.models import ApiKey
from app.tenancy.principal import Principal
from app.tenancy.schemas import NewApiKey
from app.tenancy.tokens import hashed, new_secret, split_tenant, with_tenant

PREFIX = "gly"
MOST = 100
USED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key as its organisation sees it; `key` is set only in the answer that made it."""

    id: UUID
    name: str
    tail: str
    scopes: tuple[str, ...]
    user_id: UUID
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    key: str = ""


def _view(row: ApiKey, key: str = "") -> ApiKeyView:
    return ApiKeyView(
        row.id,
        row.name,
        row.tail,
        tuple(row.scopes),
        row.user_id,
        row.expires_at,
        row.last_used_at,
        row.created_at,
        key,
    )


async def create(ctx: Context, *, form: NewApiKey) -> ApiKeyView:
    """Make a key for the active organisation; the key itself is in this answer and nowhere else.

    Raises:
        InvalidInput: no name, or scopes that are none or beyond one's own.
        Conflict: the organisation has many keys already.
    """
    user_id, now = sessions.person(ctx), ctx.ports.clock.now()
    if not form.name:
        raise InvalidInput("Give the key a name, so that you know it later.", code="api_key.name_missing", field="name")
    beyond = sorted(set(form.scopes) - ctx.scopes)
    if beyond or not form.scopes:
        raise InvalidInput(
            "A key can do what you can do, or less. Not possible: {scopes}",
            code="api_key.scopes",
            field="scopes",
            params={"scopes": ", ".join(beyond) or "-"},
        )
    secret = new_secret()
    async with ctx.db.write() as session:
        if await queries.count_api_keys(session) >= MOST:
            raise Conflict("There are {limit} keys already.", code="api_key.many", params={"limit": MOST})
        row = ApiKey(
            user_id=user_id,
            name=form.name,
            secret_hash=hashed(secret),
            tail=secret[-4:],
            scopes=sorted(set(form.scopes)),
            expires_at=now + timedelta(days=form.days) if form.days else None,
            created_at=now,
        )
        session.add(row)
        audit.record(session, ctx, "api_key.created", target=str(row.id), detail={"scopes": ", ".join(row.scopes)})
    return _view(row, with_tenant(PREFIX, ctx.tenant, secret))


async def list_all(ctx: Context) -> list[ApiKeyView]:
    """Return the organisation's keys, newest first."""
    async with ctx.db.read() as session:
        return [_view(row) for row in await queries.api_keys(session)]


async def revoke(ctx: Context, *, key_id: UUID) -> None:
    """End a key at once.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        row = await session.get(ApiKey, key_id)
        if row is None:
            raise NotFound
        await session.delete(row)
        audit.record(session, ctx, "api_key.revoked", target=str(key_id))
    recent.forget(ctx.ports, row.secret_hash)


async def resolve_key(ports: Ports, *, key: str) -> Principal | None:
    """Return whom the key stands for, or None: unknown, expired, revoked, or its person is no longer a member.

    Its scopes are what the key has and its person's role still includes. The answer may be up to one second old.
    """
    parts = split_tenant(PREFIX, key)
    if parts is None:
        return None
    tenant_id, secret_hash = parts[0], hashed(parts[1])
    principal = await recent.known.get(ports, secret_hash, lambda: _resolve(ports, tenant_id, secret_hash))
    return principal if principal is not None and principal.tenant_id == tenant_id else None


async def _resolve(ports: Ports, tenant_id: UUID, secret_hash: str) -> Principal | None:
    now = ports.clock.now()
    async with ports.db.bound(tenant_id=tenant_id).read() as session:
        row = await queries.api_key_by_hash(session, secret_hash)
        found = await queries.who(session, user_id=row.user_id, tenant_id=tenant_id) if row else None
    if row is None or found is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    principal = sessions.describe(*found, api_key_id=row.id, at_most=frozenset(row.scopes))
    if principal.expires_at is not None and principal.expires_at <= now:
        return None
    if row.last_used_at is None or now - row.last_used_at >= USED_EVERY:
        await _touch(ports, tenant_id, row.id)
    return principal


async def _touch(ports: Ports, tenant_id: UUID, key_id: UUID) -> None:
    try:
        async with ports.db.bound(tenant_id=tenant_id).write() as session:
            await queries.touch_api_key(session, key_id, now=ports.clock.now())
    except Unavailable as error:  # on a full disk programs can still read
        log.warning("api_key.not_touched", code=error.code)
