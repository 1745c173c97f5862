"""What went wrong at a provider, in our own words: never a vendor's sentence, which may quote the key or the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app.core.ports import (
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderKeyRefused,
    ProviderRefusedRequest,
    ProviderTimeout,
)

if TYPE_CHECKING:
    import httpx

MAX_RETRY_AFTER_S = 3600


def failure(
    kind: type[ProviderError], provider: str, reason: str, *, retry_after_s: int | None = None
) -> ProviderError:
    """Return an error of `kind` about `provider`."""
    return kind(params={"provider": provider, "reason": reason}, retry_after_s=retry_after_s)


def from_status(provider: str, status: int, *, body: bytes, retry_after: str) -> ProviderError:
    """Return the error that an HTTP status other than 2xx stands for. `body` is looked at, never quoted."""
    if 400 <= status < 500 and _mentions(
        body, b"content_moderation", b"moderation_blocked", b"content_policy_violation"
    ):
        return failure(ProviderRefusedRequest, provider, "the provider's rules forbid this content")
    if status in (401, 403) or (status == 400 and _mentions(body, b"API_KEY_INVALID", b"API key not valid")):
        return failure(ProviderKeyRefused, provider, f"key refused (HTTP {status})")
    if status == 402 or (status == 429 and _mentions(body, b"insufficient_quota")):
        return failure(ProviderBusy, provider, f"the account has no credit left (HTTP {status})")
    if status == 429:
        return failure(ProviderBusy, provider, "rate limit (HTTP 429)", retry_after_s=_seconds(retry_after))
    if status in (408, 504):
        return failure(ProviderTimeout, provider, f"gave up waiting (HTTP {status})")
    if status >= 500:
        return failure(ProviderDown, provider, f"failed (HTTP {status})")
    if 300 <= status < 400:
        return failure(ProviderBadAnswer, provider, f"redirects elsewhere (HTTP {status}), which is not followed")
    if status == 404 or _names_unknown_model(body):
        return failure(ProviderRefusedRequest, provider, f"no such model or address (HTTP {status})")
    if status >= 400:
        return failure(ProviderRefusedRequest, provider, f"request refused (HTTP {status})")
    return failure(ProviderBadAnswer, provider, f"unexpected HTTP {status}")


def from_transport(provider: str, error: Exception) -> ProviderError:
    """Return the error that a connection's failure stands for."""
    import httpx

    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return ProviderTimeout(params={"provider": provider, "reason": "no connection in time", "phase": "connect"})
    if isinstance(error, httpx.TimeoutException):
        return failure(ProviderTimeout, provider, "silence")
    if isinstance(error, httpx.ConnectError):
        return failure(ProviderDown, provider, "connection refused, unknown name or bad certificate")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return failure(ProviderRefusedRequest, provider, "the address is not usable")
    if isinstance(error, httpx.DecodingError):
        return failure(ProviderBadAnswer, provider, "the answer cannot be unpacked")
    return failure(ProviderDown, provider, "the connection broke")


async def read_little(response: httpx.Response, *, limit_bytes: int = 65_536) -> bytes:
    """Return the beginning of an error's body."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= limit_bytes:
            break
    return bytes(body[:limit_bytes])


def _mentions(body: bytes, *marks: bytes) -> bool:
    return any(mark in body for mark in marks)


def _names_unknown_model(body: bytes) -> bool:
    try:
        item = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    error = item.get("error", item) if isinstance(item, dict) else {}
    if not isinstance(error, dict):
        return False
    return (
        error.get("code") in ("model_not_found", "1500")
        or error.get("type") == "invalid_model"
        or error.get("message") == "Model Not Exist"
    )


def _seconds(retry_after: str) -> int | None:
    return min(int(retry_after), MAX_RETRY_AFTER_S) if retry_after.isdigit() else None
