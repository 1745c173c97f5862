"""Addresses of the net: mail, IP, and names and passwords inside web addresses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

import regex

from app.llm.redaction.found import Found

_EMAIL = regex.compile(
    r"(?<![A-Za-z0-9À-ɏ.+_%-])[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ._%+'-]{0,63}"
    r"@(?:[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ-]{0,61}[A-Za-z0-9À-ɏ])?\.){1,8}(?:[A-Za-z]{2,24}|xn--[a-z0-9-]{2,40})"
    r"(?![A-Za-z0-9@-])"
)
_LOGIN = regex.compile(r"(?<=[a-z]://)[^\s/@:\"'<>]{1,80}:[^\s/@\"'<>]{1,200}(?=@)", regex.IGNORECASE)
_SECRET = regex.compile(
    r"(?<=[?&;](?:access_token|auth_token|token|api_?key|apikey|password|passwd|pwd|secret|signature|sig)=)"
    r"[^\s&#\"'<>]{6,300}",
    regex.IGNORECASE,
)
_IPV4 = regex.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", regex.ASCII)
_IPV6 = regex.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", regex.IGNORECASE | regex.ASCII)
_VERSION = regex.compile(r"(?:\bv|\bversion|\bver\.?|\brelease|版本|バージョン|버전)\s*$", regex.IGNORECASE)
_SHORTEST_IPV6 = 9


def addresses(text: str) -> Iterator[Found]:
    """Yield mail and IP addresses and what a web address lets in with. `text` is plain."""
    if "://" in text:
        for pattern in (_LOGIN, _SECRET):
            for match in pattern.finditer(text):
                yield Found(match.start(), match.end(), "LOGIN", match.group())
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Found(match.start(), match.end(), "EMAIL", match.group().casefold())
    for match in _IPV4.finditer(text):
        if _is_somebodys(match.group()) and not _VERSION.search(text, max(0, match.start() - 12), match.start()):
            yield Found(match.start(), match.end(), "IP", match.group())
    if "::" in text or text.count(":") >= 7:
        for match in _IPV6.finditer(text):
            if len(match.group()) >= _SHORTEST_IPV6 and _is_somebodys(match.group()):
                yield Found(match.start(), match.end(), "IP", match.group().casefold())


def _is_somebodys(address: str) -> bool:
    """Whether it is an address that points at a machine, and not at every machine itself."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return not (known.is_loopback or known.is_unspecified)
