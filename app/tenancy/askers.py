"""In whose name a job runs: the person who asked for it, with what they may do at the moment when it starts."""

from __future__ import annotations

from uuid import UUID

from app.core.context import Actor, Context
from app.core.errors import NotAllowed
from app.core.ports import Ports
from app.tenancy import queries
from app.tenancy.scopes import scopes_of


async def context_of_asker(
    ports: Ports,
    *,
    tenant_id: UUID,
    user_id: UUID | None,
    api_key_id: UUID | None,
    actor: str,
    locale: str,
    request_id: str,
    scope: str,
) -> Context:
    """Return the context of a job that needs `scope`.

    Raises:
        NotAllowed: who asked has left since, or may not do that any more.
    """
    if actor == "system":
        return Context(
            ports=ports,
            request_id=request_id,
            tenant_id=tenant_id,
            scopes=frozenset({scope}),
            locale=locale,
            actor="system",
        )
    found = None
    if user_id is not None:
        async with ports.db.bound(tenant_id=tenant_id, user_id=user_id).read() as session:
            found = await queries.who(session, user_id=user_id, tenant_id=tenant_id)
    if found is None:
        raise NotAllowed(params={"scope": scope})
    user, tenant, role = found
    by: Actor = "api_key" if api_key_id else "user"
    ctx = Context(
        ports=ports,
        request_id=request_id,
        tenant_id=tenant_id,
        user_id=user_id,
        scopes=scopes_of(role, is_demo=tenant.is_demo),
        locale=locale,
        actor=by,
        api_key_id=api_key_id,
        is_operator=user.is_operator and api_key_id is None,
        is_demo=tenant.is_demo,
    )
    ctx.require(scope)
    return ctx
