"""Brands of the studio: colours, style, logo, voice and pronunciations, kept once and put into every order that names
one. The recipe keeps what it got, so that an asset is made again as it was even when its brand has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.media import queries
from app.media.asking import title_of
from app.media.models import Asset, MediaBrand
from app.media.recipes import MOST_WORDS_SAID, Kit, Recipe, said_in

MOST_BRANDS = 100


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
        InvalidInput: no name, or a brand too many.
        NotFound: its logo is not there.
    """
    async with ctx.db.write() as session:
        if len(await queries.brands(session)) >= MOST_BRANDS:
            raise InvalidInput(
                "There are {limit} brands. Remove one first.", code="media.brands", field="name",
                params={"limit": MOST_BRANDS},
            )  # fmt: skip
        if kit.logo_id is not None and await session.get(Asset, kit.logo_id) is None:
            raise NotFound
        row = MediaBrand(name=title_of(name), kit=kit.model_dump_json(), created_at=ctx.ports.clock.now())
        session.add(row)
    return _view(row)


async def change(ctx: Context, *, brand_id: UUID, name: str, kit: Kit) -> BrandView:
    """Give a brand another name and kit; what was made before stays as it is.

    Raises:
        NotFound: there is no such brand, or its logo is not there.
    """
    async with ctx.db.write() as session:
        row = await session.get(MediaBrand, brand_id)
        if row is None or (kit.logo_id is not None and await session.get(Asset, kit.logo_id) is None):
            raise NotFound
        row.name, row.kit = title_of(name), kit.model_dump_json()
    return _view(row)


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
    """Return a recipe with its brand's ways wherever it says nothing of its own.

    Raises:
        NotFound: there is no such brand.
    """
    if recipe.brand_id is None:
        return recipe
    async with ctx.db.read() as session:
        row = await session.get(MediaBrand, recipe.brand_id)
    if row is None:
        raise NotFound
    brand = _view(row)
    kit, look = brand.kit, recipe.look
    own = {one.written.casefold() for one in recipe.said}
    words = said_in(recipe.locale, kit.said)
    said = (*recipe.said, *(one for one in words if one.written.casefold() not in own))
    return recipe.model_copy(
        update={
            "look": look.model_copy(
                update={
                    "brand": look.brand or brand.name[:80],
                    "colors": look.colors or kit.colors,
                    "style": look.style or kit.style,
                    "logo_id": look.logo_id or kit.logo_id,
                }
            ),
            "voice": recipe.voice or kit.voice,
            "speed": recipe.speed if recipe.speed != 1.0 else kit.speed,
            "said": said[:MOST_WORDS_SAID],
        }
    )
