"""One Models port over two adapters: the built-in writer, and everything that is reached over a wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.core.ports import ModelCall, ModelEvent, Models


class ModelsByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(self, *, embedded: Models, hosted: Models) -> None:
        self._embedded = embedded
        self._hosted = hosted

    def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Stream from the adapter that serves the target's kind."""
        return (self._embedded if call.target.kind == "embedded" else self._hosted).stream(call)

    async def ping(self) -> None:
        """Return when both adapters can serve.

        Raises:
            Unavailable: one cannot yet.
        """
        await self._embedded.ping()
        await self._hosted.ping()

    async def warm(self) -> None:
        """Load what both adapters need; start it once the server listens."""
        await self._embedded.warm()
        await self._hosted.warm()

    async def close(self) -> None:
        """Close the connections of both adapters."""
        await self._embedded.close()
        await self._hosted.close()
