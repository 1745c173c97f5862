"""What was used, by whom, for what, and what it cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import parse_id
from app.usage import queries, sums
from app.usage.booking import book
from app.usage.ledger import record
from app.usage.models import UsageEvent
from app.usage.schemas import Share, Summary, UsagePage, UsageView

__all__ = ["book", "list_events", "month_start", "record", "summary"]

MAX_PAGE = 200


async def list_events(ctx: Context, *, cursor: str | None = None, limit: int = 50) -> UsagePage:
    """Return the workspace's attempts, newest first.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    before = parse_id(cursor) if cursor else None
    if cursor and before is None:
        raise InvalidInput("This cursor cannot be used.", code="cursor.invalid", field="cursor")
    wanted = max(1, min(limit, MAX_PAGE))
    async with ctx.db.read() as session:
        rows = await queries.page(session, before=before, limit=wanted + 1)
    shown = rows[:wanted]
    return UsagePage(tuple(_view(row) for row in shown), str(shown[-1].id) if len(rows) > wanted else None)


async def summary(ctx: Context) -> Summary:
    """Return this month's use so far (UTC)."""
    since = month_start(ctx.ports.clock.now())
    async with ctx.db.read() as session:
        by_feature = [_share(row) for row in await sums.shares(session, since=since, by="feature")]
        by_provider = [_share(row) for row in await sums.shares(session, since=since, by="provider")]
    return Summary(
        since=since,
        attempts=sum(share.attempts for share in by_feature),
        tokens_in=sum(share.tokens_in for share in by_feature),
        tokens_out=sum(share.tokens_out for share in by_feature),
        cost_micros=sum(share.cost_micros for share in by_feature),
        estimated_micros=sum(share.estimated_micros for share in by_feature),
        by_feature=tuple(by_feature),
        by_provider=tuple(by_provider),
    )


def month_start(now: datetime) -> datetime:
    """Return the first moment of `now`'s month."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _share(row: Any) -> Share:  # Any: a row of sums
    # PostgreSQL sums integers to Decimal.
    name, attempts, tokens_in, tokens_out, cost, estimated = row
    return Share(str(name), int(attempts), int(tokens_in), int(tokens_out), int(cost), int(estimated))


def _view(row: UsageEvent) -> UsageView:
    return UsageView(
        id=row.id,
        created_at=row.created_at,
        user_id=row.user_id,
        api_key_id=row.api_key_id,
        feature=row.feature,
        generation_id=row.generation_id,
        provider=row.provider,
        model=row.model,
        embedded=row.kind == "embedded",
        outcome=row.outcome,
        error_code=row.error_code,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        tokens_estimated=row.tokens_estimated,
        cost_micros=row.cost_micros,
        cost_known=row.cost_known,
        first_token_ms=row.first_token_ms,
        total_ms=row.total_ms,
    )
