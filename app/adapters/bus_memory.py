"""A bus inside one process: for tests, and where no Redis can be had."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from app.adapters.bus_listeners import Listeners
from app.core.signals import BusEvent
from app.core.telemetry import BUS_EVENTS


class MemoryBus:
    """Tells who listens in this process."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    async def publish(self, *events: BusEvent) -> None:
        for event in events:
            self._listeners.tell(event)
        BUS_EVENTS.labels("published").inc(len(events))

    def listen(self) -> AsyncGenerator[BusEvent]:
        return self._listeners.listen()

    async def ping(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing is open."""
