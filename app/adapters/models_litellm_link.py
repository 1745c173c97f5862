"""The wire under LiteLLM: one Link per call, over pools that all calls share.

The Link, not LiteLLM, puts the key on the request: LiteLLM never sees it, so it can neither log it, keep it in a cache,
expand `os.environ/…` in it nor fill in one from the environment. The Link also holds the request to the target's own
address, follows no redirect, lets nothing pass twice, and watches the answer. What fails is noted in `failure` and the
stream just ends: LiteLLM's own way of failing costs 30-100 ms and would log.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast
from weakref import WeakKeyDictionary

import httpcore
import httpx

from app.adapters.models_litellm_failures import failure, from_status, from_transport, read_little
from app.adapters.models_litellm_watch import BadWire, WireWatch
from app.core.ports import ModelCall, ProviderBadAnswer, ProviderError, ProviderRefusedRequest
from app.llm.addresses import AddressInside, AddressUnknown, outside_addresses

MAX_CONNECTIONS = 1000
KEPT_CONNECTIONS = 100
KEEP_S = 4.0
"""Below the 5 s after which several local servers close an idle connection."""

_KEY_HEADERS = {"authorization", "x-api-key", "api-key", "x-goog-api-key", "openai-organization", "openai-project"}
_STREAM_TYPES = ("text/event-stream", "application/json")


class _BlockedAddress(httpcore.ConnectError):
    """The name leads inside."""


class _OutsideOnly(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked a moment before; TLS still checks the name."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # Any: httpcore's union of socket option tuples
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await outside_addresses(host, port)
        except AddressInside:
            raise _BlockedAddress("inside") from None
        except AddressUnknown:
            raise httpcore.ConnectError("unknown name") from None
        except TimeoutError:
            raise httpcore.ConnectTimeout("name") from None
        return await self._first_that_answers(
            addresses, port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )

    async def _first_that_answers(
        self,
        addresses: tuple[str, ...],
        port: int,
        *,
        timeout: float | None,  # noqa: ASYNC109 - as above
        **options: Any,  # Any: passed on
    ) -> httpcore.AsyncNetworkStream:
        """Try one address after the other: the first may be an IPv6 one on a machine without IPv6."""
        last: Exception = httpcore.ConnectError("no address")
        share_s = None if timeout is None else timeout / len(addresses)
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout=share_s, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Pools:
    """Two connection pools per event loop: one that reaches the internet only, one that also reaches inside."""

    def __init__(self) -> None:
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx.AsyncHTTPTransport]] = (
            WeakKeyDictionary()
        )
        self._ssl: ssl.SSLContext | None = None

    def get(self, *, inside_allowed: bool) -> httpx.AsyncHTTPTransport:
        """Return the pool, making it at first use."""
        pools = self._pools.setdefault(asyncio.get_running_loop(), {})
        if inside_allowed not in pools:
            pools[inside_allowed] = self._new(inside_allowed=inside_allowed)
        return pools[inside_allowed]

    def _new(self, *, inside_allowed: bool) -> httpx.AsyncHTTPTransport:
        self._ssl = self._ssl or httpx.create_ssl_context()
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=KEPT_CONNECTIONS, keepalive_expiry=KEEP_S
        )
        transport = httpx.AsyncHTTPTransport(verify=self._ssl, limits=limits, retries=0, trust_env=False)
        if not inside_allowed:
            # httpx has no public way to give its pool a backend; a contract test holds that this one is in force.
            transport._pool = httpcore.AsyncConnectionPool(
                ssl_context=self._ssl,
                max_connections=MAX_CONNECTIONS,
                max_keepalive_connections=KEPT_CONNECTIONS,
                keepalive_expiry=KEEP_S,
                network_backend=_OutsideOnly(),
            )
        return transport

    async def close(self) -> None:
        """Close every connection of the running loop."""
        for pool in self._pools.pop(asyncio.get_running_loop(), {}).values():
            await pool.aclose()


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
        refused = await self._refused(response)
        if refused is not None:
            await self.close()
            return self._fail(request, refused)
        content_type = response.headers["content-type"].split(";")[0].strip().lower()
        self.watch = WireWatch(self._call.target.kind, sse=content_type == "text/event-stream")
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
        if target.api_key:
            try:
                target.api_key.encode("ascii")
            except UnicodeEncodeError:
                raise failure(ProviderRefusedRequest, target.provider, "the key holds letters no key has") from None
            name, prefix = _KEY_PLACES.get(target.kind, ("authorization", "Bearer "))
            headers[name] = prefix + target.api_key
        timeout = {"connect": self._call.connect_timeout_s, "pool": self._call.connect_timeout_s}
        return httpx.Request(
            request.method,
            url.copy_remove_param("key"),
            headers=headers,
            stream=cast("httpx.AsyncByteStream", request.stream),
            extensions={"timeout": timeout | {"read": None, "write": self._call.first_token_timeout_s}},
        )

    async def _refused(self, response: httpx.Response) -> ProviderError | None:
        provider = self._call.target.provider
        if response.status_code != 200:
            try:
                body = await read_little(response)
            except httpx.TransportError:
                body = b""
            retry_after = response.headers.get("retry-after", "")
            return from_status(provider, response.status_code, body=body, retry_after=retry_after)
        if not response.headers.get("content-type", "").lower().startswith(_STREAM_TYPES):
            return failure(ProviderBadAnswer, provider, "the answer is not a model's; is this the right address?")
        if response.headers.get("content-encoding", "identity") != "identity":
            return failure(ProviderBadAnswer, provider, "the answer is packed, which was not asked for")
        return None

    def _transport_failure(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, _BlockedAddress):
            return failure(ProviderRefusedRequest, self._call.target.provider, "the address lies inside this network")
        return from_transport(self._call.target.provider, error)

    def _fail(self, request: httpx.Request, error: ProviderError) -> httpx.Response:
        self._note(error)
        return self._nothing(request)

    def _note(self, error: ProviderError) -> None:
        self.failure = self.failure or error

    def _nothing(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=b"", request=request)


class _Watched(httpx.AsyncByteStream):
    """The answer's body as LiteLLM gets it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._link.chunks():
            yield chunk

    async def aclose(self) -> None:
        await self._link.close()


_KEY_PLACES = {"anthropic": ("x-api-key", ""), "gemini": ("x-goog-api-key", "")}
