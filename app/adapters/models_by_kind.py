"""One Models port over three adapters: the built-in writer, the thin lane, and LiteLLM for everything else.

LiteLLM takes seconds and 180 MB to load: it is loaded at the start only where the operator's own providers need it,
else by the first call that does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from app.adapters.models_lane_requests import has_lane
from app.core.ports import ModelCall, ModelEvent, Models, ModelTarget, ProviderKind


class ModelsByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(
        self,
        *,
        embedded: Models,
        lane: Models,
        library: Models,
        needs_library: Callable[[], bool] = lambda: False,
    ) -> None:
        self._embedded = embedded
        self._lane = lane
        self._library = library
        self._needs_library = needs_library

    def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Stream from the adapter that serves the target's kind."""
        return self._adapter(call.target).stream(call)

    def _adapter(self, target: ModelTarget) -> Models:
        if target.kind == "embedded":
            return self._embedded
        return self._library if needs_library(target.kind, target.options.get("lane", "")) else self._lane

    async def ping(self) -> None:
        """Return when what is needed from the start can serve.

        Raises:
            Unavailable: something of it cannot yet.
        """
        await self._embedded.ping()
        await self._lane.ping()
        if self._needs_library():
            await self._library.ping()

    async def warm(self) -> None:
        """Load what is needed from the start; start it once the server listens."""
        await self._embedded.warm()
        await self._lane.warm()
        if self._needs_library():
            await self._library.warm()

    async def close(self) -> None:
        """Close the connections of every adapter."""
        for adapter in (self._embedded, self._lane, self._library):
            await adapter.close()


def needs_library(kind: ProviderKind, lane: str = "") -> bool:
    """Whether a provider of `kind` is reached through LiteLLM; `lane` is the provider's own wish.

    Cohere never is: LiteLLM gives its requests a connection of its own making, past all our walls.
    """
    return kind not in ("embedded", "cohere") and (lane == "litellm" or not has_lane(kind))
