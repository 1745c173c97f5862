"""Documents: what is kept of a run, with every version of it. Nothing that was saved is ever overwritten.

Titles are content and therefore sealed; search reads them in memory, over the documents changed last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.content import queries
from app.content.briefs import brief_of, stored_inputs
from app.content.errors import VariantMissing, VersionMoved
from app.content.field_values import is_blank
from app.content.judging import Judged, judge_aside, refuse_too_long
from app.content.keeping import TITLE_CHARACTERS, add_version, keep, title_of
from app.content.models import Document, DocumentVersion, Generation
from app.content.schemas import Cause, DocumentText, DocumentView, Position, VersionView
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.text import one_line, storable

SEARCHED = 500
VERSIONS_SHOWN = 200
VERSIONS_KEPT = 1_000


async def list_latest(
    ctx: Context, *, limit: int, after: Position | None = None, search: str = "", template_id: str = ""
) -> tuple[list[DocumentView], Position | None]:
    """Return a page of documents, last changed first, and where the next page begins.

    A search looks through the titles of the 500 documents changed last, and gives one page.
    """
    words = one_line(search).casefold().split()
    async with ctx.db.read() as session:
        if words:
            newest = await queries.documents(session, limit=SEARCHED, after=None, template_id=template_id)
            rows = [row for row in newest if all(word in row.title.casefold() for word in words)][:limit]
            return await _views(session, rows), None
        rows = list(await queries.documents(session, limit=limit + 1, after=after, template_id=template_id))
        page = rows[:limit]
        views = await _views(session, page)
    return views, (page[-1].updated_at, page[-1].id) if len(rows) > limit else None


async def get(ctx: Context, *, document_id: UUID, number: int | None = None) -> DocumentText:
    """Return a document with the text of one version, the current one by default.

    Raises:
        NotFound: there is no such document or version.
    """
    async with ctx.db.read() as session:
        document = _live(await session.get(Document, document_id))
        version = await _version(session, document, number or document.version)
        run = await session.get_one(Generation, document.generation_id)
        view = (await _views(session, [document]))[0]
    return DocumentText(view, version.number, version.content, cast(Cause, version.cause), stored_inputs(run))


async def versions(ctx: Context, *, document_id: UUID) -> list[VersionView]:
    """Return a document's versions, newest first.

    Raises:
        NotFound: there is no such document.
    """
    async with ctx.db.read() as session:
        document = _live(await session.get(Document, document_id))
        rows = await queries.versions(session, document.id, limit=VERSIONS_SHOWN)
    return [VersionView(r.number, cast(Cause, r.cause), r.user_id, r.passed, r.total, r.created_at) for r in rows]


async def judged(ctx: Context, *, document_id: UUID, text: str | None = None) -> Judged:
    """Return the verdict on a document's current text, or on `text` in its place; nothing is kept.

    Raises:
        NotFound: there is no such document, or its template is gone.
        TooLarge: the text is longer than any that is checked.
    """
    refuse_too_long(text or "")
    async with ctx.db.read() as session:
        document = _live(await session.get(Document, document_id))
        run = await session.get_one(Generation, document.generation_id)
        content = text if text is not None else (await _version(session, document, document.version)).content
    template, inputs = brief_of(run)
    return await judge_aside(template, inputs, content)


async def keep_variant(ctx: Context, *, generation_id: UUID, letter: str) -> DocumentView:
    """Keep a variant of a run as a document; one that is kept already is returned as it is.

    Raises:
        NotFound: there is no such run or variant.
        Conflict: the variant has no finished text, or its template is gone.
    """
    async with ctx.db.read() as session:
        run = await session.get(Generation, generation_id)
        variant = await queries.variant(session, generation_id=generation_id, letter=letter) if run else None
    if run is None or variant is None:
        raise NotFound
    if variant.state != "done":
        raise VariantMissing
    template, inputs = brief_of(run)
    title = title_of(template, await judge_aside(template, inputs, variant.output))
    async with ctx.db.write() as session:
        run = await queries.locked_run(session, generation_id)
        if run is None:
            raise NotFound
        document = await _kept_already(session, generation_id, letter)
        if document is None:
            document = keep(ctx, session, variant, run, title)
            await session.flush()
        return (await _views(session, [document]))[0]


async def save_version(
    ctx: Context, *, document_id: UUID, text: str, base_version: int | None = None
) -> tuple[DocumentView, Judged]:
    """Save an edited text as the newest version, checked again; the same text makes no version.

    Raises:
        NotFound: there is no such document.
        Conflict: somebody saved it since `base_version`, or it has too many versions.
        InvalidInput: there is no text.
        TooLarge: the text is longer than any that is kept.
    """
    verdict = await judged(ctx, document_id=document_id, text=_text(text))
    async with ctx.db.write() as session:
        document = _live(await queries.locked_document(session, document_id))
        if base_version is not None and base_version != document.version:
            raise VersionMoved(params={"version": document.version})
        await _save(ctx, session, document, verdict)
        view = (await _views(session, [document]))[0]
    return view, verdict


async def save_from_variant(ctx: Context, *, generation_id: UUID, letter: str, judged: Judged) -> DocumentView:
    """Save a judged text as the newest version of the document that a variant became; it becomes one if need be.

    Raises:
        NotFound, Conflict: as for keep_variant.
    """
    view = await keep_variant(ctx, generation_id=generation_id, letter=letter)
    async with ctx.db.write() as session:
        document = _live(await queries.locked_document(session, view.id))
        await _save(ctx, session, document, judged)
        return (await _views(session, [document]))[0]


async def _save(ctx: Context, session: AsyncSession, document: Document, verdict: Judged) -> None:
    current = await _version(session, document, document.version)
    if current.content == verdict.text:
        return
    if document.version >= VERSIONS_KEPT:
        raise Conflict(
            "This document has {limit} versions. Keep a copy and go on there.",
            code="document.versions_full",
            params={"limit": VERSIONS_KEPT},
        )
    add_version(ctx, session, document, text=verdict.text, cause="edited", passed=verdict.passed, total=verdict.total)
    await session.flush()


async def restore(ctx: Context, *, document_id: UUID, number: int) -> DocumentView:
    """Make an earlier version the newest one again; the versions between stay.

    Raises:
        NotFound: there is no such document or version.
    """
    async with ctx.db.write() as session:
        document = _live(await queries.locked_document(session, document_id))
        wanted = await _version(session, document, number)
        if wanted.number != document.version:
            add_version(
                ctx, session, document,
                text=wanted.content, cause="restored", passed=wanted.passed, total=wanted.total,
            )  # fmt: skip
            await session.flush()
        return (await _views(session, [document]))[0]


async def rename(ctx: Context, *, document_id: UUID, title: str) -> DocumentView:
    """Give a document another title.

    Raises:
        NotFound: there is no such document.
        InvalidInput: there is no title, or it is too long.
    """
    title = one_line(title)
    if is_blank(title) or len(title) > TITLE_CHARACTERS:
        raise InvalidInput(
            "A title has 1 to {limit} characters.",
            code="document.title",
            field="title",
            params={"limit": TITLE_CHARACTERS},
        )
    async with ctx.db.write() as session:
        document = _live(await queries.locked_document(session, document_id))
        document.title = title
        return (await _views(session, [document]))[0]


async def delete(ctx: Context, *, document_id: UUID) -> None:
    """Take a document out of every list; it can be brought back until `purge` comes by.

    Raises:
        NotFound: there is no such document.
    """
    async with ctx.db.write() as session:
        document = _live(await queries.locked_document(session, document_id))
        document.deleted_at = ctx.ports.clock.now()


async def kept_from_runs(ctx: Context, *, run_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the document that was kept first from each of these runs, for the runs that have one."""
    async with ctx.db.read() as session:
        rows = await queries.kept_from(session, run_ids) if run_ids else []
    return {run_id: document_id for run_id, document_id, _ in reversed(rows)}


