"""The only way to a model.

prepare (policy, redaction, allowance, plan) -> earlier answer? -> hold the money
    -> write (writing.py: hedge, failover, continuation) -> settle -> keep the text
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from app.core.context import Context
from app.core.ids import new_id
from app.llm.cache import service as cache
from app.llm.cache.schemas import Hit
from app.llm.events import GatewayEvent, Text
from app.llm.journal import Journal
from app.llm.line import Line
from app.llm.preparing import Holding, Prepared, prepare
from app.llm.settling import book_hit, earlier, settle, told, told_again
from app.llm.task import Task
from app.llm.writing import Writing


async def stream(ctx: Context, task: Task) -> AsyncIterator[GatewayEvent]:
    """Write `task` with the first candidate that delivers, or give an earlier answer again.

    Closing the iterator ends the providers' work. Every attempt is booked before this ends, also a failed and a
    cancelled one.

    Raises:
        NoProviderEnabled: there is nobody to ask.
        NoProviderAvailable: nobody delivered.
        BudgetUsedUp: there is no money for it.
    """
    call_id = new_id()
    started_s = ctx.ports.clock.monotonic_s()
    ready = await prepare(ctx, task)
    shielded = replace(task, messages=ready.messages)
    hit = await cache.lookup(ctx, shielded, tier=ready.plan.tier, policy=ready.policy, vault=ready.vault)
    events = (
        _again(ctx, task, ready, hit, call_id=call_id, started_s=started_s)
        if hit is not None
        else _anew(ctx, task, shielded, ready, call_id=call_id, started_s=started_s)
    )
    async with aclosing(events):
        async for event in events:
            yield event


async def _again(
    ctx: Context, task: Task, ready: Prepared, hit: Hit, *, call_id: UUID, started_s: float
) -> AsyncGenerator[GatewayEvent]:
    """Give an earlier answer again."""
    yield earlier(hit, ready.plan)
    yield Text(ready.vault.open(hit.text) if ready.vault else hit.text)
    total_ms = _since_ms(ctx, started_s)
    await book_hit(ctx, task, hit, ready.plan, call_id=call_id, total_ms=total_ms)
    yield told_again(hit, ready.plan, total_ms=total_ms)


async def _anew(
    ctx: Context, task: Task, shielded: Task, ready: Prepared, *, call_id: UUID, started_s: float
) -> AsyncGenerator[GatewayEvent]:
    """Have the text written."""
    journal = Journal(ready.vault.opener) if ready.vault else Journal()
    held = Holding(ctx, ready, task, call_id=call_id)
    line = Line(ctx, ready.plan, ready.purse)
    hedging = ready.policy.hedging
    writing = Writing(ctx, task, line, messages=ready.messages, journal=journal, hedging=hedging)
    first_ms: int | None = None
    settled = False
    try:
        if ready.left_micros is not None:
            await held.reservation()
        async with aclosing(writing.events()) as events:
            async for event in events:
                if first_ms is None and isinstance(event, Text):
                    await held.reservation()
                    first_ms = _since_ms(ctx, started_s)
                yield event
        used, reservation = await writing.used(), await held.whatever_it_is()
        settled = True
        booked = await settle(ctx, reservation, used, score=ready.score)
    finally:
        if not settled:
            await settle(ctx, await held.whatever_it_is(), await writing.used(), score=ready.score)
    assert writing.finished is not None
    end = told(
        writing.finished,
        used,
        booked,
        plan=ready.plan,
        seams=tuple(journal.seams),
        first_token_ms=first_ms or 0,
        total_ms=_since_ms(ctx, started_s),
    )
    yield end
    await cache.store(
        ctx, shielded, tier=ready.plan.tier, text=journal.text, settled=end, policy=ready.policy, vault=ready.vault
    )


def _since_ms(ctx: Context, started_s: float) -> int:
    return round((ctx.ports.clock.monotonic_s() - started_s) * 1000)
