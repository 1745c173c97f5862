"""What ends by itself: demo workspaces, sign-ins, invitations, operator's claims. Called by housekeeping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.context import Context
from app.core.ports import Ports
from app.tenancy import queries, recent

DEMO_GRACE = timedelta(minutes=1)  # a visitor who signs up in the last second keeps everything
CLAIM_LASTS = timedelta(days=30)


async def expired_demos(ports: Ports) -> Sequence[UUID]:
    """Return the demo workspaces whose time is over."""
    async with ports.db.bound(tenant_id=None).read() as session:
        return await queries.expired_demos(session, before=ports.clock.now() - DEMO_GRACE)


async def all_tenants(ports: Ports) -> Sequence[UUID]:
    """Return every organisation, oldest first."""
    async with ports.db.bound(tenant_id=None).read() as session:
        return await queries.tenant_ids(session)


async def drop_demo(ports: Ports, *, tenant_id: UUID) -> bool:
    """Delete a demo workspace, everything in it, its visitor and its data key, unless it was kept meanwhile.

    The bytes of its files must be gone already: without the rows nobody would find them.
    """
    async with ports.db.bound(tenant_id=tenant_id).write() as session:
        visitors = [user.id for _, user in await queries.members(session)]
        if not await queries.drop_demo(session, tenant_id, before=ports.clock.now() - DEMO_GRACE):
            return False
        await queries.drop_visitors(session, visitors)
    ports.db.forget_key(tenant_id)
    recent.forget_all(ports)
    return True


async def drop_ended(ports: Ports) -> int:
    """Delete sign-ins that are over and operator's claims that nobody used; return how many."""
    now = ports.clock.now()
    async with ports.db.bound(tenant_id=None).write() as session:
        sessions_ended = await queries.drop_ended_sessions(session, now=now)
        claims_ended = await queries.drop_old_claims(session, before=now - CLAIM_LASTS)
    return sessions_ended + claims_ended


async def drop_invitations(ctx: Context) -> int:
    """Delete the organisation's invitations that are over; return how many."""
    async with ctx.db.write() as session:
        return await queries.drop_ended_invitations(session, now=ctx.ports.clock.now())
