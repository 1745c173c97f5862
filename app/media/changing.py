"""What can be done with a picture that is there (edit, vary, cut out), by whom, and who else could do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ports import ModelTarget
from app.llm.kinds import KINDS, Kind
from app.llm.routing import Candidate
from app.media import again, images, library, queries
from app.media.asking import made_from
from app.media.aspects import nearest_aspect
from app.media.errors import NoModel
from app.media.recipes import Recipe
from app.media.schemas import Asked, AssetDetail

Way = Literal["edit", "vary", "cut_out"]
WAYS: tuple[Way, ...] = ("edit", "vary", "cut_out")
MOST_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Able:
    """Who would do it: the model that is asked first, "" for nobody. `masked`: it keeps to a mask.

    `could`: the names of the kinds of providers that can do it.
    """

    by: str
    embedded: bool
    masked: bool
    could: tuple[str, ...]


async def ways(ctx: Context, *, asset_id: UUID) -> dict[Way, Able]:
    """Return what can be done with a picture.

    Raises:
        NotFound: there is no such asset.
    """
    detail = await library.show(ctx, asset_id=asset_id)
    return {way: await _able(ctx, way, recipe_of(detail, way)) for way in WAYS}


async def can_be_reshaped(ctx: Context, detail: AssetDetail) -> bool:
    """Whether a picture can be made once more in another shape: by its recipe, from what is still there."""
    recipe = detail.recipe
    if recipe.verb == "upload" or not await _who(ctx, recipe):
        return False
    wanted = made_from(recipe)
    async with ctx.db.read() as session:
        return len(await queries.by_ids(session, wanted)) == len(wanted)


async def _able(ctx: Context, way: Way, recipe: Recipe) -> Able:
    could = tuple(kind.label for kind in KINDS.values() if way in ctx.ports.images.verbs(_target(kind)))
    found = await _who(ctx, recipe)
    if not found:
        return Able("", embedded=False, masked=False, could=could)
    masked = any(ctx.ports.images.keeps_to_mask(one.target) for one in found)
    return Able(found[0].label, found[0].embedded, masked, could)


async def _who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    try:
        return await images.who(ctx, recipe)
    except NoModel:
        return []


def _target(kind: Kind) -> ModelTarget:
    model = next((one.id for one in kind.models if one.kind == "image"), "")
    return ModelTarget(provider=kind.label, kind=kind.kind, model=model)


def recipe_of(detail: AssetDetail, way: Way, *, prompt: str = "", mask_id: UUID | None = None) -> Recipe:
    """Return the recipe of a picture that is made from this one; a variation follows again.py."""
    asset = detail.asset
    if way == "vary":
        return detail.recipe.model_copy(update={"brand_id": None, **again.changes_of(detail, "variation")})
    return Recipe(
        verb=way,
        prompt=prompt.strip(),
        sources=(asset.id,),
        mask_id=mask_id,
        aspect=nearest_aspect(asset.width_px, asset.height_px),
        locale=detail.recipe.locale,
    )


async def ask(
    ctx: Context, *, asset_id: UUID, way: Way, prompt: str = "", mask_id: UUID | None = None, copies: int = 1
) -> list[Asked]:
    """Ask for a picture to be changed, varied or cut out; each copy is a job of its own. The picture stays.

    Raises:
        InvalidInput: it is no picture, nothing says what is to change, or too many copies.
        NoModel: nothing that is connected can do it, or keeps to a mask.
        NotFound, NotReady: the picture or its mask is not there, or not finished.
    """
    if not 1 <= copies <= MOST_AT_ONCE:
        raise InvalidInput(field="copies")
    detail = await library.show(ctx, asset_id=asset_id)
    if detail.asset.kind != "image":
        raise InvalidInput("Only pictures can be changed.", code="media.no_picture", field="asset_id")
    recipe = recipe_of(detail, way, prompt=prompt, mask_id=mask_id)
    asset = detail.asset
    return [await images.ask(ctx, recipe=recipe, title=asset.title, folder_id=asset.folder_id) for _ in range(copies)]
