"""Folders and tags by their words, as people write them into a field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.library import Change


async def file_all(ctx: Context, *, asset_ids: Sequence[UUID], folder: str, tag: str) -> None:
    """Put assets into a folder, which is made where there is none of that name, and give them a tag; "" leaves it.

    Raises:
        NotFound: one of them is gone.
        InvalidInput: a name or a tag that is too long.
    """
    from app.media import library

    moved = await into_folder(ctx, folder) if folder.strip() else library.Change()
    for asset_id in asset_ids:
        change = moved
        if tag.strip():
            known = (await library.show(ctx, asset_id=asset_id)).asset.tags
            change = library.Change(folder_id=moved.folder_id, tags=(*known, tag))
        await library.change(ctx, asset_id=asset_id, to=change)


async def into_folder(ctx: Context, name: str) -> Change:
    """Return the change that puts an asset into a folder of that name; "" takes it out of any.

    Raises:
        InvalidInput: a folder too many.
    """
    from app.media import library

    if not name.strip():
        return library.Change(no_folder=True)
    return library.Change(folder_id=(await library.make_folder(ctx, name=name)).id)
