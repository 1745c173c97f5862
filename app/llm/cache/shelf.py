"""Which entries a workspace has, in memory: keys, and vectors in one matrix per circle. Texts stay in the database.

A shelf is a few seconds behind what other processes store and delete. That costs a hit at worst: what is served is
read from the database first, where a deleted entry is not found.
"""

from __future__ import annotations

import asyncio
import base64
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from app.core.context import Context
from app.core.errors import AppError
from app.core.telemetry import log
from app.llm.cache import queries
from app.llm.cache.metrics import SHELVES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.core.db import Database
    from app.llm.cache.models import CacheEntry

VECTORS_KEPT = 40_000
"""Of all workspaces in this process, at 1 KB each; then the shelf that was used longest ago is put away."""
SHELVES_KEPT = 2_000
REFRESH_S = 5.0
WAIT_S = 0.05
"""A lookup waits no longer for its shelf; a large one is read on in the background."""
OVERLAP = timedelta(minutes=1)
"""Clocks of two machines differ, and a commit may come later than its row's moment."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    circle: str
    size_bytes: int
    expires_at: datetime


class _Vectors:
    """Vectors of one circle, shape (n, d) with room to grow; `keys[i]` is that of row i, None where it is gone."""

    def __init__(self, dimensions: int) -> None:
        self.keys: list[str | None] = []
        self.place: dict[str, int] = {}
        self.matrix: NDArray[np.float32] = np.zeros((16, dimensions), dtype=np.float32)

    def add(self, key: str, vector: NDArray[np.float32]) -> None:
        self.drop(key)
        if len(self.keys) == len(self.matrix):
            self.matrix = np.concatenate([self.matrix, np.zeros_like(self.matrix)])
        self.place[key] = len(self.keys)
        self.matrix[len(self.keys)] = vector
        self.keys.append(key)

    def drop(self, key: str) -> None:
        at = self.place.pop(key, None)
        if at is not None:
            self.keys[at] = None
            self.matrix[at] = 0

    def near(self, vector: NDArray[np.float32], *, least: float, most: int) -> list[tuple[str, float]]:
        # Not `@`: its threads wait for each other by spinning, which took 15 ms on a busy machine instead of 0.6.
        cosines = np.einsum("ij,j->i", self.matrix[: len(self.keys)], vector)
        close = np.flatnonzero(cosines >= least)
        best = close[np.argsort(-cosines[close])][:most]
        return [(key, float(cosines[at])) for at in best if (key := self.keys[at]) is not None]


class Shelf:
    """What one workspace has. `is_read`: everything that was there at first is on it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_read = False
        self.refreshed_s = float("-inf")
        self.newest: datetime | None = None
        self.reading: asyncio.Task[None] | None = None
        self.size_bytes = 0
        self._known: dict[str, _Known] = {}
        self._circles: dict[str, _Vectors] = {}

    def __len__(self) -> int:
        return len(self._known)

    def has(self, key: str, *, now: datetime) -> bool:
        """Whether there is a live entry of this key."""
        known = self._known.get(key)
        return known is not None and known.expires_at > now

    def near(
        self, circle: str, vector: NDArray[np.float32], *, least: float, most: int, now: datetime
    ) -> list[tuple[str, float]]:
        """Return (key, cosine) of the closest live entries of a circle, closest first."""
        vectors = self._circles.get(circle)
        if vectors is None or vectors.matrix.shape[1] != len(vector):
            return []
        return [near for near in vectors.near(vector, least=least, most=most) if self.has(near[0], now=now)]

    def has_row(self, key: str, row_id: UUID) -> bool:
        """Whether it has the very row, and not an older one of the same key."""
        known = self._known.get(key)
        return known is not None and known.id == row_id

    def add(self, row: CacheEntry) -> None:
        """Take up one row."""
        self.drop(row.key)
        self._known[row.key] = _Known(row.id, row.circle, row.size_bytes, row.expires_at)
        self.size_bytes += row.size_bytes
        self.newest = max(self.newest or row.created_at, row.created_at)
        if row.vector:
            vector = unpacked(row.vector)
            self._circles.setdefault(row.circle, _Vectors(len(vector))).add(row.key, vector)

    def drop(self, key: str) -> None:
        """Forget one entry; an unknown one is fine."""
        known = self._known.pop(key, None)
        if known is None:
            return
        self.size_bytes -= known.size_bytes
        vectors = self._circles.get(known.circle)
        if vectors is not None:
            vectors.drop(key)
            if not vectors.place:
                del self._circles[known.circle]

    def drop_expired(self, *, now: datetime) -> None:
        """Forget what has expired."""
        for key in [key for key, known in self._known.items() if known.expires_at <= now]:
            self.drop(key)

    @property
    def vectors(self) -> int:
        """How many rows its matrices have."""
        return sum(len(vectors.matrix) for vectors in self._circles.values())


