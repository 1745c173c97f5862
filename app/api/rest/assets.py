"""/api/v1/assets: the media library, and asking for what is to be in it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.door import Ctx, DoorRoute, QuickRoute
from app.api.downloads import attachment
from app.api.media_answers import answer
from app.api.rest.asset_bodies import (
    Accepted,
    CaptionFaultOut,
    ChangeAsset,
    NewAsset,
    NewImage,
    NewSpeech,
    NewTranscript,
    RunAgain,
    UseIn,
)
from app.api.scopes import requires
from app.api.shapes import AddressId, CursorText, Limit, Page, Search, cursor_of, position_of
from app.content import documents
from app.core.context import Context
from app.media import again, images, library, speech, transcription, uploads, video
from app.media import trash as trash_of
from app.media.library import Change
from app.media.schemas import Asked, AssetDetail, AssetView, Filters, Lineage, TagView, TextForm
from app.media.trash import TrashView
from app.storage.service import NAME_CHARACTERS

router = APIRouter(prefix="/api/v1/assets", tags=["assets"], route_class=DoorRoute)
quick_router = APIRouter(prefix="/api/v1/assets", tags=["assets"], route_class=QuickRoute)

RAW = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
BINARY = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
TEXT_TYPES = {
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@router.get("")
@requires("media:read")
async def list_assets(
    ctx: Ctx,
    limit: Limit = 50,
    cursor: CursorText = None,
    search: Search = "",
    kind: Annotated[Literal["", "image", "speech", "transcript", "video"], Query()] = "",
    origin: Annotated[Literal["", "made", "uploaded", "mask"], Query()] = "",
    rights: Annotated[Literal["", "own", "licensed", "generated", "unknown"], Query()] = "",
    folder_id: Annotated[UUID | None, Query()] = None,
    tag: Annotated[str, Query(max_length=40)] = "",
    trash: Annotated[bool, Query(description="What was thrown away, instead of what is there.")] = False,
) -> Page[AssetView]:
    """List assets, newest first. A search looks through the newest 1,000 that pass the other filters."""
    filters = Filters(kind, origin, rights, folder_id, tag, search, in_trash=trash)
    found, end = await library.list_assets(ctx, filters=filters, limit=limit, after=position_of(cursor))
    return Page(items=found, next_cursor=cursor_of(end))


@quick_router.post("", status_code=202)
@requires("media:write")
async def ask_for_asset(ctx: Ctx, body: NewAsset) -> Accepted:
    """Ask for a picture, a sound, a transcript or a clip. It is in the library at once and made by a job.

    A clip that is set here is made twice: as a draft, which can be read while the state is still `making`, then final.
    """
    text = ""
    if body.document_id is not None:
        text = (await documents.get(ctx, document_id=body.document_id)).text
    return _accepted(await _ask(ctx, body, text))


async def _ask(ctx: Context, body: NewAsset, text: str) -> Asked:
    where = {"title": body.title, "folder_id": body.folder_id}
    if isinstance(body, NewImage):
        return await images.ask(ctx, recipe=body.recipe(), **where)  # type: ignore[arg-type]  # as its parameters are named
    if isinstance(body, NewSpeech):
        return await speech.ask(ctx, recipe=body.recipe(text), **where)  # type: ignore[arg-type]  # as above
    if isinstance(body, NewTranscript):
        return await transcription.ask(ctx, recipe=body.recipe(), **where)  # type: ignore[arg-type]  # as above
    return await video.ask(ctx, recipe=body.recipe(), script=body.script or text, which=body.which, **where)  # type: ignore[arg-type]  # as above


def _accepted(asked: Asked) -> Accepted:
    return Accepted(
        asset=asked.asset,
        job_id=asked.job_id,
        estimate_micros=asked.estimate_micros,
        estimate_known=asked.estimate_known,
    )


@router.put("", status_code=201, openapi_extra={"requestBody": {"required": True, **RAW}})
@requires("media:write")
async def upload_asset(
    ctx: Ctx,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS, description="The file's name.")],
    folder_id: Annotated[UUID | None, Query()] = None,
    origin: Annotated[Literal["uploaded", "mask"], Query(description="mask: lists leave it out.")] = "uploaded",
) -> AssetView:
    """Upload a picture, a sound or a clip as the raw body. Its bytes say what it is; places and names are taken out."""
    declared = request.headers.get("content-length", "")
    return await uploads.upload(
        ctx,
        name=name,
        chunks=request.stream(),
        declared_bytes=int(declared) if declared.isdigit() else None,
        folder_id=folder_id,
        origin=origin,
    )


@router.get("/tags")
@requires("media:read")
async def list_tags(ctx: Ctx) -> Page[TagView]:
    """List the tags in use, the most used first."""
    return Page(items=await library.tags(ctx))


@router.get("/trash")
@requires("media:read")
async def show_trash(ctx: Ctx) -> TrashView:
    """Show how much lies in the trash. The workspace's quota counts it."""
    return await trash_of.contents(ctx)


