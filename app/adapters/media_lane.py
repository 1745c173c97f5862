"""One bounded request and its answer over the lane's walls: what the adapters of media that speak HTTP share.

Nothing is retried, no redirect followed, and an answer that is larger than was to be expected is not read to its end.
Cancelling closes the connection, which ends the provider's work where it watches for that.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from app.adapters.models_lane_failures import from_connection
from app.adapters.models_litellm_failures import failure, from_status
from app.adapters.models_wire import key_headers
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError, ProviderTimeout

if TYPE_CHECKING:
    import aiohttp

    from app.adapters.models_lane_pools import LanePools

MAX_ANSWER_BYTES = 64 * 2**20
MAX_ERROR_BYTES = 65_536
CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form; with a file name, a file of it."""

    name: str
    value: str | bytes = field(repr=False)
    filename: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, without its key. `json` or `form` is its body, neither: it has none."""

    method: str
    url: str
    json: Any = None  # Any: a vendor's JSON
    form: tuple[Part, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    limit_bytes: int = MAX_ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Incoming:
    """A whole answer with status 200 or its like."""

    media_type: str
    headers: Mapping[str, str]
    data: bytes = field(repr=False)

    def json(self, provider: str) -> Any:  # Any: a vendor's JSON
        """Return the answer's JSON object.

        Raises:
            ProviderBadAnswer: it is none.
        """
        try:
            found = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            raise failure(ProviderBadAnswer, provider, "the answer is not JSON; is this the right address?") from None
        if not isinstance(found, dict):
            raise failure(ProviderBadAnswer, provider, "the answer is no JSON object")
        return found


class MediaLane:
    """Asks providers, over pools of its own: one that reaches the internet only, one that also reaches inside."""

    def __init__(self) -> None:
        self._pools: LanePools | None = None

    async def close(self) -> None:
        """End every connection of the running loop."""
        if self._pools is not None:
            await self._pools.close()

    async def ask(self, target: ModelTarget, request: Outgoing, *, timeout_s: float) -> Incoming:
        """Send the request with the target's key and return its whole answer.

        Raises:
            ProviderError: refused, unreachable, too late or too large.
        """
        response: aiohttp.ClientResponse | None = None
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._send(target, request)
                if not 200 <= response.status < 300:
                    body = await _read_until(response, MAX_ERROR_BYTES)
                    retry_after = response.headers.get("retry-after", "")
                    raise from_status(target.provider, response.status, body=body, retry_after=retry_after)
                return await _whole(target.provider, response, limit_bytes=request.limit_bytes)
        except ProviderError:
            raise
        except TimeoutError as error:
            connecting = response is None and from_connection(target.provider, error)
            raise connecting or failure(ProviderTimeout, target.provider, "no answer in time") from None
        except Exception as error:  # aiohttp's own, of many classes
            raise from_connection(target.provider, error) from None
        finally:
            if response is not None:
                response.close()

    async def _send(self, target: ModelTarget, request: Outgoing) -> aiohttp.ClientResponse:
        from aiohttp import ClientTimeout
        from yarl import URL

        if self._pools is None:
            from app.adapters.models_lane_pools import LanePools

            self._pools = LanePools()
        headers = {"accept-encoding": "identity", "user-agent": "Galley", **request.headers, **_shown_key(target)}
        body: dict[str, Any] = {}  # Any: one of two keywords
        if request.json is not None:
            headers["content-type"] = "application/json"
            body["data"] = orjson.dumps(request.json)
        elif request.form:
            body["data"] = _as_form(request.form)
        return await self._pools.get(inside_allowed=target.inside_allowed).request(
            request.method,
            URL(request.url, encoded=True),
            headers=headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S),
            **body,
        )


def _shown_key(target: ModelTarget) -> dict[str, str]:
    """Return the header with the key; Automatic1111 wants `name:word` as a browser would send it."""
    headers = key_headers(target)
    if target.kind == "automatic1111" and headers:
        return {"authorization": "Basic " + base64.b64encode(target.api_key.encode("ascii")).decode("ascii")}
    return headers


def _as_form(parts: tuple[Part, ...]) -> aiohttp.MultipartWriter:
    import aiohttp

    writer = aiohttp.MultipartWriter("form-data")
    for part in parts:
        raw = part.value if isinstance(part.value, bytes) else part.value.encode()
        payload = aiohttp.BytesPayload(raw, content_type=part.media_type or "text/plain; charset=utf-8")
        if part.filename:
            payload.set_content_disposition("form-data", name=part.name, filename=part.filename)
        else:
            payload.set_content_disposition("form-data", name=part.name)
        writer.append_payload(payload)
    return writer


async def _whole(provider: str, response: aiohttp.ClientResponse, *, limit_bytes: int) -> Incoming:
    data = await _read_until(response, limit_bytes + 1)
    if len(data) > limit_bytes:
        raise failure(ProviderBadAnswer, provider, "the answer is too large")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise failure(ProviderBadAnswer, provider, "the answer is packed, which was not asked for")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Incoming(media_type, {k.lower(): v for k, v in response.headers.items()}, data)


async def _read_until(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    body = bytearray()
    while len(body) < limit_bytes and (more := await response.content.readany()):
        body += more
    return bytes(body[:limit_bytes])
