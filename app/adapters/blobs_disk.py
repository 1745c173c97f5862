"""Blobs as files under one folder."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar, TypeVarTuple, Unpack
from uuid import uuid4

from app.adapters.blob_keys import parts_of
from app.core.errors import NotFound, Unavailable
from app.core.ports import BlobFound

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CHUNK_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class DiskBlobs:
    """Each object is a file, written beside its place and renamed into it, so that it is there whole or not at all.

    Folders have mode 0700, files 0600. Keys are relative paths of plain names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder.joinpath(*parts_of(key))

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, media_type: str = "application/octet-stream") -> int:
        """Store a new object and return its size in bytes; all or nothing. A disk keeps no media type.

        Raises:
            Unavailable: the disk is full (storage.full) or cannot be written (storage.unavailable).
        """
        path = self._path(key)
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        file = await _on_disk(_open_new, self._folder, part)
        try:
            size_bytes = 0
            async for chunk in chunks:
                size_bytes += len(chunk)
                await _on_disk(file.write, chunk)
            await _on_disk(_finish, file, part, path)
        except BaseException:
            await asyncio.to_thread(_discard, file, part)
            raise
        return size_bytes

    async def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop).

        Raises:
            NotFound: there is no such object.
        """
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotFound from error
        try:
            file.seek(start)
            left = None if stop is None else max(0, stop - start)
            while left is None or left > 0:
                wanted = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                if not (chunk := await asyncio.to_thread(file.read, wanted)):
                    return
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Remove the object; absent is fine."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def find(self, prefix: str) -> AsyncIterator[BlobFound]:
        """Yield every object below a key, in no order; what is being written is none yet."""
        for path, size_bytes, changed_at in await _on_disk(_files_below, self._path(prefix)):
            yield BlobFound(path.relative_to(self._folder).as_posix(), size_bytes, changed_at)

    async def ping(self) -> None:
        """Return when writable.

        Raises:
            Unavailable: read-only or full.
        """
        part = self._folder / f".{uuid4().hex}.ping"
        file = await _on_disk(_open_new, self._folder, part)
        try:
            await _on_disk(file.write, b"\0" * 4096)
            await _on_disk(file.flush)
        finally:
            await asyncio.to_thread(_discard, file, part)


async def _on_disk(verb: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
    """Run `verb` in a thread. Only the disk's own errors are the disk's: a sender's are OSError too."""
    try:
        return await asyncio.to_thread(verb, *arguments)
    except OSError as error:
        raise _as_unavailable(error) from error


def _open_new(root: Path, part: Path) -> IO[bytes]:
    for folder in [*reversed(part.relative_to(root).parents)]:
        (root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finish(file: IO[bytes], part: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself has to survive a power cut
    finally:
        os.close(folder)


def _files_below(folder: Path) -> list[tuple[Path, int, datetime]]:
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # deleted meanwhile
            if path.is_file() and not path.name.startswith("."):
                about = path.stat()
                found.append((path, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)))
    return found


def _discard(file: IO[bytes], part: Path) -> None:
    with suppress(
        OSError
    ):  # closing flushes, and on a full disk that fails again; the descriptor is closed all the same
        file.close()
    part.unlink(missing_ok=True)


def _as_unavailable(error: OSError) -> Unavailable:
    if error.errno in _FULL:
        return Unavailable("The disk is full. Nothing was stored; make room and try again.", code="storage.full")
    return Unavailable("Files cannot be stored right now.", code="storage.unavailable")
