"""What is read often and changes seldom, kept in memory for a moment.

An answer is given for `lasts_s` at most. In the second half of that time it is read anew behind the back of whoever
asks, so that steady callers never wait for the database and never see anything older than they may. Who comes while
it is being read waits for that reading: fifty callers after a rest ask the database once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context as Variables
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from app.core.db import Database
from app.core.ports import Ports
from app.core.telemetry import log

RENEW_AFTER_S = 0.02
"""Whoever asked goes on first: reading takes the loop some milliseconds, which a provider spends thinking."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class _Known(Generic[Value]):
    read_s: float
    value: Value
    is_renewed: bool = False


@dataclass(frozen=True, slots=True)
class _Reading(Generic[Value]):
    changes: int  # of the shelf, when it began
    task: asyncio.Task[Value]


@dataclass(slots=True)
class _Shelf(Generic[Key, Value]):
    known: dict[Key, _Known[Value]] = field(default_factory=dict)
    reading: dict[Key, _Reading[Value]] = field(default_factory=dict)
    changes: int = 0


class Kept(Generic[Key, Value]):
    """Answers by key and database, as old as their question. None is an answer that is not kept."""

    def __init__(self, *, lasts_s: float = 2.0, most: int = 10_000) -> None:
        self.lasts_s = lasts_s
        self.most = most
        self._shelves: WeakKeyDictionary[Database, _Shelf[Key, Value]] = WeakKeyDictionary()
        self._renewing: set[asyncio.Task[None]] = set()

    async def get(self, ports: Ports, key: Key, read: Callable[[], Awaitable[Value]]) -> Value:
        """Return the answer for `key`, from memory or from `read`.

        Raises:
            Exception: whatever `read` raises.
        """
        known = self._shelf(ports).known.get(key)
        age_s = ports.clock.monotonic_s() - known.read_s if known else -1.0
        if known is None or not 0 <= age_s < self.lasts_s:
            return await self._read(ports, key, read)
        if age_s >= self.lasts_s / 2 and not known.is_renewed:
            known.is_renewed = True
            # Its own variables: a unit of work that is open here is not open there.
            task = asyncio.get_running_loop().create_task(self._renew(ports, key, read), context=Variables())
            self._renewing.add(task)
            task.add_done_callback(self._renewing.discard)
        return known.value

    def peek(self, ports: Ports, key: Key) -> Value | None:
        """Return what is kept under `key`, however old."""
        known = self._shelf(ports).known.get(key)
        return known.value if known else None

    def put(self, ports: Ports, key: Key, value: Value) -> None:
        """Keep what is known without asking, such as what was just written."""
        self._keep(self._changed(ports), key, value, read_s=ports.clock.monotonic_s())

    def forget(self, ports: Ports, *keys: Key) -> None:
        """Ask anew for these."""
        shelf = self._changed(ports)
        for key in keys:
            shelf.known.pop(key, None)

    def forget_all(self, ports: Ports) -> None:
        """Ask anew for everything."""
        self._changed(ports).known.clear()

    def _shelf(self, ports: Ports) -> _Shelf[Key, Value]:
        shelf = self._shelves.get(ports.db)
        if shelf is None:
            shelf = self._shelves[ports.db] = _Shelf()
        return shelf

    def _changed(self, ports: Ports) -> _Shelf[Key, Value]:
        shelf = self._shelf(ports)
        shelf.changes += 1  # what is being read at this moment may be of before
        return shelf

    def _keep(self, shelf: _Shelf[Key, Value], key: Key, value: Value, *, read_s: float) -> None:
        shelf.known.pop(key, None)
        if value is None:
            return
        while len(shelf.known) >= self.most:
            shelf.known.pop(next(iter(shelf.known)))
        shelf.known[key] = _Known(read_s, value)

    async def _read(self, ports: Ports, key: Key, read: Callable[[], Awaitable[Value]]) -> Value:
        shelf = self._shelf(ports)
        reading = shelf.reading.get(key)
        if reading is None or reading.changes != shelf.changes:
            # Its own variables: a unit of work that is open here is not open there.
            task = asyncio.get_running_loop().create_task(self._ask(ports, shelf, key, read), context=Variables())
            reading = shelf.reading[key] = _Reading(shelf.changes, task)
            task.add_done_callback(partial(_end, shelf, key))
        return await asyncio.shield(reading.task)  # who leaves does not take it from the others

    async def _ask(
        self, ports: Ports, shelf: _Shelf[Key, Value], key: Key, read: Callable[[], Awaitable[Value]]
    ) -> Value:
        changes, asked_at_s = shelf.changes, ports.clock.monotonic_s()
        value = await read()
        if shelf.changes == changes:
            self._keep(shelf, key, value, read_s=asked_at_s)
        return value

    async def _renew(self, ports: Ports, key: Key, read: Callable[[], Awaitable[Value]]) -> None:
        await asyncio.sleep(RENEW_AFTER_S)
        try:
            await self._read(ports, key, read)
        except Exception as error:  # nobody waits for it: whoever asks when the answer is too old is told
            log.info("kept.not_renewed", error=type(error).__name__)


def _end(shelf: _Shelf[Key, Value], key: Key, task: asyncio.Task[Value]) -> None:
    if (reading := shelf.reading.get(key)) is not None and reading.task is task:
        del shelf.reading[key]
    if not task.cancelled():
        task.exception()  # all who asked may have left: then nobody is to be told that nobody looked
