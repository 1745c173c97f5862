"""/api/v1/voices: who can speak, and with which voices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import Page
from app.media import speech

router = APIRouter(prefix="/api/v1/voices", tags=["assets"], route_class=DoorRoute)

SOUND = {"content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}}


class VoiceOut(BaseModel):
    """A voice. `provider` and `model` are who speaks with it; no locales: any language."""

    id: str
    name: str
    locales: list[str]
    gender: str
    provider: str
    model: str
    embedded: bool


@router.get("")
@requires("media:read")
async def list_voices(ctx: Ctx) -> Page[VoiceOut]:
    """List the voices of every model that speaks, in the order in which they are asked; the built-in ones last."""
    return Page(items=[
        VoiceOut(
            id=voice.id,
            name=voice.name,
            locales=list(voice.locales),
            gender=voice.gender,
            provider="embedded" if one.embedded else one.target.provider,
            model=one.target.model,
            embedded=one.embedded,
        )
        for one, found in await speech.voices(ctx)
        for voice in found
    ])  # fmt: skip


@router.get("/sample", response_class=Response, responses={200: SOUND})
@requires("media:write")
async def say_sample(
    ctx: Ctx,
    text: Annotated[str, Query(min_length=1, max_length=120)],
    locale: Annotated[str, Query(min_length=2, max_length=10)] = "en",
) -> Response:
    """Say a few words with the built-in voice, at once: how a pronunciation sounds. Nothing is kept."""
    said = await speech.sample(ctx, text=text, locale=locale)
    return Response(said.data, media_type=said.media_type, headers={"Cache-Control": "private, max-age=3600"})
