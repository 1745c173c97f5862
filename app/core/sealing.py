"""Encrypted columns: sealed as a row is flushed, opened as it is loaded. In memory a row always holds plain text.

Selecting such a column by itself, not the row, yields the sealed value; that is on purpose: only whole rows are opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from app.core.crypto import DataKey
from app.core.errors import TenantMissing, UnscopedStatement
from app.core.tables import SEALED, TenantOwned

_PLAIN = "plain values of rows being flushed"


@cache
def sealed_columns(cls: type) -> tuple[str, ...]:
    """Return the names of the encrypted columns of a mapped class."""
    mapper: Any = inspect(cls)
    return tuple(prop.key for prop in mapper.column_attrs if prop.columns[0].info.get(SEALED))


def _where(row: TenantOwned, column: str) -> str:
    identity = getattr(row, "id")  # noqa: B009 - every table with an encrypted column has an id; the mixin does not say so
    return _place(type(row), row.tenant_id, identity, column)


def _place(cls: type[TenantOwned], tenant_id: UUID, identity: UUID, column: str) -> str:
    return f"{tenant_id}|{cls.__tablename__}|{identity}|{column}"


def _data_key(session: Session | None) -> DataKey:
    key: DataKey | None = session.info.get("data_key") if session else None
    if key is None:
        raise TenantMissing("no data key: the tenant is gone or not bound")
    return key


def seal_rows(session: Session) -> None:
    """Seal what is about to be written; `_restore` puts the plain text back after the flush."""
    plain: list[tuple[TenantOwned, str, str]] = []
    new = session.new  # made anew at every look
    for row in [*new, *session.dirty]:
        if not isinstance(row, TenantOwned):
            continue
        for column in sealed_columns(type(row)):
            value = getattr(row, column)
            if value is not None and (row in new or sa.inspect(row).attrs[column].history.has_changes()):
                plain.append((row, column, value))
                setattr(row, column, _data_key(session).seal(value, where=_where(row, column)))
    session.info.setdefault(_PLAIN, []).extend(plain)


def seal_values(session: Session, cls: type[TenantOwned], rows: Sequence[dict[str, Any]]) -> None:
    """Seal, in `rows` themselves, the values of a list that is about to be inserted.

    Any: whatever a column holds.

    Raises:
        UnscopedStatement: a row leaves an encrypted column, or its own id, to the database.
    """
    columns = sealed_columns(cls)
    for row in rows if columns else ():
        if missing := [name for name in ("id", *columns) if name not in row]:
            raise UnscopedStatement(f"a row of {cls.__tablename__} without {', '.join(missing)} would not be sealed")
        for column in columns:
            if row[column] is not None:
                where = _place(cls, row["tenant_id"], row["id"], column)
                row[column] = _data_key(session).seal(row[column], where=where)


def restore_plain(session: Session) -> None:
    """Give flushed rows their plain text back."""
    for row, column, value in session.info.pop(_PLAIN, []):
        set_committed_value(row, column, value)


def _open(row: TenantOwned, columns: tuple[str, ...]) -> None:
    session = object_session(row)
    for column in columns:
        value = row.__dict__.get(column)
        if value is not None:
            set_committed_value(row, column, _data_key(session).open(value, where=_where(row, column)))


@event.listens_for(TenantOwned, "load", propagate=True)
def _opened_on_load(row: TenantOwned, _: object) -> None:
    _open(row, sealed_columns(type(row)))


@event.listens_for(TenantOwned, "refresh", propagate=True)
def _opened_on_refresh(row: TenantOwned, _: object, attributes: Any) -> None:  # Any: a set of names, or None for all
    columns = sealed_columns(type(row))
    _open(row, tuple(c for c in columns if attributes is None or c in attributes))
