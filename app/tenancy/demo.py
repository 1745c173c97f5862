"""Demo workspaces: one click, no account; limited, and gone after a while unless the visitor signs up."""

from __future__ import annotations

from datetime import timedelta

from app.core.context import Context
from app.core.errors import NotAllowed, Unavailable
from app.core.ids import new_id
from app.tenancy import audit, organisations, queries, sessions
from app.tenancy.guesses import refuse_over
from app.tenancy.models import User
from app.tenancy.principal import SignedIn
from app.tenancy.tokens import hashed

STARTS_PER_HOUR = 20  # per address; a classroom behind one address still gets in


async def start(ctx: Context, *, address: str) -> SignedIn:
    """Make a demo workspace with its visitor and sign them in; `address` is where they come from.

    Raises:
        NotAllowed: demos are switched off.
        TooMany: too many from this address within an hour.
        Unavailable: as many demo workspaces live as the operator allows.
    """
    ports = ctx.ports
    if not ports.settings.demo:
        raise NotAllowed("Demo workspaces are switched off here. Please sign up.", code="demo.off")
    key = f"demo:{hashed(address)}"
    refuse_over(await ports.limiter.hit(key, limit=STARTS_PER_HOUR, window_s=3600), code="demo.too_many")
    now = ports.clock.now()
    until = now + timedelta(hours=ports.settings.demo_hours)
    tenant_id = new_id()
    visitor = User(name="", locale=ctx.locale, created_at=now)
    async with ports.db.bound(tenant_id=tenant_id, user_id=visitor.id).write() as session:
        if await queries.live_demos(session, now=now) >= ports.settings.demo_workspaces:
            raise Unavailable(
                "All demo workspaces are in use. Sign up, or try again later.", code="demo.full", retry_after_s=600
            )
        tenant = await organisations.found(
            ports, session, tenant_id=tenant_id, name="Demo", owner=visitor, demo_until=until
        )
        signed_in = sessions.open_session(ports, session, user=visitor, tenant=tenant, role="owner")
        audit.record(session, ctx, "demo.started", user_id=visitor.id)
    return signed_in
