"""/v1/audio: speech, transcriptions and translations, as OpenAI's clients know them.

Source of the form: platform.openai.com/docs/api-reference/audio (2026-11-20). Sound is not kept and not repeated for an
Idempotency-Key; whoever wants it kept asks for an asset.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import Field, StringConstraints
from starlette.datastructures import UploadFile
from starlette.types import Send

from app.api.door import Ctx
from app.api.openai.route import OpenAIRoute
from app.api.openai.shapes import Ignored
from app.api.scopes import requires
from app.api.shapes import Body
from app.core.context import Context
from app.core.errors import InvalidInput, NotAllowed, NotFound
from app.core.ports import ModelKind
from app.llm.candidates import candidates
from app.llm.pacing import count_run
from app.llm.routing import TIERS, is_named
from app.media import captions, straight
from app.media.recipes import Recipe
from app.media.straight import HeardNow

router = APIRouter(prefix="/v1/audio", tags=["openai"], route_class=OpenAIRoute)

MOST_CHARACTERS = 4_096
OURS = ("galley/auto", *(f"galley/{tier}" for tier in TIERS))
SLOWEST, FASTEST = 0.5, 2.0
MOST_FIELDS = 20
MOST_FIELD_BYTES = 65_536
FORMS = ("json", "text", "srt", "verbose_json", "vtt")
_SOUND = {
    200: {
        "description": "The sound, as it is made. `X-Galley-Provider` and `X-Galley-Model` say whose it is.",
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in ("audio/mpeg", "audio/wav")},
    }
}
_WRITTEN = {
    200: {
        "description": "The text, in the form that was asked for.",
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
            },
            "text/plain": {"schema": {"type": "string"}},
            "text/vtt": {"schema": {"type": "string"}},
        },
    }
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "A recording or a clip."},
                        "model": {"type": "string", "examples": ["galley/auto"]},
                        "language": {"type": "string", "description": "Of the recording; heard where it is absent."},
                        "response_format": {"type": "string", "enum": list(FORMS), "default": "json"},
                    },
                }
            }
        },
    }
}


class SpeechRequest(Body):
    """A text to be said by a voice of the workspace's models, or by the built-in one."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(
        examples=["galley/auto"], description="`galley/auto`, `<provider id>/<model>`, or a model's own id."
    )
    input: Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
    voice: Annotated[str, StringConstraints(max_length=120)] = Field(
        default="", description="A voice of the model's provider; one that speaks the language where it has none such."
    )
    response_format: Literal["mp3", "wav"] = "mp3"
    speed: float = Field(default=1.0, ge=0.25, le=4.0, description="From 0.5 to 2; beyond, the nearest.")
    language: Annotated[str, StringConstraints(max_length=10)] = Field(
        default="", description="Galley's own addition: of the text, such as `pt-BR`. Told by its script where absent."
    )
    stream_format: Literal["audio"] = "audio"
    instructions: Ignored


class SoundStream(StreamingResponse):
    """Sound on its way. It is closed when nobody listens any more, which ends the provider's work."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(cast("AsyncGenerator[bytes]", self.body_iterator)):
            await super().stream_response(send)


@router.post("/speech", response_class=Response, responses=cast("dict[int | str, dict[str, Any]]", _SOUND))
@requires("media:write")
async def create_speech(ctx: Ctx, body: SpeechRequest) -> Response:
    """Say a text. The answer begins as soon as the sound does; MP3 comes in pieces as the voice speaks."""
    _refuse_demo(ctx)
    model = await _asked_model(ctx, body.model, kind="speech")
    await count_run(ctx)
    recipe = Recipe(
        verb="say",
        model=model,
        text=body.input,
        voice=body.voice,
        locale=body.language or straight.language_of(body.input, ctx.locale),
        speed=min(max(body.speed, SLOWEST), FASTEST),
        form=body.response_format,
    )
    spoken = await straight.say(ctx, recipe=recipe)
    headers = {"X-Galley-Provider": spoken.by.target.kind, "X-Galley-Model": spoken.by.target.model}
    return SoundStream(spoken.chunks, media_type=spoken.media_type, headers=headers)


@router.post(
    "/transcriptions",
    response_class=Response,
    responses=cast("dict[int | str, dict[str, Any]]", _WRITTEN),
    openapi_extra=_FORM,
)
@requires("media:write")
async def create_transcription(ctx: Ctx, request: Request) -> Response:
    """Write a recording or a clip down."""
    return await _written(ctx, request, translate_to="")


@router.post(
    "/translations",
    response_class=Response,
    responses=cast("dict[int | str, dict[str, Any]]", _WRITTEN),
    openapi_extra=_FORM,
)
@requires("media:write")
async def create_translation(ctx: Ctx, request: Request) -> Response:
    """Write a recording or a clip down in English."""
    return await _written(ctx, request, translate_to="en")


async def _written(ctx: Context, request: Request, *, translate_to: Literal["", "en"]) -> Response:
    _refuse_demo(ctx)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise InvalidInput("Send a form with a file.", code="audio.form", field="file")
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("Send a form with a file.", code="audio.form", field="file")
        fields = {name: str(form.get(name) or "") for name in ("model", "language", "response_format")}
        model = await _asked_model(ctx, fields["model"], kind="transcription")
        form_wanted = fields["response_format"] or "json"
        if form_wanted not in FORMS:
            raise InvalidInput(
                "This form is not made here: {form}.", code="audio.response_format", field="response_format",
                params={"form": form_wanted[:40]},
            )  # fmt: skip
        await count_run(ctx)
        recipe = Recipe(verb="write_down", model=model, locale=fields["language"][:10], translate_to=translate_to)
        heard = await straight.write_down(ctx, recipe=recipe, data=await file.read())
    return _answer(heard, form_wanted, translate_to=translate_to)


def _answer(heard: HeardNow, form: str, *, translate_to: str) -> Response:
    transcript, by = heard.transcript, heard.by.target
    if form == "text":
        return PlainTextResponse(transcript.text + "\n")
    if form in ("srt", "vtt"):
        locale = translate_to or transcript.locale or "en"
        readable = captions.from_segments(heard.segments, locale=locale)
        if form == "vtt":
            return Response(captions.write_vtt(readable), media_type="text/vtt")
        return PlainTextResponse(captions.write_srt(readable))
    seconds = transcript.duration_ms / 1000
    told: dict[str, object] = {"text": transcript.text}
    if form == "verbose_json":
        told |= {
            "task": "translate" if translate_to else "transcribe",
            "language": transcript.locale,
            "duration": seconds,
            "segments": [
                {"id": number, "start": one.start_ms / 1000, "end": one.end_ms / 1000, "text": one.text}
                for number, one in enumerate(heard.segments)
            ],
        }
    told["usage"] = {"type": "duration", "seconds": round(seconds)}
    told["galley"] = {"provider": by.provider, "model": by.model}
    return JSONResponse(told)


def _refuse_demo(ctx: Context) -> None:
    if ctx.is_demo:
        raise NotAllowed("A demo workspace writes from templates only. Sign up to use the API.", code="demo.api")


async def _asked_model(ctx: Context, model: str, *, kind: ModelKind) -> str:
    """Return the model to ask first, empty for any.

    Raises:
        NotFound: there is no such model here.
    """
    if model in OURS:
        return ""
    for one in await candidates(ctx, kind=kind):
        if not one.embedded and (model == one.target.model or ("/" in model and is_named(one, model))):
            return f"{one.key}/{one.target.model}"
    raise NotFound(
        "There is no model of that name here. GET /v1/models lists them.", code="model.unknown", field="model"
    )
