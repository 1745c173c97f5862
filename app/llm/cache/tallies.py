"""How lookups ended: counted in memory, added to the database with the next store, else every ten seconds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import AppError
from app.core.telemetry import log
from app.llm.cache import queries
from app.llm.cache.metrics import LOOKUPS, SAVED
from app.llm.cache.schemas import Outcome

WRITE_EVERY_S = 10.0
"""A hit waits for the database no more often than this. A process that dies loses the counts since."""

_pending: defaultdict[UUID, dict[tuple[date, str], tuple[int, int]]] = defaultdict(dict)
_written_s: dict[UUID, float] = {}


def count(ctx: Context, outcome: Outcome, *, saved_micros: int = 0) -> None:
    """Count one lookup."""
    LOOKUPS.labels(outcome).inc()
    if saved_micros:
        SAVED.labels(outcome).inc(saved_micros)
    counted = _pending[ctx.tenant]
    key = (ctx.ports.clock.now().date(), outcome)
    lookups, saved = counted.get(key, (0, 0))
    counted[key] = (lookups + 1, saved + saved_micros)


async def write_down(ctx: Context, session: AsyncSession) -> None:
    """Add what was counted to the database, in the caller's unit of work."""
    _written_s[ctx.tenant] = ctx.ports.clock.monotonic_s()
    for (day, outcome), (lookups, saved_micros) in _pending.pop(ctx.tenant, {}).items():
        await queries.add_to_tally(session, day=day, outcome=outcome, lookups=lookups, saved_micros=saved_micros)


async def write_down_in_time(ctx: Context) -> None:
    """Add what was counted to the database, unless that was done a moment ago."""
    now_s = ctx.ports.clock.monotonic_s()
    if 0 <= now_s - _written_s.get(ctx.tenant, float("-inf")) < WRITE_EVERY_S:
        return
    try:
        async with ctx.db.write() as session:
            await write_down(ctx, session)
    except AppError as error:  # a figure on a dashboard is missing, nothing else
        log.warning("cache.tally_lost", code=error.code)
