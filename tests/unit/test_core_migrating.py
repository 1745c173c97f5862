"""Migrations: all or nothing, once, on both databases; and what is refused before anything is touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from app.core import migrating, walls
from app.core.crypto import load_master_key
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.migrating import alembic_config, migrate
from app.core.migrations import draft
from app.core.migrations.rendering import render_item
from app.core.settings import Settings
from app.core.tables import SealedText, UtcDateTime
from app.tenancy.models import OperatorClaim
from tests.databases import PostgresServer

on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
HEAD = ScriptDirectory.from_config(alembic_config()).get_current_head()


@pytest.fixture
async def bare(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Settings]:
    """Settings that lead to a database without any table."""
    if engine == "sqlite":
        yield Settings(data_dir=tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    await server.run("create database galley_bare owner galley_owner")
    yield server.settings(tmp_path, "galley_bare")
    await server.run("drop database galley_bare with (force)")


async def _ask(settings: Settings, query: str) -> list[sa.Row[tuple[object, ...]]]:
    engine = create_async_engine(settings.database_owner_url or settings.sql_url)
    async with engine.begin() as connection:
        result = await connection.execute(sa.text(query))
        rows = list(result.all()) if result.returns_rows else []
    await engine.dispose()
    return rows


async def _tables(settings: Settings) -> set[str]:
    engine = create_async_engine(settings.database_owner_url or settings.sql_url)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: set(sa.inspect(sync).get_table_names()))
    await engine.dispose()
    return names


async def test_a_database_is_brought_to_the_newest_version(bare: Settings) -> None:
    await migrate(bare)

    assert await _ask(bare, "select version_num from alembic_version") == [(HEAD,)]


async def test_a_second_run_changes_nothing(bare: Settings) -> None:
    await migrate(bare)
    await _ask(
        bare,
        "insert into operator_claim (id, token_hash, created_at) values ('0' , 'x', '2026-01-01')"
        if not bare.database_url
        else "insert into operator_claim values (gen_random_uuid(), 'x', now())",
    )
    await migrate(bare)

    assert await _ask(bare, "select token_hash from operator_claim") == [("x",)]


async def test_two_starters_at_once_both_succeed(bare: Settings) -> None:
    await asyncio.gather(migrate(bare), migrate(bare))

    assert await _ask(bare, "select version_num from alembic_version") == [(HEAD,)]


async def test_an_interrupted_migration_leaves_nothing_half_done(
    bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import alembic.op

    made = []
    create_table = alembic.op.create_table

    def stop_at_the_fifth(name: str, *parts: object, **more: object) -> object:
        made.append(name)
        if len(made) == 5:
            raise KeyboardInterrupt
        return create_table(name, *parts, **more)

    monkeypatch.setattr(alembic.op, "create_table", stop_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        await migrate(bare)
    monkeypatch.undo()

    assert await _tables(bare) == set()
    await migrate(bare)
    assert set(made) < await _tables(bare)


async def test_a_database_of_a_newer_version_is_refused(bare: Settings) -> None:
    await migrate(bare)
    await _ask(bare, "update alembic_version set version_num = '9999'")

    with pytest.raises(Unavailable, match="newer version of Galley") as refused:
        await migrate(bare)
    assert refused.value.code == "start.newer_database"


@on_postgresql
@pytest.mark.parametrize(
    ("role", "making", "fault"),
    [
        ("strong", "create role strong login superuser", "superuser"),
        ("sneaky", "create role sneaky login bypassrls", "bypass"),
        ("heir", "create role heir login in role galley_owner", "owns the tables"),
    ],
)
async def test_a_role_above_row_level_security_is_refused(
    role: str, making: str, fault: str, bare: Settings, postgres: PostgresServer
) -> None:
    await postgres.run(making)
    settings = bare.model_copy(update={"database_url": postgres.url(role, "galley_bare")})
    with pytest.raises(Unavailable, match=fault) as refused:
        await migrate(settings)
    await postgres.run(f"drop owned by {role}", database="galley_bare")
    await postgres.run(f"drop role {role}")

    assert refused.value.code == "start.role_too_strong"


@on_postgresql
async def test_one_role_for_everything_is_refused(bare: Settings, postgres: PostgresServer) -> None:
    alone = Settings(data_dir=bare.data_dir, database_url=postgres.url("galley_owner", "galley_bare"))

    with pytest.raises(Unavailable, match="GALLEY_DATABASE_OWNER_URL"):
        await migrate(alone)


@on_postgresql
async def test_a_role_that_is_missing_is_named(bare: Settings, postgres: PostgresServer) -> None:
    settings = bare.model_copy(update={"database_url": postgres.url("nobody_made_it", "galley_bare")})

    with pytest.raises(Unavailable, match="CREATE ROLE nobody_made_it"):
        await migrate(settings)
    assert await _tables(bare) == set()


@on_postgresql
async def test_a_table_without_a_wall_is_walled_at_the_next_start(bare: Settings) -> None:
    await migrate(bare)
    await _ask(bare, "create table added (id uuid primary key, tenant_id uuid not null)")
    await _ask(bare, "alter table invitation no force row level security")
    await migrate(bare)
    rows = await _ask(
        bare, "select relname from pg_class where relname in ('added', 'invitation') and relforcerowsecurity order by 1"
    )

    assert rows == [("added",), ("invitation",)]


@on_postgresql
async def test_the_applications_role_does_not_write_the_version(bare: Settings) -> None:
    await migrate(bare)
    rows = await _ask(bare, "select has_table_privilege('galley_app', 'alembic_version', 'insert, update, delete')")

    assert rows == [(False,)]


async def test_whether_the_tables_are_there_is_told(bare: Settings) -> None:
    database = Database(bare.sql_url, master_key=load_master_key(bare.data_dir / "master.key"))
    before = await migrating.is_migrated(database)
    await migrate(bare)
    after = await migrating.is_migrated(database)
    await database.close()

    assert (before, after) == (False, True)


@on_postgresql
@pytest.mark.parametrize("role", ["postgres", "galley_owner"])
async def test_no_process_ever_works_as_a_strong_role(role: str, bare: Settings, postgres: PostgresServer) -> None:
    await migrate(bare)
    database = Database(postgres.url(role, "galley_bare"), master_key=load_master_key(bare.data_dir / "master.key"))
    with pytest.raises(Unavailable, match=role) as refused:
        async with database.bound(tenant_id=None).read() as session:
            await session.execute(sa.select(OperatorClaim))
    await database.close()

    assert refused.value.code == "start.role_too_strong"


MOUNTS = "/dev/vda / ext4 rw 0 0\nserver:/x /mnt/share nfs4 rw 0 0\nserver:/y /mnt/a\\040b cifs rw 0 0\n"


@pytest.mark.parametrize(("folder", "kind"), [("/mnt/share/galley", "nfs4"), ("/mnt/a b", "cifs")])
def test_sqlite_on_a_network_folder_is_refused(folder: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)

    with pytest.raises(Unavailable, match=kind) as refused:
        walls.refuse_network_folder(Path(folder) / "galley.db", mounts=tmp_path / "mounts")
    assert refused.value.code == "start.network_folder"


@pytest.mark.parametrize("folder", ["/srv/galley", "/mnt", "/mnt/sharedata"])
def test_sqlite_on_a_local_folder_is_fine(folder: str, tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)

    walls.refuse_network_folder(Path(folder) / "galley.db", mounts=tmp_path / "mounts")


def test_where_nothing_is_known_of_mounts_sqlite_is_fine(tmp_path: Path) -> None:
    walls.refuse_network_folder(Path("/mnt/share/galley.db"), mounts=tmp_path / "none")


async def test_a_network_folder_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(database: Path) -> None:
        raise Unavailable(code="start.network_folder", params={"folder": str(database)})

    monkeypatch.setattr(migrating.walls, "refuse_network_folder", refuse)
    with pytest.raises(Unavailable):
        await migrate(Settings(data_dir=tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_the_migrations_make_one_line() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())

    assert scripts.get_heads() == [HEAD]
    assert [script.doc for script in scripts.walk_revisions() if not script.doc] == []


@pytest.mark.parametrize(
    ("type_", "spelling"),
    [
        (UtcDateTime(), "sa.DateTime(timezone=True)"),
        (SealedText(), "sa.Text()"),
        (AutoString(length=5), "sa.String(length=5)"),
        (AutoString(), "sa.String()"),
        (sa.Uuid(), "sa.Uuid()"),
        (sa.Boolean(), False),
    ],
)
def test_a_drafted_migration_names_no_type_of_ours(type_: object, spelling: str | bool) -> None:
    assert render_item("type", type_, None) == spelling


def test_what_is_no_type_is_spelt_by_the_library() -> None:
    assert render_item("server_default", sa.text("1"), None) is False


async def test_a_draft_has_the_next_number_and_sees_every_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(draft.command, "revision", lambda config, **asking: asked.append(asking))
    await draft.draft("Notes have a colour")
    number = len(list(ScriptDirectory.from_config(alembic_config()).walk_revisions())) + 1

    assert asked == [{"message": "Notes have a colour", "autogenerate": True, "rev_id": f"{number:04d}"}]
    assert {"tenant", "document", "file_record", "usage_event"} <= set(SQLModel.metadata.tables)
