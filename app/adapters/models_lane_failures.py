"""What went wrong with the lane's connection, in our own words: aiohttp's may quote the address or a header."""

from __future__ import annotations

from app.adapters.models_litellm_failures import failure
from app.core.ports import (
    ProviderBadAnswer,
    ProviderDown,
    ProviderError,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from app.core.telemetry import log


def from_connection(provider: str, error: Exception) -> ProviderError:
    """Return the error that a connection's failure stands for."""
    import aiohttp

    from app.adapters.models_lane_pools import BlockedAddress

    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ProviderTimeout(params={"provider": provider, "reason": "no connection in time", "phase": "connect"})
    if isinstance(error, TimeoutError):
        return failure(ProviderTimeout, provider, "no first token in time")
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, BlockedAddress):
        return failure(ProviderRefusedRequest, provider, "the address lies inside this network")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
        return failure(ProviderDown, provider, "connection refused, unknown name or bad certificate")
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return failure(ProviderRefusedRequest, provider, "the address is not usable")
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientOSError | aiohttp.ServerDisconnectedError):
        return failure(ProviderDown, provider, "the connection broke")
    if isinstance(error, aiohttp.ClientResponseError):
        return failure(ProviderBadAnswer, provider, "the answer is not HTTP")
    log.warning("models.lane_failed", error=type(error).__name__)
    return failure(ProviderDown, provider, "the connection broke")
