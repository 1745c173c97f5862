"""Where a workspace may point a provider: out to the internet, never into the operator's own network.

The name is resolved and every address is checked, once when the form is saved and again at each connection, which then
goes to a checked address: a name that changes its mind between the two gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from app.core.errors import InvalidInput

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL_CHARS = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}
_EXTRA_INSIDE = (
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host agent: a public number, reachable from inside only
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relay anycast (RFC 7526)
    ipaddress.ip_network("192.0.0.0/24"),  # IETF protocol assignments (RFC 6890); Oracle's metadata lies here
    ipaddress.ip_network("fec0::/10"),  # site-local (RFC 3879), which Python calls global
)
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215


class AddressInside(Exception):
    """The name leads to an address that is not on the public internet."""


class AddressUnknown(Exception):
    """The name cannot be resolved."""


def is_inside(address: IPAddress) -> bool:
    """Return whether `address` is anything but a plain public one; IPv4 wrapped in IPv6 counts as what it wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return True
        if any(address in network for network in _NAT64):
            return is_inside(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if wrapped:
            return is_inside(wrapped)
        if int(address) >> 32 == 0:  # ::a.b.c.d, IPv4-compatible (RFC 4291, deprecated)
            return True
    if any(address in network for network in _EXTRA_INSIDE if network.version == address.version):
        return True
    return not address.is_global or address.is_multicast or address.is_reserved


async def outside_addresses(host: str, port: int) -> tuple[str, ...]:
    """Resolve `host` and return its addresses, in the resolver's order; it also reads odd spellings of numbers.

    Raises:
        AddressInside: one of them is not public.
        AddressUnknown: the name does not resolve.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressUnknown(host) from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise AddressUnknown(host)
    if any(is_inside(ipaddress.ip_address(address)) for address in addresses):
        raise AddressInside(host)
    return addresses


def split_base_url(base_url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a provider's base URL.

    Raises:
        InvalidInput: not a plain http or https URL with a host.
    """
    refused = InvalidInput(
        "The address must begin with http:// or https:// and hold no user name, question mark or hash.",
        code="provider.base_url",
        field="base_url",
    )
    if len(base_url) > MAX_URL_CHARS or any(c.isspace() or c in '\\<>"{}|^`?#@' or ord(c) < 33 for c in base_url):
        raise refused
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in _DEFAULT_PORTS or not host or port == 0:
        raise refused
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]


async def check_base_url(base_url: str, *, inside_allowed: bool) -> None:
    """Refuse a base URL that a workspace may not use.

    Raises:
        InvalidInput: not a plain URL, a name that does not resolve, or an inside address.
    """
    _, host, port = split_base_url(base_url)
    if inside_allowed:
        return
    try:
        await outside_addresses(host, port)
    except AddressInside:
        raise InvalidInput(
            "{host} is an address inside this network. Only the operator can allow that.",
            code="provider.address_inside",
            field="base_url",
            params={"host": host},
        ) from None
    except AddressUnknown:
        raise InvalidInput(
            "{host} cannot be found.", code="provider.address_unknown", field="base_url", params={"host": host}
        ) from None
