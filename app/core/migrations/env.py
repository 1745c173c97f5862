"""Run by Alembic; the connection, and when a migration is drafted the tables, come from app/core/migrating.py."""

from __future__ import annotations

from alembic import context

from app.core.migrations.rendering import render_item

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    transactional_ddl=True,  # SQLite can do it too, since our BEGIN is explicit
    render_item=render_item,
    user_module_prefix="sa.",
)
context.run_migrations()
