"""Who a request comes from, as the doors see it, and the Context that is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.context import Context
from app.core.ports import Ports


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, a demo visitor or a program with a key, in one organisation.

    `session_id` is set for browsers, `api_key_id` for programs. `expires_at` is the end of a demo workspace.
    """

    user_id: UUID
    tenant_id: UUID
    tenant_name: str
    role: str
    scopes: frozenset[str]
    email: str | None = None
    name: str = ""
    locale: str = "en"
    theme: str = "system"
    is_demo: bool = False
    is_operator: bool = False
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: the token goes into the cookie and is kept nowhere else."""

    token: str
    max_age_s: int
    principal: Principal


def context_for(ports: Ports, principal: Principal | None, request_id: str, locale: str | None = None) -> Context:
    """Return the context of one request; without a principal it can do only what is public."""
    if principal is None:
        return Context(ports=ports, request_id=request_id, locale=locale or "en")
    return Context(
        ports=ports,
        request_id=request_id,
        tenant_id=principal.tenant_id,
        user_id=principal.user_id,
        scopes=principal.scopes,
        locale=locale or principal.locale,
        actor="api_key" if principal.api_key_id else "user",
        api_key_id=principal.api_key_id,
        is_operator=principal.is_operator,
        is_demo=principal.is_demo,
    )


def system_context(ports: Ports, *, tenant_id: UUID, request_id: str) -> Context:
    """Return the context of work that nobody asked for, inside one organisation."""
    return Context(ports=ports, request_id=request_id, tenant_id=tenant_id, actor="system")
