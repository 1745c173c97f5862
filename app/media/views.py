"""Rows of the library as they are shown. An asset that is being made shows where its job stands."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs.models import Job
from app.core.jobs.names import ENDED, JobState
from app.core.jobs.schemas import NewJob
from app.media import queries
from app.media.cuts import is_draft
from app.media.models import Asset
from app.media.schemas import AssetKind, AssetState, AssetView, Origin, Rights

_STATES: dict[str, AssetState] = {
    JobState.FAILED: "failed",
    JobState.QUARANTINED: "failed",
    JobState.CANCELLED: "cancelled",
}


async def views(session: AsyncSession, rows: Sequence[Asset]) -> list[AssetView]:
    """Return assets as they are shown, in the same order."""
    if not rows:
        return []
    tags = await queries.tags_of(session, [row.id for row in rows])
    making = [row.job_id for row in rows if row.job_id is not None and (row.state == "making" or is_draft(row))]
    jobs = await queries.jobs_of(session, making)
    labels = {asset_id: tuple(tag.label for tag in found) for asset_id, found in tags.items()}
    return [view_of(row, labels.get(row.id, ()), jobs.get(row.job_id) if row.job_id else None) for row in rows]


def view_of(row: Asset | SimpleNamespace, tags: tuple[str, ...], job: Job | NewJob | None) -> AssetView:
    """Return one asset as it is shown; `job` only while it, or the final cut of a draft, is being made.

    `row` may be the columns of a row that was just written: to make the object costs more than to write it.
    """
    state, error_code, draft = cast(AssetState, row.state), row.error_code, is_draft(row)
    if job is not None and job.state in _STATES:
        error_code = job.error_code
        state = _STATES[job.state] if row.state == "making" else state
    elif job is not None and draft and job.state not in ENDED:
        state = "making"
    return AssetView(
        id=row.id,
        kind=cast(AssetKind, row.kind),
        state=state,
        origin=cast(Origin, row.origin),
        title=row.title,
        alt_text=row.alt_text,
        rights=cast(Rights, row.rights),
        licence_note=row.licence_note,
        tags=tags,
        folder_id=row.folder_id,
        media_type=row.media_type,
        width_px=row.width_px,
        height_px=row.height_px,
        duration_ms=row.duration_ms,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        has_preview=row.preview_id is not None,
        has_captions=bool(row.captions),
        provider="embedded" if row.embedded else row.provider,
        model=row.model,
        embedded=row.embedded,
        seed=row.seed,
        cost_micros=row.cost_micros,
        cost_known=row.cost_known,
        job_id=row.job_id,
        job_state=str(job.state) if job else "",
        step=job.step if job and state != "ready" else "",
        done_permille=1000 if state == "ready" else (job.done_permille if job else 0),
        error_code=error_code,
        user_id=row.user_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        draft=draft,
    )
