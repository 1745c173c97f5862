"""The wire under a vendor's own client: one MediaLink per call, over pools that all calls share.

As models_litellm_link for text: the Link, not the vendor's client, puts the key on the request, holds it to the
target's own address, follows no redirect, lets nothing pass twice, and looks at the answer's head. What fails is noted
in `failure` in words of ours; what the client then raises is of no interest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import cast

import httpx

from app.adapters.models_litellm_failures import failure, from_status, from_transport, read_little
from app.adapters.models_litellm_pools import BlockedAddress, Pools
from app.adapters.models_wire import key_headers
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError, ProviderRefusedRequest

KEY_IS_SET_HERE = "set-by-the-link"
CONNECT_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 * 2**20
_KEY_HEADERS = {
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "xi-api-key", "openai-organization", "openai-project",
}  # fmt: skip

Watch = Callable[[bytes], None]


class Stopped(httpx.TransportError):
    """The call has failed; `failure` of the link says how."""


class MediaLink(httpx.AsyncBaseTransport):
    """The connection of one call. `answers` are the media types, or their beginnings, that an answer may have."""

    def __init__(
        self,
        pools: Pools,
        target: ModelTarget,
        *,
        base_url: str,
        answers: tuple[str, ...],
        watch: Watch | None = None,
        limit_bytes: int = 0,
    ) -> None:
        self.failure: ProviderError | None = None
        self._pool = pools.get(inside_allowed=target.inside_allowed)
        self._target = target
        self._base = httpx.URL(base_url)
        self._answers = answers
        self._watch = watch
        self._limit_bytes = limit_bytes or MAX_ANSWER_BYTES
        self._used = False
        self._response: httpx.Response | None = None

    def client(self) -> httpx.AsyncClient:
        """Return a client over this link, to ask with or to hand to a vendor's."""
        # No time-out here: whoever asks sets one around the whole.
        return httpx.AsyncClient(transport=self, follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the call's one request.

        Raises:
            Stopped: it failed; the failure is noted.
        """
        try:
            if self._used:
                raise failure(ProviderRefusedRequest, self._target.provider, "asked twice")
            self._used = True
            response = self._response = await self._pool.handle_async_request(self._outgoing(request))
            await self._look(response)
        except ProviderError as error:
            raise await self._stop(error) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise await self._stop(self._transport_failure(error)) from None
        headers = {"content-type": response.headers.get("content-type", "")}
        return httpx.Response(response.status_code, headers=headers, stream=_Watched(self), request=request)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer's bytes.

        Raises:
            Stopped: it broke or does not end; the failure is noted.
        """
        response = self._response
        assert response is not None
        size_bytes = 0
        try:
            async for chunk in cast("httpx.AsyncByteStream", response.stream):
                size_bytes += len(chunk)
                if size_bytes > self._limit_bytes:
                    raise await self._stop(failure(ProviderBadAnswer, self._target.provider, "the answer does not end"))
                if self._watch is not None:
                    self._watch(chunk)
                yield chunk
        except Stopped:
            raise
        except httpx.TransportError as error:
            raise await self._stop(self._transport_failure(error)) from None
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the connection; if its answer was not read to the end it closes, which ends the provider's work."""
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()

    def _outgoing(self, request: httpx.Request) -> httpx.Request:
        target, url = self._target, request.url
        home = (self._base.scheme, self._base.host, self._base.port)
        if (url.scheme, url.host, url.port) != home or not url.path.startswith(self._base.path.rstrip("/") + "/"):
            raise failure(ProviderRefusedRequest, target.provider, "this model is only served at another address")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _KEY_HEADERS}
        headers |= {"accept-encoding": "identity", "user-agent": "Galley"} | key_headers(target)
        timeout = {"connect": CONNECT_TIMEOUT_S, "pool": CONNECT_TIMEOUT_S, "read": None, "write": None}
        stream = cast("httpx.AsyncByteStream", request.stream)
        return httpx.Request(request.method, url, headers=headers, stream=stream, extensions={"timeout": timeout})

    async def _look(self, response: httpx.Response) -> None:
        """Refuse an answer whose head is not that of what was asked for."""
        provider = self._target.provider
        if not 200 <= response.status_code < 300:
            try:
                body = await read_little(response)
            except httpx.TransportError:
                body = b""
            retry_after = response.headers.get("retry-after", "")
            raise from_status(provider, response.status_code, body=body, retry_after=retry_after)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not media_type.startswith(self._answers):
            raise failure(ProviderBadAnswer, provider, "the answer is not a model's; is this the right address?")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise failure(ProviderBadAnswer, provider, "the answer is packed, which was not asked for")

    def _transport_failure(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, BlockedAddress):
            return failure(ProviderRefusedRequest, self._target.provider, "the address lies inside this network")
        return from_transport(self._target.provider, error)

    async def _stop(self, error: ProviderError) -> Stopped:
        self.failure = self.failure or error
        await self.close()
        return Stopped("failed")


class _Watched(httpx.AsyncByteStream):
    """The answer's body as the vendor's client gets it."""

    def __init__(self, link: MediaLink) -> None:
        self._link = link

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._link.chunks():
            yield chunk

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._link.close()
