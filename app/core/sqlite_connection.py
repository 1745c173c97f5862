"""SQLite's driver with one change of threads per statement instead of four.

aiosqlite goes to its thread and back to make a cursor, to execute, to fetch and to close; each way costs 60-100 us of
processor time and, while another thread computes, up to a switch interval. Here a statement is made, executed and read
out in one go, and takes the BEGIN before it along: a unit of work that asks nothing takes no trip at all.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import aiosqlite

Row = tuple[Any, ...]  # Any: whatever a column holds


class OneTripCursor:
    """The part of aiosqlite's cursor that SQLAlchemy uses. Rows are read when the statement is executed."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Row] = deque()

    async def __aenter__(self) -> OneTripCursor:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> OneTripCursor:
        """Execute a statement and read its rows.

        Raises:
            sqlite3.Error: as sqlite3 does.
        """
        self._cursor, self._rows = await self._connection.whole(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> OneTripCursor:
        """Execute a statement once for each of `parameters`.

        Raises:
            sqlite3.Error: as sqlite3 does.
        """
        self._cursor = await self._connection.many(statement, parameters)
        self._rows = deque()
        return self

    async def fetchone(self) -> Row | None:
        """Return the next row."""
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Row]:
        """Return the next rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    async def fetchall(self) -> Sequence[Row]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, deque()
        return rows  # SQLAlchemy makes a deque of it in any case

    async def close(self) -> None:
        """Forget the rows; the statement was read to its end."""
        self._rows = deque()

    @property
    def description(self) -> Any:  # Any: as sqlite3 types it
        """The columns, None where there are none."""
        return self._cursor.description if self._cursor is not None else None

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount if self._cursor is not None else -1

    @property
    def lastrowid(self) -> int | None:
        """The last row that was inserted."""
        return self._cursor.lastrowid if self._cursor is not None else None


class OneTripConnection(aiosqlite.Connection):
    """aiosqlite's connection with our cursor."""

    _begin = ""
    """A BEGIN that waits for the first statement."""

    def cursor(self) -> OneTripCursor:  # type: ignore[override]  # not awaitable: nothing happens yet
        """Return a cursor that has not been executed."""
        return OneTripCursor(self)

    async def whole(self, statement: str, parameters: Any) -> tuple[sqlite3.Cursor | None, deque[Row]]:
        """Execute a statement and read it to its end, on the connection's thread."""
        if statement.startswith("BEGIN"):
            self._begin = statement
            return None, deque()
        begin, self._begin = self._begin, ""
        found: tuple[sqlite3.Cursor, deque[Row]] = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite's
            _whole, self._conn, begin, statement, parameters
        )
        return found

    async def many(self, statement: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
        """Execute a statement for each of `parameters`, on the connection's thread."""
        begin, self._begin = self._begin, ""
        cursor: sqlite3.Cursor = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite's
            _many, self._conn, begin, statement, parameters
        )
        return cursor

    async def commit(self) -> None:
        """Commit what has begun.

        Raises:
            sqlite3.Error: as sqlite3 does.
        """
        if not self._forgotten():
            await super().commit()

    async def rollback(self) -> None:
        """Undo what has begun.

        Raises:
            sqlite3.Error: as sqlite3 does.
        """
        if not self._forgotten():
            await super().rollback()

    def _forgotten(self) -> bool:
        """Whether nothing had been asked since the BEGIN, which is forgotten."""
        waiting, self._begin = bool(self._begin), ""
        return waiting


def _whole(
    connection: sqlite3.Connection, begin: str, statement: str, parameters: Any
) -> tuple[sqlite3.Cursor, deque[Row]]:
    if begin:
        connection.execute(begin)
    cursor = connection.execute(statement, parameters)
    return cursor, deque(cursor.fetchall() if cursor.description else ())


def _many(connection: sqlite3.Connection, begin: str, statement: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
    if begin:
        connection.execute(begin)
    return connection.executemany(statement, parameters)


def connect(database: str, **options: Any) -> OneTripConnection:  # Any: sqlite3's keywords
    """Return a connection to be awaited, as SQLAlchemy's `async_creator_fn`."""
    connection = OneTripConnection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: it must not keep the process from ending
    return connection
