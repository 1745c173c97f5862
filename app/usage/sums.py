"""SQL of sums over attempts and ledger lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.usage.models import UsageEvent


async def shares(session: AsyncSession, *, since: datetime, by: str) -> Sequence[sa.Row[Any]]:
    """Return rows (name, attempts, tokens in, tokens out, cost, estimated cost) since a moment, dearest first.

    `by` is "feature" or "provider".
    """
    name = col(UsageEvent.feature) if by == "feature" else col(UsageEvent.provider)
    cost = sa.func.coalesce(sa.func.sum(UsageEvent.cost_micros), 0)
    guessed = sa.case((col(UsageEvent.cost_known).is_(False), UsageEvent.cost_micros), else_=0)
    query = (
        sa.select(
            name,
            sa.func.count(col(UsageEvent.id)),
            sa.func.sum(UsageEvent.tokens_in),
            sa.func.sum(UsageEvent.tokens_out),
            cost,
            sa.func.sum(guessed),
        )
        .where(col(UsageEvent.created_at) >= since)
        .group_by(name)
        .order_by(cost.desc(), name)
    )
    rows: Sequence[sa.Row[Any]] = (await session.execute(query)).all()
    return rows
