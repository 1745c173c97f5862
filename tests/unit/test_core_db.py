"""Units of work: all or nothing, reading is only reading, and none is open while a provider is awaited."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core import tenant_session
from app.core.context import Context
from app.core.crypto import load_master_key
from app.core.db import Database, assert_no_open_session
from app.core.errors import SessionHeldDuringProviderCall, Unavailable, UnscopedStatement
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.settings import Settings
from app.tenancy.models import AuditEvent, OperatorClaim, Tenant
from tests.databases import CtxOf

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


async def _actions(ctx: Context) -> list[str]:
    async with ctx.db.read() as session:
        return list((await session.execute(select(AuditEvent.action))).scalars())


async def test_a_unit_of_work_is_committed_at_its_end(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    async with ana.db.write() as session:
        session.add(AuditEvent(action="kept"))

    assert "kept" in await _actions(ana)


async def test_an_error_rolls_the_whole_unit_back(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    with pytest.raises(ZeroDivisionError):
        async with ana.db.write() as session:
            session.add(AuditEvent(action="lost"))
            await session.flush()
            raise ZeroDivisionError

    assert "lost" not in await _actions(ana)


async def test_a_read_session_adds_nothing(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(UnscopedStatement):
        async with ana.db.read() as session:
            session.add(AuditEvent(action="sneaked"))


@pytest.mark.parametrize("statement", [sa.update(Tenant).values(name="x"), sa.delete(AuditEvent)])
async def test_a_read_session_runs_no_writing_statement(statement: sa.UpdateBase, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(UnscopedStatement):
        async with ana.db.read() as session:
            await session.execute(statement)


async def test_a_read_session_does_not_write_over_the_wall_either(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(UnscopedStatement):
        async with ana.db.read() as session:
            await session.execute(sa.delete(AuditEvent), execution_options={"cross_tenant": True})


@on_postgresql
async def test_postgresql_holds_a_read_session_to_reading_too(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(sa.exc.DBAPIError, match="read-only"):
        async with ana.db.read() as session:
            write = sa.text("insert into operator_claim values (:id, 'x', now()) returning id")
            await session.execute(write, {"id": new_id()}, execution_options={"cross_tenant": True})


@on_postgresql
async def test_a_pooled_connection_keeps_no_tenant(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await _actions(ana)
    async with ana.ports.db.engine.connect() as connection:
        rows = (await connection.execute(sa.text("select id from audit_event"))).all()
        bound = (await connection.execute(sa.text("select current_setting('galley.tenant_id', true)"))).scalar_one()

    assert rows == []
    assert not bound


async def test_a_provider_is_not_awaited_inside_a_unit_of_work(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(SessionHeldDuringProviderCall):
        async with ana.db.read():
            assert_no_open_session()


async def test_a_provider_is_awaited_after_a_unit_of_work(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    async with ana.db.read(), ana.db.read():
        pass

    assert_no_open_session()


async def test_an_inner_unit_does_not_hide_the_outer_one(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    async with ana.db.read():
        async with ana.db.read():
            pass

        with pytest.raises(SessionHeldDuringProviderCall):
            assert_no_open_session()


async def _rows(ctx: Context) -> AsyncIterator[int]:
    async with ctx.db.read():
        yield 1
        yield 2


async def test_a_generator_closed_from_another_context_frees_both(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    rows = _rows(ana)
    await anext(rows)
    elsewhere = contextvars.Context()
    await asyncio.create_task(rows.aclose(), context=elsewhere)  # type: ignore[attr-defined]

    assert_no_open_session()
    elsewhere.run(assert_no_open_session)


async def test_a_task_started_inside_a_unit_is_free_once_that_is_closed(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    closed = asyncio.Event()

    async def later() -> None:
        await closed.wait()
        assert_no_open_session()

    async with ana.db.read():
        task = asyncio.create_task(later())
        await asyncio.sleep(0)
    closed.set()

    await task


@on_sqlite
async def test_eight_writers_that_read_first_never_meet_a_lock(database: Database) -> None:
    async def write_many(number: int) -> None:
        for turn in range(25):
            async with database.bound(tenant_id=None).write() as session:
                await session.execute(select(OperatorClaim.id).limit(1))
                session.add(OperatorClaim(token_hash=f"{number}-{turn}"))

    await asyncio.gather(*(write_many(number) for number in range(8)))
    async with database.bound(tenant_id=None).read() as session:
        counted = (await session.execute(select(sa.func.count()).select_from(OperatorClaim))).scalar_one()

    assert counted == 200


@on_sqlite
async def test_a_reader_is_not_kept_waiting_by_a_writer(database: Database) -> None:
    async with database.bound(tenant_id=None).write() as writer:
        writer.add(OperatorClaim(token_hash="unseen"))
        await writer.flush()
        async with asyncio.timeout(2), database.bound(tenant_id=None).read() as reader:
            seen = (await reader.execute(select(OperatorClaim))).all()

    assert seen == []


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 10_000)]
)
async def test_sqlite_is_set_up_for_safety(pragma: str, value: object, database: Database) -> None:
    async with database.engine.connect() as connection:
        found = (await connection.execute(sa.text(f"pragma {pragma}"))).scalar_one()

    assert found == value


@on_sqlite
async def test_a_checkpoint_folds_the_log_back_into_the_file(settings: Settings, database: Database) -> None:
    log = settings.data_dir / "galley.db-wal"
    async with database.bound(tenant_id=None).write() as session:
        session.add(OperatorClaim(token_hash="x"))
    before = log.stat().st_size
    await database.checkpoint()

    assert before > 0
    assert log.stat().st_size == 0


@on_postgresql
async def test_a_checkpoint_is_nothing_on_postgresql(database: Database) -> None:
    await database.checkpoint()


async def test_a_database_that_answers_passes_the_ping(database: Database) -> None:
    await database.ping()


async def test_a_database_that_is_not_there_fails_the_ping(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/none/galley.db", master_key=load_master_key(tmp_path / "key"))

    with pytest.raises(sa.exc.OperationalError):
        await database.ping()
    await database.close()
    while any("_connection_worker" in thread.name for thread in threading.enumerate()):
        await asyncio.sleep(0.01)  # the driver's thread of a connection that never opened speaks to this loop once more


async def test_a_tenants_data_key_is_the_same_each_time(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    first = await ana.ports.db.data_key(ana.tenant)

    assert first is not None
    assert await ana.ports.db.data_key(ana.tenant) is first


async def test_an_unknown_tenant_has_no_data_key(database: Database) -> None:
    assert await database.data_key(new_id()) is None


async def test_a_forgotten_key_is_read_again(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    first = await ana.ports.db.data_key(ana.tenant)
    ana.ports.db.forget_key(ana.tenant)

    assert await ana.ports.db.data_key(ana.tenant) is not first


async def test_only_so_many_keys_are_kept_in_memory(
    ctx_of: CtxOf, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "KEYS_KEPT", 1)
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    first = await ports.db.data_key(ana.tenant)
    await ports.db.data_key(bo.tenant)

    assert await ports.db.data_key(ana.tenant) is not first


async def _fill(database: Database) -> None:
    """Let the file grow no further: what a full disk looks like to SQLite."""

    @sa.event.listens_for(database.engine.sync_engine, "begin")
    def _no_more_pages(connection: sa.Connection) -> None:
        connection.exec_driver_sql("pragma max_page_count = 1")

    await database.engine.dispose()


@on_sqlite
async def test_on_a_full_disk_nothing_is_saved_and_the_reason_is_told(ctx_of: CtxOf, database: Database) -> None:
    ana = await ctx_of("ana")
    await _fill(database)
    with pytest.raises(Unavailable) as refused:
        async with ana.db.write() as session:
            session.add_all(AuditEvent(action="x" * 60, target="y" * 120) for _ in range(500))

    assert refused.value.code == "database.full"
    assert await _actions(ana) == ["account.created"]


@on_sqlite
async def test_a_locked_database_says_so(database: Database, settings: Settings) -> None:
    impatient = Database(settings.sql_url, master_key=database.master_key)

    @sa.event.listens_for(impatient.engine.sync_engine, "connect")
    def _at_once(connection: Any, _: object) -> None:
        connection.execute("pragma busy_timeout = 0").close()

    async with database.bound(tenant_id=None).write() as holder:
        holder.add(OperatorClaim(token_hash="x"))
        await holder.flush()
        with pytest.raises(Unavailable) as refused:
            async with impatient.bound(tenant_id=None).write() as session:
                session.add(OperatorClaim(token_hash="y"))
    await impatient.close()

    assert refused.value.code == "database.busy"


@on_postgresql
@pytest.mark.parametrize(("state", "code"), [("53100", "database.full"), ("40P01", "database.busy")])
async def test_a_fault_of_postgresql_is_told(state: str, code: str, database: Database) -> None:
    fault = sa.text(f"do $$ begin raise exception 'x' using errcode = '{state}'; end $$")
    with pytest.raises(Unavailable) as refused:
        async with database.bound(tenant_id=None).write() as session:
            await session.execute(fault, execution_options={"cross_tenant": True})

    assert refused.value.code == code


async def test_a_broken_constraint_stays_what_it_is(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        async with database.bound(tenant_id=None).write() as session:
            session.add_all([OperatorClaim(token_hash="x"), OperatorClaim(token_hash="x")])


@on_postgresql
async def test_a_writer_who_falls_silent_loses_what_it_holds(ctx_of: CtxOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_session, "IDLE_MS", 300)
    ana = await ctx_of("ana")
    held, later = asyncio.Event(), asyncio.Event()

    async def fall_silent() -> None:
        async with ana.db.write() as session:
            await session.execute(select(AuditEvent).with_for_update())
            held.set()
            await later.wait()
            await session.execute(select(AuditEvent))

    silent = asyncio.ensure_future(fall_silent())
    await held.wait()
    async with ana.db.write() as session:
        found = (await session.execute(select(AuditEvent).with_for_update())).scalars().all()
    later.set()

    assert found
    with pytest.raises(Unavailable) as lost:
        await silent
    assert lost.value.code == "database.down"


@on_postgresql
async def test_a_row_that_somebody_holds_is_not_waited_for_without_end(
    ctx_of: CtxOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant_session, "LOCK_WAIT_MS", 200)
    ana = await ctx_of("ana")
    async with ana.db.write() as session:
        await session.execute(select(AuditEvent).with_for_update())
        with pytest.raises(Unavailable) as refused:
            await asyncio.create_task(_hold(ana))

    assert refused.value.code == "database.busy"


async def _hold(ctx: Context) -> None:
    async with ctx.db.write() as session:
        await session.execute(select(AuditEvent).with_for_update())