_shelves: OrderedDict[UUID, Shelf] = OrderedDict()


async def shelf_of(ctx: Context, *, wait_s: float | None = None) -> Shelf:
    """Return the workspace's shelf, at most REFRESH_S behind; one that is not read in time comes as it is."""
    shelf = _shelves.get(ctx.tenant)
    if shelf is None or shelf.database is not ctx.ports.db:
        shelf = _shelves[ctx.tenant] = Shelf(ctx.ports.db)
    _shelves.move_to_end(ctx.tenant)
    now_s = ctx.ports.clock.monotonic_s()
    is_due = not shelf.refreshed_s <= now_s < shelf.refreshed_s + REFRESH_S
    if starts := shelf.reading is None and is_due:
        shelf.reading = asyncio.get_running_loop().create_task(_read(ctx, shelf))
        shelf.reading.add_done_callback(lambda _: setattr(shelf, "reading", None))
    if shelf.reading is not None and (starts or not shelf.is_read):
        await asyncio.wait({shelf.reading}, timeout=WAIT_S if wait_s is None else wait_s)
    return shelf


def forget(tenant_id: UUID) -> None:
    """Put a workspace's shelf away: it was cleared, or the workspace is gone."""
    _shelves.pop(tenant_id, None)
    SHELVES.set(sum(shelf.vectors for shelf in _shelves.values()))


async def _read(ctx: Context, shelf: Shelf) -> None:
    """Take up what is new: everything at first, then what was stored since."""
    now = ctx.ports.clock.now()
    since = shelf.newest - OVERLAP if shelf.is_read and shelf.newest else None
    try:
        async with ctx.db.read() as session:
            there = await queries.ids(session, since=since, now=now)
        wanted = [row_id for key, row_id in there if not shelf.has_row(key, row_id)]
        for at in range(0, len(wanted), PAGE):
            async with ctx.db.read() as session:
                for row in await queries.rows(session, ids=wanted[at : at + PAGE]):
                    shelf.add(row)
    except AppError as error:  # the database is away: the next lookup tries again, this one finds nothing
        log.warning("cache.shelf_unread", code=error.code)
        return
    shelf.drop_expired(now=now)
    shelf.is_read = True
    shelf.refreshed_s = ctx.ports.clock.monotonic_s()
    _make_room()


def _make_room() -> None:
    while len(_shelves) > SHELVES_KEPT or (
        len(_shelves) > 1 and sum(shelf.vectors for shelf in _shelves.values()) > VECTORS_KEPT
    ):
        _shelves.popitem(last=False)
    SHELVES.set(sum(shelf.vectors for shelf in _shelves.values()))


def packed(vector: NDArray[np.float32]) -> str:
    """Return a vector as text, in half precision: 512 bytes of 256 numbers, a cosine off by less than 0.001."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode()


def unpacked(text: str) -> NDArray[np.float32]:
    """Return the vector that `packed` wrote, shape (d,), of unit length again."""
    vector = np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
