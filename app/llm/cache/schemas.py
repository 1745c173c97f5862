"""What crosses the cache's edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol
from uuid import UUID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Outcome = Literal["exact", "answer", "embedding", "miss"]
"""How a question to the cache ended; a miss is counted where a model then wrote a text that was asked of the cache."""


class Reuse(Protocol):
    """What of a workspace's policy matters here."""

    @property
    def exact_reuse(self) -> bool:
        """Whether the same question gets the same answer."""
        ...

    @property
    def answer_reuse(self) -> bool:
        """Whether a question that means the same does."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """An earlier answer. `text` holds placeholders where the prompt that is asked does.

    `provider` and `model` wrote it at `written_at`, at the wish of `written_by`; `saved_micros` is what that cost.
    `similarity` is 1.0 for the same question, the cosine of the two questions otherwise.
    """

    kind: Literal["exact", "answer"]
    text: str
    model: str
    provider: str
    written_at: datetime
    saved_micros: int
    entry_id: UUID
    written_by: UUID | None = None
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Search:
    """An earlier search for nearly the same words: its vector, shape (d,), and what it found, best first."""

    entry_id: UUID
    vector: NDArray[np.float32]
    candidates: tuple[str, ...]
    similarity: float
    searched_at: datetime


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What a workspace's cache holds now, and what it was good for since `since`. Amounts are micro-dollars.

    `hit_rate`: answers served again among all that were asked for, 0 when nothing was asked.
    """

    since: datetime
    entries: int
    size_bytes: int
    exact_hits: int
    answer_hits: int
    embedding_hits: int
    misses: int
    saved_micros: int
    hit_rate: float
