"""What every tenant's table must have; fails for the table that lacks it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from app.core.db import Database
from app.core.settings import Settings
from tests.rows import TENANT_CLASSES, all_tables

TENANT_TABLES = [table for table in all_tables() if "tenant_id" in table.c]
every_tenant_table = pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def faults(table: sa.Table) -> list[str]:
    """Return what makes a tenant's table unsafe."""
    found = []
    if table not in [cls.__table__ for cls in TENANT_CLASSES]:
        found.append("its class is no TenantOwned, so its statements are not filtered")
    keys = [
        {column.name for column in key.columns} for key in table.constraints if isinstance(key, sa.UniqueConstraint)
    ]
    if {"tenant_id", "id"} not in keys:
        found.append("it has no unique key (tenant_id, id)")
    for key in table.foreign_key_constraints:
        parent, columns = key.referred_table, {column.name for column in key.columns}
        if "tenant_id" in parent.c and "tenant_id" not in columns:
            found.append(f"its reference to {parent.name} leaves the tenant out")
        if len(columns) > 1 and (key.ondelete or "").upper() == "SET NULL":
            found.append(f"deleting a {parent.name} would set its tenant_id to null")
    if table.c.tenant_id.nullable:
        found.append("its tenant_id may be null")
    return found


@every_tenant_table
def test_a_tenants_table_has_every_wall(table: sa.Table) -> None:
    assert faults(table) == []


def test_a_table_without_walls_is_noticed() -> None:
    elsewhere = sa.MetaData()
    sa.Table("folder", elsewhere, sa.Column("id", sa.Uuid), sa.Column("tenant_id", sa.Uuid))
    bare = sa.Table(
        "bare",
        elsewhere,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid),
        sa.Column("folder_id", sa.ForeignKey("folder.id")),
        sa.Column("other_id", sa.Uuid),
        sa.ForeignKeyConstraint(["tenant_id", "other_id"], ["folder.tenant_id", "folder.id"], ondelete="SET NULL"),
    )

    assert len(faults(bare)) == 5


WALLS = """
    select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
           array_agg(p.cmd::text || ':' || coalesce(p.qual, '') || ':' || coalesce(p.with_check, '')) as policies
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    left join pg_policies p on p.tablename = c.relname
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace group by 1, 2
"""


@on_postgresql
async def test_every_tenants_table_has_forced_row_level_security(database: Database) -> None:
    async with database.engine.connect() as connection:
        rows: list[Any] = list((await connection.execute(sa.text(WALLS))).all())

    assert {row.relname for row in rows} == {table.name for table in TENANT_TABLES}
    assert [row.relname for row in rows if not row.forced] == []


@on_postgresql
async def test_every_policy_guards_what_is_read_and_what_is_written(database: Database) -> None:
    async with database.engine.connect() as connection:
        rows: list[Any] = list((await connection.execute(sa.text(WALLS))).all())

    for row in rows:
        walls = [policy for policy in row.policies if policy.startswith("ALL:")]
        assert len(walls) == 1, row.relname
        assert walls[0].count("tenant_id = (NULLIF(current_setting('galley.tenant_id'::text, true)") == 2, row.relname
        others = [policy for policy in row.policies if not policy.startswith("ALL:")]
        assert others == [] or (row.relname == "membership" and others[0].startswith("SELECT:(user_id = "))


@on_postgresql
async def test_the_applications_role_cannot_take_the_walls_down(database: Database) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="must be owner"):
        async with database.engine.begin() as connection:
            await connection.execute(sa.text("alter table membership disable row level security"))


async def test_the_tables_in_the_code_are_the_tables_in_the_database(settings: Settings) -> None:
    engine = create_async_engine(settings.sql_url)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: set(sa.inspect(sync).get_table_names()))
    await engine.dispose()

    assert tables - {"alembic_version"} == set(SQLModel.metadata.tables)


async def test_no_column_key_or_index_is_without_a_migration(settings: Settings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))

    engine = create_async_engine(settings.database_owner_url or settings.sql_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
