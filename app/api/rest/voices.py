"""/api/v1/voices: who can speak, and with which voices."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import Page
from app.media import speech

router = APIRouter(prefix="/api/v1/voices", tags=["assets"], route_class=DoorRoute)


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
