"""Blobs in an object store: S3 and what speaks like it, Google Cloud Storage, Azure. The URL says which.

    s3://bucket/prefix    gs://bucket/prefix    az://container/prefix

Options are the store's own (`endpoint`, `region`, `access_key_id` …); without them the machine's role is used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from app.adapters.blob_keys import parts_of
from app.core.errors import NotFound, Unavailable
from app.core.ports import BlobFound

if TYPE_CHECKING:
    from obstore.exceptions import BaseError
    from obstore.store import ObjectStore

CHUNK_BYTES = 256 * 1024
PART_BYTES = 5 * 2**20  # S3's smallest part of a multipart upload
TIMEOUT_S = 30
SLASH = "/"


class ObjectBlobs:
    """Each object is there whole or not at all: one request, or a multipart upload that is completed at its end."""

    def __init__(self, url: str, *, options: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._options = dict(options or {})
        self._opened: ObjectStore | None = None

    @property
    def _store(self) -> ObjectStore:
        """The store, opened at its first use: the library is loaded then."""
        if self._opened is None:
            from obstore.store import from_url

            wait = timedelta(seconds=TIMEOUT_S)
            insecure = self._options.get("endpoint", "").startswith("http://")
            self._opened = from_url(
                self._url,
                config=self._options,  # type: ignore[call-overload]  # the operator's words; the store refuses unknown ones
                client_options={"connect_timeout": timedelta(seconds=5), "timeout": wait, "allow_http": insecure},
                retry_config={
                    "max_retries": 2,
                    "retry_timeout": wait,
                    "backoff": {
                        "init_backoff": timedelta(milliseconds=100),
                        "max_backoff": timedelta(seconds=2),
                        "base": 2,
                    },
                },
            )
        return self._opened

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, media_type: str = "application/octet-stream") -> int:
        """Store a new object and return its size in bytes; all or nothing.

        Raises:
            Unavailable: the store refuses or cannot be reached.
        """
        import obstore
        from obstore.exceptions import BaseError

        path = SLASH.join(parts_of(key))
        source = _Counted(chunks)
        # Whoever opens the store's own address gets a download, never a page of ours.
        attributes = {"Content-Type": media_type, "Content-Disposition": "attachment"}
        try:
            # Small ones whole: a multipart upload is three requests, and has no empty object.
            whole = await source.head(PART_BYTES)
            data = whole if source.is_over else source
            await obstore.put_async(self._store, path, data, attributes=attributes, chunk_size=PART_BYTES)
        except (FileNotFoundError, BaseError) as error:
            if source.failure is not None:  # the sender's own, which the library has wrapped
                raise source.failure from error
            raise _as_unavailable(error) from error
        return source.size_bytes

    async def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop).

        Raises:
            NotFound: there is no such object.
            Unavailable: the store refuses or cannot be reached.
        """
        import obstore
        from obstore.exceptions import BaseError

        path = SLASH.join(parts_of(key))
        try:
            found = await obstore.head_async(self._store, path)
            end = found["size"] if stop is None else min(stop, found["size"])
            if start >= end:
                return
            # The mark of what was looked at: somebody may put another object there in between.
            options = {"range": (start, end), "if_match": found["e_tag"]}
            answer = await obstore.get_async(self._store, path, options=options)  # type: ignore[arg-type]  # a literal of GetOptions
            async for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
                data = bytes(chunk)
                for at in range(0, len(data), CHUNK_BYTES):
                    yield data[at : at + CHUNK_BYTES]
        except (FileNotFoundError, BaseError) as error:
            raise _as_app_error(error) from error

    async def delete(self, key: str) -> None:
        """Remove the object; absent is fine."""
        import obstore
        from obstore.exceptions import BaseError

        path = SLASH.join(parts_of(key))
        try:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, path)
        except BaseError as error:
            raise _as_unavailable(error) from error

    async def find(self, prefix: str) -> AsyncIterator[BlobFound]:
        """Yield every object below a key, in no order."""
        import obstore
        from obstore.exceptions import BaseError

        path = SLASH.join(parts_of(prefix))
        try:
            async for page in obstore.list(self._store, path, chunk_size=500):
                for one in page:
                    yield BlobFound(one["path"], one["size"], one["last_modified"])
        except BaseError as error:
            raise _as_unavailable(error) from error

    async def ping(self) -> None:
        """Return when writable.

        Raises:
            Unavailable: the store refuses or cannot be reached.
        """
        import obstore
        from obstore.exceptions import BaseError

        path = f"ping-{uuid4().hex}"
        try:
            await obstore.put_async(self._store, path, b"galley")
            await obstore.delete_async(self._store, path)
        except (FileNotFoundError, BaseError) as error:  # no such bucket
            raise _as_unavailable(error) from error


class _Counted:
    """Chunks on their way to the store: their bytes are counted, and what the sender raises is remembered."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._first = b""
        self.size_bytes = 0
        self.is_over = False
        self.failure: BaseException | None = None

    async def head(self, limit_bytes: int) -> bytes:
        """Take the first bytes, at least `limit_bytes` of them unless the end comes before."""
        pieces: list[bytes] = []
        while self.size_bytes < limit_bytes:
            try:
                pieces.append(await self._next())
            except StopAsyncIteration:
                self.is_over = True
                break
        self._first = b"".join(pieces)
        return self._first

    def __aiter__(self) -> _Counted:
        return self

    async def __anext__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        chunk = await self._next()
        while not chunk:  # the library takes an empty piece for the end
            chunk = await self._next()
        return chunk

    async def _next(self) -> bytes:
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self.failure = error
            raise
        self.size_bytes += len(chunk)
        return chunk


def _as_app_error(error: Exception) -> NotFound | Unavailable:
    return NotFound() if isinstance(error, FileNotFoundError) else _as_unavailable(error)


def _as_unavailable(error: Exception | BaseError) -> Unavailable:
    if "InsufficientCapacity" in str(error) or "QuotaExceeded" in str(error) or "XMinioStorageFull" in str(error):
        return Unavailable("The disk is full. Nothing was stored; make room and try again.", code="storage.full")
    return Unavailable("Files cannot be stored right now.", code="storage.unavailable")
