"""Bytes of the library as answers: whole or a range, shown inline only where a browser cannot run them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Response
from fastapi.responses import StreamingResponse

from app.api.downloads import attachment, inline, range_of
from app.media.library import Content

Read = Callable[[int, int | None], Awaitable[AsyncIterator[bytes]]]
KEPT_S = 3600
"""What is named by its asset never changes; a browser keeps it for an hour, nobody else does."""


async def answer(
    found: Content,
    read: Read,
    *,
    asked_range: str | None,
    etag: str,
    as_download: bool = False,
    seen: str | None = None,
) -> Response:
    """Return the content, or the range that was asked for; 304 for who has it already.

    Raises:
        RangeNotSatisfiable: the range begins behind the end.
    """
    headers = attachment(found.name) if as_download else inline(found.name, found.media_type)
    headers |= {"Accept-Ranges": "bytes", "ETag": f'"{etag}"', "Cache-Control": f"private, max-age={KEPT_S}"}
    if seen is not None and f'"{etag}"' in seen:
        return Response(status_code=304, headers=headers)
    part = range_of(asked_range, size_bytes=found.size_bytes)
    if part is None:
        headers["Content-Length"] = str(found.size_bytes)
        return StreamingResponse(await read(0, None), media_type=found.media_type, headers=headers)
    headers["Content-Length"] = str(part.stop - part.start)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size_bytes}"
    chunks = await read(part.start, part.stop)
    return StreamingResponse(chunks, status_code=206, media_type=found.media_type, headers=headers)
