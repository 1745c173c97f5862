"""Earlier answers and searches: looked up before a model is asked, stored after a whole text, erased on demand.

Nothing here may cost an answer: whatever fails is logged, counted, and the model is asked. Built-in texts cost
nothing and are neither stored nor served. Callers pass a task whose messages are as the provider sees them, with
placeholders; texts are kept with placeholders, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from app.core.context import Context
from app.core.ports import Tier
from app.core.telemetry import log
from app.llm.cache import entries, queries, shelf, tallies
from app.llm.cache.guards import kept_apart_by
from app.llm.cache.metrics import REFUSED
from app.llm.cache.models import CacheEntry
from app.llm.cache.outage import or_none
from app.llm.cache.question import Asked, asked
from app.llm.cache.schemas import CacheStats, Hit, Reuse
from app.llm.cache.searches import nearest, remember
from app.llm.events import Settled
from app.llm.task import Task
from app.tenancy import audit

__all__ = ["clear", "lookup", "nearest", "purge", "remember", "stats", "store"]

ANSWER_COSINE = 0.96
"""Measured by `bench cache`: with the guards 0.9 % of what is served is wrong, at 0.92 it would be 2.7 %."""
MOST_COMPARED = 4
LARGEST_TEXT = 64 * 2**10
STATS_DAYS = 30
TALLIES_KEPT = timedelta(days=400)


class Hides(Protocol):
    """What hides the values of a redaction vault again."""

    def hide(self, text: str) -> str:
        """Return the text with placeholders."""
        ...


async def lookup(ctx: Context, task: Task, *, tier: Tier, policy: Reuse, vault: Hides | None = None) -> Hit | None:
    """Return an earlier answer that the policy allows to serve, None where a model has to be asked.

    `task` is as the provider would see it; `vault` is the one that its messages were shielded with, if they were.
    """
    if ctx.tenant_id is None or task.fresh or not task.reuse or not (policy.exact_reuse or policy.answer_reuse):
        return None
    return await or_none("lookup", _lookup(ctx, asked(task, tier=tier, hide=_hiding(vault)), task.language, policy))


async def store(
    ctx: Context,
    task: Task,
    *,
    tier: Tier,
    text: str,
    settled: Settled,
    policy: Reuse | None = None,
    vault: Hides | None = None,
) -> None:
    """Keep a whole text that a model wrote, for 48 hours; a text for the same question gives way to it.

    Without a `policy` it is kept for the same question only.
    """
    if ctx.tenant_id is None or not task.reuse or settled.embedded or settled.served != "model":
        return
    if policy is not None and not (policy.exact_reuse or policy.answer_reuse):
        return
    if not task.fresh:
        tallies.count(ctx, "miss")
    if not _is_worth_keeping(text, settled):
        return
    hide = _hiding(vault)
    by_meaning = policy is not None and policy.answer_reuse
    work = _store(ctx, asked(task, tier=tier, hide=hide), hide(text), settled, by_meaning=by_meaning)
    await or_none("store", work)


async def clear(ctx: Context) -> int:
    """Forget every answer and search of the workspace; return how many there were. The caller has checked the right."""
    async with ctx.db.write() as session:
        dropped = await queries.drop_all(session)
        if dropped:
            audit.record(session, ctx, "cache.cleared", detail={"entries": dropped})
    shelf.forget(ctx.tenant)
    log.info("cache.cleared", entries=dropped)
    return dropped


async def purge(ctx: Context) -> int:
    """Delete what has expired, and tallies of long ago; return how many entries went."""
    now = ctx.ports.clock.now()
    async with ctx.db.write() as session:
        await queries.drop_tallies(session, before=(now - TALLIES_KEPT).date())
        return await queries.drop_expired(session, now=now)


async def stats(ctx: Context, *, days: int = STATS_DAYS) -> CacheStats:
    """Return what the cache holds, and what it was good for in the last `days`, today included."""
    now = ctx.ports.clock.now()
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    async with ctx.db.write() as session:
        await tallies.write_down(ctx, session)
        entries_now, size_bytes = await queries.contents(session, now=now)
        found = await queries.tallies(session, since=since.date())
    exact, answer, searched, missed = (found.get(name, (0, 0))[0] for name in ("exact", "answer", "embedding", "miss"))
    return CacheStats(
        since=since,
        entries=entries_now,
        size_bytes=size_bytes,
        exact_hits=exact,
        answer_hits=answer,
        embedding_hits=searched,
        misses=missed,
        saved_micros=sum(saved for _, saved in found.values()),
        hit_rate=(exact + answer) / max(exact + answer + missed, 1),
    )


def _hiding(vault: Hides | None) -> Callable[[str], str]:
    return vault.hide if vault is not None else str


def _is_worth_keeping(text: str, settled: Settled) -> bool:
    """Whether a text is whole, and in one piece from one model."""
    whole = settled.finish_reason == "stop" and not settled.seams and bool(text.strip())
    return whole and len(text.encode("utf-8", "surrogatepass")) <= LARGEST_TEXT


async def _lookup(ctx: Context, question: Asked, language: str, policy: Reuse) -> Hit | None:
    keys = await entries.keys_of(ctx)
    if keys is None:
        return None
    here = await shelf.shelf_of(ctx)
    hit = None
    if policy.exact_reuse:
        hit = await _same(ctx, here, keys.exact(question))
    if hit is None and policy.answer_reuse and question.text is not None:
        hit = await _alike(ctx, here, question.text, keys.circle(question), language)
    if hit is not None:
        tallies.count(ctx, hit.kind, saved_micros=hit.saved_micros)
        await tallies.write_down_in_time(ctx)
    return hit


async def _same(ctx: Context, here: shelf.Shelf, key: str) -> Hit | None:
    now = ctx.ports.clock.now()
    if here.is_read and not here.has(key, now=now):
        return None
    async with ctx.db.read() as session:
        row = await queries.by_key(session, key=key, now=now)
    if row is None:
        here.drop(key)
        return None
    return _hit(row)


async def _alike(ctx: Context, here: shelf.Shelf, text: str, circle: str, language: str) -> Hit | None:
    vector = await entries.vector_of(ctx, text)
    now = ctx.ports.clock.now()
    close = [] if vector is None else here.near(circle, vector, least=ANSWER_COSINE, most=MOST_COMPARED, now=now)
    if not close:
        return None
    async with ctx.db.read() as session:
        rows = await queries.by_keys(session, keys=[key for key, _ in close], now=now)
    for key, cosine in close:
        row = rows.get(key)
        if row is None:
            here.drop(key)
        elif guard := kept_apart_by(text, row.question, language=language):
            REFUSED.labels(guard).inc()
        else:
            return _hit(row, similarity=cosine)
    return None


def _hit(row: CacheEntry, *, similarity: float | None = None) -> Hit:
    return Hit(
        kind="exact" if similarity is None else "answer",
        text=row.text,
        model=row.model,
        provider=row.provider,
        written_at=row.created_at,
        saved_micros=row.cost_micros,
        entry_id=row.id,
        written_by=row.user_id,
        similarity=1.0 if similarity is None else similarity,
    )


async def _store(ctx: Context, question: Asked, text: str, settled: Settled, *, by_meaning: bool) -> None:
    keys = await entries.keys_of(ctx)
    if keys is None:
        return
    vector = None
    if by_meaning and question.text is not None:
        vector = await entries.vector_of(ctx, question.text, within_s=None)
    await entries.put(ctx, entries.answer(ctx, keys, question, text=text, settled=settled, vector=vector))
