"""An asset made again from its recipe, a variation of it, or the final cut of a draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

from app.core.context import Context
from app.core.errors import Conflict
from app.media import images, library, speech, transcription, video
from app.media.aspects import nearest_aspect
from app.media.schemas import Asked, AssetDetail

How = Literal["same", "variation", "final"]
"""same: everything as it was; variation: another seed, or a picture like this one; final: without the draft's haste."""

_ASK: dict[str, Callable[..., Awaitable[Asked]]] = {
    "image": images.ask,
    "speech": speech.ask,
    "transcript": transcription.ask,
    "video": video.ask,
}


async def run_again(ctx: Context, *, asset_id: UUID, how: How = "same", title: str = "") -> Asked:
    """Ask for another asset after this one's recipe.

    Raises:
        NotFound: there is no such asset, or one that it was made from is gone.
        Conflict: it was uploaded, so there is no recipe.
        NoModel: nothing that is connected can do it any more.
    """
    detail = await library.show(ctx, asset_id=asset_id)
    asset, recipe = detail.asset, detail.recipe
    if asset.origin == "uploaded" and not (how == "variation" and asset.kind == "image"):
        raise Conflict("This was uploaded: there is nothing to make it from.", code="media.uploaded")
    changes = changes_of(detail, how)
    changed = recipe.model_copy(update={"brand_id": None, **changes})  # what the brand gave stands in the recipe
    ask = _ASK[asset.kind]
    return await ask(ctx, recipe=changed, title=title or asset.title, folder_id=asset.folder_id)


def changes_of(detail: AssetDetail, how: How) -> dict[str, Any]:  # Any: fields of a recipe
    """Return what is another in the recipe of the asset that is made."""
    asset, recipe = detail.asset, detail.recipe
    if how == "final":
        return {"draft": False}
    if how == "same":
        return {}
    # A drawn picture varies by its seed; one that a model changed or a person took is given to a model to vary.
    if recipe.verb in ("edit", "upload", "cut_out") and asset.state == "ready":
        aspect = nearest_aspect(asset.width_px, asset.height_px)
        return {"verb": "vary", "sources": (asset.id,), "aspect": aspect, "seed": None, "mask_id": None}
    return {"seed": None}
