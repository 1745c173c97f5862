"""The only module that opens a database session.

Walls, from the inside out: every ORM statement gets the tenant's filter or is refused; rows are stamped at flush and
never change tenant; composite foreign keys keep references inside a tenant; PostgreSQL's row-level security holds even
where all that failed. SQLite writes begin IMMEDIATE: a deferred transaction that reads before it writes meets BUSY, for
which no time-out helps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlmodel import SQLModel

from app.core import sqlite_connection
from app.core.crypto import DataKey, MasterKey
from app.core.errors import SessionHeldDuringProviderCall, Unavailable
from app.core.tenant_session import TenantSession, tenant_classes
from app.core.walls import refuse_strong_role

__all__ = [
    "Database",
    "TenantDatabase",
    "add_rows",
    "after_commit",
    "assert_no_open_session",
    "prepare_sqlite",
    "tenant_classes",
]

SQLITE_BUSY_TIMEOUT_MS = 10_000
WAL_LIMIT_BYTES = 64 * 2**20


class _Unit:
    """One unit of work. Shared by every task that was started inside it, and closed for all of them at once."""

    __slots__ = ("is_open",)

    def __init__(self) -> None:
        self.is_open = True


_units: ContextVar[tuple[_Unit, ...]] = ContextVar("units_of_work", default=())


Send = Callable[[], Awaitable[None]]
_SENDS = "what is sent after the commit"


def after_commit(session: AsyncSession, send: Send) -> None:
    """Let `send` be awaited when the unit of work was committed and is closed; never after a rollback.

    It must not raise for what lies outside: the change is made, and whoever asked for it must hear so.
    """
    session.info[_SENDS].append(send)


async def add_rows(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Write new rows, each with its tenant where it has one; a tenth of what objects of the session would cost.

    Returns them whole, with what the table fills in, and in plain text. Any: whatever a column holds.
    """
    values, makers = _defaults(table)
    whole = [{**values, **{name: make() for name, make in makers if name not in row}, **row} for row in rows]
    if whole:
        await session.execute(_insert(table), [dict(row) for row in whole])  # the session seals these
    return whole


