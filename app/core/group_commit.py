"""Group commit: what one workspace asks to be written at the same moment is written in one unit of work.

Whoever comes while a unit of work is under way waits for it, and then goes along with all who came meanwhile: one
request at a time notices nothing, and a hundred ask the database a few times instead of a hundred. SQLite has one
writer, and every unit of work costs it a BEGIN, a COMMIT and a write to the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context as Variables
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from app.core.context import Context
from app.core.db import Database

MOST_AT_ONCE = 64

Entry = TypeVar("Entry")
Result = TypeVar("Result")
Waiting = tuple[Context, Entry, "asyncio.Future[Result]"]


class GroupCommit(Generic[Entry, Result]):
    """Hands entries to `write`, many of one workspace at once, in the order in which they came.

    `write` opens one unit of work for all of them and returns their results in order. Where it raises nothing is
    written, and each entry is tried by itself, so that only the one at fault is refused.
    """

    def __init__(self, write: Callable[[Context, Sequence[Entry]], Awaitable[Sequence[Result]]]) -> None:
        self._write = write
        self._waiting: WeakKeyDictionary[Database, dict[UUID, list[Waiting[Entry, Result]]]] = WeakKeyDictionary()
        self._writing: set[asyncio.Task[None]] = set()

    async def submit(self, ctx: Context, entry: Entry) -> Result:
        """Return when the entry is written; who is cancelled here does not stop that.

        Raises:
            Exception: whatever `write` raised for this entry.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        waiting = self._waiting.setdefault(ctx.ports.db, {})
        if ctx.tenant in waiting:
            waiting[ctx.tenant].append((ctx, entry, done))
        else:
            waiting[ctx.tenant] = [(ctx, entry, done)]
            # Its own variables: a unit of work that is open here is not open there.
            task = loop.create_task(self._work_off(waiting, ctx.tenant), context=Variables())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return await asyncio.shield(done)

    async def _work_off(self, waiting: dict[UUID, list[Waiting[Entry, Result]]], tenant_id: UUID) -> None:
        try:
            while group := waiting[tenant_id][:MOST_AT_ONCE]:
                del waiting[tenant_id][: len(group)]
                await self._together(group)
        finally:
            for _, _, done in waiting.pop(tenant_id):
                done.cancel()

    async def _together(self, group: Sequence[Waiting[Entry, Result]]) -> None:
        try:
            results = await self._write(group[0][0], [entry for _, entry, _ in group])
        except Exception as error:
            if len(group) == 1:
                _tell(group[0][2], error)
                return
            for one in group:
                await self._together([one])
            return
        for (_, _, done), result in zip(group, results, strict=True):
            if not done.done():
                done.set_result(result)


def _tell(done: asyncio.Future[Result], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # whoever asked may have left: then nobody is to be told that nobody looked
