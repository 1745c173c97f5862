"""Two places for blobs: every object is written to the first and then copied to the second, which steps in for reads.

A copy that fails is logged and counted and keeps nobody waiting: the first place is the truth. Made by the setting
GALLEY_BLOBS_COPY_URL; a bucket in another region or at another vendor survives the loss of the first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.core.errors import NotFound, Unavailable
from app.core.ports import BlobFound, Blobs
from app.core.telemetry import BLOB_COPIES, log


class CopiedBlobs:
    """The first place, with a second one behind it."""

    def __init__(self, first: Blobs, second: Blobs) -> None:
        self._first = first
        self._second = second

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, media_type: str = "application/octet-stream") -> int:
        """Store a new object in the first place, all or nothing, then copy it; return its size in bytes."""
        size_bytes = await self._first.put(key, chunks, media_type=media_type)
        try:
            await self._second.put(key, self._first.read(key), media_type=media_type)
        except (NotFound, Unavailable) as error:
            BLOB_COPIES.labels("missed").inc()
            log.warning("blobs.copy_missed", code=error.code)
        else:
            BLOB_COPIES.labels("made").inc()
        return size_bytes

    async def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop), from the second place where the first fails before its first byte.

        Raises:
            NotFound: neither has the object.
            Unavailable: the first cannot be read, and the second has no copy or cannot be read either.
        """
        reading = self._first.read(key, start=start, stop=stop)
        try:
            chunk = await anext(reading, None)
        except (NotFound, Unavailable) as first_error:
            stand_in = self._second.read(key, start=start, stop=stop)
            try:
                chunk = await anext(stand_in, None)
            except (NotFound, Unavailable):
                raise first_error from None
            BLOB_COPIES.labels("read").inc()
            reading = stand_in
        while chunk is not None:
            yield chunk
            chunk = await anext(reading, None)

    async def delete(self, key: str) -> None:
        """Remove the object from both places; absent is fine."""
        await self._first.delete(key)
        await self._second.delete(key)

    def find(self, prefix: str) -> AsyncIterator[BlobFound]:
        """Yield every object below a key in the first place, in no order."""
        return self._first.find(prefix)

    async def ping(self) -> None:
        """Return when the first place is writable; a second one that is away is no outage."""
        await self._first.ping()
