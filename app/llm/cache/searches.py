"""Earlier searches: what nearly the same words found, for whoever retrieves. Never for an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.context import Context
from app.llm.cache import entries, queries, shelf, tallies
from app.llm.cache.outage import or_none
from app.llm.cache.question import normal
from app.llm.cache.schemas import Search

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEARCH_COSINE = 0.92


async def nearest(ctx: Context, text: str, *, scope: str, least: float = SEARCH_COSINE) -> Search | None:
    """Return the earlier search in `scope` for the closest words, if its cosine is at least `least`.

    Safe to re-use for retrieval, where the real words rank the candidates anew; never for an answer. `scope` names
    all that must agree: the knowledge base, its version, the embedding model.
    """
    return await or_none("nearest", _nearest(ctx, normal(text), scope, least)) if ctx.tenant_id else None


async def remember(
    ctx: Context, text: str, *, scope: str, vector: NDArray[np.float32], candidates: Sequence[str]
) -> None:
    """Keep what a search found, ids best first, and the vector, shape (d,), that it was done with."""
    if ctx.tenant_id:
        await or_none("remember", _remember(ctx, normal(text), scope, vector, candidates))


async def _nearest(ctx: Context, text: str, scope: str, least: float) -> Search | None:
    keys = await entries.keys_of(ctx)
    if keys is None:
        return None
    now = ctx.ports.clock.now()
    here = await shelf.shelf_of(ctx)
    key, circle = keys.search(text, scope)
    close = [(key, 1.0)] if here.has(key, now=now) else []
    if not close and (vector := await entries.vector_of(ctx, text)) is not None:
        close = here.near(circle, vector, least=least, most=1, now=now)
    if not close:
        return None
    async with ctx.db.read() as session:
        row = await queries.by_key(session, key=close[0][0], now=now)
    if row is None:
        here.drop(close[0][0])
        return None
    tallies.count(ctx, "embedding")
    await tallies.write_down_in_time(ctx)
    kept = json.loads(row.text)
    return Search(row.id, shelf.unpacked(kept["vector"]), tuple(kept["candidates"]), close[0][1], row.created_at)


async def _remember(
    ctx: Context, text: str, scope: str, vector: NDArray[np.float32], candidates: Sequence[str]
) -> None:
    keys = await entries.keys_of(ctx)
    compared = await entries.vector_of(ctx, text, within_s=None)
    if keys is None or compared is None:
        return
    row = entries.entry(ctx, "search", *keys.search(text, scope))
    row.vector = shelf.packed(compared)
    row.text = json.dumps({"vector": shelf.packed(vector), "candidates": list(candidates)})
    await entries.put(ctx, row)
