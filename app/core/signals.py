"""Two ports by which processes of an installation hear of each other: a bell for workers, and news for everybody.

Neither keeps anything: what must not be lost is written in SQL, and is read again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID


class Queue(Protocol):
    """Wakes workers up. It may lose or repeat a wake-up: the job ledger is the truth, this is only the bell."""

    async def wake(self, job_ids: Sequence[UUID], *, queue: str, first: bool = False) -> None:
        """Ring for these jobs; `first`: before all that wait in the queue.

        Raises:
            Unavailable: nobody hears; the dispatcher rings again later.
        """
        ...

    async def take(self, queues: Sequence[str], *, wait_s: float) -> UUID | None:
        """Return the next job that was rung for in one of these queues, the first of them first; None after `wait_s`.

        Raises:
            Unavailable: nobody would be heard.
        """
        ...

    async def depth(self) -> Mapping[str, int]:
        """Return how many wake-ups wait in each queue.

        Raises:
            Unavailable: that cannot be asked.
        """
        ...

    async def is_marked(self) -> bool:
        """Return whether the mark is still there; where it is gone, every wake-up is gone with it.

        Raises:
            Unavailable: that cannot be asked.
        """
        ...

    async def mark(self) -> None:
        """Leave a mark that stays as long as the wake-ups do.

        Raises:
            Unavailable: it cannot be left.
        """
        ...

    async def close(self) -> None:
        """End every connection; called once, when the process stops."""
        ...

    async def ping(self) -> None:
        """Return when wake-ups are heard.

        Raises:
            Unavailable: they are not.
        """
        ...


@dataclass(frozen=True, slots=True)
class BusEvent:
    """Something that happened in a workspace. `data` is JSON and holds ids and numbers, never content."""

    tenant_id: UUID
    name: str
    data: Mapping[str, Any]  # Any: JSON


MISSED = "bus.missed"
"""The name of an event of nobody's: the bus was away, and what happened meanwhile was not heard. Read again."""


class Bus(Protocol):
    """Tells every process of the installation what happened. Who was away misses it, and reads the database again."""

    async def publish(self, *events: BusEvent) -> None:
        """Tell everybody, in this order; a bus that is away is logged and counted, never an error of the caller's."""
        ...

    def listen(self) -> AsyncGenerator[BusEvent]:
        """Yield what happens from now on, until closed; it connects again by itself.

        Who is slower than what happens loses the oldest of it, never the newest.
        """
        ...

    async def close(self) -> None:
        """End every connection; called once, when the process stops."""
        ...

    async def ping(self) -> None:
        """Return when events travel.

        Raises:
            Unavailable: they do not.
        """
        ...
