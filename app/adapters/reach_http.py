"""The Reach port: the lightest call of each vendor that a good key is needed for."""

from __future__ import annotations

from app.adapters.media_lane import MediaLane, Outgoing
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderKind

MAX_BYTES = 4 * 2**20
RUNWAY_VERSION = "2024-11-06"
"""The one version of Runway's interface (docs.dev.runwayml.com, "API versioning", 2026-03)."""

PATHS: dict[ProviderKind, str] = {
    "stability": "/v1/user/balance",
    "elevenlabs": "/v1/models",
    "runway": "/v1/organization",
    "automatic1111": "/sdapi/v1/options",
    "comfyui": "/system_stats",
    "anthropic": "/v1/models",
    "cohere": "/v1/models",
}
"""Below each vendor's address; `/models` for all others."""


class HttpReach:
    """Asks providers whether they are there."""

    def __init__(self) -> None:
        self._lane = MediaLane()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._lane.close()

    async def reach(self, target: ModelTarget, *, timeout_s: float) -> None:
        """Make the lightest call that the provider answers to holders of a good key only, where it has one.

        Raises:
            ProviderError: one of its kinds.
        """
        headers = {"accept": "application/json"}
        if target.kind == "runway":
            headers["x-runway-version"] = RUNWAY_VERSION
        if target.kind == "anthropic":
            headers["anthropic-version"] = "2023-06-01"
        url = base_url_of(target) + PATHS.get(target.kind, "/models")
        request = Outgoing("GET", url, headers=headers, limit_bytes=MAX_BYTES)
        answer = await self._lane.ask(target, request, timeout_s=timeout_s)
        if answer.media_type != "application/json":
            raise failure(ProviderBadAnswer, target.provider, "the answer is not JSON; is this the right address?")
