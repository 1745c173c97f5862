"""A workspace cannot point a provider into the operator's network, however the address is spelled."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.llm.addresses import check_base_url, is_inside

INSIDE_URLS = """
http://127.0.0.1:11434/v1
http://127.1/v1
http://127.0.1/v1
http://0.0.0.0/v1
http://0/v1
http://2130706433/v1
http://0x7f000001/v1
http://0x7f.0.0.1/v1
http://0X7F.1/v1
http://0177.0.0.1/v1
http://017700000001/v1
http://127.0.0.1./v1
http://localhost/v1
http://LOCALHOST:8000/v1
http://localhost./v1
http://10.0.0.1/v1
http://012.0.0.1/v1
http://172.16.0.1/v1
http://172.31.255.254/v1
http://192.168.1.1/v1
http://0xc0a80101/v1
http://169.254.169.254/latest/meta-data
http://2852039166/v1
http://0xa9fea9fe/v1
http://0xA9.0xFE.0xA9.0xFE/v1
http://0251.0376.0251.0376/v1
http://100.64.0.1/v1
http://100.100.100.200/v1
http://168.63.129.16/v1
http://192.0.0.192/v1
http://192.0.2.1/v1
http://198.18.0.1/v1
http://224.0.0.1/v1
http://239.255.255.250/v1
http://240.0.0.1/v1
http://255.255.255.255/v1
http://[::1]/v1
http://[::]/v1
http://[0:0:0:0:0:0:0:1]/v1
http://[::ffff:127.0.0.1]/v1
http://[::ffff:7f00:1]/v1
http://[::ffff:169.254.169.254]/v1
http://[::ffff:a9fe:a9fe]/v1
http://[::127.0.0.1]/v1
http://[::7f00:1]/v1
http://[64:ff9b::127.0.0.1]/v1
http://[64:ff9b::a9fe:a9fe]/v1
http://[2002:7f00:1::]/v1
http://[2002:a9fe:a9fe::1]/v1
http://[2002:c0a8:101::1]/v1
http://[2001:0:7f00:1::]/v1
http://[fe80::1]/v1
http://[fec0::1]/v1
http://[fc00::1]/v1
http://[fd00:ec2::254]/v1
http://[ff02::1]/v1
http://[fe80::1%lo]/v1
http://[2001:db8::1]/v1
http://１２７.0.0.1/v1
http://①②⑦.⓪.⓪.①/v1
http://127。0。0。1/v1
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/v1
""".strip().splitlines()

MALFORMED_URLS = [
    "",
    "ftp://example.com/v1",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
    "//example.com/v1",
    "example.com/v1",
    "http://",
    "http:///v1",
    "http://user@example.com/v1",
    "http://example.com@127.0.0.1/v1",
    "http://user:word@example.com/v1",
    "http://example.com\\@127.0.0.1/v1",
    "http://example.com\n.internal/v1",
    "http://exa mple.com/v1",
    "http://example.com\t/v1",
    "http://example.com\x00/v1",
    "http://example.com:99999/v1",
    "http://example.com:abc/v1",
    "http://example.com:0/v1",
    "http://[::1/v1",
    "http://[fe80::1%25eth0]@x/v1",
    "http://example.com/v1?key=x",
    "http://example.com/v1#x",
    "http://${HOST}/v1",
    "os.environ/OPENAI_BASE_URL",
    "http://" + "a" * 600,
]


class Names:
    """A resolver of our own: names from a table, everything else as the machine's does numbers."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        self._table = table
        self._machine = asyncio.get_running_loop().getaddrinfo

    async def __call__(self, host: str, port: int, **options: Any) -> list[Any]:
        if host in self._table:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in self._table[host]]
        return await self._machine(host, port, **options)


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {"api.example.com": ["93.184.216.34"]}
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Names(table))
    return table


@pytest.mark.parametrize("url", INSIDE_URLS)
async def test_an_inside_address_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await check_base_url(url, inside_allowed=False)

    assert caught.value.field == "base_url"
    assert caught.value.code in ("provider.address_inside", "provider.address_unknown")


@pytest.mark.parametrize("url", MALFORMED_URLS)
@pytest.mark.parametrize("inside_allowed", [True, False])
async def test_what_is_no_plain_web_address_is_refused(url: str, inside_allowed: bool) -> None:
    with pytest.raises(InvalidInput) as caught:
        await check_base_url(url, inside_allowed=inside_allowed)

    assert caught.value.code == "provider.base_url"


async def test_a_public_address_is_accepted(names: dict[str, list[str]]) -> None:
    await check_base_url("https://api.example.com:8443/v1", inside_allowed=False)


async def test_one_inside_address_among_public_ones_is_enough_to_refuse(names: dict[str, list[str]]) -> None:
    names["api.example.com"] = ["93.184.216.34", "10.0.0.7"]

    with pytest.raises(InvalidInput, match="inside"):
        await check_base_url("https://api.example.com/v1", inside_allowed=False)


async def test_a_name_that_leads_nowhere_is_refused(names: dict[str, list[str]]) -> None:
    names["gone.example.com"] = []

    with pytest.raises(InvalidInput, match="cannot be found"):
        await check_base_url("https://gone.example.com/v1", inside_allowed=False)


async def test_the_operator_can_allow_inside_addresses() -> None:
    await check_base_url("http://127.0.0.1:11434/v1", inside_allowed=True)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
)
def test_public_addresses_are_outside(address: str) -> None:
    assert not is_inside(ipaddress.ip_address(address))


def test_an_address_of_one_interface_is_inside() -> None:
    assert is_inside(ipaddress.ip_address("2606:4700::1111%eth0"))
