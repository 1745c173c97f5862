"""All SQL of media. What lies in the trash is left out everywhere but where its name says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.jobs.models import Job
from app.media.models import Asset, AssetFolder, AssetTag, AssetTie, MediaBrand, WorkspaceWords

Position = tuple[datetime, UUID]
_LIVE = col(Asset.deleted_at).is_(None)


async def page(
    session: AsyncSession,
    *,
    limit: int,
    after: Position | None = None,
    kind: str = "",
    origin: str = "",
    rights: str = "",
    folder_id: UUID | None = None,
    tag_digest: str = "",
    in_trash: bool = False,
) -> Sequence[Asset]:
    """Return assets, newest first, masks only where they are asked for; `after` is where the page before ended.

    In the trash, what was thrown away last comes first.
    """
    moment_of = col(Asset.deleted_at) if in_trash else col(Asset.created_at)
    query = select(Asset).order_by(moment_of.desc(), col(Asset.id).desc()).limit(limit)
    query = query.where(col(Asset.deleted_at).is_not(None) if in_trash else _LIVE)
    if origin != "mask":
        query = query.where(Asset.origin != "mask")
    for column, wanted in ((Asset.kind, kind), (Asset.origin, origin), (Asset.rights, rights)):
        if wanted:
            query = query.where(column == wanted)
    if folder_id is not None:
        query = query.where(Asset.folder_id == folder_id)
    if tag_digest:
        query = query.where(col(Asset.id).in_(select(AssetTag.asset_id).where(AssetTag.digest == tag_digest)))
    if after is not None:
        moment, asset_id = after
        query = query.where(sa.or_(moment_of < moment, sa.and_(moment_of == moment, col(Asset.id) < asset_id)))
    return (await session.execute(query)).scalars().all()


async def live(session: AsyncSession, asset_id: UUID) -> Asset | None:
    """Return an asset."""
    return (await session.execute(select(Asset).where(Asset.id == asset_id, _LIVE))).scalar_one_or_none()


async def locked(session: AsyncSession, asset_id: UUID) -> Asset | None:
    """Return an asset, locked until the unit of work ends."""
    asset = await locked_or_in_trash(session, asset_id)
    return asset if asset is not None and asset.deleted_at is None else None


async def locked_or_in_trash(session: AsyncSession, asset_id: UUID) -> Asset | None:
    """Return an asset, in the trash too, locked until the unit of work ends."""
    return (await session.execute(select(Asset).where(Asset.id == asset_id).with_for_update())).scalar_one_or_none()


async def in_trash(session: AsyncSession, asset_id: UUID) -> Asset | None:
    """Return an asset that lies in the trash."""
    query = select(Asset).where(Asset.id == asset_id, col(Asset.deleted_at).is_not(None))
    return (await session.execute(query)).scalar_one_or_none()


async def trash_before(session: AsyncSession, moment: datetime, *, limit: int) -> Sequence[Asset]:
    """Return what was thrown away until a moment, the oldest first, locked until the unit of work ends."""
    query = select(Asset).where(col(Asset.deleted_at) <= moment).order_by(col(Asset.deleted_at), col(Asset.id))
    return (await session.execute(query.limit(limit).with_for_update())).scalars().all()


async def trash_total(session: AsyncSession) -> tuple[int, int]:
    """Return how many assets lie in the trash, and how many bytes they have."""
    sums = sa.select(sa.func.count(col(Asset.id)), sa.func.coalesce(sa.func.sum(Asset.size_bytes), 0))
    count, size_bytes = (await session.execute(sums.where(col(Asset.deleted_at).is_not(None)))).one()
    return int(count), int(size_bytes)


async def holder_of(session: AsyncSession, file_id: UUID) -> Asset | None:
    """Return the asset whose content is this file."""
    return (await session.execute(select(Asset).where(Asset.file_id == file_id, _LIVE))).scalar_one_or_none()


async def by_ids(session: AsyncSession, asset_ids: Iterable[UUID]) -> dict[UUID, Asset]:
    """Return the assets of these ids that are there."""
    query = select(Asset).where(col(Asset.id).in_(list(asset_ids)), _LIVE)
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def jobs_of(session: AsyncSession, job_ids: Iterable[UUID]) -> dict[UUID, Job]:
    """Return these jobs."""
    wanted = list(job_ids)
    if not wanted:
        return {}
    return {row.id: row for row in (await session.execute(select(Job).where(col(Job.id).in_(wanted)))).scalars()}


async def tags_of(session: AsyncSession, asset_ids: Iterable[UUID]) -> dict[UUID, list[AssetTag]]:
    """Return the tags of these assets."""
    query = select(AssetTag).where(col(AssetTag.asset_id).in_(list(asset_ids))).order_by(col(AssetTag.id))
    found: dict[UUID, list[AssetTag]] = defaultdict(list)
    for row in (await session.execute(query)).scalars():
        found[row.asset_id].append(row)
    return found


async def drop_tags(session: AsyncSession, asset_id: UUID) -> None:
    """Take every tag off an asset."""
    await session.execute(sa.delete(AssetTag).where(col(AssetTag.asset_id) == asset_id))


async def tags_by_use(session: AsyncSession, *, limit: int) -> list[tuple[AssetTag, int]]:
    """Return one row of each tag and how many assets have it, the most used first."""
    count = sa.func.count(col(AssetTag.id)).label("uses")
    # As text: PostgreSQL before 18 finds no least uuid.
    least = sa.func.min(sa.cast(col(AssetTag.id), sa.String)).label("least")
    lying_about = col(AssetTag.asset_id).in_(select(Asset.id).where(_LIVE))
    used = sa.select(col(AssetTag.digest), count, least).where(lying_about).group_by(AssetTag.digest)
    rows = (await session.execute(used.order_by(count.desc(), col(AssetTag.digest)).limit(limit))).all()
    uses = {UUID(row.least): int(row.uses) for row in rows}
    tags = (await session.execute(select(AssetTag).where(col(AssetTag.id).in_(list(uses))))).scalars().all()
    return sorted(((tag, uses[tag.id]) for tag in tags), key=lambda pair: (-pair[1], pair[0].digest))


async def folders(session: AsyncSession) -> list[tuple[AssetFolder, int]]:
    """Return every folder and how many assets lie in it."""
    inside = sa.select(col(Asset.folder_id), sa.func.count(col(Asset.id))).where(_LIVE).group_by(col(Asset.folder_id))
    counts = {folder_id: int(number) for folder_id, number in await session.execute(inside)}
    rows = (await session.execute(select(AssetFolder).order_by(col(AssetFolder.id)))).scalars().all()
    return [(row, counts.get(row.id, 0)) for row in rows]


async def empty_folder(session: AsyncSession, folder_id: UUID) -> None:
    """Let the assets of a folder lie in none, those in the trash too."""
    await session.execute(sa.update(Asset).where(col(Asset.folder_id) == folder_id).values(folder_id=None))


async def ties_of(session: AsyncSession, asset_id: UUID) -> Sequence[AssetTie]:
    """Return the lines that lead from an asset, oldest first."""
    query = select(AssetTie).where(AssetTie.asset_id == asset_id).order_by(col(AssetTie.id))
    return (await session.execute(query)).scalars().all()


async def made_of(session: AsyncSession, asset_id: UUID, *, and_in_trash: bool = False) -> Sequence[Asset]:
    """Return the assets that were made from this one, oldest first."""
    ties = select(AssetTie.asset_id).where(AssetTie.other_id == asset_id, AssetTie.relation == "made_from")
    query = select(Asset).where(col(Asset.id).in_(ties)).order_by(col(Asset.created_at), col(Asset.id))
    if not and_in_trash:
        query = query.where(_LIVE)
    return (await session.execute(query)).scalars().all()


async def tie(session: AsyncSession, asset_id: UUID, relation: str, other_id: UUID) -> AssetTie | None:
    """Return one line of descent."""
    query = select(AssetTie).where(
        AssetTie.asset_id == asset_id, AssetTie.relation == relation, AssetTie.other_id == other_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def brands(session: AsyncSession) -> Sequence[MediaBrand]:
    """Return every brand, oldest first."""
    return (await session.execute(select(MediaBrand).order_by(col(MediaBrand.id)))).scalars().all()


async def workspace_words(session: AsyncSession) -> WorkspaceWords | None:
    """Return how words are said in the whole workspace."""
    return (await session.execute(select(WorkspaceWords))).scalar_one_or_none()


async def files_in_use(session: AsyncSession) -> set[UUID]:
    """Return every file that an asset holds, in the trash too."""
    found: set[UUID] = set()
    for row in await session.execute(sa.select(col(Asset.file_id), col(Asset.preview_id))):
        found |= {file_id for file_id in row if file_id is not None}
    return found


async def all_assets(session: AsyncSession) -> Sequence[Asset]:
    """Return every asset of the tenant, those in the trash too."""
    return (await session.execute(select(Asset))).scalars().all()


async def tied_to(session: AsyncSession, document_id: UUID, *, limit: int) -> Sequence[Asset]:
    """Return the assets that a line leads from to this document, newest first."""
    ties = select(AssetTie.asset_id).where(AssetTie.other_id == document_id, AssetTie.other_kind == "document")
    query = select(Asset).where(col(Asset.id).in_(ties), _LIVE)
    query = query.order_by(col(Asset.created_at).desc(), col(Asset.id).desc())
    return (await session.execute(query.limit(limit))).scalars().all()
