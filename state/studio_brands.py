"""Brands in the studio: colours, look, voice and pace kept under a name, and put back into the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.errors import InvalidInput
from app.core.ids import parse_id
from state.media_view import Choice
from state.studio_orders import OWN, Wish, number_of

if TYPE_CHECKING:
    from app.core.context import Context


async def brands_of(ctx: Context) -> list[Choice]:
    """Return the brands of the workspace by name."""
    from app.media import brands

    return [Choice(str(one.id), one.name) for one in await brands.list_brands(ctx)]


async def keep_brand(ctx: Context, wish: Wish, *, name: str) -> str:
    """Keep colours, look, voice and pace of a form as a brand; return its id.

    Raises:
        InvalidInput: no name, a brand too many, or a value that cannot be used.
    """
    from pydantic import ValidationError

    from app.media import brands
    from app.media.recipes import Kit

    voice = wish.voice.rpartition(OWN)[2]
    try:
        kit = Kit(colors=wish.colors, style=wish.style, voice=voice, speed=number_of(wish.speed))
    except ValidationError as error:
        raise InvalidInput(field="brand") from error
    return str((await brands.make(ctx, name=name, kit=kit)).id)


async def fields_of_brand(ctx: Context, brand_id: str, *, voices: Sequence[Choice]) -> dict[str, object]:
    """Return what the form's fields become with a brand; nothing for one that is gone."""
    from app.media import brands

    wanted = parse_id(brand_id) if brand_id else None
    kit = next((one.kit for one in await brands.list_brands(ctx) if one.id == wanted), None)
    if kit is None:
        return {}
    fields: dict[str, object] = {"branded": bool(kit.colors), "speed": f"{kit.speed:g}" if kit.speed != 1 else "1.0"}
    if kit.colors:
        fields["colors"] = list(kit.colors)
    if kit.style:
        fields["style"] = kit.style
    if voice := next((one.value for one in voices if one.value.endswith(f"{OWN}{kit.voice}")), ""):
        fields["voice"] = voice
    return fields
