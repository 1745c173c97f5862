"""Rows of any tenant's table, made by looking at its columns: a new table is covered the day it is added."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from app.core.db import tenant_classes
from app.core.ids import new_id
from app.core.migrations.draft import import_tables
from app.core.sealing import sealed_columns

import_tables()

CANARY = "canary of"
TENANT_CLASSES = sorted(tenant_classes(), key=lambda cls: cls.__tablename__)


def class_of(table_name: str) -> type[Any]:
    """Return the mapped class of a tenant's table."""
    return next(cls for cls in TENANT_CLASSES if cls.__tablename__ == table_name)


def parent_keys(cls: type[Any]) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a table that lead to another row of the same tenant."""
    found = [
        key
        for key in cls.__table__.foreign_key_constraints  # a set: in another order in every process
        if "tenant_id" in key.referred_table.c and key.referred_table.name != "tenant"
    ]
    return sorted(found, key=lambda key: sorted(column.name for column in key.columns))


async def make_row(session: AsyncSession, cls: type[Any], *, user_id: UUID, of: str) -> Any:
    """Add a row of `cls`, and first the parents it needs, to a session bound to its tenant; `of` marks its texts."""
    values: dict[str, Any] = {}
    if (membership := await _existing(session, cls, user_id)) is not None:
        membership.team_id = (await make_row(session, class_of("team"), user_id=user_id, of=of)).id
        return membership
    for key in parent_keys(cls):
        parent_class = class_of(key.referred_table.name)
        parent = await _existing(session, parent_class, user_id) or await make_row(
            session, parent_class, user_id=user_id, of=of
        )
        for column, element in zip(key.columns, key.elements, strict=True):
            values[column.name] = getattr(parent, element.column.name)
    for column in cls.__table__.columns:
        if column.name not in values and column.name != "tenant_id":
            values[column.name] = _value(column, user_id=user_id, of=of, sealed=column.name in sealed_columns(cls))
    values.pop("tenant_id", None)
    row = cls(**values)
    session.add(row)
    await session.flush()
    return row


async def _existing(session: AsyncSession, cls: type[Any], user_id: UUID) -> Any:
    """A person has one membership in an organisation, which is there already."""
    if cls.__tablename__ != "membership":
        return None
    return (await session.execute(sa.select(cls).where(cls.user_id == user_id))).scalar_one_or_none()


def _value(column: sa.Column[Any], *, user_id: UUID, of: str, sealed: bool) -> Any:
    if any(key.column.table.name == "user_account" for key in column.foreign_keys):
        return user_id
    type_: Any = column.type
    while isinstance(type_, sa.TypeDecorator):
        type_ = type_.impl_instance
    if isinstance(type_, sa.Uuid):
        return new_id()
    if isinstance(type_, sa.JSON):
        return [f"{CANARY} {of}"]
    if isinstance(type_, sa.String):
        length = type_.length
        return f"{CANARY} {of} {new_id()}" if sealed or not length else new_id().hex[-min(length, 32) :]
    known: dict[type, Any] = {
        int: 1,
        bool: False,
        float: 1.0,
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
        date: date(2026, 1, 1),
    }
    return known[type_.python_type]


def all_tables() -> list[sa.Table]:
    """Return every table of the product."""
    return list(SQLModel.metadata.sorted_tables)
