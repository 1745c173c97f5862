"""Wake-ups inside one process: for tests, and where no Redis can be had. Workers of other processes look at SQL."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from uuid import UUID


class MemoryQueue:
    """Lists of job ids; a job is rung for once at a time."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[UUID]] = {}
        self._rung = asyncio.Event()
        self._marked = False

    async def wake(self, job_ids: Sequence[UUID], *, queue: str, first: bool = False) -> None:
        waiting = self._waiting.setdefault(queue, deque())
        new = [job_id for job_id in job_ids if job_id not in waiting]
        (waiting.extendleft if first else waiting.extend)(new)
        self._rung.set()

    async def take(self, queues: Sequence[str], *, wait_s: float) -> UUID | None:
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    self._rung.clear()
                    for queue in queues:
                        if waiting := self._waiting.get(queue):
                            return waiting.popleft()
                    await self._rung.wait()
        except TimeoutError:
            return None

    async def depth(self) -> Mapping[str, int]:
        return {queue: len(waiting) for queue, waiting in self._waiting.items() if waiting}

    async def is_marked(self) -> bool:
        return self._marked

    async def mark(self) -> None:
        self._marked = True

    async def ping(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing is open."""
