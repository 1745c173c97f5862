"""How lookups ended, counted in memory and added to the database with the next store or after the next hit."""

from __future__ import annotations

import asyncio
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

_Pending = dict[tuple[date, str], tuple[int, int]]
_pending: defaultdict[UUID, _Pending] = defaultdict(dict)
_writing: set[asyncio.Task[None]] = set()
"""Tallies on their way to the database: held here, since the loop holds its tasks weakly."""


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
    for (day, outcome), (lookups, saved_micros) in _pending.pop(ctx.tenant, {}).items():
        await queries.add_to_tally(session, day=day, outcome=outcome, lookups=lookups, saved_micros=saved_micros)


def write_down_soon(ctx: Context) -> None:
    """Add what was counted to the database, after whoever waits for an answer has it."""
    task = asyncio.get_running_loop().create_task(_write_down(ctx))
    _writing.add(task)
    task.add_done_callback(_writing.discard)


async def written_down() -> None:
    """Return when no tally is on its way any more."""
    while _writing:
        await asyncio.wait(_writing)


async def _write_down(ctx: Context) -> None:
    try:
        async with ctx.db.write() as session:
            await write_down(ctx, session)
    except AppError as error:  # a figure on a dashboard is missing, nothing else
        log.warning("cache.tally_lost", code=error.code)
