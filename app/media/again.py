"""An asset made again from its recipe, a variation of it, or the final cut of a draft in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

from app.core.context import Context
from app.core.errors import Conflict, NotFound
from app.core.jobs.models import Job
from app.core.jobs.names import ENDED
from app.core.jobs.views import as_object
from app.media import images, library, queries, speech, transcription, video
from app.media.aspects import nearest_aspect
from app.media.cuts import FINAL, ask_final
from app.media.errors import NoDraft, NotReady
from app.media.schemas import Asked, AssetDetail
from app.media.views import views

How = Literal["same", "variation", "final"]
"""same: everything as it was; variation: another seed, or a picture like this one; final: what a draft becomes."""

_ASK: dict[str, Callable[..., Awaitable[Asked]]] = {
    "image": images.ask_as_it_is,
    "speech": speech.ask_as_it_is,
    "transcript": transcription.ask,
    "video": video.ask_as_it_is,
}


async def run_again(ctx: Context, *, asset_id: UUID, how: How = "same", title: str = "") -> Asked:
    """Ask for another asset after this one's recipe, or for the final cut of this one.

    Raises:
        NotFound: there is no such asset, or one that it was made from is gone.
        Conflict: it was uploaded, so there is no recipe.
        NoDraft, NotReady: as for finish.
        NoModel: nothing that is connected can do it any more.
    """
    if how == "final":
        return await finish(ctx, asset_id=asset_id)
    detail = await library.show(ctx, asset_id=asset_id)
    asset, recipe = detail.asset, detail.recipe
    if asset.origin == "uploaded" and not (how == "variation" and asset.kind == "image"):
        raise Conflict("This was uploaded: there is nothing to make it from.", code="media.uploaded")
    changed = recipe.model_copy(update=changes_of(detail, how))
    ask = _ASK[asset.kind]
    return await ask(ctx, recipe=changed, title=title or asset.title, folder_id=asset.folder_id)


async def finish(ctx: Context, *, asset_id: UUID) -> Asked:
    """Ask for the final cut of a draft; it takes the draft's place. Asked twice while it is made is asked once.

    Raises:
        NotFound: there is no such asset.
        NoDraft: it is no draft of a clip.
        NotReady: the draft is not made yet.
        NoModel: nothing can make it.
    """
    detail = await library.show(ctx, asset_id=asset_id)
    if not detail.asset.draft:
        raise NoDraft
    cost = await video.cost_of(ctx, detail.recipe.model_copy(update={"draft": False}))
    async with ctx.db.write() as session:
        asset = await queries.locked(session, asset_id)
        if asset is None:
            raise NotFound
        if asset.state != "ready":
            raise NotReady
        job = await session.get(Job, asset.job_id) if asset.job_id else None
        is_open = job is not None and job.state not in ENDED
        if job is None or not is_open or as_object(job.args).get("cut") != FINAL:
            after = asset.job_id if is_open else None
            await ask_final(ctx, session, asset, after=after, reserved_micros=cost.micros)
            await session.flush()
        view = (await views(session, [asset]))[0]
        assert asset.job_id is not None  # it was there, or was asked for
        return Asked(view, asset.job_id, cost.micros, cost.known)


def changes_of(detail: AssetDetail, how: How) -> dict[str, Any]:  # Any: fields of a recipe
    """Return what is another in the recipe of the asset that is made."""
    asset, recipe = detail.asset, detail.recipe
    if how == "same":
        return {}
    # A drawn picture varies by its seed; one that a model changed or a person took is given to a model to vary.
    if recipe.verb in ("edit", "upload", "cut_out") and asset.state == "ready":
        aspect = nearest_aspect(asset.width_px, asset.height_px)
        return {"verb": "vary", "sources": (asset.id,), "aspect": aspect, "seed": None, "mask_id": None}
    return {"seed": None}
