"""What a job begins with: the asset that it is to make, and the bytes of those that it makes it from."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.context import Context
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.core.jobs.run import JobRun
from app.media import queries
from app.media.cuts import FINAL
from app.media.errors import NotReady
from app.media.recipes import Recipe, read_recipe
from app.storage import service as storage


@dataclass(frozen=True, slots=True)
class ToMake:
    """An asset that a job is to make.

    `then_final`: it makes the draft, and asks for the final cut. `narration`: what was laid aside of the draft.
    """

    asset_id: UUID
    title: str
    recipe: Recipe
    then_final: bool = False
    narration: tuple[tuple[str, int], ...] = ()


async def order_of(ctx: Context, run: JobRun) -> ToMake | None:
    """Return what the job is to make; None where it was deleted, or an earlier run has made it.

    The job of a final cut makes what stands there already as a draft.
    """
    asset_id = parse_id(str(run.args.get("asset_id")))
    if asset_id is None:
        return None
    async with ctx.db.read() as session:
        asset = await queries.live(session, asset_id)
    if asset is None:
        return None
    recipe = read_recipe(asset.recipe)
    is_final_cut = run.args.get("cut") == FINAL
    if not recipe.draft if is_final_cut else asset.state == "ready":
        return None
    if is_final_cut:
        recipe = recipe.model_copy(update={"draft": False})
    narration = tuple((str(file), int(length_ms)) for file, length_ms in run.args.get("narration", ()))
    return ToMake(asset.id, asset.title, recipe, run.args.get("then") == FINAL, narration)


async def file_of(ctx: Context, asset_id: UUID) -> UUID:
    """Return the file of a finished asset.

    Raises:
        NotFound: there is no such asset.
        NotReady: it has no content yet.
    """
    async with ctx.db.read() as session:
        asset = await queries.live(session, asset_id)
    if asset is None:
        raise NotFound
    if asset.state != "ready" or asset.file_id is None:
        raise NotReady
    return asset.file_id


async def bytes_of(ctx: Context, asset_id: UUID) -> bytes:
    """Return the content of a finished asset.

    Raises:
        NotFound, NotReady: as for file_of.
    """
    return await storage.read_all(ctx, file_id=await file_of(ctx, asset_id))
