"""One Speech port over the built-in voice, ElevenLabs and what speaks OpenAI's form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from app.adapters.models_litellm_failures import failure
from app.adapters.speech_elevenlabs import ElevenLabsSpeech
from app.adapters.speech_embedded import EmbeddedSpeech
from app.adapters.speech_openai import OpenAISpeech
from app.core.media_ports import Speech, SpeechCall, SpeechPiece, Voice
from app.core.ports import ModelTarget, ProviderRefusedRequest

OPENAI_LIKE = ("openai", "openai-compatible", "azure")


class SpeechByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(self) -> None:
        self._embedded = EmbeddedSpeech()
        self._elevenlabs = ElevenLabsSpeech()
        self._openai = OpenAISpeech()

    def max_chars(self, target: ModelTarget) -> int:
        """Return how long one call's text may be.

        Raises:
            ProviderRefusedRequest: the kind of provider has no voices.
        """
        return self._adapter(target).max_chars(target)

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        """Return the voices to choose from.

        Raises:
            ProviderError: one of its kinds.
        """
        return await self._adapter(target).voices(target)

    def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        """Yield the sound as it comes.

        Raises:
            ProviderError: one of its kinds.
        """
        return self._adapter(call.target).say(call)

    async def ping(self) -> None:
        """Return when the built-in voice can serve.

        Raises:
            Unavailable: it cannot.
        """
        await self._embedded.ping()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._elevenlabs.close()
        await self._openai.close()

    def _adapter(self, target: ModelTarget) -> Speech:
        if target.kind == "embedded":
            return self._embedded
        if target.kind == "elevenlabs":
            return self._elevenlabs
        if target.kind in OPENAI_LIKE:
            return self._openai
        raise failure(ProviderRefusedRequest, target.provider, "this kind of provider has no voices")
