"""Texts said by ElevenLabs' voices through its own client, streamed with the time of every character."""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import regex

from app.adapters.elevenlabs_client import MAX_JSON_BYTES, ONE_TRY, ElevenLabsClients, checked_id, language_code
from app.adapters.models_litellm_failures import failure
from app.core.media_ports import SpeechCall, SpeechPiece, Voice, Word
from app.core.ports import ModelTarget, ProviderBadAnswer

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs

MAX_CHARS = 5_000
"""Every model takes as much (elevenlabs.io/docs/models, "Character limits", 2026-03); shorter parts start sooner."""
FORMAT = "mp3_44100_128"
MAX_STREAM_BYTES = 128 * 2**20
VOICES_TIMEOUT_S = 20.0
MAX_VOICES = 1_000
SLOWEST, FASTEST = 0.7, 1.2
"""What VoiceSettings.speed takes."""
STREAM_TYPES = ("application/json", "text/event-stream", "application/x-ndjson", "application/octet-stream", "audio/")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_MARK = regex.compile(r"[\p{P}\p{S}ー]")
_SLACK_S = 0.05
LEAST_ALIGNED = 0.8
"""Of a text's characters: tags and signs may go unsaid."""


class ElevenLabsSpeech:
    """The Speech port over ElevenLabs."""

    def __init__(self) -> None:
        self._clients = ElevenLabsClients()

    def max_chars(self, target: ModelTarget) -> int:
        """Return how long one call's text may be."""
        return MAX_CHARS

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        """Return the account's voices; each speaks every language of its model.

        Raises:
            ProviderError: one of its kinds.
        """
        from app.adapters.speech_stream import call_failure

        client, link = await self._clients.open(target, answers=("application/json",), limit_bytes=MAX_JSON_BYTES)
        try:
            async with asyncio.timeout(VOICES_TIMEOUT_S):
                found = await client.voices.get_all(request_options=ONE_TRY)
            return tuple(
                Voice(voice.voice_id, voice.name or voice.voice_id, gender=(voice.labels or {}).get("gender", ""))
                for voice in found.voices[:MAX_VOICES]
            )
        except Exception as error:  # the client's own, of many classes
            raise call_failure(link, target, error) from None
        finally:
            await link.close()

    async def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        """Yield MP3 as it comes, with its words.

        Raises:
            ProviderError: one of its kinds.
        """
        from app.adapters.speech_stream import SpokenStream

        voice = checked_id(call.target, call.voice)
        lines, words = _Lines(), _Words()
        client, link = await self._clients.open(
            call.target, answers=STREAM_TYPES, watch=lines.feed, limit_bytes=MAX_STREAM_BYTES
        )
        stream = SpokenStream(link, call.target, timeout_s=call.timeout_s)
        try:
            async with aclosing(stream.read(_spoken(client, call, voice))) as chunks:
                async for chunk in chunks:
                    lines.understood += 1
                    data = _decoded(call.target, getattr(chunk, "audio_base_64", None))
                    yield SpeechPiece(data, stream.sound(data), tuple(words.feed(getattr(chunk, "alignment", None))))
            lines.check(call.target)
            words.check(call)
            stream.end()
            if last := words.end():
                yield SpeechPiece(b"", stream.sound(b""), last)
        finally:
            await link.close()

    async def ping(self) -> None:
        """Return at once: it can always serve."""

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._clients.close()


async def _spoken(
    client: AsyncElevenLabs, call: SpeechCall, voice: str
) -> AsyncGenerator[Any]:  # Any: the client's own
    from elevenlabs.types import VoiceSettings

    model = call.target.model
    more: dict[str, Any] = {}  # Any: the client's keywords; what is not said is left to the voice's own settings
    if call.speed != 1.0:
        more["voice_settings"] = VoiceSettings(speed=min(max(call.speed, SLOWEST), FASTEST))
    if "v2_5" in model or "v3" in model:  # the others refuse a language, they hear it from the text
        more["language_code"] = language_code(call.locale)
    if "v3" not in model:  # which refuses them
        more |= {name: text for name, text in (("previous_text", call.previous), ("next_text", call.following)) if text}
    stream = client.text_to_speech.stream_with_timestamps(
        voice, text=call.text, model_id=model, output_format=FORMAT, request_options=ONE_TRY, **more
    )
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            yield chunk


def _decoded(target: ModelTarget, text: object) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise failure(ProviderBadAnswer, target.provider, "the sound in the answer cannot be read")


class _Lines:
    """Counts the lines that came: the client passes over one that it cannot read, and a word would be missing."""

    def __init__(self) -> None:
        self.understood = 0
        self._came = 0
        self._blank = True

    def feed(self, data: bytes) -> None:
        """Count the lines that end or begin in the next bytes."""
        *ended, rest = data.split(b"\n")
        for line in ended:
            self._came += not self._blank or bool(line.strip())
            self._blank = True
        self._blank = self._blank and not rest.strip()

    def check(self, target: ModelTarget) -> None:
        """Compare.

        Raises:
            ProviderBadAnswer: a line was passed over.
        """
        if self.understood != self._came + (not self._blank):
            raise failure(ProviderBadAnswer, target.provider, "a line of the answer cannot be read")


class _Words:
    """Puts timed characters together to words: between spaces, each character of a script without them by itself."""

    def __init__(self) -> None:
        self._text = ""
        self._start_s = self._end_s = 0.0
        self._moved_s = 0.0
        self._aligned = 0

    def feed(self, alignment: Any) -> Iterable[Word]:  # Any: the client's own
        """Yield the words that are whole by now."""
        if not alignment or not alignment.characters:
            return
        starts, ends = alignment.character_start_times_seconds, alignment.character_end_times_seconds
        if starts[0] + self._moved_s < self._end_s - _SLACK_S:  # this piece counts from its own beginning
            self._moved_s = self._end_s
        self._aligned += sum(not char.isspace() for char in alignment.characters)
        for char, start_s, end_s in zip(alignment.characters, starts, ends, strict=False):
            if self._closes(char):
                yield from self.end()
            if not char.isspace():
                self._start_s = self._start_s if self._text else start_s + self._moved_s
                self._text += char
            self._end_s = max(self._end_s, end_s + self._moved_s)

    def check(self, call: SpeechCall) -> None:
        """See that the text was said to its end; where nothing was timed nothing is known.

        Raises:
            ProviderBadAnswer: it was not.
        """
        wanted = sum(not char.isspace() for char in call.text)
        if 0 < self._aligned < wanted * LEAST_ALIGNED:
            raise failure(ProviderBadAnswer, call.target.provider, "the answer ended before its text did")

    def end(self) -> tuple[Word, ...]:
        """Return the word that was begun, if any."""
        text, self._text = self._text, ""
        start_ms, end_ms = math.floor(self._start_s * 1000), round(self._end_s * 1000)
        return (Word(text, start_ms, max(end_ms, start_ms)),) if text else ()

    def _closes(self, char: str) -> bool:
        if char.isspace():
            return True
        last = self._text[-1:]
        return bool(last) and not _MARK.match(char) and bool(_UNSPACED.match(char) or _UNSPACED.search(self._text))
