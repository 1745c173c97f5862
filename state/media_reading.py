"""The media library as the screens read it: one page of it, one asset with everything about it, what is being made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.core.ids import parse_id
from state import money
from state.failures import sentence_of
from state.media_view import (
    ASSETS,
    AssetRow,
    Choice,
    Detail,
    JobRow,
    Kin,
    Narrowing,
    asset_row,
    clock,
    pixels,
    shape,
    weight,
)
from state.run_view import ORDER, CheckView

if TYPE_CHECKING:
    from app.core.context import Context
    from app.core.jobs.schemas import JobView
    from app.media.recipes import Recipe
    from app.media.schemas import AssetDetail, AssetView, PictureCheck, Tie

DAYS = {"day": 1, "week": 7, "month": 30}
STEP = 100
LOOKED_THROUGH = 1_000
"""Provider and time are no columns of the library's own search: so many of the newest are looked through for them."""
NEWEST = 60
WORDS_SHOWN = 400
BUILT_IN = "embedded"
SHOWN = ("waiting", "queued", "running", "paused", "failed", "quarantined")


@dataclass(frozen=True)
class Choices:
    """What there is to narrow the wall by."""

    folders: list[Choice] = field(default_factory=list)
    tags: list[Choice] = field(default_factory=list)


async def read_page(ctx: Context, asked: Narrowing, *, limit: int) -> tuple[list[AssetRow], bool, list[Choice]]:
    """Return those to be looked at that fit, newest first, whether there are more, and who made them."""
    from app.media import library
    from app.media.schemas import Filters

    filters = Filters(
        kind=asked.kind,
        rights=asked.rights,
        folder_id=parse_id(asked.folder) if asked.folder else None,
        tag=asked.tag,
        search=asked.query,
    )
    since = ctx.ports.clock.now() - timedelta(days=DAYS[asked.since]) if asked.since in DAYS else None
    found: list[AssetView] = []
    makers: dict[str, int] = {}
    after, looked = None, 0
    while len(found) <= limit and looked < LOOKED_THROUGH:
        views, after = await library.list_assets(ctx, filters=filters, limit=STEP, after=after)
        looked += STEP
        ready = [view for view in views if view.is_there and not _is_older(view, since)]
        for view in ready:
            makers[maker_of(view)] = makers.get(maker_of(view), 0) + 1
        found += [view for view in ready if asked.provider in ("", maker_of(view))]
        if after is None or (views and _is_older(views[-1], since)):
            break
    rows = [asset_row(view, words=await _beginning(ctx, view)) for view in found[:limit]]
    return rows, len(found) > limit, [Choice(name, name, count) for name, count in makers.items() if name]


def maker_of(view: AssetView) -> str:
    """Return who made it: a provider's name, the built-in generator, "" for an upload."""
    return BUILT_IN if view.embedded else view.provider


def _is_older(view: AssetView, since: datetime | None) -> bool:
    return since is not None and view.created_at < since


async def _beginning(ctx: Context, view: AssetView) -> str:
    from app.media import library

    if view.kind != "transcript":
        return ""
    return (await library.captions(ctx, asset_id=view.id, form="txt"))[:WORDS_SHOWN]


async def read_choices(ctx: Context) -> Choices:
    """Return folders and tags, each with how many lie there."""
    from app.media import library

    folders = [Choice(str(one.id), one.name, one.assets) for one in await library.folders(ctx)]
    return Choices(folders, [Choice(one.label, one.label, one.assets) for one in await library.tags(ctx)])


async def read_jobs(ctx: Context) -> list[JobRow]:
    """Return what is being made or went wrong, newest first."""
    from app.core.jobs import service as jobs
    from app.media import library
    from app.media.schemas import Filters

    views, _ = await library.list_assets(ctx, filters=Filters(), limit=NEWEST, after=None)
    unfinished = [view for view in views if view.state == "making" or went_wrong(view)]
    if not unfinished:
        return []
    open_jobs = {job.id: job for job in await jobs.list_jobs(ctx, states=SHOWN, limit=STEP)}
    return [job_row(view, open_jobs.get(view.job_id) if view.job_id else None) for view in unfinished]


def went_wrong(view: AssetView) -> bool:
    """Whether it, or the final cut of a draft, was not made."""
    return view.state == "failed" or (view.state == "ready" and bool(view.error_code))


async def read_result(ctx: Context, *, asset_id: UUID) -> AssetRow | None:
    """Return a finished one or a draft as a print, None for one that is not to be looked at yet.

    Raises:
        NotFound: there is no such asset.
    """
    found = await read_print(ctx, asset_id=asset_id)
    return found[0] if found else None


async def read_print(ctx: Context, *, asset_id: UUID) -> tuple[AssetRow, AssetView] | None:
    """Return a finished one as a print, and whole; None for one that is not finished.

    Raises:
        NotFound: there is no such asset.
    """
    from app.media import library

    view = (await library.show(ctx, asset_id=asset_id)).asset
    if not view.is_there:
        return None
    return asset_row(view, words=await _beginning(ctx, view)), view


