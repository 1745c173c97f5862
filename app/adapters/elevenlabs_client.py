"""ElevenLabs' own client over our wire: loaded late, without a key, without retries."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.core.ports import ModelTarget, ProviderDown, ProviderRefusedRequest
from app.core.telemetry import log

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs
    from elevenlabs.core.request_options import RequestOptions

    from app.adapters.media_link import MediaLink, Watch
    from app.adapters.models_litellm_pools import Pools

ONE_TRY: RequestOptions = {"max_retries": 0}
MAX_JSON_BYTES = 8 * 2**20
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class ElevenLabsClients:
    """Makes one client for each call; they share the connections."""

    def __init__(self) -> None:
        self._pools: Pools | None = None

    async def open(
        self, target: ModelTarget, *, answers: tuple[str, ...], watch: Watch | None = None, limit_bytes: int
    ) -> tuple[AsyncElevenLabs, MediaLink]:
        """Return a client and the link under it; the caller closes the link. The first call loads the library (2 s).

        Raises:
            ProviderError: no address, or the library cannot be loaded.
        """
        from app.adapters.media_link import KEY_IS_SET_HERE, MediaLink
        from app.adapters.models_litellm_pools import Pools

        if self._pools is None:
            self._pools = Pools()
        base_url = base_url_of(target).removesuffix("/v1")
        link = MediaLink(self._pools, target, base_url=base_url, answers=answers, watch=watch, limit_bytes=limit_bytes)
        try:
            kind = await asyncio.to_thread(_load)
        except Exception as error:  # an import can fail in any way
            log.error("elevenlabs.library_missing", error=type(error).__name__)
            raise failure(ProviderDown, target.provider, "the client library cannot be loaded") from error
        return kind(base_url=base_url, api_key=KEY_IS_SET_HERE, httpx_client=link.client()), link

    async def close(self) -> None:
        """End every connection of the running loop."""
        if self._pools is not None:
            await self._pools.close()


def _load() -> type[AsyncElevenLabs]:
    from elevenlabs.client import AsyncElevenLabs

    return AsyncElevenLabs


def checked_id(target: ModelTarget, name: str) -> str:
    """Return the id of a voice, which becomes a part of an address.

    Raises:
        ProviderRefusedRequest: no id looks so.
    """
    if not _ID.fullmatch(name):
        raise failure(ProviderRefusedRequest, target.provider, "no voice has such an id")
    return name


def language_code(locale: str) -> str:
    """Return the ISO 639-1 code in a locale: pt-BR is pt."""
    return locale.partition("-")[0].lower()
