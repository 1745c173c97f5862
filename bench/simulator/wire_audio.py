"""OpenAI's sound: speech as a stream, transcriptions and translations of an uploaded file.

After platform.openai.com/docs/api-reference/audio. What is "heard" is a registered answer (match: the file's name), or
the simulator's own sentences; no sound is recognised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from bench.simulator import sounds
from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.wire import BadRequest, known_model, required

OPENAI_LIKE = ("openai", "azure", "local", "mistral")
MAX_INPUT_CHARS = 4_096
MAX_FILE_BYTES = 25 * 2**20
LANGUAGES = {
    "en": "english", "es": "spanish", "pt": "portuguese", "fr": "french", "de": "german", "it": "italian",
    "ar": "arabic", "hi": "hindi", "ja": "japanese", "zh": "chinese", "ko": "korean",
}  # fmt: skip
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*\s*")


async def voices(ask: MediaAsk) -> web.StreamResponse:
    """GET /audio/voices, as local servers have it; OpenAI has none."""
    return await ask.json({"voices": ["anna-simulated", {"id": "boris-simulated", "name": "Boris (simulated)"}]})


async def speech(ask: MediaAsk) -> web.StreamResponse:
    """POST /audio/speech."""
    try:
        body = orjson.loads(await ask.request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not an object")
    text, form = required(body, "input", str), body.get("response_format", "mp3")
    seen = ask.seen
    seen.model, seen.prompt, seen.body, seen.stream = known_model(required(body, "model", str)), text, body, True
    voice = required(body, "voice", str)
    if not text or len(text) > MAX_INPUT_CHARS:
        raise BadRequest(f"input: from 1 to {MAX_INPUT_CHARS} characters")
    if voice.startswith("missing-"):
        raise BadRequest(f"voice: {voice} is not one of the voices")
    if form == "wav":
        return await ask.whole(sounds.wav(text), media_type="audio/wav")
    if form != "mp3":
        raise BadRequest("response_format: the simulator makes mp3 and wav")
    return await ask.stream(sounds.mp3_pieces(text), media_type="audio/mpeg", malformed=b"<html>no sound</html>")


@dataclass(slots=True)
class Upload:
    """A form with a file."""

    fields: dict[str, list[str]]
    name: str
    data: bytes

    def one(self, name: str, default: str = "") -> str:
        """Return a field's value."""
        return self.fields.get(name, [default])[0]


async def read_upload(ask: MediaAsk) -> Upload:
    """Read a form with a file of sound.

    Raises:
        BadRequest: it is no form, has no file, or one that is no sound.
    """
    if not ask.request.content_type.startswith("multipart/"):
        raise BadRequest("the body is no form")
    upload = Upload({}, "", b"")
    async for part in await ask.request.multipart():
        data = bytes(await part.read(decode=False))
        if part.filename:
            upload.name, upload.data = part.filename, data
        else:
            upload.fields.setdefault(part.name or "", []).append(data.decode())
    if not upload.data:
        raise BadRequest("file: field required")
    if len(upload.data) > MAX_FILE_BYTES:
        raise BadRequest("file: larger than 25 MB")
    ask.seen.prompt = upload.name
    ask.seen.body = {**{name: value[0] for name, value in upload.fields.items()}, "file_bytes": len(upload.data)}
    return upload


async def transcription(ask: MediaAsk) -> web.StreamResponse:
    """POST /audio/transcriptions."""
    upload = await read_upload(ask)
    return await _heard(ask, upload, task="transcribe", language=LANGUAGES.get(upload.one("language"), "english"))


async def translation(ask: MediaAsk) -> web.StreamResponse:
    """POST /audio/translations."""
    return await _heard(ask, await read_upload(ask), task="translate", language="english")


async def _heard(ask: MediaAsk, upload: Upload, *, task: str, language: str) -> web.StreamResponse:
    ask.seen.model = known_model(upload.one("model"))
    if not ask.seen.model:
        raise BadRequest("model: field required")
    seconds = sounds.length_s(upload.data)
    text = ask.simulator.answers.text_for(f"{task} {upload.name}", provider=ask.provider.name, json_output=False)
    form = upload.one("response_format", "json")
    if form == "text":
        return await ask.whole(text.encode() + b"\n", media_type="text/plain")
    usage = {"type": "duration", "seconds": round(seconds)}
    if form == "json" or ask.seen.model.startswith("gpt-"):
        return await ask.json({"text": text, "usage": usage})
    if form != "verbose_json":
        raise BadRequest("response_format: the simulator makes json, text and verbose_json")
    body: dict[str, Any] = {"task": task, "language": language, "duration": round(seconds, 2), "text": text}
    body["segments"] = [
        {
            "id": number, "seek": 0, "start": start_s, "end": end_s, "text": " " + sentence, "tokens": [50_364],
            "temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01,
        }
        for number, (sentence, start_s, end_s) in enumerate(timed(_SENTENCE.findall(text), seconds))
    ]  # fmt: skip
    if "word" in upload.fields.get("timestamp_granularities[]", ()):
        words = timed(text.split(), seconds)
        body["words"] = [{"word": word, "start": start_s, "end": end_s} for word, start_s, end_s in words]
    return await ask.json({**body, "usage": usage})


def timed(pieces: list[str], seconds: float) -> list[tuple[str, float, float]]:
    """Return each piece with its start and end in seconds: they share the whole by length."""
    total, said, found = sum(map(len, pieces)) or 1, 0, []
    for piece in pieces:
        start_s = seconds * said / total
        said += len(piece)
        found.append((piece.strip(), round(start_s, 3), round(seconds * said / total, 3)))
    return found


AUDIO_ROUTES = (
    MediaRoute(("local",), "GET", re.compile(r"audio/voices$"), voices),
    MediaRoute(OPENAI_LIKE, "POST", re.compile(r"audio/speech$"), speech),
    MediaRoute(OPENAI_LIKE, "POST", re.compile(r"audio/transcriptions$"), transcription),
    MediaRoute(OPENAI_LIKE, "POST", re.compile(r"audio/translations$"), translation),
)
