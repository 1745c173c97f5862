"""Tidies up what ends by itself: demo workspaces, sign-ins, invitations, files cut short, expired answers, deleted
documents and assets, jobs that ended long ago, calls that a killed process left open, SQLite's log.

Each step can run twice, and at the same time as another process's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.content import documents
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.jobs import keeping
from app.core.ports import Ports
from app.core.telemetry import log
from app.llm.cache import service as cache
from app.media import tidying, trash
from app.storage import service as storage
from app.storage.reconciling import reconcile
from app.tenancy import expiry
from app.tenancy.principal import system_context
from app.usage import ledger

ALL_AT_ONCE = 200
ROUNDS = 60


async def run_once(ports: Ports) -> None:
    """Tidy up once. What cannot be done for one workspace is logged and does not keep the others waiting."""
    request_id = f"housekeeping-{new_id()}"
    for tenant_id in await expiry.expired_demos(ports):
        try:
            await _end_demo(ports, tenant_id, request_id)
        except AppError as error:
            log.warning("housekeeping.demo_left", tenant=str(tenant_id), code=error.code)
    await expiry.drop_ended(ports)
    for tenant_id in due(await expiry.all_tenants(ports), now=ports.clock.now()):
        ctx = system_context(ports, tenant_id=tenant_id, request_id=request_id)
        try:
            await expiry.drop_invitations(ctx)
            await storage.sweep(ctx)
            await tidying.sweep(ctx)
            if is_its_minute(tenant_id, now=ports.clock.now()):
                await reconcile(ctx)
            await ledger.sweep_workspace(ctx, older_than=left_open(ports))
            await cache.purge(ctx)
            await documents.purge(ctx)
            await trash.purge(ctx)
            await keeping.purge(ports, tenant_id=tenant_id)
        except AppError as error:
            log.warning("housekeeping.sweep_left", tenant=str(tenant_id), code=error.code)
    await ports.db.checkpoint()


def left_open(ports: Ports) -> timedelta:
    """Return after what time a call that was never settled belongs to a process that is gone.

    One provider may write for `call_timeout_s`, and a second one go on for as long.
    """
    return timedelta(seconds=2 * ports.settings.call_timeout_s + 60)


async def _end_demo(ports: Ports, tenant_id: UUID, request_id: str) -> None:
    ctx = system_context(ports, tenant_id=tenant_id, request_id=request_id)
    await tidying.erase(ctx)
    await storage.erase(ctx)
    if await expiry.drop_demo(ports, tenant_id=tenant_id):
        log.info("demo.ended", tenant=str(tenant_id))


def is_its_minute(tenant_id: UUID, *, now: datetime) -> bool:
    """Whether a workspace's files are to be held against its rows now: in one minute of each day, not all at once."""
    return tenant_id.int % 1440 == now.hour * 60 + now.minute


def due(tenant_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Return the workspaces to look into now: all of a few, else a sixtieth, so that each has a turn hourly."""
    if len(tenant_ids) <= ALL_AT_ONCE:
        return list(tenant_ids)
    return [tenant_id for tenant_id in tenant_ids if tenant_id.int % ROUNDS == now.minute]
