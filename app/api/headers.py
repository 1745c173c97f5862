"""The headers that tell a browser what our answers may do, and how long they may be kept."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from app.core.settings import Settings

Headers = list[tuple[bytes, bytes]]

# Hashed by the bundler: the name changes with the content. Files without a hash are asked for again by their ETag.
HASHED = re.compile(r"^/assets/[^?]+-[A-Za-z0-9_-]{8,}\.(?:js|css|woff2|png|svg|jpg|webp|json|map)$")

_EVERYWHERE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
        b"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
]
_PROGRAMS_ONLY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
YEAR_S = 31_536_000


def is_for_programs(path: str) -> bool:
    """Whether what lies at `path` is never a page."""
    return path.startswith(("/api/", "/v1/")) or path in {"/healthz", "/readyz", "/metrics"}


class HeaderRules:
    """What is added to every answer of one installation.

    `script_hashes` are the CSP hashes of the scripts inside the built pages; without them inline scripts are allowed.
    """

    def __init__(self, settings: Settings, *, script_hashes: tuple[str, ...] = ()) -> None:
        self._origins = {origin.encode() for origin in settings.origins}
        self._fixed = list(_EVERYWHERE)
        if settings.is_https:
            self._fixed.append((b"strict-transport-security", f"max-age={YEAR_S}".encode()))
        self._page_policy = _page_policy(settings, script_hashes)

    def complete(self, headers: Headers, *, path: str, status: int, origin: bytes | None) -> Headers:
        """Return an answer's headers with ours; foreign origins get no CORS grant, whoever wrote one."""
        grants = origin is None or origin in self._origins
        kept = [(k, v) for k, v in headers if grants or not k.lower().startswith(b"access-control-")]
        present = {name.lower() for name, _ in kept}
        ours = [*self._fixed, (b"content-security-policy", self._policy(path))]
        cache = _cache_rule(path, status)
        if cache:
            ours.append((b"cache-control", cache))
        return kept + [(name, value) for name, value in ours if name not in present]

    def _policy(self, path: str) -> bytes:
        return _PROGRAMS_ONLY if is_for_programs(path) else self._page_policy


def _cache_rule(path: str, status: int) -> bytes:
    if is_for_programs(path):
        return b"no-store"
    if status in {200, 206, 304} and HASHED.match(path):
        return f"public, max-age={YEAR_S}, immutable".encode()
    return b"no-cache"


def _page_policy(settings: Settings, script_hashes: tuple[str, ...]) -> bytes:
    # No 'unsafe-eval': the framework's client would evaluate script calls from the server, and no handler makes one.
    inline = " ".join(f"'{one}'" for one in script_hashes) if script_hashes else "'unsafe-inline'"
    # CSP has no words for an IPv6 address; browsers that came by one still reach the socket by 'self'.
    sockets = sorted(
        f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
        for parts in map(urlsplit, settings.origins)
        if "[" not in parts.netloc
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {inline}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self' " + " ".join(sockets),
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ).encode()
