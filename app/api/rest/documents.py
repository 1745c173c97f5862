"""/api/v1/documents: texts that were kept, every version of them, and files to take away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.downloads import attachment
from app.api.rest.verdicts import Verdict, verdict_out
from app.api.scopes import requires
from app.api.shapes import AddressId, Body, CursorText, Limit, Page, Search, cursor_of, position_of
from app.content import documents
from app.content.export import ExportFormat, export
from app.content.judging import MOST_CHARACTERS
from app.content.keeping import TITLE_CHARACTERS
from app.content.schemas import Cause, DocumentText, DocumentView, VersionView

router = APIRouter(prefix="/api/v1/documents", tags=["documents"], route_class=DoorRoute)

Text = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


class Document(BaseModel):
    """A document as lists show it."""

    id: UUID
    title: str
    template: str
    language: str
    generation_id: UUID
    variant: str
    version: int
    passed: int
    total: int
    provider: str = Field(description='"embedded" for the built-in writer, which is no AI model.')
    model: str
    embedded: bool
    created_at: datetime
    updated_at: datetime


class DocumentWithText(Document):
    """A document with the text of one of its versions; `number` says which."""

    number: int
    cause: Cause
    text: str


class SavedDocument(BaseModel):
    """A document after an edit, with the verdict on its new text."""

    document: Document
    verdict: Verdict


class KeepVariant(Body):
    """The run and the variant to keep."""

    generation_id: UUID
    variant: Annotated[str, StringConstraints(pattern="^[A-E]$")] = Field(examples=["B"])


class Rename(Body):
    """A new title."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=TITLE_CHARACTERS)]


class NewVersion(Body):
    """An edited text. `base_version` is the version it was made from: a save that would hide another is refused."""

    text: Text
    base_version: Annotated[int, Field(ge=1)] | None = None


class CheckText(Body):
    """A text to check in the document's place; nothing is kept."""

    text: Text


def _document(view: DocumentView) -> Document:
    return Document(**_shared(view))


def _shared(view: DocumentView) -> dict[str, object]:
    return {
        "id": view.id,
        "title": view.title,
        "template": view.template_id,
        "language": view.language,
        "generation_id": view.generation_id,
        "variant": view.variant,
        "version": view.version,
        "passed": view.passed,
        "total": view.total,
        "provider": "embedded" if view.embedded else view.provider,
        "model": view.model,
        "embedded": view.embedded,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
    }


def _with_text(found: DocumentText) -> DocumentWithText:
    return DocumentWithText(**_shared(found.document), number=found.number, cause=found.cause, text=found.text)


@router.get("")
@requires("documents:read")
async def list_documents(
    ctx: Ctx,
    limit: Limit = 50,
    cursor: CursorText = None,
    search: Search = "",
    template: Annotated[str, Query(max_length=60, description="Only from this template.")] = "",
) -> Page[Document]:
    """List documents, last changed first. A search looks through the titles of the 500 changed last."""
    views, end = await documents.list_latest(
        ctx, limit=limit, after=position_of(cursor), search=search, template_id=template
    )
    return Page(items=[_document(view) for view in views], next_cursor=cursor_of(end))


@router.post("", status_code=201)
@requires("documents:write")
async def keep_variant(ctx: Ctx, body: KeepVariant) -> Document:
    """Keep another variant of a run as a document; one that is kept already is answered as it is."""
    return _document(await documents.keep_variant(ctx, generation_id=body.generation_id, letter=body.variant))


@router.get("/{document_id}")
@requires("documents:read")
async def show_document(ctx: Ctx, document_id: AddressId) -> DocumentWithText:
    """Show a document with its current text."""
    return _with_text(await documents.get(ctx, document_id=document_id))


@router.patch("/{document_id}")
@requires("documents:write")
async def rename_document(ctx: Ctx, document_id: AddressId, body: Rename) -> Document:
    """Give a document another title."""
    return _document(await documents.rename(ctx, document_id=document_id, title=body.title))


@router.delete("/{document_id}", status_code=204)
@requires("documents:write")
async def delete_document(ctx: Ctx, document_id: AddressId) -> None:
    """Take a document out of every list; /restore brings it back."""
    await documents.delete(ctx, document_id=document_id)


@router.post("/{document_id}/restore")
@requires("documents:write")
async def undelete_document(ctx: Ctx, document_id: AddressId) -> Document:
    """Bring a deleted document back."""
    return _document(await documents.undelete(ctx, document_id=document_id))


@router.post("/{document_id}/check")
@requires("documents:read")
async def check_document(ctx: Ctx, document_id: AddressId, body: CheckText | None = None) -> Verdict:
    """Check the current text, or another one in its place; nothing is kept."""
    return verdict_out(await documents.judged(ctx, document_id=document_id, text=body.text if body else None))


@router.get("/{document_id}/versions")
@requires("documents:read")
async def list_versions(ctx: Ctx, document_id: AddressId) -> Page[VersionView]:
    """List a document's versions, newest first."""
    return Page(items=await documents.versions(ctx, document_id=document_id))


@router.post("/{document_id}/versions", status_code=201)
@requires("documents:write")
async def save_version(ctx: Ctx, document_id: AddressId, body: NewVersion) -> SavedDocument:
    """Save an edited text as the newest version, checked again."""
    view, judged = await documents.save_version(
        ctx, document_id=document_id, text=body.text, base_version=body.base_version
    )
    return SavedDocument(document=_document(view), verdict=verdict_out(judged))


@router.get("/{document_id}/versions/{number}")
@requires("documents:read")
async def show_version(ctx: Ctx, document_id: AddressId, number: Number) -> DocumentWithText:
    """Show a document with the text of one of its versions."""
    return _with_text(await documents.get(ctx, document_id=document_id, number=number))


@router.post("/{document_id}/versions/{number}/restore")
@requires("documents:write")
async def restore_version(ctx: Ctx, document_id: AddressId, number: Number) -> Document:
    """Make an earlier version the newest one again; the versions between stay."""
    return _document(await documents.restore(ctx, document_id=document_id, number=number))


@router.get("/{document_id}/export", response_class=Response)
@requires("documents:read")
async def export_document(
    ctx: Ctx,
    document_id: AddressId,
    form: Annotated[ExportFormat, Query(alias="format", description="md, txt, json or csv")] = "md",
) -> Response:
    """Download a document. CSV of a Google search ad is laid out for Google Ads Editor."""
    file = export(await documents.get(ctx, document_id=document_id), form)
    return Response(file.content, media_type=file.media_type, headers=attachment(file.name))
