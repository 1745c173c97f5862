"""Pictures from OpenAI (and servers that speak like it), Google and Stability, through LiteLLM.

LiteLLM words the request, reads the answer and knows the price. The wire is held by media_link: one request, to the
target's own address, with its own key, never twice. What comes back is looked at before anybody believes it.
"""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import TYPE_CHECKING, Any

from app.adapters.images_check import bytes_of, picture_of
from app.adapters.images_litellm_client import Words, words_of
from app.adapters.images_litellm_request import MASKED, verbs_of, wish_of
from app.adapters.images_wait import EVERY_S, watched
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.core.media_ports import ImageCall, Media, Progress
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderDown, ProviderRefusedRequest
from app.core.telemetry import log

if TYPE_CHECKING:
    from app.adapters.media_link import MediaLink
    from app.adapters.models_litellm_pools import Pools


class LiteLLMImages:
    """The Images port over LiteLLM, which is loaded at the first use."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._pools: Pools | None = None
        self._library: ModuleType | None = None

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        """Return what the target's model can do."""
        return verbs_of(target)

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        """Return whether the target's model changes only what a mask leaves open."""
        return target.kind in MASKED

    async def ping(self) -> None:
        """Return at once: each provider is another's."""

    async def close(self) -> None:
        """End every connection of the running loop."""
        if self._pools is not None:
            await self._pools.close()

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture, in the vendor's size that is nearest to the one wished for.

        Raises:
            ProviderError: one of its kinds.
        """
        target = call.target
        if call.verb not in verbs_of(target):
            raise failure(ProviderRefusedRequest, target.provider, "this model cannot do that with pictures")
        await progress("asking", 0.05)
        wish = await wish_of(call)
        library = await self._loaded(target.provider)
        link = self._link(target)

        async def look() -> None:
            await progress("making", 0.15)

        words = words_of(wish, link, target, timeout_s=call.timeout_s)
        try:
            work = _answered(getattr(library, wish.call), words, link, call)
            answer = await watched(work, look=look, stop=words.stop, every_s=self._every_s)
        finally:
            await words.stop()
        await progress("checking", 0.95)
        found = (getattr(answer, "data", None) or [None])[0]
        encoded = getattr(found, "b64_json", None)
        if encoded is None and getattr(found, "url", None):
            raise failure(ProviderBadAnswer, target.provider, "the picture lies elsewhere, where nobody fetches it")
        return await picture_of(bytes_of(encoded, target), target, cost_micros=_cost_micros(answer))

    def _link(self, target: ModelTarget) -> MediaLink:
        from app.adapters.media_link import MediaLink
        from app.adapters.models_litellm_pools import Pools

        if self._pools is None:
            self._pools = Pools()
        return MediaLink(self._pools, target, base_url=base_url_of(target), answers=("application/json",))

    async def _loaded(self, provider: str) -> ModuleType:
        from app.adapters.models_litellm import load_library

        if self._library is None:
            try:
                self._library = await asyncio.to_thread(load_library)
            except Exception as error:  # an import can fail in any way
                log.error("images.library_missing", error=type(error).__name__)
                raise failure(ProviderDown, provider, "the model library cannot be loaded") from error
        return self._library


async def _answered(
    ask: Any, words: Words, link: MediaLink, call: ImageCall
) -> Any:  # Any: LiteLLM's function and answer
    from app.adapters.speech_stream import call_failure

    try:
        async with asyncio.timeout(call.timeout_s):
            return await ask(**words.keywords)
    except Exception as error:  # LiteLLM's own, of any class
        raise call_failure(link, call.target, error) from None
    finally:
        await words.stop()


def _cost_micros(answer: Any) -> int | None:  # Any: LiteLLM's answer
    hidden = getattr(answer, "_hidden_params", None) or {}
    cost = hidden.get("response_cost")
    if not isinstance(cost, int | float) or cost <= 0:
        cost = (hidden.get("additional_headers") or {}).get("llm_provider-x-litellm-response-cost")
    return round(cost * 1_000_000) if isinstance(cost, int | float) and cost > 0 else None
