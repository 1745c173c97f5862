"""Speech written down by Whisper and its like, through LiteLLM; a translation into English by OpenAI's own client.

LiteLLM has no call for translations. Both clients ask over the same link, which holds the key and the address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import azure_version, base_url_of
from app.adapters.transcripts import file_name, locale_of, milliseconds
from app.core.media_ports import Segment, Transcript, TranscriptionCall
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderDown, ProviderError
from app.core.telemetry import log

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from app.adapters.media_link import MediaLink
    from app.adapters.models_litellm_pools import Pools

MAX_ANSWER_BYTES = 32 * 2**20


class LiteLLMTranscription:
    """The Transcription port over LiteLLM."""

    def __init__(self) -> None:
        self._pools: Pools | None = None
        self._library: ModuleType | None = None

    async def write_down(self, call: TranscriptionCall) -> Transcript:
        """Return what was said.

        Raises:
            ProviderError: one of its kinds.
        """
        from app.adapters.media_link import MediaLink
        from app.adapters.models_litellm_pools import Pools
        from app.adapters.speech_stream import call_failure

        target, base_url = call.target, base_url_of(call.target)
        library = None if call.translate_to else await self._loaded(target.provider)
        if self._pools is None:
            self._pools = Pools()
        link = MediaLink(
            self._pools, target, base_url=base_url, answers=("application/json",), limit_bytes=MAX_ANSWER_BYTES
        )
        try:
            async with asyncio.timeout(call.timeout_s):
                client = _client(target, link, base_url=base_url)
                answer = await (_written(library, client, call, base_url) if library else _translated(client, call))
            return _transcript(answer, call)
        except Exception as error:  # the clients' own, of many classes
            raise call_failure(link, target, error) from None
        finally:
            await link.close()

    async def close(self) -> None:
        """End every connection of the running loop."""
        if self._pools is not None:
            await self._pools.close()

    async def _loaded(self, provider: str) -> ModuleType:
        from app.adapters.models_litellm import load_library

        if self._library is None:
            try:
                self._library = await asyncio.to_thread(load_library)
            except Exception as error:  # an import can fail in any way
                log.error("transcription.library_missing", error=type(error).__name__)
                raise failure(ProviderDown, provider, "the model library cannot be loaded") from error
        return self._library


def _client(target: ModelTarget, link: MediaLink, *, base_url: str) -> AsyncOpenAI:
    import openai

    from app.adapters.media_link import KEY_IS_SET_HERE

    if target.kind == "azure" and not base_url.endswith("/openai/v1"):
        return openai.AsyncAzureOpenAI(
            api_key=KEY_IS_SET_HERE,
            azure_endpoint=base_url,
            api_version=azure_version(target),
            http_client=link.client(),
            max_retries=0,
        )
    return openai.AsyncOpenAI(api_key=KEY_IS_SET_HERE, base_url=base_url, http_client=link.client(), max_retries=0)


async def _written(library: ModuleType, client: AsyncOpenAI, call: TranscriptionCall, base_url: str) -> Any:
    from app.adapters.media_link import KEY_IS_SET_HERE

    target = call.target
    # Whatever speaks OpenAI's form goes by its name: LiteLLM would give Mistral a connection of its own making.
    kind = "azure" if target.kind == "azure" else "openai"
    more: dict[str, Any] = {"language": call.locale.partition("-")[0]} if call.locale else {}  # Any: LiteLLM's keywords
    if target.kind == "azure":
        more["api_version"] = azure_version(target)
    has_segments = not target.model.startswith("gpt-")  # gpt-4o-transcribe answers with text alone
    if has_segments:
        more["timestamp_granularities"] = ["segment"]
    return await library.atranscription(
        model=f"{kind}/{target.model}",
        file=(file_name(call.media_type), call.data, call.media_type),
        response_format="verbose_json" if has_segments else "json",
        api_base=base_url,
        api_key=KEY_IS_SET_HERE,
        client=client,
        timeout=call.timeout_s,
        max_retries=0,
        num_retries=0,
        **more,
    )


async def _translated(client: AsyncOpenAI, call: TranscriptionCall) -> Any:  # Any: the client's own
    return await client.audio.translations.create(
        model=call.target.model,
        file=(file_name(call.media_type), call.data, call.media_type),
        response_format="verbose_json",
        timeout=call.timeout_s,
    )


def _transcript(answer: Any, call: TranscriptionCall) -> Transcript:  # Any: either client's
    text = getattr(answer, "text", None)
    if not isinstance(text, str):
        raise failure(ProviderBadAnswer, call.target.provider, "the answer holds no text")
    segments = tuple(_segments(getattr(answer, "segments", None) or (), call.target))
    duration_ms = milliseconds(getattr(answer, "duration", None)) or max((s.end_ms for s in segments), default=0)
    heard = "en" if call.translate_to else locale_of(str(getattr(answer, "language", "") or ""), call.locale)
    return Transcript(text.strip(), heard, segments, duration_ms)


def _segments(found: Iterable[Any], target: ModelTarget) -> Iterable[Segment]:  # Any: mappings or objects
    for item in found:
        read = item.get if isinstance(item, dict) else lambda name, item=item: getattr(item, name, None)
        text, start, end = read("text"), read("start"), read("end")
        if not isinstance(text, str) or not isinstance(start, int | float) or not isinstance(end, int | float):
            raise _unreadable(target)
        if text.strip():
            yield Segment(milliseconds(start), max(milliseconds(end), milliseconds(start)), text.strip())


def _unreadable(target: ModelTarget) -> ProviderError:
    return failure(ProviderBadAnswer, target.provider, "a segment of the answer cannot be read")
