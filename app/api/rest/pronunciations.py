"""/api/v1/pronunciations: how words are said in every text of the workspace."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.rest.asset_bodies import WordList
from app.api.scopes import requires
from app.api.shapes import Page
from app.media import pronunciations
from app.media.recipes import Said

router = APIRouter(prefix="/api/v1/pronunciations", tags=["assets"], route_class=DoorRoute)


@router.get("")
@requires("media:read")
async def list_words(ctx: Ctx) -> Page[Said]:
    """List how words are said in every spoken text and narration, unless the text or its brand says otherwise."""
    return Page(items=list(await pronunciations.of_workspace(ctx)))


@router.put("")
@requires("media:write")
async def keep_words(ctx: Ctx, body: WordList) -> Page[Said]:
    """Keep a list in place of the one that was there; a word counts once in a language."""
    return Page(items=list(await pronunciations.keep(ctx, said=body.said)))