@cache
def _defaults(table: type[SQLModel]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """Return what a table fills in by itself: values, and functions that make one for each row."""
    fields = {name: one for name, one in table.model_fields.items() if name != "tenant_id" and not one.is_required()}
    makers: Any = {name: one.default_factory for name, one in fields.items() if one.default_factory is not None}
    return {name: one.default for name, one in fields.items() if name not in makers}, tuple(makers.items())


@cache
def _insert(table: type[SQLModel]) -> sa.Insert:
    return sa.insert(table)


def _live_units() -> tuple[_Unit, ...]:
    return tuple(unit for unit in _units.get() if unit.is_open)


def prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:  # Any: the driver's own connection
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"journal_size_limit={WAL_LIMIT_BYTES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


_SQLITE_FAULTS = {
    "disk is full": "database.full",
    "database is locked": "database.busy",
    "readonly database": "database.readonly",
    "disk I/O error": "database.broken",
}
_POSTGRESQL_FAULTS = {  # https://www.postgresql.org/docs/16/errcodes-appendix.html
    "53100": "database.full",
    "53300": "database.busy",  # too many connections
    "55P03": "database.busy",  # a row was held for longer than LOCK_WAIT_MS
    "40001": "database.busy",  # serialization failure
    "40P01": "database.busy",  # deadlock
    "57P01": "database.down",  # it is being shut down
    "57P03": "database.down",  # it is starting up
}


def as_unavailable(error: sa.exc.DBAPIError) -> Unavailable | None:
    """Return the refusal for a fault of the database's place; None for what is a bug or a broken constraint."""
    code = _POSTGRESQL_FAULTS.get(str(getattr(error.orig, "sqlstate", "")))
    if code is None and error.connection_invalidated:
        code = "database.down"  # it went away in the middle, or took the connection of a writer that was silent
    for text, fault in _SQLITE_FAULTS.items():
        if isinstance(error, sa.exc.OperationalError) and text in str(error.orig):
            code = fault
    if code == "database.full":
        return Unavailable("The disk is full. Nothing was saved; make room and try again.", code=code)
    return (
        Unavailable("The database does not answer right now. Nothing was saved; try again.", code=code)
        if code
        else None
    )


class TenantDatabase:
    """The database as one tenant and one person may see it; made by Context.db."""

    def __init__(self, database: Database, *, tenant_id: UUID | None, user_id: UUID | None) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._user_id = user_id

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a unit of work: committed at the end, rolled back on an error.

        Raises:
            Unavailable: the disk is full, or the database is locked or away.
        """
        async with self._unit(readonly=False) as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a snapshot for reading; writing through it is an error."""
        async with self._unit(readonly=True) as session:
            yield session

    @asynccontextmanager
    async def _unit(self, *, readonly: bool) -> AsyncIterator[AsyncSession]:
        info: dict[str, Any] = {"tenant_id": self._tenant_id, "user_id": self._user_id, "readonly": readonly}
        if self._tenant_id is not None:
            info["data_key"] = await self._database.data_key(self._tenant_id)
        unit = _Unit()
        _units.set((*_live_units(), unit))
        sends: list[Send] = info.setdefault(_SENDS, [])
        try:
            async with (
                self._database.turn(readonly=readonly),
                self._database.session(readonly=readonly, info=info) as session,
                session.begin(),
            ):
                yield session
        except sa.exc.DBAPIError as error:
            raise as_unavailable(error) or error from error
        finally:
            # Not a token reset: a generator may be closed from another context than it was opened in.
            unit.is_open = False
            _units.set(_live_units())
        for send in sends:
            await send()


class Database:
    """The engines, and the data keys of the tenants in use."""

    KEYS_KEPT = 2_000

    def __init__(self, url: str, *, master_key: MasterKey) -> None:
        self.master_key = master_key
        if url.startswith("sqlite"):
            self.engine = create_async_engine(url, connect_args={"async_creator_fn": sqlite_connection.connect})
        else:
            self.engine = create_async_engine(url, pool_pre_ping=True)
        self._writer = self.engine
        self._keys: dict[UUID, DataKey] = {}
        self._turn: AbstractAsyncContextManager[object] = nullcontext()
        refuse_strong_role(self.engine)
        if self.engine.dialect.name == "sqlite":
            prepare_sqlite(self.engine)
            self._writer = self.engine.execution_options(sqlite_begin="IMMEDIATE")
            self._turn = asyncio.Lock()

    def bound(self, *, tenant_id: UUID | None, user_id: UUID | None = None) -> TenantDatabase:
        """Return the database as `tenant_id` and `user_id` may see it; None for what belongs to no tenant."""
        return TenantDatabase(self, tenant_id=tenant_id, user_id=user_id)

    def turn(self, *, readonly: bool) -> AbstractAsyncContextManager[object]:
        """Return what a unit waits for before it begins. For TenantDatabase only.

        SQLite has one writer, and waiting for it inside SQLite is a lottery: of 100 runs that began at once some lost
        for 10 s and were refused. Waiting here is first come, first served, and holds no connection.
        """
        return nullcontext() if readonly else self._turn

    def session(self, *, readonly: bool, info: dict[str, Any]) -> AsyncSession:  # Any: SQLAlchemy's info mapping
        """Return a session that is not begun yet. For TenantDatabase only."""
        engine = self.engine if readonly else self._writer
        return AsyncSession(engine, sync_session_class=TenantSession, expire_on_commit=False, info=info)

    async def data_key(self, tenant_id: UUID) -> DataKey | None:
        """Return the tenant's data key, or None when the tenant or its key is gone."""
        if tenant_id in self._keys:
            return self._keys[tenant_id]
        async with self.engine.connect() as connection:
            query = sa.text("select wrapped_key from tenant where id = :id").bindparams(
                sa.bindparam("id", tenant_id, type_=sa.Uuid())
            )
            wrapped = (await connection.execute(query)).scalar()
        if not wrapped:
            return None
        if len(self._keys) >= self.KEYS_KEPT:
            self._keys.pop(next(iter(self._keys)))
        key = self._keys[tenant_id] = self.master_key.unwrap(wrapped, tenant=str(tenant_id))
        return key

    def forget_key(self, tenant_id: UUID) -> None:
        """Drop the tenant's data key from memory; after erasure."""
        self._keys.pop(tenant_id, None)

    async def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log back into the file; nothing on PostgreSQL."""
        if self.engine.dialect.name == "sqlite":
            async with self.engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    async def ping(self) -> None:
        """Return when the database answers."""
        async with self.engine.connect() as connection:
            await connection.execute(sa.text("select 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def assert_no_open_session() -> None:
    """Refuse to go on while a unit of work is open: called before a provider is awaited.

    Raises:
        SessionHeldDuringProviderCall: one is open.
    """
    if _live_units():
        raise SessionHeldDuringProviderCall("close the unit of work before calling a provider")
