"""Everybody who listens to one bus in this process: each has a list of their own, and loses the oldest when slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from app.core.signals import BusEvent
from app.core.telemetry import BUS_EVENTS

KEPT = 1000
"""What a slow listener may have before them; then the oldest is lost, and counted."""


class Listeners:
    """Hands every event to every listener."""

    def __init__(self) -> None:
        self._lists: set[asyncio.Queue[BusEvent]] = set()

    def __len__(self) -> int:
        return len(self._lists)

    def tell(self, event: BusEvent) -> None:
        """Put the event before every listener."""
        for waiting in self._lists:
            if waiting.full():
                waiting.get_nowait()
                BUS_EVENTS.labels("lost").inc()
            waiting.put_nowait(event)

    async def listen(self) -> AsyncGenerator[BusEvent]:
        """Yield what is told from now on."""
        waiting: asyncio.Queue[BusEvent] = asyncio.Queue(KEPT)
        self._lists.add(waiting)
        try:
            while True:
                yield await waiting.get()
        finally:
            self._lists.discard(waiting)
