"""Connection pools under LiteLLM: one that reaches the public internet only, one that also reaches inside."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import httpcore
import httpx

from app.llm.addresses import AddressInside, AddressUnknown, outside_addresses

MAX_CONNECTIONS = 1000
KEPT_CONNECTIONS = 100
KEEP_S = 4.0
"""Below the 5 s after which several local servers close an idle connection."""


class BlockedAddress(httpcore.ConnectError):
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
        """Resolve, check, connect.

        Raises:
            BlockedAddress: the name leads inside.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await outside_addresses(host, port)
        except AddressInside:
            raise BlockedAddress("inside") from None
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
        """Wait, as httpcore asks for between its own tries."""
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
