"""The wire under LiteLLM: one Link per call, over pools that all calls share.

The Link, not LiteLLM, puts the key on the request: LiteLLM never sees it, so it can neither log it, keep it in a cache,
expand `os.environ/…` in it nor fill in one from the environment. The Link also holds the request to the target's own
address, follows no redirect, lets nothing pass twice, and watches the answer. What fails is noted in `failure` and the
stream just ends: LiteLLM's own way of failing costs 30-100 ms and would log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import httpx
import orjson

from app.adapters.models_litellm_failures import failure, from_status, from_transport, read_little
from app.adapters.models_litellm_pools import BlockedAddress
from app.adapters.models_wire import BadWire, WireWatch, key_headers
from app.adapters.models_wire_frames import MEDIA_TYPE, FrameWatch
from app.core.ports import ModelCall, ProviderBadAnswer, ProviderError, ProviderRefusedRequest

_KEY_HEADERS = {"authorization", "x-api-key", "api-key", "x-goog-api-key", "openai-organization", "openai-project"}
_STREAM_TYPE = "text/event-stream"


class Link(httpx.AsyncBaseTransport):
    """The connection of one call. After LiteLLM's stream has ended, `failure` or `watch.finish` tell how."""

    def __init__(self, pool: httpx.AsyncHTTPTransport, call: ModelCall, *, base_url: str) -> None:
        self.failure: ProviderError | None = None
        self.watch: WireWatch | None = None
        self._pool = pool
        self._call = call
        self._base = httpx.URL(base_url)
        self._used = False
        self._response: httpx.Response | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the call's one request. Never raises: a failure is noted and the answer is empty."""
        if self._used:
            return self._nothing(request)
        self._used = True
        try:
            response = await self._pool.handle_async_request(self._outgoing(request))
        except ProviderError as error:
            return self._fail(request, error)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return self._fail(request, self._transport_failure(error))
        self._response = response
        content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
        refused = await self._refused(request, response, content_type=content_type)
        if refused is not None:
            await self.close()
            return self._fail(request, refused)
        if content_type == MEDIA_TYPE:
            self.watch = FrameWatch()
        else:
            self.watch = WireWatch(self._call.target.kind, sse=content_type == _STREAM_TYPE)
        headers = {"content-type": content_type}
        return httpx.Response(200, headers=headers, stream=_Watched(self), request=request)

    async def close(self) -> None:
        """Let go of the connection; if its answer was not read to the end it closes, which ends the provider's work."""
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer's bytes as far as they can be trusted."""
        response, watch = self._response, self.watch
        assert response is not None
        assert watch is not None
        try:
            async for chunk in cast("httpx.AsyncByteStream", response.stream):
                watch.feed(chunk)
                yield chunk
            watch.end()
        except BadWire as error:
            self._note(failure(ProviderBadAnswer, self._call.target.provider, str(error)))
        except httpx.TransportError as error:
            # An answer that was whole may be followed by a rude goodbye.
            if watch.finish is None:
                self._note(self._transport_failure(error))
        finally:
            await self.close()

    def _outgoing(self, request: httpx.Request) -> httpx.Request:
        """Return the request as it may leave: to the target's own address, with the target's own key or none."""
        target, url = self._call.target, request.url
        home = (self._base.scheme, self._base.host, self._base.port)
        if (url.scheme, url.host, url.port) != home or not url.path.startswith(self._base.path.rstrip("/") + "/"):
            raise failure(ProviderRefusedRequest, target.provider, "this model is only served at another address")
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _KEY_HEADERS}
        headers |= {"accept-encoding": "identity", "user-agent": "Galley"}
        headers |= key_headers(target)
        timeout = {"connect": self._call.connect_timeout_s, "pool": self._call.connect_timeout_s}
        return httpx.Request(
            request.method,
            url.copy_remove_param("key"),
            headers=headers,
            stream=cast("httpx.AsyncByteStream", request.stream),
            extensions={"timeout": timeout | {"read": None, "write": self._call.first_token_timeout_s}},
        )

    async def _refused(
        self, request: httpx.Request, response: httpx.Response, *, content_type: str
    ) -> ProviderError | None:
        provider = self._call.target.provider
        if response.status_code != 200:
            try:
                body = await read_little(response)
            except httpx.TransportError:
                body = b""
            retry_after = response.headers.get("retry-after", "")
            return from_status(provider, response.status_code, body=body, retry_after=retry_after)
        stream_type = MEDIA_TYPE if self._call.target.kind == "bedrock" else _STREAM_TYPE
        if content_type != stream_type and (content_type != "application/json" or await _asks_for_stream(request)):
            return failure(ProviderBadAnswer, provider, "the answer is not a model's; is this the right address?")
        if response.headers.get("content-encoding", "identity") != "identity":
            return failure(ProviderBadAnswer, provider, "the answer is packed, which was not asked for")
        return None

    def _transport_failure(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, BlockedAddress):
            return failure(ProviderRefusedRequest, self._call.target.provider, "the address lies inside this network")
        return from_transport(self._call.target.provider, error)

    def _fail(self, request: httpx.Request, error: ProviderError) -> httpx.Response:
        self._note(error)
        return self._nothing(request)

    def _note(self, error: ProviderError) -> None:
        self.failure = self.failure or error

    def _nothing(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=b"", request=request)


async def _asks_for_stream(request: httpx.Request) -> bool:
    """LiteLLM asks the few models that cannot stream for one piece."""
    body = orjson.loads(await request.aread() or b"{}")
    return bool(body.get("stream")) or request.url.path.endswith((":streamGenerateContent", "/converse-stream"))


class _Watched(httpx.AsyncByteStream):
    """The answer's body as LiteLLM gets it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._link.chunks():
            yield chunk

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._link.close()
