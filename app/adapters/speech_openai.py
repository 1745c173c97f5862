"""Texts said by OpenAI's voices and by servers that speak the same form, as a stream.

LiteLLM gives speech only in one piece, so this is asked for without it; the form is one request with one body.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson

from app.adapters.models_litellm_request import azure_version, base_url_of
from app.core.media_ports import SpeechCall, SpeechPiece, Voice
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderRefusedRequest

if TYPE_CHECKING:
    from app.adapters.media_link import MediaLink
    from app.adapters.models_litellm_pools import Pools

# platform.openai.com/docs/guides/text-to-speech, "Voice options" and "input", 2026-03
OLDER_VOICES = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
VOICES = tuple(sorted((*OLDER_VOICES, "ballad", "cedar", "marin", "verse")))
MAX_CHARS = 4_096
MAX_CHARS_OF_GPT = 1_500
"""gpt-4o-mini-tts takes 2,000 tokens, and a character of Hindi or Chinese can be more than one."""
SLOWEST, FASTEST = 0.25, 4.0
VOICES_TIMEOUT_S = 10.0
MAX_VOICES = 500
MAX_LIST_BYTES = 1_048_576


class OpenAISpeech:
    """The Speech port over /audio/speech."""

    def __init__(self) -> None:
        self._pools: Pools | None = None

    def max_chars(self, target: ModelTarget) -> int:
        """Return how long one call's text may be."""
        return MAX_CHARS_OF_GPT if target.model.startswith("gpt-") else MAX_CHARS

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        """Return the voices to choose from: OpenAI's are fixed, a server of one's own may list others.

        Raises:
            ProviderError: such a server cannot be reached.
        """
        if target.kind == "openai-compatible":
            own = await self._own_voices(target)
            if own:
                return own
        names = OLDER_VOICES if target.model.startswith("tts-") else VOICES
        return tuple(Voice(name, name.capitalize()) for name in names)

    async def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        """Yield MP3 as it comes.

        Raises:
            ProviderError: one of its kinds.
        """
        from app.adapters.speech_stream import SpokenStream

        target = call.target
        link = self._link(target, answers=("audio/", "application/octet-stream"))
        stream = SpokenStream(link, target, timeout_s=call.timeout_s)
        try:
            async with link.client() as client, aclosing(stream.read(_spoken(client, call))) as chunks:
                async for chunk in chunks:
                    if chunk:
                        yield SpeechPiece(chunk, stream.sound(chunk))
            stream.end()
        finally:
            await link.close()

    async def ping(self) -> None:
        """Return at once: it can always serve."""

    async def close(self) -> None:
        """End every connection of the running loop."""
        if self._pools is not None:
            await self._pools.close()

    async def _own_voices(self, target: ModelTarget) -> tuple[Voice, ...]:
        """Return what a server lists at /audio/voices, as Kokoro and others do, nothing where it does not."""
        import asyncio

        from app.adapters.speech_stream import call_failure

        link = self._link(target, answers=("application/json",), limit_bytes=MAX_LIST_BYTES)
        try:
            async with asyncio.timeout(VOICES_TIMEOUT_S), link.client() as client:
                found = orjson.loads((await client.get(f"{base_url_of(target)}/audio/voices")).content)
        except orjson.JSONDecodeError:
            return ()
        except Exception as error:  # httpx's own, of many classes
            failed = call_failure(link, target, error)
            if isinstance(failed, ProviderRefusedRequest | ProviderBadAnswer):
                return ()
            raise failed from None
        finally:
            await link.close()
        return tuple(_voices_in(found))[:MAX_VOICES]

    def _link(self, target: ModelTarget, **more: Any) -> MediaLink:  # Any: passed on
        from app.adapters.media_link import MediaLink
        from app.adapters.models_litellm_pools import Pools

        if self._pools is None:
            self._pools = Pools()
        return MediaLink(self._pools, target, base_url=base_url_of(target), **more)


async def _spoken(client: Any, call: SpeechCall) -> AsyncGenerator[bytes]:  # Any: httpx's client
    body: dict[str, Any] = {  # Any: JSON
        "model": call.target.model,
        "input": call.text,
        "voice": call.voice or VOICES[0],
        "response_format": "mp3",
    }
    if call.speed != 1.0:
        body["speed"] = min(max(call.speed, SLOWEST), FASTEST)
    headers = {"content-type": "application/json"}
    async with client.stream("POST", _address(call.target), content=orjson.dumps(body), headers=headers) as response:
        async for chunk in response.aiter_raw():
            yield chunk


def _address(target: ModelTarget) -> str:
    from urllib.parse import quote

    base_url = base_url_of(target)
    if target.kind != "azure" or base_url.endswith("/openai/v1"):
        return f"{base_url}/audio/speech"
    deployment = f"{base_url}/openai/deployments/{quote(target.model, safe='')}"
    return f"{deployment}/audio/speech?api-version={azure_version(target)}"


def _voices_in(found: object) -> list[Voice]:
    """Read {"voices": ["name", …]} or a list of {"id", "name"}; anything else is no voice."""
    listed = found.get("voices") or found.get("data") if isinstance(found, dict) else found
    voices = []
    for item in listed if isinstance(listed, list) else ():
        name = item.get("id") or item.get("voice_id") or item.get("name") if isinstance(item, dict) else item
        label = item.get("name", name) if isinstance(item, dict) else name
        if isinstance(name, str) and isinstance(label, str) and 0 < len(name) <= 200:
            voices.append(Voice(name, label[:200]))
    return voices
