"""Questions that several tests ask of the database."""

from __future__ import annotations

from sqlmodel import col, select

from app.core.context import Context
from app.tenancy.models import AuditEvent


async def audited(ctx: Context) -> list[str]:
    """Return what is written in the organisation's audit trail, oldest first."""
    async with ctx.db.read() as session:
        return list((await session.execute(select(AuditEvent.action).order_by(col(AuditEvent.id)))).scalars())
