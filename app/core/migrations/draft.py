"""Drafts the migration for changed tables: `python -m app.core.migrations.draft "Notes have a colour"`. For developers,
who read what it wrote, then run `ruff format` on it.

The draft is what tells the tables in the code from a fresh SQLite database that has every earlier migration.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from app.core.db import prepare_sqlite
from app.core.migrating import alembic_config, migrate
from app.core.settings import Settings

APP = Path(__file__).parents[2]


def import_tables() -> None:
    """Import every feature's models.py, so that SQLModel.metadata is complete."""
    for path in sorted(APP.rglob("models.py")):
        importlib.import_module(".".join(("app", *path.relative_to(APP).with_suffix("").parts)))


async def draft(message: str) -> None:
    """Write the next file in versions/ from the tables in the code."""
    import_tables()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        await migrate(settings)
        engine = create_async_engine(settings.sql_url)
        prepare_sqlite(engine)
        async with engine.begin() as connection:
            await connection.run_sync(_write, message)
        await engine.dispose()


def _write(connection: Connection, message: str) -> None:
    config = alembic_config(connection=connection, metadata=SQLModel.metadata)
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    asyncio.run(draft(sys.argv[1]))
