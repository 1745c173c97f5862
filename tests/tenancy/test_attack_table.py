"""Every tenant's table, met by an attacker from elsewhere who knows the ids. New tables come in by themselves."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.errors import TenantMissing
from tests.rows import TENANT_CLASSES, make_row, parent_keys

every_table = pytest.mark.parametrize("cls", TENANT_CLASSES, ids=lambda cls: cls.__tablename__)
with_parents = pytest.mark.parametrize(
    ("cls", "key"),
    [(cls, key) for cls in TENANT_CLASSES for key in parent_keys(cls)],
    ids=lambda part: part.name if isinstance(part, sa.ForeignKeyConstraint) else "",
)


def _values(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


async def _still_there(pair: Any, cls: type[Any]) -> Any:
    async with pair.victim.db.read() as session:
        return await session.get(cls, pair.theirs_id)


@every_table
async def test_a_foreign_row_is_not_read_by_its_id(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    async with pair.attacker.db.read() as session:
        by_key = await session.get(cls, pair.theirs.id)
        by_query = (await session.execute(sa.select(cls).where(cls.id == pair.theirs.id))).all()
        own = await session.get(cls, pair.own.id)

    assert (by_key, by_query) == (None, [])
    assert own is not None


@every_table
async def test_a_foreign_row_is_not_listed_or_counted(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    async with pair.attacker.db.read() as session:
        listed = set((await session.execute(sa.select(cls.id))).scalars())
        counted = (await session.execute(sa.select(sa.func.count()).select_from(cls))).scalar_one()

    assert pair.theirs.id not in listed
    assert counted == len(listed)


@every_table
async def test_a_foreign_row_is_not_updated_by_its_id(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    async with pair.attacker.db.write() as session:
        query = sa.update(cls).where(cls.id == pair.theirs.id).values(id=pair.theirs.id).returning(cls.id)
        changed = (await session.execute(query)).all()

    assert changed == []


@every_table
async def test_a_foreign_row_is_not_deleted_by_its_id(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    async with pair.attacker.db.write() as session:
        gone = (await session.execute(sa.delete(cls).where(cls.id == pair.theirs.id).returning(cls.id))).all()

    assert gone == []
    assert await _still_there(pair, cls) is not None


@every_table
async def test_a_foreign_row_in_hand_is_not_changed_or_deleted(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    with pytest.raises(TenantMissing):
        async with pair.attacker.db.write() as session:
            session.add(pair.theirs)
            await session.delete(pair.theirs)

    assert await _still_there(pair, cls) is not None


@every_table
async def test_a_row_is_not_put_into_a_foreign_tenant(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    values = _values(pair.own) | {"tenant_id": pair.victim.tenant_id}
    with pytest.raises(TenantMissing):
        async with pair.attacker.db.write() as session:
            session.add(cls(**values))


@every_table
async def test_a_row_is_not_made_over_a_foreign_id(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    values = _values(pair.own) | {"id": pair.theirs.id}
    with pytest.raises(IntegrityError):
        async with pair.attacker.db.write() as session:
            session.add(cls(**values))

    assert (await _still_there(pair, cls)).tenant_id == pair.victim.tenant_id


@with_parents
async def test_a_row_does_not_refer_to_a_foreign_parent(cls: type[Any], key: sa.ForeignKeyConstraint, pair_of) -> None:
    pair = await pair_of(cls)
    columns = [column.name for column in key.columns if column.name != "tenant_id"]
    async with pair.attacker.db.write() as session:
        other = await make_row(session, cls, user_id=pair.attacker.user_id, of="the attacker")
    with pytest.raises(IntegrityError):
        async with pair.attacker.db.write() as session:
            row = await session.get_one(cls, other.id)
            for column in columns:
                setattr(row, column, getattr(pair.theirs, column))


def test_the_tables_with_parents_are_found() -> None:
    assert any(parent_keys(cls) for cls in TENANT_CLASSES)


async def _as_attacker(pair: Any, statement: Any) -> sa.CursorResult[Any]:
    """Run a bare statement as the application's role with the attacker's tenant bound, past our filter."""
    async with pair.attacker.ports.db.engine.begin() as connection:
        bound = sa.text("select set_config('galley.tenant_id', :tenant, true), set_config('galley.user_id', :me, true)")
        await connection.execute(bound, {"tenant": str(pair.attacker.tenant_id), "me": str(pair.attacker.user_id)})
        return await connection.execute(statement)


on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@every_table
@on_postgresql
async def test_with_our_filter_off_the_database_shows_no_foreign_row(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    table = cls.__table__

    seen = (await _as_attacker(pair, sa.select(table.c.tenant_id))).scalars().all()
    assert set(seen) == {pair.attacker.tenant_id}


@every_table
@on_postgresql
async def test_with_our_filter_off_the_database_changes_no_foreign_row(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    table = cls.__table__
    theirs = table.c.id == pair.theirs.id

    updated = await _as_attacker(pair, sa.update(table).where(theirs).values(id=table.c.id))
    deleted = await _as_attacker(pair, sa.delete(table).where(theirs))
    assert (updated.rowcount, deleted.rowcount) == (0, 0)


@every_table
@on_postgresql
async def test_with_our_filter_off_no_row_moves_to_a_foreign_tenant(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    table = cls.__table__
    move = sa.update(table).where(table.c.id == pair.own.id).values(tenant_id=pair.victim.tenant_id)

    with pytest.raises(DBAPIError, match="row-level security"):
        await _as_attacker(pair, move)


@every_table
@on_postgresql
async def test_without_a_tenant_the_database_shows_nothing(cls: type[Any], pair_of) -> None:
    pair = await pair_of(cls)
    async with pair.attacker.ports.db.engine.connect() as connection:
        rows = (await connection.execute(sa.select(cls.__table__.c.tenant_id))).all()

    assert rows == []
