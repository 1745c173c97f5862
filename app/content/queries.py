"""All SQL of runs, documents and favourites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.content.models import Document, DocumentVersion, Favourite, Generation, Variant
from app.content.schemas import Position
from app.tenancy.models import Tenant

PURGED_AT_ONCE = 500


def _behind(moment: Any, row_id: Any, after: Position) -> sa.ColumnElement[bool]:  # Any: mapped columns
    """Newest first: what comes after the position in that order."""
    return sa.or_(moment < after[0], sa.and_(moment == after[0], row_id < after[1]))


async def count_runs(session: AsyncSession, *, tenant_id: UUID) -> int:
    """Return how many runs the tenant has made; holds the tenant's row, so that two runs are not both the last one."""
    await session.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update())
    return int((await session.execute(select(sa.func.count(col(Generation.id))))).scalar_one())


async def generations(session: AsyncSession, *, limit: int, after: Position | None) -> Sequence[Generation]:
    """Return runs, newest first."""
    query = select(Generation).order_by(col(Generation.created_at).desc(), col(Generation.id).desc()).limit(limit)
    if after:
        query = query.where(_behind(col(Generation.created_at), col(Generation.id), after))
    return (await session.execute(query)).scalars().all()


async def variants_of(session: AsyncSession, generation_ids: Sequence[UUID]) -> Sequence[Variant]:
    """Return the variants of runs, by letter."""
    query = select(Variant).where(col(Variant.generation_id).in_(generation_ids)).order_by(col(Variant.letter))
    return (await session.execute(query)).scalars().all()


async def variant(session: AsyncSession, *, generation_id: UUID, letter: str) -> Variant | None:
    """Return one variant of a run."""
    query = select(Variant).where(Variant.generation_id == generation_id, Variant.letter == letter)
    return (await session.execute(query)).scalar_one_or_none()


async def locked_run(session: AsyncSession, generation_id: UUID) -> Generation | None:
    """Return a run, held against other writers (PostgreSQL) until the unit of work ends."""
    query = select(Generation).where(Generation.id == generation_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def writers(
    session: AsyncSession, generation_ids: Sequence[UUID]
) -> dict[tuple[UUID, str], tuple[str, str, bool]]:
    """Return who wrote the variants of runs: (run, letter) -> (provider, model, embedded)."""
    query = sa.select(
        col(Variant.generation_id),
        col(Variant.letter),
        col(Variant.provider),
        col(Variant.model),
        col(Variant.embedded),
    ).where(col(Variant.generation_id).in_(generation_ids))
    rows = await session.execute(query)
    return {(run, letter): (provider, model, embedded) for run, letter, provider, model, embedded in rows}


async def kept_from(session: AsyncSession, generation_ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID, str]]:
    """Return (run, document, variant) for the documents kept from runs, oldest first; deleted ones are left out."""
    query = (
        select(Document.generation_id, Document.id, Document.variant)
        .where(col(Document.generation_id).in_(generation_ids), col(Document.deleted_at).is_(None))
        .order_by(col(Document.created_at), col(Document.id))
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def set_state(session: AsyncSession, generation_id: UUID, *, from_state: str, to: str) -> None:
    """Move a run from one state to another, if it is in that state."""
    query = (
        sa.update(Generation)
        .where(col(Generation.id) == generation_id, col(Generation.state) == from_state)
        .values(state=to)
    )
    await session.execute(query)


async def state_of(session: AsyncSession, generation_id: UUID) -> str | None:
    """Return the state of a run."""
    query = select(Generation.state).where(Generation.id == generation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def documents(
    session: AsyncSession, *, limit: int, after: Position | None, template_id: str = ""
) -> Sequence[Document]:
    """Return documents, last changed first; deleted ones are left out."""
    query = (
        select(Document)
        .where(col(Document.deleted_at).is_(None))
        .order_by(col(Document.updated_at).desc(), col(Document.id).desc())
        .limit(limit)
    )
    if template_id:
        query = query.where(Document.template_id == template_id)
    if after:
        query = query.where(_behind(col(Document.updated_at), col(Document.id), after))
    return (await session.execute(query)).scalars().all()


async def drop_deleted(session: AsyncSession, *, before: datetime) -> int:
    """Remove documents deleted before a moment, and runs that no document is left of; return how many documents."""
    gone = (
        await session.execute(
            select(Document.id, Document.generation_id).where(col(Document.deleted_at) < before).limit(PURGED_AT_ONCE)
        )
    ).all()
    if not gone:
        return 0
    await session.execute(sa.delete(Document).where(col(Document.id).in_([row[0] for row in gone])))
    kept = select(Document.id).where(col(Document.generation_id) == col(Generation.id)).exists()
    runs = {row[1] for row in gone}
    await session.execute(sa.delete(Generation).where(col(Generation.id).in_(runs), ~kept))
    return len(gone)


async def locked_document(session: AsyncSession, document_id: UUID) -> Document | None:
    """Return a document, held against other writers (PostgreSQL) until the unit of work ends."""
    return (
        await session.execute(select(Document).where(Document.id == document_id).with_for_update())
    ).scalar_one_or_none()


async def versions(session: AsyncSession, document_id: UUID, *, limit: int) -> Sequence[DocumentVersion]:
    """Return a document's versions, newest first."""
    query = (
        select(DocumentVersion)
        .where(DocumentVersion.document_id == document_id)
        .order_by(col(DocumentVersion.number).desc())
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def version(session: AsyncSession, document_id: UUID, number: int) -> DocumentVersion | None:
    """Return one version of a document."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id, DocumentVersion.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def favourites(session: AsyncSession, user_id: UUID) -> Sequence[Favourite]:
    """Return a person's favourites, newest first."""
    query = (
        select(Favourite)
        .where(Favourite.user_id == user_id)
        .order_by(col(Favourite.created_at).desc(), col(Favourite.id).desc())
    )
    return (await session.execute(query)).scalars().all()


async def drop_favourite(session: AsyncSession, *, user_id: UUID, template_id: str) -> None:
    """Take a favourite away."""
    await session.execute(
        sa.delete(Favourite).where(col(Favourite.user_id) == user_id, col(Favourite.template_id) == template_id)
    )
