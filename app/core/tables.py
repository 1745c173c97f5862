"""What every table has in common, and what every tenant's table has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from app.core.ids import new_id

# Every constraint has a name, so that a later migration can change it on SQLite too. Set before any table is made:
# each models.py imports this module.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

SEALED = "sealed"
"""Key in Column.info that marks a column as encrypted at rest."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both engines; SQLite keeps none, so the zone is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC) if value else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class SealedText(TypeDecorator[str]):
    """Text that must arrive sealed: a plain value that slipped past the sealing hook is refused, never stored."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is not None and not value.startswith("g1."):
            raise ValueError("an encrypted column would have been written in clear")
        return value


def id_column() -> Any:  # Any: SQLModel types Field() as Any
    """A primary key that sorts by creation time."""
    return Field(default_factory=new_id, primary_key=True)


def moment_column(*, nullable: bool = False, index: bool = False) -> Any:  # Any: as above
    """An aware UTC moment."""
    default: Any = None if nullable else ...
    return Field(default=default, sa_type=UtcDateTime, nullable=nullable, index=index)


def created_column() -> Any:  # Any: as above
    """The moment a row was made; services may set it from their clock."""
    return Field(default_factory=lambda: datetime.now(UTC), sa_type=UtcDateTime, nullable=False)


def encrypted_column(*, nullable: bool = False) -> Any:  # Any: as above
    """Text that is sealed under the tenant's data key on its way to the database and opened on its way back."""
    return Field(
        default=None if nullable else "",
        sa_type=SealedText,
        nullable=nullable,
        sa_column_kwargs={"info": {SEALED: True}},
    )


def json_column(*, nullable: bool = False) -> Any:  # Any: as above
    """A JSON value; assign a new one to change it, changes inside are not seen."""
    return Field(default=None, sa_type=sa.JSON, nullable=nullable)


class TenantOwned(SQLModel):
    """A row of one tenant: filtered in every statement, stamped at flush, walled by row-level security."""

    tenant_id: UUID = Field(default=None, index=True, foreign_key="tenant.id", nullable=False, ondelete="CASCADE")


def within_tenant(*columns: str, parent: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    """A foreign key (tenant_id, column) -> parent(tenant_id, id): a reference into another tenant cannot be stored."""
    return sa.ForeignKeyConstraint(["tenant_id", *columns], [f"{parent}.tenant_id", f"{parent}.id"], ondelete=ondelete)


def tenant_key() -> sa.UniqueConstraint:
    """The (tenant_id, id) key that `within_tenant` points at."""
    return sa.UniqueConstraint("tenant_id", "id")
