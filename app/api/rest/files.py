"""/api/v1/files: uploads as a stream of bytes, downloads with ranges."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.api.door import Ctx, DoorRoute
from app.api.downloads import attachment, range_of
from app.api.scopes import requires
from app.api.shapes import AddressId, Limit, Page
from app.core.errors import InvalidInput
from app.core.ids import parse_id
from app.storage import service as storage
from app.storage.service import NAME_CHARACTERS, FileView

router = APIRouter(prefix="/api/v1/files", tags=["files"], route_class=DoorRoute)

RAW = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
BINARY = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


def _before(cursor: str | None) -> UUID | None:
    before = parse_id(cursor) if cursor else None
    if cursor and before is None:
        raise InvalidInput("This cursor was not made here.", code="invalid.cursor", field="cursor")
    return before


@router.get("")
@requires("documents:read")
async def list_files(
    ctx: Ctx, limit: Limit = 50, cursor: Annotated[str | None, Query(max_length=100)] = None
) -> Page[FileView]:
    """List files, newest first."""
    found = await storage.list_files(ctx, limit=limit, before=_before(cursor))
    return Page(items=found, next_cursor=str(found[-1].id) if len(found) == limit else None)


@router.put("", status_code=201, openapi_extra={"requestBody": {"required": True, **RAW}})
@requires("files:write")
async def upload_file(
    ctx: Ctx,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS, description="The file's name.")],
) -> FileView:
    """Upload a file as the raw body. It is read as it comes, counted, and kept whole or not at all."""
    declared = request.headers.get("content-length", "")
    return await storage.store(
        ctx, name=name, chunks=request.stream(), declared_bytes=int(declared) if declared.isdigit() else None
    )


@router.get("/{file_id}")
@requires("documents:read")
async def show_file(ctx: Ctx, file_id: AddressId) -> FileView:
    """Say what is known of a file."""
    return await storage.describe(ctx, file_id=file_id, purpose="file")


@router.get("/{file_id}/content", response_class=Response, responses={200: BINARY, 206: BINARY})
@requires("documents:read")
async def download_file(ctx: Ctx, file_id: AddressId, request: Request) -> Response:
    """Download a file or a range of it."""
    file = await storage.describe(ctx, file_id=file_id, purpose="file")
    part = range_of(request.headers.get("range"), size_bytes=file.size_bytes)
    headers = {**attachment(file.name), "Accept-Ranges": "bytes"}
    if part is None:
        _, chunks = await storage.read(ctx, file_id=file_id)
        headers["Content-Length"] = str(file.size_bytes)
        return StreamingResponse(chunks, media_type=file.media_type, headers=headers)
    _, chunks = await storage.read(ctx, file_id=file_id, start=part.start, stop=part.stop)
    headers["Content-Length"] = str(part.stop - part.start)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size_bytes}"
    return StreamingResponse(chunks, status_code=206, media_type=file.media_type, headers=headers)


@router.delete("/{file_id}", status_code=204)
@requires("files:write")
async def delete_file(ctx: Ctx, file_id: AddressId) -> None:
    """Delete a file and its bytes."""
    await storage.delete(ctx, file_id=file_id, purpose="file")
