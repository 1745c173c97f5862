"""Brings the database to this version's tables: all or nothing, on SQLite and PostgreSQL, several starters at once.

PostgreSQL: runs as the role that owns the tables (GALLEY_DATABASE_OWNER_URL), walls every table with a tenant_id by
forced row-level security, and grants the application's role what it needs. The walls come from the tables that are
there, not from each migration, so that none can be forgotten.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.core import walls
from app.core.db import Database, prepare_sqlite
from app.core.errors import Unavailable
from app.core.settings import Settings

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_204_839_106  # any number that is ours: two starters migrate one after the other


def alembic_config(**attributes: Any) -> Config:  # Any: Alembic's attributes take anything
    """Return Alembic's configuration without a file; `attributes` reach migrations/env.py."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config


async def migrate(settings: Settings) -> None:
    """Bring the database to the newest version; does nothing where it is.

    Raises:
        Unavailable: SQLite on a network folder; a database made by a newer Galley; PostgreSQL roles that would make
            row-level security void.
    """
    url = make_url(settings.database_owner_url or settings.sql_url)
    if url.get_backend_name() == "sqlite":
        walls.refuse_network_folder(Path(url.database or "."))
    engine = create_async_engine(url)
    try:
        if url.get_backend_name() == "sqlite":
            prepare_sqlite(engine)
            begin = engine.execution_options(sqlite_begin="IMMEDIATE").begin()
        else:
            begin = engine.begin()
        async with begin as connection:
            await _upgrade(connection)
            if url.get_backend_name() == "postgresql":
                await walls.raise_walls(connection, application_role=make_url(settings.sql_url).username or "")
    finally:
        await engine.dispose()
    if url.get_backend_name() == "postgresql":
        await walls.verify(make_url(settings.sql_url))


async def _upgrade(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    await connection.run_sync(_upgrade_in_place)


def _upgrade_in_place(connection: sa.Connection) -> None:
    config = alembic_config(connection=connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in known:
        raise Unavailable(
            "The database was made by a newer version of Galley ({revision}). Start that version, or restore a backup.",
            code="start.newer_database",
            params={"revision": at},
        )
    command.upgrade(config, "head")


async def is_migrated(database: Database) -> bool:
    """Whether the database has exactly the tables of this version."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision()) == head
