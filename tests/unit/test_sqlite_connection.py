"""SQLite's driver: one trip to its thread per statement, and a BEGIN that travels with the first."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.core.sqlite_connection import OneTripConnection, connect


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[OneTripConnection]:
    connection = await connect(str(tmp_path / "a.db"), isolation_level=None, check_same_thread=False)
    await run(connection, "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
    yield connection
    await connection.close()


@pytest.fixture
def trips(connection: OneTripConnection, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    execute = connection._execute

    async def counted(fn: Any, *args: Any, **named: Any) -> Any:
        seen.append(fn)
        return await execute(fn, *args, **named)

    monkeypatch.setattr(connection, "_execute", counted)
    return seen


async def run(connection: OneTripConnection, statement: str, *parameters: object) -> list[Any]:
    cursor = await connection.cursor().__aenter__()
    await cursor.execute(statement, parameters)
    rows = list(await cursor.fetchall())
    await cursor.close()
    return rows


async def test_a_unit_of_work_takes_one_trip_per_statement_and_one_to_end(
    connection: OneTripConnection, trips: list[Any]
) -> None:
    await run(connection, "BEGIN IMMEDIATE")
    await run(connection, "INSERT INTO word (text) VALUES (?)", "a")
    rows = await run(connection, "SELECT text FROM word")
    await connection.commit()

    assert rows == [("a",)]
    assert len(trips) == 3


@pytest.mark.parametrize("end", ["commit", "rollback"])
async def test_a_unit_that_asks_nothing_takes_no_trip(
    connection: OneTripConnection, trips: list[Any], end: str
) -> None:
    await run(connection, "BEGIN DEFERRED")
    await getattr(connection, end)()
    await run(connection, "INSERT INTO word (text) VALUES (?)", "b")

    assert len(trips) == 1
    assert not connection.in_transaction  # the BEGIN was forgotten, it did not join the next statement


async def test_what_is_rolled_back_is_gone_also_after_an_error(connection: OneTripConnection) -> None:
    await run(connection, "INSERT INTO word (text) VALUES (?)", "a")
    await run(connection, "BEGIN IMMEDIATE")
    await run(connection, "INSERT INTO word (text) VALUES (?)", "b")
    with pytest.raises(sqlite3.IntegrityError):
        await run(connection, "INSERT INTO word (text) VALUES (?)", "a")
    await connection.rollback()

    assert await run(connection, "SELECT text FROM word") == [("a",)]


async def test_a_database_that_is_locked_is_told_with_the_first_statement(
    connection: OneTripConnection, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await run(connection, "PRAGMA busy_timeout=1")
    await run(connection, "BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await run(connection, "SELECT text FROM word")
    other.close()
    await connection.rollback()

    assert await run(connection, "SELECT text FROM word") == []


async def test_many_rows_go_in_one_trip_with_their_begin(connection: OneTripConnection, trips: list[Any]) -> None:
    await run(connection, "BEGIN IMMEDIATE")
    cursor = connection.cursor()
    await cursor.executemany("INSERT INTO word (text) VALUES (?)", [("a",), ("b",)])
    await connection.commit()

    assert len(trips) == 2
    assert cursor.rowcount == 2
    assert await run(connection, "SELECT count(*) FROM word") == [(2,)]


async def test_rows_are_handed_out_one_by_one_or_in_handfuls(connection: OneTripConnection) -> None:
    cursor = connection.cursor()
    await cursor.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n")

    assert await cursor.fetchone() == (1,)
    assert await cursor.fetchmany(3) == [(2,), (3,), (4,)]
    assert list(await cursor.fetchall()) == [(5,)]
    assert await cursor.fetchone() is None
    assert cursor.description[0][0] == "i"
