"""The audit trail: who did what to which thing. Ids, names of roles and things; never passwords, keys or content."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.tenancy.models import AuditEvent


def record(
    session: AsyncSession,
    ctx: Context,
    action: str,
    *,
    target: str = "",
    user_id: UUID | None = None,
    detail: dict[str, str | int | bool] | None = None,
) -> None:
    """Write down, in the caller's unit of work, that `action` (dotted noun and verb) happened to `target`.

    `user_id` is for a person who is not signed in yet; otherwise it is the context's.
    """
    session.add(
        AuditEvent(
            user_id=user_id or ctx.user_id,
            action=action,
            target=target,
            detail=detail,
            created_at=ctx.ports.clock.now(),
        )
    )
