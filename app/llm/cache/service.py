"""Earlier answers and searches: looked up before a model is asked, stored after a whole text, erased on demand.

Nothing here may cost an answer: whatever fails is logged, counted, and the model is asked. Built-in texts cost
nothing and are neither stored nor served. Callers pass a task whose messages are as the provider sees them, with
placeholders; texts are kept with placeholders, too.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError

from app.core.context import Context
from app.core.crypto import DataKey
from app.core.errors import AppError
from app.core.ports import Tier
from app.core.telemetry import log
from app.llm.cache import queries, shelf, tallies
from app.llm.cache.guards import kept_apart_by
from app.llm.cache.metrics import BROKEN, REFUSED
from app.llm.cache.models import CacheEntry
from app.llm.cache.question import Asked, asked, normal
from app.llm.cache.schemas import CacheStats, Hit, Reuse, Search
from app.llm.events import Settled
from app.llm.task import Task
from app.tenancy import audit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = timedelta(hours=48)
ANSWER_COSINE = 0.92
SEARCH_COSINE = 0.92
MOST_COMPARED = 8
ENTRIES_KEPT = 5_000
BYTES_KEPT = 64 * 2**20
"""Per workspace; the oldest make room."""
LARGEST_TEXT = 64 * 2**10
EMBED_WITHIN_S = 0.25
"""A lookup waits no longer for a vector: loading the embedder, or a hosted one that is slow, must not delay a text."""
STATS_DAYS = 30
TALLIES_KEPT = timedelta(days=400)

Result = TypeVar("Result")


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
    return await _or_none("lookup", _lookup(ctx, asked(task, tier=tier, hide=_hiding(vault)), task.language, policy))


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
    if ctx.tenant_id is None or not task.reuse or not _is_worth_keeping(text, settled):
        return
    if policy is not None and not (policy.exact_reuse or policy.answer_reuse):
        return
    hide = _hiding(vault)
    by_meaning = policy is not None and policy.answer_reuse
    work = _store(ctx, asked(task, tier=tier, hide=hide), hide(text), settled, by_meaning=by_meaning)
    await _or_none("store", work)


async def nearest(ctx: Context, text: str, *, scope: str, least: float = SEARCH_COSINE) -> Search | None:
    """Return the earlier search in `scope` for the closest words, if its cosine is at least `least`.

    Safe to re-use for retrieval, where the real words rank the candidates anew; never for an answer. `scope` names
    all that must agree: the knowledge base, its version, the embedding model.
    """
    if ctx.tenant_id is None:
        return None
    return await _or_none("nearest", _nearest(ctx, normal(text), scope, least))


async def remember(
    ctx: Context, text: str, *, scope: str, vector: NDArray[np.float32], candidates: Sequence[str]
) -> None:
    """Keep what a search found, ids best first, and the vector, shape (d,), that it was done with."""
    if ctx.tenant_id is not None:
        await _or_none("remember", _remember(ctx, normal(text), scope, vector, candidates))


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
        entries, size_bytes = await queries.contents(session, now=now)
        found = await queries.tallies(session, since=since.date())
    return CacheStats(
        since=since,
        entries=entries,
        size_bytes=size_bytes,
        exact_hits=found.get("exact", (0, 0))[0],
        answer_hits=found.get("answer", (0, 0))[0],
        embedding_hits=found.get("embedding", (0, 0))[0],
        misses=found.get("miss", (0, 0))[0],
        saved_micros=sum(saved for _, saved in found.values()),
    )


async def _or_none(verb: str, work: Awaitable[Result]) -> Result | None:
    """Return what `work` gives; None when it fails, since a cache that is broken must not cost an answer."""
    try:
        return await work
    except AppError as error:
        log.warning("cache.unavailable", verb=verb, code=error.code)
    except Exception as error:  # a bug here must not keep a model from being asked
        log.exception("cache.broken", verb=verb, error=type(error).__name__)
    BROKEN.labels(verb).inc()
    return None


def _hiding(vault: Hides | None) -> Callable[[str], str]:
    return vault.hide if vault is not None else str


def _is_worth_keeping(text: str, settled: Settled) -> bool:
    """Whether a text is whole, from one model, and cost something."""
    whole = settled.finish_reason == "stop" and not settled.seams and settled.served == "model"
    return whole and not settled.embedded and bool(text.strip()) and len(text.encode()) <= LARGEST_TEXT


async def _lookup(ctx: Context, question: Asked, language: str, policy: Reuse) -> Hit | None:
    data_key = await ctx.ports.db.data_key(ctx.tenant)
    if data_key is None:
        return None
    here = await shelf.shelf_of(ctx)
    hit = None
    if policy.exact_reuse:
        hit = await _same(ctx, here, _exact_key(data_key, question))
    if hit is None and policy.answer_reuse and question.text is not None:
        hit = await _alike(ctx, here, question.text, _circle(ctx, data_key, question), language)
    if hit is None:
        tallies.count(ctx, "miss")
        return None
    tallies.count(ctx, hit.kind, saved_micros=hit.saved_micros)
    tallies.write_down_soon(ctx)
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
    vector = await _vector(ctx, text)
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
    data_key = await ctx.ports.db.data_key(ctx.tenant)
    if data_key is None:
        return
    vector = None
    if by_meaning and question.text is not None:
        vector = await _vector(ctx, question.text, within_s=None)
    compared = question.text if question.text is not None and vector is not None else ""
    row = _entry(ctx, "answer", _exact_key(data_key, question), _circle(ctx, data_key, question))
    row.question, row.vector = compared, "" if vector is None else shelf.packed(vector)
    row.text, row.provider, row.model = text, settled.provider, settled.model
    row.cost_micros = settled.cost_micros
    await _put(ctx, row)


async def _put(ctx: Context, row: CacheEntry) -> None:
    row.size_bytes = sum(len(part.encode("utf-8", "surrogatepass")) for part in (row.text, row.question, row.vector))
    here = await shelf.shelf_of(ctx)
    over = max(len(here) + 1 - ENTRIES_KEPT, 0)
    if here.size_bytes + row.size_bytes > BYTES_KEPT:
        over = max(over, len(here) // 10 + 1)
    dropped: set[str] = set()
    try:
        async with ctx.db.write() as session:
            await queries.drop_key(session, key=row.key)
            if over:
                dropped = await queries.drop_oldest(session, count=over)
            session.add(row)
            await tallies.write_down(ctx, session)
    except IntegrityError:  # another process stored the same question at the same moment: either text will do
        return
    for key in dropped:
        here.drop(key)
    here.add(row)


def _entry(ctx: Context, kind: str, key: str, circle: str) -> CacheEntry:
    now = ctx.ports.clock.now()
    return CacheEntry(kind=kind, key=key, circle=circle, user_id=ctx.user_id, created_at=now, expires_at=now + KEPT)


async def _nearest(ctx: Context, text: str, scope: str, least: float) -> Search | None:
    data_key = await ctx.ports.db.data_key(ctx.tenant)
    if data_key is None:
        return None
    now = ctx.ports.clock.now()
    here = await shelf.shelf_of(ctx)
    key, circle = _search_keys(ctx, data_key, text, scope)
    close = [(key, 1.0)] if here.has(key, now=now) else []
    if not close and (vector := await _vector(ctx, text)) is not None:
        close = here.near(circle, vector, least=least, most=1, now=now)
    row = None
    if close:
        async with ctx.db.read() as session:
            row = await queries.by_key(session, key=close[0][0], now=now)
    if row is None:
        return None
    tallies.count(ctx, "embedding")
    tallies.write_down_soon(ctx)
    kept = json.loads(row.text)
    return Search(row.id, shelf.unpacked(kept["vector"]), tuple(kept["candidates"]), close[0][1], row.created_at)


async def _remember(
    ctx: Context, text: str, scope: str, vector: NDArray[np.float32], candidates: Sequence[str]
) -> None:
    data_key = await ctx.ports.db.data_key(ctx.tenant)
    compared = await _vector(ctx, text, within_s=None)
    if data_key is None or compared is None:
        return
    row = _entry(ctx, "search", *_search_keys(ctx, data_key, text, scope))
    row.vector = shelf.packed(compared)
    row.text = json.dumps({"vector": shelf.packed(vector), "candidates": list(candidates)})
    await _put(ctx, row)


def _exact_key(data_key: DataKey, question: Asked) -> str:
    return data_key.digest(f"answer|{question.exact}")


def _circle(ctx: Context, data_key: DataKey, question: Asked) -> str:
    return data_key.digest(f"circle|{ctx.ports.embeddings.model}|{question.frame}")


def _search_keys(ctx: Context, data_key: DataKey, text: str, scope: str) -> tuple[str, str]:
    about = json.dumps([ctx.ports.embeddings.model, scope])
    return data_key.digest(f"search|{about}|{text}"), data_key.digest(f"searches|{about}")


async def _vector(ctx: Context, text: str, *, within_s: float | None = EMBED_WITHIN_S) -> NDArray[np.float32] | None:
    """Return the vector of a text, None when it takes too long."""
    try:
        async with asyncio.timeout(within_s):
            vector: NDArray[np.float32] = (await ctx.ports.embeddings.embed([text]))[0]
    except TimeoutError:
        return None
    return vector