@router.delete("/trash", status_code=204)
@requires("media:write")
async def empty_trash(ctx: Ctx) -> None:
    """Delete everything that lies in the trash for good."""
    await trash_of.empty(ctx)


@router.get("/{asset_id}")
@requires("media:read")
async def show_asset(ctx: Ctx, asset_id: AddressId) -> AssetDetail:
    """Show an asset with its recipe."""
    return await library.show(ctx, asset_id=asset_id)


@router.patch("/{asset_id}")
@requires("media:write")
async def change_asset(ctx: Ctx, asset_id: AddressId, body: ChangeAsset) -> AssetView:
    """Change title, alt text, rights, tags or folder."""
    change = Change(
        title=body.title,
        alt_text=body.alt_text,
        rights=body.rights,
        licence_note=body.licence_note,
        tags=body.tags,
        folder_id=body.folder_id,
        no_folder="folder_id" in body.model_fields_set and body.folder_id is None,
    )
    return await library.change(ctx, asset_id=asset_id, to=change)


@router.delete("/{asset_id}", status_code=204)
@requires("media:write")
async def delete_asset(
    ctx: Ctx,
    asset_id: AddressId,
    for_good: Annotated[bool, Query(description="With its bytes and at once, from the trash too.")] = False,
) -> None:
    """Put an asset into the trash; /restore puts it back. What is not finished is deleted, and its job cancelled."""
    if for_good:
        await trash_of.delete(ctx, asset_id=asset_id)
    else:
        await trash_of.throw_away(ctx, asset_id=asset_id)


@router.post("/{asset_id}/restore")
@requires("media:write")
async def restore_asset(ctx: Ctx, asset_id: AddressId) -> AssetView:
    """Put an asset back out of the trash; its links work again."""
    return await trash_of.put_back(ctx, asset_id=asset_id)


@router.get("/{asset_id}/content", response_class=Response, responses={200: BINARY, 206: BINARY})
@requires("media:read")
async def read_content(
    ctx: Ctx, asset_id: AddressId, request: Request, download: Annotated[bool, Query()] = False
) -> Response:
    """Read an asset's content, or a range of it."""
    found = await library.content(ctx, asset_id=asset_id)
    return await answer(ctx, found, request, as_download=download)


@router.get("/{asset_id}/preview", response_class=Response, responses={200: BINARY})
@requires("media:read")
async def read_preview(
    ctx: Ctx,
    asset_id: AddressId,
    request: Request,
    trash: Annotated[bool, Query(description="Of an asset that lies in the trash.")] = False,
) -> Response:
    """Read a small picture of an asset: a thumbnail, a waveform or a frame, as WebP."""
    found = await library.preview(ctx, asset_id=asset_id, in_trash=trash)
    return await answer(ctx, found, request)


@router.get("/{asset_id}/captions", response_class=Response)
@requires("media:read")
async def read_captions(
    ctx: Ctx, asset_id: AddressId, form: Annotated[TextForm, Query(alias="format")] = "vtt"
) -> Response:
    """Read the captions of a sound or a clip, or a transcript, as WebVTT, SRT or text."""
    text = await library.captions(ctx, asset_id=asset_id, form=form)
    return Response(text, media_type=TEXT_TYPES[form], headers=attachment(f"captions.{form}"))


@router.get("/{asset_id}/captions/faults")
@requires("media:read")
async def check_captions(ctx: Ctx, asset_id: AddressId) -> Page[CaptionFaultOut]:
    """List what keeps a reader from following the captions."""
    faults = await library.caption_faults(ctx, asset_id=asset_id)
    return Page(items=[
        CaptionFaultOut(
            number=one.number, code=one.fault.code, used=one.fault.used, limit=one.fault.limit, message=one.message
        )
        for one in faults
    ])  # fmt: skip


@router.get("/{asset_id}/lineage")
@requires("media:read")
async def show_lineage(ctx: Ctx, asset_id: AddressId) -> Lineage:
    """Show what an asset was made from and where it is used."""
    return await library.lineage(ctx, asset_id=asset_id)


@router.post("/{asset_id}/again", status_code=202)
@requires("media:write")
async def run_again(ctx: Ctx, asset_id: AddressId, body: RunAgain | None = None) -> Accepted:
    """Make an asset again from its recipe, vary it, or make the final cut of a draft, in the same asset."""
    body = body or RunAgain()
    return _accepted(await again.run_again(ctx, asset_id=asset_id, how=body.how, title=body.title))


@router.post("/{asset_id}/uses", status_code=204)
@requires("media:write")
async def use_in_document(ctx: Ctx, asset_id: AddressId, body: UseIn) -> None:
    """Note that a document uses an asset."""
    await documents.get(ctx, document_id=body.document_id)
    await library.use_in_document(ctx, asset_id=asset_id, document_id=body.document_id)
