"""What was used, by whom, for what, and what it cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import parse_id
from app.usage import queries
from app.usage.metrics import ATTEMPTS, COST, FAILURES, FIRST_TOKEN_SECONDS, PRICE_UNKNOWN, TOKENS
from app.usage.models import UsageEvent
from app.usage.prices import cost_of
from app.usage.schemas import Attempt, Booked, Share, Summary, UsagePage, UsageView

MAX_PAGE = 200


def book(ctx: Context, attempt: Attempt) -> Booked:
    """Return what an attempt is to be booked at."""
    tokens_in, tokens_out, estimated = 0, 0, False
    if attempt.billable:
        estimated = attempt.tokens_in is None or attempt.tokens_out is None
        tokens_in = attempt.prompt_tokens_guess if attempt.tokens_in is None else attempt.tokens_in
        tokens_out = attempt.output_tokens_guess if attempt.tokens_out is None else attempt.tokens_out
    cost = cost_of(
        attempt.kind,
        attempt.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        flat_micros=ctx.ports.settings.flat_price,
        own=attempt.own_price,
    )
    return Booked(tokens_in, tokens_out, estimated, cost.micros, cost.known)


async def record(ctx: Context, attempt: Attempt) -> Booked:
    """Write down one attempt at a model and return what it was booked at."""
    booked = book(ctx, attempt)
    _count(attempt, booked)
    row = UsageEvent(
        user_id=ctx.user_id,
        api_key_id=ctx.api_key_id,
        feature=attempt.feature,
        generation_id=attempt.generation_id,
        provider=attempt.provider,
        kind=attempt.kind,
        model=attempt.model,
        outcome=attempt.outcome,
        error_code=attempt.error_code,
        tokens_in=booked.tokens_in,
        tokens_out=booked.tokens_out,
        tokens_estimated=booked.tokens_estimated,
        cost_micros=booked.cost_micros,
        cost_known=booked.cost_known,
        first_token_ms=attempt.first_token_ms,
        total_ms=attempt.total_ms,
        created_at=ctx.ports.clock.now(),
    )
    async with ctx.db.write() as session:
        session.add(row)
    return booked


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
        by_feature = [_share(row) for row in await queries.sums(session, since=since, by="feature")]
        by_provider = [_share(row) for row in await queries.sums(session, since=since, by="provider")]
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


def _count(attempt: Attempt, booked: Booked) -> None:
    if not booked.cost_known:
        PRICE_UNKNOWN.labels(attempt.kind).inc()
    ATTEMPTS.labels(attempt.kind, attempt.outcome).inc()
    if attempt.outcome == "failed":
        FAILURES.labels(attempt.kind, attempt.error_code).inc()
    TOKENS.labels(attempt.kind, "in").inc(booked.tokens_in)
    TOKENS.labels(attempt.kind, "out").inc(booked.tokens_out)
    COST.labels(attempt.kind, "yes" if booked.cost_known else "no").inc(booked.cost_micros)
    if attempt.first_token_ms is not None:
        FIRST_TOKEN_SECONDS.labels(attempt.kind).observe(attempt.first_token_ms / 1000)


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
