"""The only module that opens a database session.

Walls, from the inside out: every ORM statement gets the tenant's filter or is refused; rows are stamped at flush and
never change tenant; composite foreign keys keep references inside a tenant; PostgreSQL's row-level security holds even
where all that failed. SQLite writes begin IMMEDIATE: a deferred transaction that reads before it writes meets BUSY, for
which no time-out helps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlmodel import SQLModel

from app.core.crypto import DataKey, MasterKey
from app.core.errors import SessionHeldDuringProviderCall, TenantMissing, UnscopedStatement
from app.core.ids import NOBODY
from app.core.sealing import restore_plain, seal_rows
from app.core.tables import TenantOwned

SQLITE_BUSY_TIMEOUT_MS = 10_000
WAL_LIMIT_BYTES = 64 * 2**20

_open_units: ContextVar[int] = ContextVar("open_units_of_work", default=0)


class TenantSession(Session):
    """The session under AsyncSession; info["tenant_id"] and info["user_id"] are set once, at open."""


def _tenant(session: Session) -> UUID:
    tenant_id: UUID | None = session.info.get("tenant_id")
    if tenant_id is None:
        raise TenantMissing("no tenant bound to this session")
    return tenant_id


@event.listens_for(TenantSession, "do_orm_execute")
def _scope(state: ORMExecuteState) -> None:
    """Put the tenant's filter on every ORM statement; refuse what cannot be filtered."""
    if state.execution_options.get("cross_tenant"):
        return
    if not state.is_orm_statement:
        raise UnscopedStatement("Core or text SQL in a tenant session")
    touched = any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers)
    tenant_id = state.session.info.get("tenant_id")
    if tenant_id is None and touched:
        raise TenantMissing("no tenant bound to this session")
    if state.is_insert and touched:
        raise UnscopedStatement("use session.add: a bulk insert is not stamped")
    values = getattr(state.statement, "_values", None) or {}
    if state.is_update and touched and "tenant_id" in {getattr(column, "name", column) for column in values}:
        raise UnscopedStatement("a row never changes tenant")
    bound = tenant_id or NOBODY

    # SQLAlchemy calls this with the mixin itself while it analyses it, and then with each mapped class.
    def owned(cls: Any) -> Any:  # Any: a class attribute that is a column only after mapping
        return getattr(cls, "tenant_id", sa.column("tenant_id")) == bound

    state.statement = state.statement.options(with_loader_criteria(TenantOwned, owned, include_aliases=True))


@event.listens_for(TenantSession, "before_flush")
def _stamp(session: Session, *_: object) -> None:
    if session.info.get("readonly") and (session.new or session.dirty or session.deleted):
        raise UnscopedStatement("a read session does not write")
    for row in session.new:
        if isinstance(row, TenantOwned):
            tenant_id = _tenant(session)
            if row.tenant_id is None:
                row.tenant_id = tenant_id
            elif row.tenant_id != tenant_id:
                raise TenantMissing("row belongs to another tenant")
    for row in [*session.dirty, *session.deleted]:
        if isinstance(row, TenantOwned) and row.tenant_id != _tenant(session):
            raise TenantMissing("row belongs to another tenant")
    seal_rows(session)


@event.listens_for(TenantSession, "after_begin")
def _bind_row_level_security(session: Session, _: object, connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("select set_config('galley.tenant_id', :t, true), set_config('galley.user_id', :u, true)"),
            {"t": str(session.info.get("tenant_id") or ""), "u": str(session.info.get("user_id") or "")},
        )


@event.listens_for(TenantSession, "after_flush_postexec")
def _unseal(session: Session, _: object) -> None:
    restore_plain(session)


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


class TenantDatabase:
    """The database as one tenant and one person may see it; made by Context.db."""

    def __init__(self, database: Database, *, tenant_id: UUID | None, user_id: UUID | None) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._user_id = user_id

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a unit of work: committed at the end, rolled back on an error."""
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
        _open_units.set(_open_units.get() + 1)
        try:
            async with self._database.session(readonly=readonly, info=info) as session, session.begin():
                yield session
        finally:
            # Not a token reset: a generator may be closed from another context than it was opened in.
            _open_units.set(_open_units.get() - 1)


class Database:
    """The engines, and the data keys of the tenants in use."""

    KEYS_KEPT = 2_000

    def __init__(self, url: str, *, master_key: MasterKey) -> None:
        self.master_key = master_key
        self.engine = create_async_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        self._writer = self.engine
        self._keys: dict[UUID, DataKey] = {}
        if self.engine.dialect.name == "sqlite":
            prepare_sqlite(self.engine)
            self._writer = self.engine.execution_options(sqlite_begin="IMMEDIATE")

    def bound(self, *, tenant_id: UUID | None, user_id: UUID | None = None) -> TenantDatabase:
        """Return the database as `tenant_id` and `user_id` may see it; None for what belongs to no tenant."""
        return TenantDatabase(self, tenant_id=tenant_id, user_id=user_id)

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
    if _open_units.get():
        raise SessionHeldDuringProviderCall("close the unit of work before calling a provider")


def tenant_classes() -> tuple[type[TenantOwned], ...]:
    """Return every mapped class whose rows belong to a tenant."""
    registry: Any = SQLModel._sa_registry
    return tuple(m.class_ for m in registry.mappers if issubclass(m.class_, TenantOwned))
