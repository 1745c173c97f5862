"""Text from hosted models and local servers, through LiteLLM.

LiteLLM knows which parameter each model takes and how each vendor words an answer. It is imported in a background
thread, since that costs seconds of CPU. What travels over the wire is held by models_litellm_link; whether an answer
was whole is told by models_wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any

from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_rehearsal import rehearse
from app.adapters.models_litellm_request import arguments, base_url_of
from app.core.errors import Unavailable
from app.core.ports import (
    ModelCall,
    ModelEvent,
    ModelFinished,
    ProviderBadAnswer,
    ProviderDown,
    ProviderError,
    ProviderRefusedRequest,
    ProviderTimeout,
    TextDelta,
)
from app.core.telemetry import log

if TYPE_CHECKING:
    from app.adapters.models_litellm_link import Link
    from app.adapters.models_litellm_pools import Pools

MAX_TEXT_CHARS = 400_000
MAX_CHARS_PER_TOKEN = 32
"""A provider that sends more than this times what was asked for does not stop by itself."""
PIECES_PER_TURN = 16
"""After so many pieces that were all there already, the event loop gets its turn."""
MAX_CALL_S = 900.0
"""No answer takes longer: an endless drip of tokens would never meet the idle limit."""


class LiteLLMModels:
    """The Models port over LiteLLM."""

    def __init__(self, *, max_text_chars: int = MAX_TEXT_CHARS) -> None:
        self._max_text_chars = max_text_chars
        self._pools: Pools | None = None
        self._library: ModuleType | None = None
        self._loading: asyncio.Task[ModuleType] | None = None

    async def warm(self) -> None:
        """Load LiteLLM in a thread; start it once the server listens. Calls in between wait for it."""
        await self._loaded()

    async def ping(self) -> None:
        """Return when the library is loaded.

        Raises:
            Unavailable: it still loads, or nobody has called `warm` yet.
        """
        if self._library is None:
            raise Unavailable("The model library is still loading.", code="models.loading")

    async def close(self) -> None:
        """Close every connection."""
        if self._pools is not None:
            await self._pools.close()

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Yield text as it comes, then exactly one ModelFinished; waits for the library where it still loads.

        Raises:
            ProviderError: one of its kinds, with the provider and a reason in words of ours.
        """
        library = await self._library_for(call)
        base_url = base_url_of(call.target)
        link = self._link(call, base_url=base_url)
        try:
            async with aclosing(self._texts(library, call, link, base_url=base_url)) as texts:
                async for text in texts:
                    yield TextDelta(text)
            yield self._finished(call, link)
        finally:
            await link.close()

    def _link(self, call: ModelCall, *, base_url: str) -> Link:
        from app.adapters.models_litellm_link import Link
        from app.adapters.models_litellm_pools import Pools

        if self._pools is None:
            self._pools = Pools()
        return Link(self._pools.get(inside_allowed=call.target.inside_allowed), call, base_url=base_url)

    async def _texts(
        self, library: ModuleType, call: ModelCall, link: Link, *, base_url: str
    ) -> AsyncGenerator[str, None]:
        """Yield the text as it comes, within the call's time limits and the adapter's size limit.

        Raises:
            ProviderError: anything but a whole answer.
        """
        clock = asyncio.get_running_loop().time
        started_s = clock()
        deadline_s = started_s + call.first_token_timeout_s
        chunks: Any = None  # Any: LiteLLM's stream wrapper
        chars = pieces = 0
        limit = min(self._max_text_chars, 1000 + call.max_tokens * MAX_CHARS_PER_TOKEN)
        while True:
            try:
                async with asyncio.timeout_at(min(deadline_s, started_s + MAX_CALL_S)):
                    if chunks is None:
                        chunks = await library.acompletion(**arguments(call, link, base_url=base_url))
                    text, over = _text_of(await anext(chunks))
                _forget(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                reason = "no further token in time" if chars else "no first token in time"
                raise failure(ProviderTimeout, call.target.provider, reason) from None
            except Exception as error:  # LiteLLM's own, of any class
                raise self._translated(call, link, error) from None
            if link.failure is not None:
                raise link.failure
            if text:
                chars += len(text)
                if chars > limit:
                    raise failure(ProviderBadAnswer, call.target.provider, "the answer does not end")
                yield text
                pieces += 1
                if pieces % PIECES_PER_TURN == 0:
                    await asyncio.sleep(0)
                deadline_s = clock() + call.idle_timeout_s
            if over:
                return

    def _translated(self, call: ModelCall, link: Link, error: Exception) -> ProviderError:
        if link.failure is not None:
            return link.failure
        log.warning("models.library_failed", provider_kind=call.target.kind, error=type(error).__name__)
        if link.watch is None:
            return failure(ProviderRefusedRequest, call.target.provider, f"not sent ({type(error).__name__})")
        return failure(ProviderBadAnswer, call.target.provider, f"not understood ({type(error).__name__})")

    def _finished(self, call: ModelCall, link: Link) -> ModelFinished:
        if link.failure is not None:
            raise link.failure
        if link.watch is None or link.watch.finish is None:
            raise failure(ProviderBadAnswer, call.target.provider, "the answer ended without a finish")
        return ModelFinished(link.watch.finish, link.watch.tokens_in, link.watch.tokens_out)

    async def _library_for(self, call: ModelCall) -> ModuleType:
        try:
            return await self._loaded()
        except Exception as error:  # an import can fail in any way; the next provider may not need it
            log.error("models.library_missing", error=type(error).__name__)
            raise failure(ProviderDown, call.target.provider, "the model library cannot be loaded") from error

    async def _loaded(self) -> ModuleType:
        if self._library is not None:
            return self._library
        if self._loading is None or (self._loading.done() and self._loading.exception()):
            self._loading = asyncio.create_task(asyncio.to_thread(load_library))
        self._library = await asyncio.shield(self._loading)
        return self._library


def _text_of(chunk: Any) -> tuple[str, bool]:  # Any: LiteLLM's chunk
    """Return the chunk's text, and whether LiteLLM takes it for the last: what it says there of why is not believed."""
    choices = getattr(chunk, "choices", None)
    if not choices:
        return "", False
    return getattr(choices[0].delta, "content", None) or "", bool(choices[0].finish_reason)


def _forget(chunks: Any) -> None:  # Any: LiteLLM's stream wrapper
    """Drop what LiteLLM keeps of the stream so far: every chunk, and the text joined anew at each of them."""
    chunks.chunks.clear()
    chunks.response_uptil_now = ""


def load_library() -> ModuleType:
    """Import LiteLLM, tell it to stay silent and offline, and take it through its first call.

    Both variables must stand before the import: one keeps it from fetching a price list, the other from reading .env.
    """
    import logging
    import os

    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_streaming_logging = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        # Its warnings may quote prompts and answers; what matters of them is in our own errors.
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.CRITICAL)
    rehearse(litellm)
    return litellm
