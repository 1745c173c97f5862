"""The only way to a model.

candidates -> plan -> attempts (writing.py: hedge, failover, continuation) -> settle
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from prometheus_client import Counter

from app.core.context import Context
from app.core.telemetry import log
from app.llm.candidates import candidates
from app.llm.errors import NoProviderEnabled
from app.llm.events import GatewayEvent, Leg, Settled, Text
from app.llm.journal import Journal
from app.llm.line import Line
from app.llm.routing import Plan, plan
from app.llm.task import Task
from app.llm.writing import Writing
from app.usage import service as usage
from app.usage.schemas import Attempt, Booked

USAGE_LOST = Counter("galley_usage_lost_total", "Usage rows that could not be written")

_settling: set[asyncio.Task[None]] = set()
"""Rows on their way to the database: held here, since the loop holds its tasks weakly."""


async def stream(ctx: Context, task: Task) -> AsyncIterator[GatewayEvent]:
    """Write `task` with the first candidate that delivers. Closing the iterator ends the providers' work.

    Every attempt has its usage row, also failed and cancelled ones, before this ends.

    Raises:
        NoProviderEnabled: there is nobody to ask.
        NoProviderAvailable: nobody delivered.
    """
    clock = ctx.ports.clock
    started_s = clock.monotonic_s()
    first_s: float | None = None
    decided = plan(task, await candidates(ctx))
    if not decided.order:
        raise NoProviderEnabled
    journal = Journal()
    writing = Writing(ctx, task, Line(ctx, decided), messages=task.messages, journal=journal)
    used: list[Attempt] = []
    try:
        async with aclosing(writing.events()) as events:
            async for event in events:
                if first_s is None and isinstance(event, Text):
                    first_s = clock.monotonic_s()
                yield event
        used = await writing.used()
        times_ms = round(((first_s or started_s) - started_s) * 1000), round((clock.monotonic_s() - started_s) * 1000)
        yield _settled(ctx, writing, decided, used, seams=tuple(journal.seams), times_ms=times_ms)
    finally:
        await _settle(ctx, used or await writing.used())


def _settled(
    ctx: Context,
    writing: Writing,
    decided: Plan,
    used: Sequence[Attempt],
    *,
    seams: tuple[int, ...],
    times_ms: tuple[int, int],
) -> Settled:
    """Return what the text took, all told: every leg is in it, also those that failed or were beaten."""
    last = writing.finished
    assert last is not None
    assert last.finished is not None
    booked = [usage.book(ctx, attempt) for attempt in used]
    return Settled(
        provider=last.candidate.target.provider,
        model=last.candidate.target.model,
        embedded=last.candidate.embedded,
        tokens_in=sum(one.tokens_in for one in booked),
        tokens_out=sum(one.tokens_out for one in booked),
        tokens_estimated=any(one.tokens_estimated for one in booked),
        cost_micros=sum(one.cost_micros for one in booked),
        cost_known=all(one.cost_known for one in booked),
        first_token_ms=times_ms[0],
        total_ms=times_ms[1],
        finish_reason=last.finished.reason,
        legs=tuple(_leg(attempt, one) for attempt, one in zip(used, booked, strict=True)),
        tier=decided.tier,
        seams=seams,
    )


def _leg(attempt: Attempt, booked: Booked) -> Leg:
    return Leg(
        provider=attempt.provider,
        model=attempt.model,
        embedded=attempt.kind == "embedded",
        outcome=attempt.outcome,
        error_code=attempt.error_code,
        tokens_in=booked.tokens_in,
        tokens_out=booked.tokens_out,
        cost_micros=booked.cost_micros,
        cost_known=booked.cost_known,
        first_token_ms=attempt.first_token_ms,
        total_ms=attempt.total_ms,
    )


async def _settle(ctx: Context, used: Sequence[Attempt]) -> None:
    """Return when everything is written down; a caller who is cancelled here does not stop that."""
    if used:
        rows = asyncio.get_running_loop().create_task(_record(ctx, used))
        _settling.add(rows)
        rows.add_done_callback(_settling.discard)
        await asyncio.wait({rows})


async def _record(ctx: Context, used: Sequence[Attempt]) -> None:
    for attempt in used:
        try:
            await usage.record(ctx, attempt)
        except Exception as error:  # the text is there: losing its row must not lose it, but is counted
            USAGE_LOST.inc()
            log.exception("usage.lost", error=type(error).__name__, outcome=attempt.outcome, kind=attempt.kind)
