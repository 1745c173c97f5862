"""One Transcription port over LiteLLM and ElevenLabs. There is no built-in recogniser, and it says so."""

from __future__ import annotations

from app.adapters.models_litellm_failures import failure
from app.adapters.transcription_elevenlabs import ElevenLabsTranscription
from app.adapters.transcription_litellm import LiteLLMTranscription
from app.core.errors import Unavailable
from app.core.media_ports import Transcript, TranscriptionCall
from app.core.ports import ProviderRefusedRequest

OPENAI_LIKE = ("openai", "openai-compatible", "azure", "mistral")


class TranscriptionByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(self) -> None:
        self._elevenlabs = ElevenLabsTranscription()
        self._litellm = LiteLLMTranscription()

    async def write_down(self, call: TranscriptionCall) -> Transcript:
        """Return what was said.

        Raises:
            ProviderError: one of its kinds.
            Unavailable: the target is embedded; a provider is needed.
        """
        kind = call.target.kind
        if kind == "embedded":
            raise Unavailable(
                "Writing speech down needs a provider with such a model. Connect one in Settings, Providers.",
                code="transcription.needs_provider",
            )
        if kind == "elevenlabs":
            return await self._elevenlabs.write_down(call)
        if kind in OPENAI_LIKE:
            return await self._litellm.write_down(call)
        raise failure(ProviderRefusedRequest, call.target.provider, "this kind of provider writes nothing down")

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._elevenlabs.close()
        await self._litellm.close()
