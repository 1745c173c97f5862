"""Encrypted columns: plain in memory, sealed at rest, bound to their tenant, table, row and column."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core.context import Context
from app.core.crypto import SealBroken
from app.core.errors import TenantMissing
from app.core.sealing import sealed_columns
from app.core.settings import Settings
from app.storage.models import FileRecord
from app.tenancy.models import AuditEvent
from tests.databases import CtxOf
from tests.rows import CANARY, TENANT_CLASSES, make_row

SEALED = [cls for cls in TENANT_CLASSES if sealed_columns(cls)]
SEVERAL_A_TENANT = [
    cls
    for cls in SEALED
    if not any(
        isinstance(rule, sa.UniqueConstraint) and list(rule.columns.keys()) == ["tenant_id"]
        for rule in cls.__table__.constraints
    )
]
every_sealed_table = pytest.mark.parametrize("cls", SEALED, ids=lambda cls: cls.__tablename__)
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def _add(ctx: Context, cls: type[Any], of: str) -> Any:
    async with ctx.db.write() as session:
        return await make_row(session, cls, user_id=ctx.user_id, of=of)  # type: ignore[arg-type]


async def _at_rest(ctx: Context, row: Any) -> Any:
    async with ctx.db.read() as session:
        columns = [getattr(type(row), name) for name in sealed_columns(type(row))]
        return (await session.execute(sa.select(*columns).where(type(row).id == row.id))).one()


@every_sealed_table
async def test_the_text_comes_back(cls: type[Any], ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, cls, "ana")
    async with ana.db.read() as session:
        again = await session.get_one(cls, row.id)

    for column in sealed_columns(cls):
        assert getattr(again, column) == getattr(row, column)
        assert getattr(row, column).startswith(f"{CANARY} ana")


@every_sealed_table
async def test_at_rest_there_is_only_the_sealed_text(cls: type[Any], ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, cls, "ana")

    for value in await _at_rest(ana, row):
        assert value.startswith("g1.")
        assert CANARY not in value


@every_sealed_table
@on_sqlite
async def test_the_plain_text_is_nowhere_in_the_file(cls: type[Any], ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, cls, "ana")
    secrets = [getattr(row, column).encode() for column in sealed_columns(cls)]
    bytes_kept = b"".join(path.read_bytes() for path in settings.data_dir.glob("galley.db*"))

    assert str(row.id.hex).encode() in bytes_kept
    assert [secret for secret in secrets if secret in bytes_kept] == []


@every_sealed_table
async def test_a_value_moved_to_another_tenant_does_not_open(
    cls: type[Any], two_tenants: tuple[Context, Context]
) -> None:
    ana, bo = two_tenants
    theirs, own = await _add(ana, cls, "ana"), await _add(bo, cls, "bo")
    stolen = (await _at_rest(ana, theirs))[0]
    await _put(bo, own, sealed_columns(cls)[0], stolen)

    with pytest.raises(SealBroken):
        async with bo.db.read() as session:
            await session.get_one(cls, own.id)


@pytest.mark.parametrize("cls", SEVERAL_A_TENANT, ids=lambda cls: cls.__tablename__)
async def test_a_value_moved_to_another_row_does_not_open(cls: type[Any], ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    assert bo.tenant_id != ana.tenant_id
    one, two = await _add(ana, cls, "one"), await _add(ana, cls, "two")
    await _put(ana, two, sealed_columns(cls)[0], (await _at_rest(ana, one))[0])

    with pytest.raises(SealBroken):
        async with ana.db.read() as session:
            await session.get_one(cls, two.id)


async def _put(ctx: Context, row: Any, column: str, sealed: str) -> None:
    """Write a sealed value as it is, as somebody with the database in hand could."""
    async with ctx.db.write() as session:
        await session.execute(sa.update(type(row)).where(type(row).id == row.id).values({column: sealed}))


async def test_a_plain_value_that_slips_past_is_refused(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, FileRecord, "ana")

    with pytest.raises(sa.exc.StatementError, match="would have been written in clear"):
        await _put(ana, row, "name", "plain")


async def test_a_change_is_sealed_and_read_back_plain(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, FileRecord, "ana")
    async with ana.db.write() as session:
        again = await session.get_one(FileRecord, row.id)
        again.name = "changed"
        await session.flush()
        in_memory = again.name
    async with ana.db.read() as session:
        read_back = (await session.get_one(FileRecord, row.id)).name

    assert (in_memory, read_back) == ("changed", "changed")


async def test_a_value_that_did_not_change_is_not_sealed_anew(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, FileRecord, "ana")
    before = await _at_rest(ana, row)
    async with ana.db.write() as session:
        (await session.get_one(FileRecord, row.id)).kind = "csv"

    assert await _at_rest(ana, row) == before


async def test_a_refresh_opens_the_value(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = await _add(ana, FileRecord, "ana")
    async with ana.db.read() as session:
        again = await session.get_one(FileRecord, row.id)
        await session.refresh(again, ["name"])

    assert again.name == row.name


async def test_after_a_failed_flush_the_row_in_memory_is_plain_again(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    one = await _add(ana, FileRecord, "ana")
    two = FileRecord(id=one.id, name="plain", size_bytes=1, state="ready", changed_at=one.changed_at)
    with pytest.raises(sa.exc.IntegrityError):
        async with ana.db.write() as session:
            session.add(two)

    assert two.name == "plain"


async def test_a_column_without_its_row_stays_sealed(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await _add(ana, FileRecord, "ana")
    async with ana.db.read() as session:
        value = (await session.execute(select(FileRecord.name))).scalar_one()

    assert value.startswith("g1.")


async def test_without_a_data_key_nothing_is_written(ctx_of: CtxOf) -> None:
    from app.tenancy.models import Tenant

    ana = await ctx_of("ana")
    async with ana.db.write() as session:
        (await session.get_one(Tenant, ana.tenant)).wrapped_key = None
    ana.ports.db.forget_key(ana.tenant)

    with pytest.raises(TenantMissing):
        await _add(ana, FileRecord, "ana")


async def test_with_the_data_key_gone_nothing_is_read(ctx_of: CtxOf) -> None:
    from app.tenancy.models import Tenant

    ana = await ctx_of("ana")
    row = await _add(ana, FileRecord, "ana")
    async with ana.db.write() as session:
        (await session.get_one(Tenant, ana.tenant)).wrapped_key = ana.ports.db.master_key.new_data_key(
            tenant=str(ana.tenant)
        )
    ana.ports.db.forget_key(ana.tenant)

    with pytest.raises(SealBroken):
        async with ana.db.read() as session:
            await session.get_one(FileRecord, row.id)


def test_a_table_without_encrypted_columns_has_none() -> None:
    assert sealed_columns(AuditEvent) == ()