async def read_detail(ctx: Context, *, asset_id: UUID) -> Detail:
    """Return everything that is known of one.

    Raises:
        NotFound: there is no such asset.
    """
    from app.media import library

    found = await library.show(ctx, asset_id=asset_id)
    view, recipe = found.asset, found.recipe
    lineage = await library.lineage(ctx, asset_id=asset_id)
    folders = {one.id: one.name for one in await library.folders(ctx)}
    row = asset_row(view)
    return Detail(
        id=row.id,
        kind=row.kind,
        title=row.title,
        alt=row.alt,
        prompt=asked_for(recipe),
        template_id=recipe.template_id,
        template=recipe.template_id,
        made_by=row.made_by,
        embedded=row.embedded,
        uploaded=row.uploaded,
        voice=recipe.voice,
        locale=recipe.locale if view.kind != "image" and not row.uploaded else "",
        seed="" if view.seed is None else f"{view.seed:,}".replace(",", "\u202f"),
        size=row.size,
        duration=row.duration,
        weight=weight(view.size_bytes),
        price=row.price,
        created_at=view.created_at.isoformat(),
        rights=view.rights,
        licence=view.licence_note,
        folder=folders.get(view.folder_id, "") if view.folder_id else "",
        tags=list(view.tags),
        made_from=[kin(one) for one in lineage.made_from if one.is_there],
        used_in=[kin(one) for one in lineage.used_in if one.is_there],
        src=row.src,
        thumb=row.thumb,
        download=row.download,
        captions=row.captions,
        words=await library.captions(ctx, asset_id=asset_id, form="txt") if view.has_captions else "",
        **(await _ways(ctx, found) if view.kind == "image" and view.state == "ready" else {}),
        **_outcome(found),
        draft=view.draft,
        finishing=view.state == "making",
    )


def _outcome(found: AssetDetail) -> dict[str, Any]:  # Any: fields of Detail
    """Return what became of a picture; its first size only where it was cut or scaled."""
    if found.outcome is None:
        return {}
    came = (found.outcome.came_width_px, found.outcome.came_height_px)
    checks = found.outcome.checks
    return {
        "came": pixels(*came) if came != (found.asset.width_px, found.asset.height_px) else "",
        "checks": [_check(one) for one in sorted(checks, key=lambda one: ORDER[one.status])],
        "passed": sum(one.status == "passed" for one in checks),
        "total": len(checks),
        "failed": sum(one.status == "failed" for one in checks),
    }


def _check(one: PictureCheck) -> CheckView:
    from app.media.picture_words import PICTURE_TEXTS

    return CheckView(
        id=one.id,
        label_code=one.label_code,
        label=PICTURE_TEXTS[one.label_code],
        params=one.params,
        status=one.status,
        severity=one.severity,
        note_code=one.note_code,
        note=PICTURE_TEXTS[one.note_code] if one.note_code else "",
        note_params=one.note_params,
    )


async def _ways(ctx: Context, found: AssetDetail) -> dict[str, Any]:  # Any: fields of a Detail
    """Return the fields of a detail that say what can be done with a picture."""
    from app.media import changing

    able = await changing.ways(ctx, asset_id=found.asset.id)
    edit, vary, cut = able["edit"], able["vary"], able["cut_out"]
    return {
        "edit_by": edit.by,
        "edit_masked": edit.masked,
        "edit_could": ", ".join(edit.could),
        "vary_by": vary.by,
        "vary_embedded": vary.embedded,
        "cut_by": cut.by,
        "cut_could": ", ".join(cut.could),
        "reshaped": await changing.can_be_reshaped(ctx, found),
    }


def asked_for(recipe: Recipe) -> str:
    """Return what was asked for, in the words it was asked in."""
    told = recipe.prompt or recipe.text
    if not told:
        told = "\n\n".join(shot.narration or shot.heading for shot in recipe.shots)
    return told or recipe.look.headline


def kin(tie: Tie) -> Kin:
    """Return the other end of a line of descent."""
    if tie.kind == "document":
        return Kin(str(tie.id), "document", tie.title, "", f"/documents/{tie.id}")
    return Kin(str(tie.id), "asset", tie.title, f"{ASSETS}/{tie.id}/preview", "")


def job_row(view: AssetView, job: JobView | None) -> JobRow:
    """Return something in the making; `job` is None once its job has gone wrong."""
    row = JobRow(
        id=str(view.job_id or ""),
        asset_id=str(view.id),
        kind=view.kind,
        title=view.title,
        ratio=shape(view.width_px, view.height_px, view.kind),
        state="failed" if went_wrong(view) else view.state,
        cut=("final" if view.is_there else "draft") if view.draft else "",
        step=view.step,
        permille=view.done_permille,
    )
    if went_wrong(view):
        code = view.error_code or "internal"
        row.error_code, row.error = f"error.{code}", sentence_of(code)
        row.error_params = dict(job.error_params) if job is not None else {}
    elif job is not None:
        row.eta_s = job.eta_s or 0
        row.price = money.about(job.reserved_micros) if job.reserved_micros else ""
        if job.state in ("waiting", "queued", "paused"):
            row.step = "queued" if job.state != "paused" else "paused"
    return row


async def read_documents(ctx: Context, *, limit: int) -> list[Choice]:
    """Return the documents that were changed last."""
    from app.content import documents

    views, _ = await documents.list_latest(ctx, limit=limit)
    return [Choice(str(view.id), view.title) for view in views]


async def read_recordings(ctx: Context) -> list[Choice]:
    """Return what can be written down: sounds and clips, newest first."""
    from app.media import library
    from app.media.schemas import Filters

    views = []
    for kind in ("speech", "video"):
        found, _ = await library.list_assets(ctx, filters=Filters(kind=kind), limit=STEP)
        views += [view for view in found if view.state == "ready"]
    views.sort(key=lambda view: view.created_at, reverse=True)
    return [Choice(str(view.id), f"{view.title} {clock(view.duration_ms)}") for view in views]
