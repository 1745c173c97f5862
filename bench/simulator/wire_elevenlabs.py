"""ElevenLabs: voices, speech whole and streamed, with and without times, and Scribe.

After elevenlabs.io/docs/api-reference and the types of the vendor's own client. No sound is recognised: what is "heard"
is a registered answer (match: the file's name), or the simulator's own sentences.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import orjson
from aiohttp import web

from bench.simulator import sounds
from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.wire import Asked, BadRequest, Frames, Refusal, Reply, Trouble, known_model, required
from bench.simulator.wire_audio import read_upload, timed

VOICES = (
    {"voice_id": "simulatedAnna00000001", "name": "Anna (simulated)", "labels": {"gender": "female", "accent": "none"}},
    {"voice_id": "simulatedBoris0000002", "name": "Boris (simulated)", "labels": {"gender": "male", "accent": "none"}},
)
MAX_TEXT_CHARS = 40_000
LANGUAGES = {
    "en": "eng", "es": "spa", "pt": "por", "fr": "fra", "de": "deu", "it": "ita", "ar": "ara", "hi": "hin",
    "ja": "jpn", "zh": "cmn", "ko": "kor",
}  # fmt: skip
_STATUS = {
    "unauthorized": 401, "rate_limited": 429, "server_error": 500, "unavailable": 503, "bad_request": 422,
    "unknown_model": 400,
}  # fmt: skip
_ERRORS: dict[Trouble, tuple[str, str]] = {
    "unauthorized": ("invalid_api_key", "Invalid API key (simulated)"),
    "rate_limited": ("too_many_concurrent_requests", "Too many concurrent requests (simulated)."),
    "server_error": ("internal_server_error", "Something went wrong (simulated)."),
    "unavailable": ("system_busy", "The system is experiencing heavy traffic (simulated)."),
    "unknown_model": ("model_not_found", "A model with model ID {} does not exist (simulated)."),
}


class ElevenLabsWire:
    """Keys, refusals and the list of models. There are no texts to write."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        return headers.get("xi-api-key", "")

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        raise BadRequest("no texts are written here")

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        headers = {"Retry-After": str(retry_after_s)} if trouble == "rate_limited" else {}
        if trouble == "bad_request":
            detail: Any = [{"loc": ["body"], "msg": message, "type": "value_error"}]
        else:
            status, words = _ERRORS[trouble]
            detail = {"status": status, "message": words.format(message)}
        return Refusal(_STATUS[trouble], {"detail": detail}, headers)

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        raise BadRequest("no texts are written here")

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        raise BadRequest("no texts are written here")

    def models(self, ids: tuple[str, ...]) -> Any:
        return [self.model(name) for name in ids]

    def model(self, name: str) -> dict[str, Any]:
        return {"model_id": name, "name": name, "can_do_text_to_speech": True, "languages": []}


async def voices(ask: MediaAsk) -> web.StreamResponse:
    """GET /v1/voices."""
    return await ask.json({"voices": [{**voice, "category": "premade"} for voice in VOICES]})


async def speech(ask: MediaAsk) -> web.StreamResponse:
    """POST /v1/text-to-speech/{voice} and its three variants."""
    found = _SPEECH.search(ask.request.match_info["tail"])
    assert found is not None
    text = await _read(ask, voice=found[1])
    ask.seen.stream = bool(found[2])
    pieces = sounds.mp3_pieces(text)
    if not found[3]:
        if not found[2]:
            return await ask.whole(b"".join(pieces), media_type="audio/mpeg")
        return await ask.stream(pieces, media_type="audio/mpeg", malformed=b"<html>no sound</html>")
    timings = _timings(text, len(pieces))
    if not found[2]:
        joined = {name: [value for timing in timings for value in timing[name]] for name in timings[0]}
        return await ask.json(_chunk(b"".join(pieces), joined))
    lines = [orjson.dumps(_chunk(piece, timing)) + b"\n" for piece, timing in zip(pieces, timings, strict=True)]
    return await ask.stream(lines, media_type="text/event-stream", malformed=b'{"audio_base64": "//\n')


async def _read(ask: MediaAsk, *, voice: str) -> str:
    try:
        body = orjson.loads(await ask.request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    text = required(body, "text", str)
    ask.seen.prompt, ask.seen.body, ask.seen.model = text, {**body, "voice_id": voice}, str(body.get("model_id"))
    known_model(ask.seen.model)
    if voice.startswith("missing-"):
        raise BadRequest(f"A voice with the voice_id {voice} was not found.")
    if not text.strip() or len(text) > MAX_TEXT_CHARS:
        raise BadRequest(f"text: from 1 to {MAX_TEXT_CHARS} characters")
    if body.get("language_code") and "v2_5" not in ask.seen.model:
        raise BadRequest(f"Model '{ask.seen.model}' does not support the language_code parameter.")
    speed = (body.get("voice_settings") or {}).get("speed", 1.0)
    if not 0.7 <= speed <= 1.2:
        raise BadRequest("voice_settings.speed: from 0.7 to 1.2")
    return str(text)


def _timings(text: str, pieces: int) -> list[dict[str, list[Any]]]:
    """Return the characters of each piece with their times from the start of the whole sound."""
    each_s = sounds.duration_ms(text) / 1000 / len(text)
    edges = [len(text) * at // pieces for at in range(pieces + 1)]
    return [
        {
            "characters": list(text[start:end]),
            "character_start_times_seconds": [round(at * each_s, 3) for at in range(start, end)],
            "character_end_times_seconds": [round((at + 1) * each_s, 3) for at in range(start, end)],
        }
        for start, end in pairwise(edges)
    ]


def _chunk(sound: bytes, timing: dict[str, list[Any]]) -> dict[str, Any]:
    alignment = timing if timing["characters"] else None
    return {
        "audio_base64": base64.b64encode(sound).decode(), "alignment": alignment, "normalized_alignment": alignment,
    }  # fmt: skip


async def transcription(ask: MediaAsk) -> web.StreamResponse:
    """POST /v1/speech-to-text."""
    upload = await read_upload(ask)
    ask.seen.model = known_model(upload.one("model_id"))
    if not ask.seen.model:
        raise BadRequest("model_id: field required")
    seconds = sounds.length_s(upload.data)
    text = ask.simulator.answers.text_for(f"transcribe {upload.name}", provider="elevenlabs", json_output=False)
    pieces = re.findall(r"\s+|\S+", text)
    words = [
        {
            "text": piece, "start": start_s, "end": end_s, "type": "spacing" if piece.isspace() else "word",
            "speaker_id": "speaker_0", "logprob": -0.1,
        }
        for piece, (_, start_s, end_s) in zip(pieces, timed(pieces, seconds), strict=True)
    ]  # fmt: skip
    asked = upload.one("language_code", "en")
    return await ask.json(
        {
            "language_code": LANGUAGES.get(asked, asked), "language_probability": 0.98, "text": text, "words": words,
            "transcription_id": f"simulated-{ask.seen.number}", "audio_duration_secs": round(seconds, 2),
        }
    )  # fmt: skip


_SPEECH = re.compile(r"v1/text-to-speech/([^/]+)(/stream)?(/with-timestamps)?$")
_HERE = ("elevenlabs",)
ELEVENLABS_ROUTES = (
    MediaRoute(_HERE, "GET", re.compile(r"v[12]/voices$"), voices),
    MediaRoute(_HERE, "POST", _SPEECH, speech),
    MediaRoute(_HERE, "POST", re.compile(r"v1/speech-to-text$"), transcription),
)
