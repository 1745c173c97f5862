"""Organisations: founding, renaming, listing one's own, switching between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.ports import Ports
from app.tenancy import audit, queries, recent, sessions
from app.tenancy.models import Membership, Tenant, User
from app.tenancy.principal import SignedIn
from app.tenancy.schemas import OrganisationName
from app.tenancy.tokens import hashed

MOST_PER_PERSON = 50

_PUBLIC_MAIL = frozenset(
    {"gmail", "googlemail", "outlook", "hotmail", "live", "yahoo", "icloud", "me", "gmx", "web", "proton", "protonmail"}
    | {"aol", "mail", "qq", "163", "126", "yandex", "naver", "zoho", "fastmail", "orange", "free", "libero", "t-online"}
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One of a person's organisations."""

    id: UUID
    name: str
    role: str
    is_active: bool
    is_demo: bool
    created_at: datetime


def guess_name(email: str) -> str:
    """Return a name for the organisation of an e-mail: ana@bright-ideas.co.uk -> Bright Ideas."""
    local, _, domain = email.partition("@")
    labels = domain.split(".")[:-1]
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels = labels[:-1]
    owner = labels[-1] if labels and labels[-1] not in _PUBLIC_MAIL else local.partition("+")[0]
    words = owner.replace("-", " ").replace("_", " ").replace(".", " ").split()
    return " ".join(word.capitalize() for word in words)[:120] or "Workspace"


async def found(
    ports: Ports,
    session: AsyncSession,
    *,
    tenant_id: UUID,
    name: str,
    owner: User,
    demo_until: datetime | None = None,
) -> Tenant:
    """Add an organisation and its owner to the caller's unit of work, which is bound to `tenant_id` already.

    The owner may be new too: rows are written parents first.
    """
    now = ports.clock.now()
    tenant = Tenant(
        id=tenant_id,
        name=name,
        is_demo=demo_until is not None,
        expires_at=demo_until,
        wrapped_key=ports.db.master_key.new_data_key(tenant=str(tenant_id)),
        created_at=now,
    )
    session.add_all([tenant, owner])
    await session.flush()
    session.add(Membership(user_id=owner.id, role="owner", created_at=now))
    return tenant


async def create(ctx: Context, *, form: OrganisationName) -> OrganisationView:
    """Found another organisation, owned by the person who asks; the active one stays.

    Raises:
        InvalidInput: no name.
        Conflict: a demo visitor asks, or the person has many already.
    """
    user_id = sessions.person(ctx)
    name = _name(form)
    if ctx.is_demo:
        raise Conflict("Sign up first: a demo workspace stands alone.", code="demo.sign_up_first")
    async with ctx.db.read() as session:
        mine = await queries.organisations_of(session, user_id)
        user = await session.get_one(User, user_id)
    if len(mine) >= MOST_PER_PERSON:
        raise Conflict(
            "You are in {limit} organisations already.", code="organisation.many", params={"limit": MOST_PER_PERSON}
        )
    tenant_id = new_id()
    async with ctx.ports.db.bound(tenant_id=tenant_id, user_id=user_id).write() as session:
        user = await session.merge(user, load=False)
        tenant = await found(ctx.ports, session, tenant_id=tenant_id, name=name, owner=user)
        audit.record(session, ctx, "organisation.created", target=str(tenant_id))
    return OrganisationView(tenant.id, tenant.name, "owner", False, False, tenant.created_at)


async def rename(ctx: Context, *, form: OrganisationName) -> None:
    """Give the active organisation another name.

    Raises:
        InvalidInput: no name.
    """
    name = _name(form)
    async with ctx.db.write() as session:
        tenant = await session.get_one(Tenant, ctx.tenant)
        tenant.name = name
        audit.record(session, ctx, "organisation.renamed", target=str(tenant.id))
    recent.forget_all(ctx.ports)


def _name(form: OrganisationName) -> str:
    if not form.name:
        raise InvalidInput("Give the organisation a name.", code="organisation.name_missing", field="name")
    return form.name


async def list_mine(ctx: Context) -> list[OrganisationView]:
    """Return the person's organisations, oldest membership first.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    async with ctx.db.read() as session:
        rows = await queries.organisations_of(session, sessions.person(ctx))
    return [OrganisationView(t.id, t.name, role, t.id == ctx.tenant_id, t.is_demo, t.created_at) for t, role in rows]


async def switch(ctx: Context, *, token: str, tenant_id: UUID) -> SignedIn:
    """Make another organisation the active one: a new cookie, the old one ends.

    Raises:
        NotFound: the person is no member there.
    """
    user_id = sessions.person(ctx)
    async with ctx.ports.db.bound(tenant_id=tenant_id, user_id=user_id).write() as session:
        row = await queries.who(session, user_id=user_id, tenant_id=tenant_id)
        if row is None:
            raise NotFound
        user, tenant, role = row
        await queries.drop_session(session, hashed(token))
        signed_in = sessions.open_session(ctx.ports, session, user=user, tenant=tenant, role=role)
        audit.record(session, ctx, "organisation.entered")
    recent.forget(ctx.ports, hashed(token))
    return signed_in
