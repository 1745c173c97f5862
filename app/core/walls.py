"""The walls inside PostgreSQL, and what would make them void."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.core.errors import Unavailable

NETWORK_FILESYSTEMS = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
    | {"glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}
)
_OWN_TENANT = "tenant_id = nullif(current_setting('galley.tenant_id', true), '')::uuid"
_OWN_PERSON = "user_id = nullif(current_setting('galley.user_id', true), '')::uuid"
PERSONAL = frozenset({"membership"})
"""Tables whose rows their own person may read from outside the tenant: to list one's organisations."""


def refuse_network_folder(database: Path, *, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Refuse SQLite on a network file system, where its locks and its write-ahead log do not hold; best effort.

    Raises:
        Unavailable: `database` lies on one.
    """
    if not mounts.exists():
        return
    folder = database.resolve().parent
    best = ("", "")
    for line in mounts.read_text("utf-8", "replace").splitlines():
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind)
    if best[1] in NETWORK_FILESYSTEMS:
        raise Unavailable(
            "{folder} is on a network file system ({kind}), where SQLite loses data. Set GALLEY_DATA_DIR to a local"
            " folder, or GALLEY_DATABASE_URL to PostgreSQL.",
            code="start.network_folder",
            params={"folder": str(folder), "kind": best[1]},
        )


async def raise_walls(connection: AsyncConnection, *, application_role: str) -> None:
    """Put forced row-level security on every table with a tenant_id, and grant the application's role its rights."""
    preparer = connection.dialect.identifier_preparer
    role = preparer.quote(application_role)
    known = await connection.execute(sa.text("select 1 from pg_roles where rolname = :r"), {"r": application_role})
    if known.first() is None:
        raise Unavailable(
            "PostgreSQL has no role {role}. Make it: CREATE ROLE {role} LOGIN PASSWORD '…' NOSUPERUSER NOBYPASSRLS",
            code="start.role_missing",
            params={"role": application_role},
        )
    for table, walled in await _tenant_tables(connection):
        name = preparer.quote(table)
        if not walled:
            for statement in _wall(table, name):
                await connection.execute(sa.text(statement))
    tables = "select tablename from pg_tables where schemaname = current_schema() and tablename <> 'alembic_version'"
    schema = preparer.quote((await connection.execute(sa.text("select current_schema()"))).scalar_one())
    await connection.execute(sa.text(f"grant usage on schema {schema} to {role}"))
    for table in (await connection.execute(sa.text(tables))).scalars():
        await connection.execute(sa.text(f"grant select, insert, update, delete on {preparer.quote(table)} to {role}"))
    await connection.execute(sa.text(f"grant select on alembic_version to {role}"))  # readiness asks for the version


async def _tenant_tables(connection: AsyncConnection) -> list[tuple[str, bool]]:
    rows = await connection.execute(
        sa.text(
            "select c.relname, c.relrowsecurity and c.relforcerowsecurity and exists"
            " (select 1 from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_wall')"
            " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where c.relkind in ('r', 'p') and not a.attisdropped and c.relnamespace = current_schema()::regnamespace"
        )
    )
    return [(name, walled) for name, walled in rows]


def _wall(table: str, name: str) -> list[str]:
    statements = [
        f"alter table {name} enable row level security",
        f"alter table {name} force row level security",
        f"drop policy if exists tenant_wall on {name}",
        f"create policy tenant_wall on {name} using ({_OWN_TENANT}) with check ({_OWN_TENANT})",
    ]
    if table in PERSONAL:
        statements += [
            f"drop policy if exists own_person on {name}",
            f"create policy own_person on {name} for select using ({_OWN_PERSON})",
        ]
    return statements


_STRENGTH = (
    "select rolname, rolsuper, rolbypassrls, exists (select 1 from pg_class c where c.relkind in ('r', 'p')"
    " and c.relnamespace = current_schema()::regnamespace and pg_has_role(current_user, c.relowner, 'member'))"
    " from pg_roles where rolname = current_user"
)


def refuse_strong_role(engine: AsyncEngine) -> None:
    """Let the engine open no connection whose role stands above row-level security; nothing on SQLite.

    Connecting then raises Unavailable: the role is a superuser, may bypass row-level security or owns a table.
    """
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine.sync_engine, "connect")
    def _look(connection: Any, _: object) -> None:  # Any: the driver's own connection
        cursor = connection.cursor()
        cursor.execute(_STRENGTH)
        role, is_super, bypasses, owns = cursor.fetchone()
        cursor.close()
        connection.rollback()  # the driver opened a transaction for the question
        faults = {"is a superuser": is_super, "may bypass row-level security": bypasses, "owns the tables": owns}
        for fault in (fault for fault, found in faults.items() if found):
            raise Unavailable(
                "The PostgreSQL role {role} {fault}, so it could see every workspace. Let GALLEY_DATABASE_URL name a"
                " plain role (CREATE ROLE galley_app LOGIN NOSUPERUSER NOBYPASSRLS) and GALLEY_DATABASE_OWNER_URL the"
                " one that owns the tables.",
                code="start.role_too_strong",
                params={"role": role, "fault": fault},
            )


async def verify(url: URL) -> None:
    """Refuse a role that stands above row-level security.

    Raises:
        Unavailable: it does.
    """
    engine = create_async_engine(url)
    refuse_strong_role(engine)
    try:
        async with engine.connect():
            return
    finally:
        await engine.dispose()
