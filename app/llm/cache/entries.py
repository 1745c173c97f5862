"""Keys and rows of what is kept, and how a row gets in: the oldest make room for it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.core.context import Context
from app.core.crypto import DataKey
from app.llm.cache import queries, shelf, tallies
from app.llm.cache.models import CacheEntry
from app.llm.cache.question import Asked
from app.llm.events import Settled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = timedelta(hours=48)
ENTRIES_KEPT = 5_000
BYTES_KEPT = 64 * 2**20
"""Per workspace; the oldest make room."""
EMBED_WITHIN_S = 0.25
"""A lookup waits no longer for a vector: loading the embedder, or a hosted one that is slow, must not delay a text."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keyed hashes of one workspace, for one embedding model: vectors of two models never meet."""

    data_key: DataKey
    model: str

    def exact(self, question: Asked) -> str:
        """Return the key of the same question."""
        return self.data_key.digest(f"answer|{question.exact}")

    def circle(self, question: Asked) -> str:
        """Return the key of all questions that this one may be compared with."""
        return self.data_key.digest(f"circle|{self.model}|{question.frame}")

    def search(self, text: str, scope: str) -> tuple[str, str]:
        """Return the key of a search and that of its circle."""
        about = json.dumps([self.model, scope])
        return self.data_key.digest(f"search|{about}|{text}"), self.data_key.digest(f"searches|{about}")


async def keys_of(ctx: Context) -> Keys | None:
    """Return the workspace's keys, None when it is gone."""
    data_key = await ctx.ports.db.data_key(ctx.tenant)
    return Keys(data_key, ctx.ports.embeddings.model) if data_key else None


def entry(ctx: Context, kind: str, key: str, circle: str) -> CacheEntry:
    """Return a fresh row without contents."""
    now = ctx.ports.clock.now()
    return CacheEntry(kind=kind, key=key, circle=circle, user_id=ctx.user_id, created_at=now, expires_at=now + KEPT)


def answer(
    ctx: Context, keys: Keys, question: Asked, *, text: str, settled: Settled, vector: NDArray[np.float32] | None
) -> CacheEntry:
    """Return the row of an answer; with a `vector`, shape (d,), it is found by meaning too."""
    row = entry(ctx, "answer", keys.exact(question), keys.circle(question))
    if vector is not None:
        row.question, row.vector = question.text or "", shelf.packed(vector)
    row.text, row.provider, row.model = text, settled.provider, settled.model
    row.cost_micros = settled.cost_micros
    return row


async def put(ctx: Context, row: CacheEntry) -> None:
    """Store a row in the place of the one with its key."""
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


async def vector_of(ctx: Context, text: str, *, within_s: float | None = EMBED_WITHIN_S) -> NDArray[np.float32] | None:
    """Return the vector of a text, shape (d,), None when it takes too long."""
    try:
        async with asyncio.timeout(within_s):
            vector: NDArray[np.float32] = (await ctx.ports.embeddings.embed([text]))[0]
    except TimeoutError:
        return None
    return vector
