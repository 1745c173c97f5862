"""Brands of the studio: colours, style, logo, voice and pronunciations, kept once and put into every order that names
one; behind it come the workspace's pronunciations. The recipe keeps what it got, so that an asset is made again as it
was even when its brand or the workspace's words have changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.media import pronunciations, queries
from app.media.asking import title_of
from app.media.models import MediaBrand
from app.media.recipes import Kit, Recipe

MOST_BRANDS = 100
SPOKEN = ("say", "film")


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand."""

    id: UUID
    name: str
    kit: Kit


async def list_brands(ctx: Context) -> list[BrandView]:
    """Return the brands by name."""
    async with ctx.db.read() as session:
        rows = await queries.brands(session)
    return sorted((_view(row) for row in rows), key=lambda brand: brand.name.casefold())


def _view(row: MediaBrand) -> BrandView:
    return BrandView(row.id, row.name, Kit.model_validate_json(row.kit))


async def make(ctx: Context, *, name: str, kit: Kit) -> BrandView:
    """Keep a brand.

    Raises:
        InvalidInput: no name, a brand too many, or a logo that is no picture of this workspace.
    """
    async with ctx.db.write() as session:
        if len(await queries.brands(session)) >= MOST_BRANDS:
            raise InvalidInput(
                "There are {limit} brands. Remove one first.", code="media.brands", field="name",
                params={"limit": MOST_BRANDS},
            )  # fmt: skip
        await _refuse_no_picture(session, kit.logo_id)
        row = MediaBrand(name=title_of(name), kit=kit.model_dump_json(), created_at=ctx.ports.clock.now())
        session.add(row)
    return _view(row)


async def change(ctx: Context, *, brand_id: UUID, name: str, kit: Kit) -> BrandView:
    """Give a brand another name and kit; what was made before stays as it is.

    Raises:
        NotFound: there is no such brand.
        InvalidInput: no name, or another logo that is no picture of this workspace.
    """
    async with ctx.db.write() as session:
        row = await session.get(MediaBrand, brand_id)
        if row is None:
            raise NotFound
        if kit.logo_id != _view(row).kit.logo_id:  # one that was thrown away since does not stop other changes
            await _refuse_no_picture(session, kit.logo_id)
        row.name, row.kit = title_of(name), kit.model_dump_json()
    return _view(row)


async def _refuse_no_picture(session: AsyncSession, asset_id: UUID | None) -> None:
    if asset_id is not None and not await _is_picture(session, asset_id):
        raise InvalidInput("A logo is a finished picture of this workspace.", code="media.logo", field="kit.logo_id")


async def _is_picture(session: AsyncSession, asset_id: UUID) -> bool:
    asset = await queries.live(session, asset_id)
    return asset is not None and (asset.kind, asset.state) == ("image", "ready") and asset.origin != "mask"


async def delete(ctx: Context, *, brand_id: UUID) -> None:
    """Forget a brand.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        row = await session.get(MediaBrand, brand_id)
        if row is None:
            raise NotFound
        await session.delete(row)


async def branded(ctx: Context, recipe: Recipe) -> Recipe:
    """Return a recipe with its brand's ways wherever it says nothing of its own, then with the workspace's words.

    A logo that lies in the trash, or is gone, is left out.

    Raises:
        NotFound: there is no such brand.
    """
    kit = Kit()
    if recipe.brand_id is not None:
        async with ctx.db.read() as session:
            row = await session.get(MediaBrand, recipe.brand_id)
            if row is None:
                raise NotFound
            brand = _view(row)
            kit = brand.kit
            if kit.logo_id is not None and not await _is_picture(session, kit.logo_id):
                kit = kit.model_copy(update={"logo_id": None})
        recipe = _with_ways(recipe, brand.name, kit)
    words = await pronunciations.of_workspace(ctx) if recipe.verb in SPOKEN else ()
    return recipe.model_copy(update={"said": pronunciations.joined(recipe.locale, recipe.said, kit.said, words)})


def _with_ways(recipe: Recipe, name: str, kit: Kit) -> Recipe:
    look = recipe.look
    return recipe.model_copy(
        update={
            "look": look.model_copy(
                update={
                    "brand": look.brand or name[:80],
                    "colors": look.colors or kit.colors,
                    "style": look.style or kit.style,
                    "logo_id": look.logo_id or kit.logo_id,
                }
            ),
            "voice": recipe.voice or kit.voice,
            "speed": recipe.speed if recipe.speed != 1.0 else kit.speed,
        }
    )
