"""A PostgreSQL database of a storm's own, with the two roles of a real installation; all are dropped at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """Where it is: for the application's role, and for the role that owns the tables."""

    url: str
    owner_url: str

    @property
    def plain_url(self) -> str:
        """The former as the driver by itself reads it."""
        return self.url.replace("+asyncpg", "", 1)


@contextmanager
def own_database(url: str) -> Iterator[OwnDatabase]:
    """Make an empty database on the server of `url`, whose role may make databases and roles.

    Nothing else there is touched.
    """
    name = f"galley_storm_{secrets.token_hex(6)}"
    words = {part: secrets.token_hex(16) for part in ("app", "owner")}
    here = sa.make_url(url)
    inside = here.set(database=name)
    asyncio.run(
        _run(
            here,
            *(f"create role {name}_{part} login password '{word}'" for part, word in words.items()),
            f"create database {name}",
        )
    )
    try:
        asyncio.run(_run(inside, f"grant create, usage on schema public to {name}_owner with grant option"))
        app, owner = (
            inside.set(username=f"{name}_{part}", password=words[part]).render_as_string(hide_password=False)
            for part in ("app", "owner")
        )
        yield OwnDatabase(app, owner)
    finally:
        roles = (f"drop role {name}_{part}" for part in words)
        asyncio.run(_run(here, f"drop database {name} with (force)", *roles))


async def _run(url: sa.URL, *statements: str) -> None:
    """Run statements outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))
    await engine.dispose()
