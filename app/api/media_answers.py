"""Bytes of the library as answers: whole or a range, shown inline only where a browser cannot run them."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from app.api.downloads import attachment, inline, range_of
from app.core.context import Context
from app.media import library
from app.media.library import Content

KEPT_S = 3600
"""What is named by its file never changes; a browser keeps it for an hour, nobody else does. A draft does change."""


async def answer(ctx: Context, found: Content, request: Request, *, as_download: bool = False) -> Response:
    """Return the content, or the range that was asked for; 304 for who has it already.

    Raises:
        RangeNotSatisfiable: the range begins behind the end.
    """
    etag = f'"{found.file_id}"'
    headers = attachment(found.name) if as_download else inline(found.name, found.media_type)
    headers |= {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache" if found.is_draft else f"private, max-age={KEPT_S}",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    part = range_of(request.headers.get("range"), size_bytes=found.size_bytes)
    if part is None:
        headers["Content-Length"] = str(found.size_bytes)
        return StreamingResponse(await library.read(ctx, found), media_type=found.media_type, headers=headers)
    headers["Content-Length"] = str(part.stop - part.start)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size_bytes}"
    chunks = await library.read(ctx, found, start=part.start, stop=part.stop)
    return StreamingResponse(chunks, status_code=206, media_type=found.media_type, headers=headers)
