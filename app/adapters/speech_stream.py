"""What the adapters of hosted voices share: a provider's stream read within its times, and checked to be sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from app.adapters.models_litellm_failures import failure
from app.adapters.sound_heads import sound_type
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError, ProviderTimeout
from app.core.telemetry import log

if TYPE_CHECKING:
    from app.adapters.media_link import MediaLink

IDLE_TIMEOUT_S = 30.0
"""A voice that has begun and then stays silent for so long will not go on."""

T = TypeVar("T")


class SpokenStream:
    """One provider's stream. The whole may take `timeout_s`; once begun no pause is longer than the idle time."""

    def __init__(self, link: MediaLink, target: ModelTarget, *, timeout_s: float) -> None:
        self._link = link
        self._target = target
        self._clock = asyncio.get_running_loop().time
        self._deadline_s = self._clock() + timeout_s
        self._media_type = ""

    async def read(self, source: AsyncGenerator[T]) -> AsyncGenerator[T]:
        """Yield what the source yields.

        Raises:
            ProviderError: it failed, or took too long.
        """
        latest_s = self._deadline_s
        async with aclosing(source):
            while True:
                try:
                    async with asyncio.timeout_at(latest_s):
                        item = await anext(source)
                except StopAsyncIteration:
                    return
                except Exception as error:  # the vendor's client has errors of many classes
                    raise self.failed(error) from None
                yield item
                latest_s = min(self._deadline_s, self._clock() + IDLE_TIMEOUT_S)

    def failed(self, error: Exception) -> ProviderError:
        """Return what an error of the vendor's client stands for."""
        return call_failure(self._link, self._target, error)

    def sound(self, data: bytes) -> str:
        """Return the media type of the stream, which its first bytes tell.

        Raises:
            ProviderBadAnswer: it is no sound.
        """
        self._media_type = self._media_type or sound_type(data)
        if not self._media_type:
            raise failure(ProviderBadAnswer, self._target.provider, "the answer is no sound")
        return self._media_type

    def end(self) -> None:
        """Say that nothing follows.

        Raises:
            ProviderBadAnswer: there was no sound at all.
        """
        if not self._media_type:
            raise failure(ProviderBadAnswer, self._target.provider, "the answer holds no sound")


def call_failure(link: MediaLink, target: ModelTarget, error: Exception) -> ProviderError:
    """Return why a call over the link failed; a vendor's sentence is never quoted."""
    if link.failure is not None:
        return link.failure
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, TimeoutError):
        return failure(ProviderTimeout, target.provider, "no answer in time")
    log.warning("media.client_failed", provider_kind=target.kind, error=type(error).__name__)
    return failure(ProviderBadAnswer, target.provider, f"not understood ({type(error).__name__})")
