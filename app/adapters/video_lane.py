"""The media lane with a way to fetch a clip: vendors keep clips elsewhere, and lead there by a redirect or two."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from app.adapters.media_lane import MediaLane, Outgoing
from app.adapters.models_lane_failures import from_connection
from app.adapters.models_litellm_failures import failure, from_status
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError, ProviderTimeout

if TYPE_CHECKING:
    import aiohttp

REDIRECTS = (301, 302, 303, 307, 308)
HOPS_MAX = 3


class VideoLane(MediaLane):
    """Asks as the lane does, and downloads."""

    async def download(self, target: ModelTarget, request: Outgoing, *, timeout_s: float) -> bytes:
        """Return the whole file, at most `request.limit_bytes` of it; the key does not follow to another place.

        Raises:
            ProviderError: refused, unreachable, too late or too large.
        """
        try:
            async with asyncio.timeout(timeout_s):
                for _ in range(HOPS_MAX + 1):
                    found = await self._one(target, request)
                    if isinstance(found, bytes):
                        return found
                    if urlsplit(found)[:2] != urlsplit(request.url)[:2]:
                        target = replace(target, api_key="")
                    request = replace(request, url=found)
        except ProviderError:
            raise
        except TimeoutError:
            raise failure(ProviderTimeout, target.provider, "the clip did not come in time") from None
        except Exception as error:  # aiohttp's own, of many classes
            raise from_connection(target.provider, error) from None
        raise failure(ProviderBadAnswer, target.provider, "the clip's address leads in circles")

    async def _one(self, target: ModelTarget, request: Outgoing) -> bytes | str:
        """Return the file, or the address that the answer leads to."""
        response = await self._send(target, request)
        try:
            if response.status in REDIRECTS:
                there = urljoin(request.url, response.headers.get("location", ""))
                if not there.startswith(("http://", "https://")):
                    raise failure(ProviderBadAnswer, target.provider, "the clip's address leads nowhere")
                return there
            if response.status != 200:
                raise from_status(target.provider, response.status, body=b"", retry_after="")
            return await _all_of(target.provider, response, request.limit_bytes)
        finally:
            response.close()


async def _all_of(provider: str, response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    body = bytearray()
    while chunk := await response.content.readany():
        body += chunk
        if len(body) > limit_bytes:
            raise failure(ProviderBadAnswer, provider, "the clip is too large")
    return bytes(body)
