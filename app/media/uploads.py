"""Pictures, sounds and clips that people bring: told by their bytes, cleaned, and kept with a preview."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound, TooLarge
from app.core.ids import new_id
from app.core.media_tools import Cleaned
from app.media import making
from app.media.asking import title_of
from app.media.models import Asset, AssetFolder
from app.media.recipes import Recipe
from app.media.schemas import AssetKind, AssetView, Origin
from app.media.views import views
from app.storage import service as storage
from app.storage.media_kinds import MediaSniffer, refuse_second_face

_KIND: dict[str, AssetKind] = {
    "png": "image", "jpeg": "image", "webp": "image", "gif": "image",
    "mp3": "speech", "wav": "speech", "ogg": "speech", "mp4": "video", "webm": "video",
}  # fmt: skip


async def upload(
    ctx: Context,
    *,
    name: str,
    chunks: AsyncIterator[bytes],
    declared_bytes: int | None = None,
    folder_id: UUID | None = None,
    origin: Literal["uploaded", "mask"] = "uploaded",
) -> AssetView:
    """Keep a picture, a sound or a clip. Its name becomes its title and says nothing of what it is.

    Raises:
        InvalidInput: no name, empty, none of the kinds, damaged, two things at once, or a mask that is no picture.
        TooLarge: too many bytes, or it opens to too many pixels.
        QuotaFull: the workspace keeps as much as it may.
        NotFound: there is no such folder.
        Unavailable: the disk is full, or nothing can be read right now.
    """
    title = title_of(name.rpartition(".")[0] or name)
    if folder_id is not None:
        async with ctx.db.read() as session:
            if await session.get(AssetFolder, folder_id) is None:
                raise NotFound
    limit_bytes = ctx.ports.settings.max_media_mb * storage.MIB
    limit = f"{ctx.ports.settings.max_media_mb} MB"
    refusal = TooLarge(
        "This file is larger than {limit}.", code="file.too_large", field="file", params={"limit": limit}
    )
    sniffer = MediaSniffer(limit_bytes=limit_bytes, refusal=refusal)
    async with storage.received_media(ctx, chunks=chunks, declared_bytes=declared_bytes, sniffer=sniffer) as file:
        await asyncio.to_thread(refuse_second_face, file, sniffer.kind)
        file.seek(0)
        cleaned = await ctx.ports.media_tools.clean(await asyncio.to_thread(file.read), kind=sniffer.kind)
    kind = _KIND[sniffer.kind]
    if origin == "mask" and kind != "image":
        raise InvalidInput("A mask is a picture.", code="media.mask", field="file")
    return await _keep(ctx, _row(ctx, title, kind, origin, folder_id), cleaned)


async def _keep(ctx: Context, asset: Asset, cleaned: Cleaned) -> AssetView:
    file_id = preview_id = None
    kept = False
    try:
        file_id = await making.put(ctx, asset.title, cleaned.data, cleaned.media_type, purpose="media")
        preview_id = await making.put(ctx, asset.title, cleaned.preview, "image/webp", purpose="preview")
        async with ctx.db.write() as session:
            asset.file_id, asset.preview_id = file_id, preview_id
            making.describe(asset, cleaned)
            session.add(asset)
            await session.flush()
            view = (await views(session, [asset]))[0]
        kept = True
    finally:
        if not kept:
            await asyncio.shield(making.forget(ctx, file_id, preview_id))
    return view


def _row(ctx: Context, title: str, kind: AssetKind, origin: Origin, folder_id: UUID | None) -> Asset:
    now = ctx.ports.clock.now()
    return Asset(
        id=new_id(),
        kind=kind,
        state="ready",
        origin=origin,
        title=title,
        rights="unknown",
        recipe=Recipe(verb="upload", locale=ctx.locale[:10]).model_dump_json(),
        folder_id=folder_id,
        user_id=ctx.user_id,
        api_key_id=ctx.api_key_id,
        created_at=now,
        updated_at=now,
    )
