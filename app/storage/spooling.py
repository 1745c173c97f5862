"""Bytes on their way in: read as they come, followed by a sniffer, and laid aside until it is known what they are.

Small ones stay in memory, larger ones go to the temporary folder of the data folder and leave it with the handle.
"""

from __future__ import annotations

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar, TypeVarTuple, Unpack

from app.core.errors import Unavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

IN_MEMORY_BYTES = 2**20
CHUNK_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Sniffer(Protocol):
    """Follows a file and refuses it as soon as it can be."""

    size_bytes: int
    sha256: str
    kind: str

    def feed(self, chunk: bytes) -> None: ...
    def finish(self) -> None: ...


@asynccontextmanager
async def spooled(folder: Path, chunks: AsyncIterator[bytes], sniffer: Sniffer) -> AsyncIterator[IO[bytes]]:
    """Read everything, then yield it as a file at its beginning; it is gone afterwards.

    Raises:
        AppError: what the sniffer says.
        Unavailable: the disk is full (storage.full) or cannot be written (storage.unavailable).
    """
    file = await _on_disk(_open, folder)
    try:
        async for chunk in chunks:
            sniffer.feed(chunk)
            await _on_disk(file.write, chunk)
        sniffer.finish()
        file.seek(0)
        yield file
    finally:
        await asyncio.to_thread(file.close)


async def chunks_of(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield a file from its beginning to its end."""
    file.seek(0)
    while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield chunk


def _open(folder: Path) -> IO[bytes]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(folder))


async def _on_disk(verb: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
    try:
        return await asyncio.to_thread(verb, *arguments)
    except OSError as error:
        if error.errno in _FULL:
            raise Unavailable(
                "The disk is full. Nothing was stored; make room and try again.", code="storage.full"
            ) from error
        raise Unavailable("Files cannot be stored right now.", code="storage.unavailable") from error