async def purge(ctx: Context) -> int:
    """Remove for good what was deleted longer ago than it can be brought back; return how many documents."""
    before = ctx.ports.clock.now() - timedelta(days=ctx.ports.settings.deleted_days)
    async with ctx.db.write() as session:
        return await queries.drop_deleted(session, before=before)


async def undelete(ctx: Context, *, document_id: UUID) -> DocumentView:
    """Bring a deleted document back; one that is there stays.

    Raises:
        NotFound: there never was such a document.
    """
    async with ctx.db.write() as session:
        document = await queries.locked_document(session, document_id)
        if document is None:
            raise NotFound
        document.deleted_at = None
        return (await _views(session, [document]))[0]


def _text(text: str) -> str:
    text = storable(text)
    if is_blank(text):
        raise InvalidInput("There is no text to save.", code="document.empty", field="text")
    return text


def _live(document: Document | None) -> Document:
    if document is None or document.deleted_at is not None:
        raise NotFound
    return document


async def _version(session: AsyncSession, document: Document, number: int) -> DocumentVersion:
    found = await queries.version(session, document.id, number)
    if found is None:
        raise NotFound(code="document.version_not_found")
    return found


async def _kept_already(session: AsyncSession, generation_id: UUID, letter: str) -> Document | None:
    kept = await queries.kept_from(session, [generation_id])
    document_id = next((one for _, one, variant in kept if variant == letter), None)
    return await session.get(Document, document_id) if document_id else None


async def _views(session: AsyncSession, rows: Sequence[Document]) -> list[DocumentView]:
    writers = await queries.writers(session, [row.generation_id for row in rows])
    views = []
    for row in rows:
        provider, model, embedded = writers.get((row.generation_id, row.variant), ("", "", False))
        views.append(
            DocumentView(
                id=row.id,
                title=row.title,
                template_id=row.template_id,
                language=row.language,
                generation_id=row.generation_id,
                variant=row.variant,
                version=row.version,
                passed=row.passed,
                total=row.total,
                embedded=embedded,
                provider=provider,
                model=model,
                created_at=row.created_at,
                updated_at=row.updated_at,
                deleted_at=row.deleted_at,
            )
        )
    return views
