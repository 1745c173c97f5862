"""The session under AsyncSession: ORM statements get the tenant's filter or are refused, rows are stamped at flush.

What cannot be filtered, and is refused: Core and text SQL, text inside an ORM statement, a bare table of a tenant
among mapped ones, from_statement, updates by lists of values, the legacy bulk verbs, the raw connection. Inserts by
lists of values carry the tenant in every row, or are refused.
"""

from __future__ import annotations

from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import FromStatement, ORMExecuteState, Session, with_loader_criteria
from sqlmodel import SQLModel

from app.core.errors import TenantMissing, UnscopedStatement
from app.core.ids import NOBODY
from app.core.sealing import restore_plain, seal_rows, seal_values
from app.core.tables import TenantOwned

LOCK_WAIT_MS = 10_000
"""So long is a row of PostgreSQL's waited for that somebody else changes."""
IDLE_MS = 8_000
"""A writer who says nothing for so long is frozen or cut off: PostgreSQL takes its locks away, for others wait.

A machine that was cut off holds its rows until TCP gives up, which takes hours; the keepers would stand still with it.
"""


class TenantSession(Session):
    """info["tenant_id"], info["user_id"], info["data_key"] and info["readonly"] are set once, at open."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise UnscopedStatement("this way past the tenant filter is closed")

    connection = bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse


def tenant_classes() -> tuple[type[TenantOwned], ...]:
    """Return every mapped class whose rows belong to a tenant."""
    registry: Any = SQLModel._sa_registry
    return tuple(m.class_ for m in registry.mappers if issubclass(m.class_, TenantOwned))


def _is_walled(table: object) -> bool:
    """Whether a table, by its name, belongs to a tenant: `sa.table("document")` is the same table."""
    known = SQLModel.metadata.tables.get(table.name) if isinstance(table, sa.TableClause) else None
    return known is not None and "tenant_id" in known.c


def _key(element: object) -> str | None:
    """Return what a tenant's table, or an alias of one, is called in a statement; None for everything else."""
    table: object = element
    while isinstance(table, sa.Alias):
        table = table.element
    return str(getattr(element, "name", "")) if _is_walled(table) else None


def _walled_tables(statement: Any) -> frozenset[str]:  # Any: SQLAlchemy types statements in a dozen ways
    """Return the tenants' tables that a statement reads as mapped classes.

    Raises:
        UnscopedStatement: it has text, or a tenant's table as a bare one: no criteria are put on those.
    """
    bare: set[str] = set()
    mapped: set[str] = set()
    left: list[Any] = [statement]
    while left:
        element = left.pop()
        if isinstance(element, sa.TextClause):
            raise UnscopedStatement("text inside an ORM statement")
        key = _key(element.table if isinstance(element, sa.ColumnClause) else element)
        if key is None:
            left.extend(element.get_children())
        else:  # what an alias stands for is not looked at: its columns say whether it is mapped
            (mapped if "parententity" in element._annotations else bare).add(key)
    if bare - mapped:
        raise UnscopedStatement(f"a bare table: {', '.join(sorted(bare - mapped))}")
    return frozenset(mapped)


@event.listens_for(TenantSession, "do_orm_execute")
def _scope(state: ORMExecuteState) -> None:
    """Put the tenant's filter on every ORM statement; refuse what cannot be filtered."""
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and state.session.info.get("readonly"):
        raise UnscopedStatement("a read session does not write")
    if state.execution_options.get("cross_tenant"):
        return
    if not state.is_orm_statement or isinstance(state.statement, FromStatement):
        raise UnscopedStatement("Core or text SQL in a tenant session")
    if state.is_insert and isinstance(state.parameters, list) and _is_walled(state.statement.table):  # type: ignore[attr-defined]  # an insert has one
        _admit_rows(state)
        return
    touched = bool(_walled_tables(state.statement))
    tenant_id = state.session.info.get("tenant_id")
    if tenant_id is None and touched:
        raise TenantMissing("no tenant bound to this session")
    if state.is_insert and touched:
        raise UnscopedStatement("use session.add: a bulk insert is not stamped")
    if state.is_update and touched:
        _refuse_blind_update(state)
    bound = tenant_id or NOBODY

    # SQLAlchemy calls this with the mixin itself while it analyses it, and then with each mapped class.
    def owned(cls: Any) -> Any:  # Any: a class attribute that is a column only after mapping
        return getattr(cls, "tenant_id", sa.column("tenant_id")) == bound

    state.statement = state.statement.options(with_loader_criteria(TenantOwned, owned, include_aliases=True))


def _admit_rows(state: ORMExecuteState) -> None:
    """Let rows in that carry the session's own tenant and nothing but values; seal them where they are to be."""
    statement: Any = state.statement
    if not statement.compare(sa.insert(statement.table)):  # nothing read, returned or put in front
        raise UnscopedStatement("a bulk insert takes rows of plain values")
    mapper: Any = state.bind_mapper
    if mapper is None:
        raise UnscopedStatement("a bulk insert names a mapped class")
    tenant_id = _tenant(state.session)
    rows: Any = state.parameters
    for row in rows:
        if row.get("tenant_id") != tenant_id or any(isinstance(value, sa.ClauseElement) for value in row.values()):
            raise UnscopedStatement("a row of a bulk insert belongs to nobody, to another tenant, or is an expression")
    seal_values(state.session, mapper.class_, rows)


def _refuse_blind_update(state: ORMExecuteState) -> None:
    if isinstance(state.parameters, list):
        raise UnscopedStatement("an update by a list of primary keys is not filtered")
    values = getattr(state.statement, "_values", None) or {}
    ordered = dict(getattr(state.statement, "_ordered_values", None) or ())
    if "tenant_id" in {getattr(column, "name", column) for column in (*values, *ordered)}:
        raise UnscopedStatement("a row never changes tenant")


def _tenant(session: Session) -> UUID:
    tenant_id: UUID | None = session.info.get("tenant_id")
    if tenant_id is None:
        raise TenantMissing("no tenant bound to this session")
    return tenant_id


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
            sa.text(
                "select set_config('galley.tenant_id', :tenant, true), set_config('galley.user_id', :person, true),"
                " set_config('transaction_read_only', :readonly, true), set_config('lock_timeout', :wait, true),"
                " set_config('idle_in_transaction_session_timeout', :idle, true)"
            ),
            {
                "wait": str(LOCK_WAIT_MS),
                "idle": str(0 if session.info.get("readonly") else IDLE_MS),
                "tenant": str(session.info.get("tenant_id") or ""),
                "person": str(session.info.get("user_id") or ""),
                "readonly": "on" if session.info.get("readonly") else "off",
            },
        )


@event.listens_for(TenantSession, "after_flush_postexec")
def _unseal(session: Session, _: object) -> None:
    restore_plain(session)


@event.listens_for(TenantSession, "after_soft_rollback")
def _unseal_after_failure(session: Session, _: object) -> None:
    restore_plain(session)
