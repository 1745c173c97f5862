"""Where files lie, and what is in front of them: two ports, a page of their own for their length."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BlobFound:
    """An object that lies in the store."""

    key: str
    size_bytes: int
    changed_at: datetime


class Blobs(Protocol):
    """Bytes by key, outside the database. Keys are made by app/storage and always start with the tenant's prefix."""

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, media_type: str = "application/octet-stream") -> int:
        """Store a new object and return its size in bytes; all or nothing. A store that serves it says `media_type`."""
        ...

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop).

        Raises:
            NotFound: there is no such object.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; absent is fine."""
        ...

    def find(self, prefix: str) -> AsyncIterator[BlobFound]:
        """Yield every object below a key, in no order."""
        ...

    async def ping(self) -> None:
        """Return when writable.

        Raises:
            Unavailable: read-only or full.
        """
        ...


class Cdn(Protocol):
    """A network of edges in front of the blobs."""

    def link(self, key: str, *, until: datetime) -> str:
        """Return the address of a blob, signed to work until that moment."""
        ...

    async def forget(self, keys: Sequence[str]) -> None:
        """Have the edges drop their copies of these blobs.

        Raises:
            Unavailable: the network does not take the request.
        """
        ...
