"""Connections under the lane: one pool that reaches the public internet only, one that also reaches inside."""

from __future__ import annotations

import asyncio
import socket
import ssl
from ipaddress import ip_address
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from app.llm.addresses import AddressInside, AddressUnknown, is_inside, outside_addresses

MAX_CONNECTIONS = 1000
KEEP_S = 4.0
"""Below the 5 s after which several local servers close an idle connection."""
NAMES_KEPT_S = 10


class BlockedAddress(OSError):
    """The name leads inside."""


class _OutsideResolver(AbstractResolver):
    """Resolves names whose addresses are all public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`.

        Raises:
            BlockedAddress: one of them lies inside.
            OSError: the name is unknown.
        """
        try:
            addresses = await outside_addresses(host, port)
        except AddressInside:
            raise BlockedAddress("inside") from None
        except AddressUnknown:
            raise OSError("unknown name") from None
        return [_found(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def _found(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _outside_socket(target: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:  # Any: as aiohttp types it
    """Open a socket only to a public address: the last look, at the very address that is connected to."""
    family, kind, protocol, _, address = target
    if is_inside(ip_address(address[0])):
        raise BlockedAddress("inside")
    return socket.socket(family=family, type=kind, proto=protocol)


class LanePools:
    """Two pools per event loop. Nothing of the environment is read for them: no proxy, no cookies, no .netrc."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, aiohttp.ClientSession]] = (
            WeakKeyDictionary()
        )
        self._ssl: ssl.SSLContext | None = None

    def get(self, *, inside_allowed: bool) -> aiohttp.ClientSession:
        """Return the pool, making it at first use."""
        sessions = self._sessions.setdefault(asyncio.get_running_loop(), {})
        session = sessions.get(inside_allowed)
        if session is None:
            session = sessions[inside_allowed] = self._new(inside_allowed=inside_allowed)
        return session

    def _new(self, *, inside_allowed: bool) -> aiohttp.ClientSession:
        if self._ssl is None:
            import certifi

            self._ssl = ssl.create_default_context(cafile=certifi.where())
            self._ssl.set_default_verify_paths()  # an operator's own authority, where the system knows one
        walls: dict[str, Any] = {}  # Any: keywords of two types
        if not inside_allowed:
            walls = {"resolver": _OutsideResolver(), "socket_factory": _outside_socket}
        connector = aiohttp.TCPConnector(
            limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_S, ttl_dns_cache=NAMES_KEPT_S, ssl=self._ssl, **walls
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=32_768,
            max_field_size=32_768,
        )

    async def close(self) -> None:
        """Close every connection of the running loop."""
        for session in self._sessions.pop(asyncio.get_running_loop(), {}).values():
            await session.close()
