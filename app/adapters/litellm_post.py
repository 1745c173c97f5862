"""One POST of LiteLLM's, sent over our own walls: what it shapes is believed, where it goes and with which key is not.

As models_litellm_link does for text: the key is put on at the very last, the address is held to the target's own, no
redirect is followed, and the answer is read up to a limit. Failures are noted in words of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpx

from app.adapters.models_litellm_failures import failure, from_status, from_transport, read_little
from app.adapters.models_litellm_pools import BlockedAddress
from app.adapters.models_wire import key_headers
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError, ProviderRefusedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_HEADERS = {"authorization", "x-api-key", "api-key", "x-goog-api-key", "openai-organization", "openai-project"}
ANSWER_MAX_BYTES = 2**20
CONNECT_S = 10.0


class OnePost(httpx.AsyncBaseTransport):
    """The connection of one request with a JSON answer. `failure` tells what went wrong with it."""

    def __init__(self, pool: httpx.AsyncHTTPTransport, target: ModelTarget, *, base_url: str, timeout_s: float) -> None:
        self.failure: ProviderError | None = None
        self.sent = False
        self._pool = pool
        self._target = target
        self._base = httpx.URL(base_url)
        self._timeout_s = timeout_s

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; a second one is refused. Never raises: a failure is noted and the answer an empty 502."""
        try:
            if self.sent:
                raise failure(ProviderBadAnswer, self._target.provider, "asked twice")
            self.sent = True
            return await self._answer(request)
        except ProviderError as error:
            self.failure = self.failure or error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            self.failure = self.failure or self._translated(error)
        return httpx.Response(502, json={}, request=request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        provider = self._target.provider
        response = await self._pool.handle_async_request(self._outgoing(request))
        try:
            body = await read_little(response, limit_bytes=ANSWER_MAX_BYTES)
        finally:
            await response.aclose()
        if not 200 <= response.status_code < 300:
            retry_after = response.headers.get("retry-after", "")
            raise from_status(provider, response.status_code, body=body, retry_after=retry_after)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise failure(ProviderBadAnswer, provider, "the answer is not JSON; is this the right address?")
        return httpx.Response(200, headers={"content-type": kind}, content=body, request=request)

    def _outgoing(self, request: httpx.Request) -> httpx.Request:
        url = request.url
        home = (self._base.scheme, self._base.host, self._base.port)
        if (url.scheme, url.host, url.port) != home or not url.path.startswith(self._base.path.rstrip("/") + "/"):
            raise failure(ProviderRefusedRequest, self._target.provider, "this model is only served at another address")
        headers: Mapping[str, str] = {k: v for k, v in request.headers.items() if k.lower() not in KEY_HEADERS}
        own = {"accept-encoding": "identity", "user-agent": "Galley", **key_headers(self._target)}
        limits = {"connect": CONNECT_S, "pool": CONNECT_S, "read": self._timeout_s, "write": self._timeout_s}
        return httpx.Request(
            request.method,
            url.copy_remove_param("key"),
            headers={**headers, **own},
            stream=cast("httpx.AsyncByteStream", request.stream),
            extensions={"timeout": limits},
        )

    def _translated(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, BlockedAddress):
            return failure(ProviderRefusedRequest, self._target.provider, "the address lies inside this network")
        return from_transport(self._target.provider, error)
