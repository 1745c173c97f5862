"""Every shape of access that we know of, on both databases: it sees one tenant's rows, or it is refused.

Ana owns two organisations and is bound to the first. All rows are her own, so nothing but the tenant tells them apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased, relationship, selectinload
from sqlmodel import select

from app.core.context import Context
from app.core.db import add_rows
from app.core.errors import TenantMissing, UnscopedStatement
from app.core.ids import new_id
from app.media.models import Asset
from app.tenancy import organisations
from app.tenancy.models import ApiKey, AuditEvent, Membership, OperatorClaim, Tenant
from app.tenancy.schemas import OrganisationName
from app.usage.models import LedgerLine
from tests.databases import CtxOf
from tests.rows import make_row

KEYS: Any = ApiKey.__table__  # type: ignore[attr-defined]
other: Any = aliased(ApiKey)
HERE, THERE = "key of the first", "key of the second"


@pytest.fixture
async def world(ctx_of: CtxOf) -> AsyncIterator[tuple[Context, dict[str, UUID]]]:
    """Ana, bound to her first organisation, and the ids of one key and two tenants."""
    ana = await ctx_of("ana")
    elsewhere = (await organisations.create(ana, form=OrganisationName(name="Second"))).id
    ids = {"here": ana.tenant, "there": elsewhere}
    for name, tenant_id in (("key here", ana.tenant), ("key there", elsewhere)):
        async with ana.ports.db.bound(tenant_id=tenant_id, user_id=ana.user_id).write() as session:
            key = await make_row(session, ApiKey, user_id=ana.user_id, of="ana")
            key.name = HERE if tenant_id == ana.tenant else THERE
            ids[name] = key.id
    yield ana, ids


FILTERED: dict[str, Callable[[dict[str, UUID]], Any]] = {
    "a row": lambda _: select(ApiKey),
    "a row by its foreign id": lambda ids: select(ApiKey).where(ApiKey.id == ids["key there"]),
    "a row by the foreign tenant": lambda ids: select(ApiKey).where(ApiKey.tenant_id == ids["there"]),
    "either tenant": lambda ids: select(ApiKey).where(sa.or_(ApiKey.tenant_id == ids["there"], sa.true())),
    "a column": lambda _: select(ApiKey.name),
    "a function of a column": lambda _: select(sa.func.max(ApiKey.name)),
    "a case": lambda _: select(sa.case((ApiKey.name == HERE, ApiKey.name), else_=ApiKey.name)),
    "an alias": lambda _: select(other),
    "a column of an alias": lambda _: select(other.name),
    "an alias joined to itself": lambda _: select(other.name).select_from(ApiKey).join(other, sa.true()),
    "an outer join": lambda _: select(Membership.role, ApiKey.name).outerjoin(ApiKey, sa.true()),
    "a join from what has no tenant": lambda _: select(Tenant.name, ApiKey.name).join(ApiKey, sa.true()),
    "a subquery": lambda _: select(select(ApiKey.name).subquery()),
    "an alias of a subquery": lambda _: select(aliased(ApiKey, select(ApiKey).subquery())),
    "a common table expression": lambda _: select(select(ApiKey.name).cte()),
    "an in": lambda _: select(Tenant.id).where(Tenant.id.in_(select(ApiKey.tenant_id))),
    "an exists": lambda _: select(Tenant.id).where(sa.exists().where(ApiKey.tenant_id == Tenant.id)),
    "a scalar subquery": lambda _: select(Tenant.id, select(sa.func.max(ApiKey.name)).scalar_subquery()),
    "a correlated subquery": lambda _: select(
        select(sa.func.max(ApiKey.name)).where(ApiKey.tenant_id == Tenant.id).correlate(Tenant).scalar_subquery()
    ).select_from(Tenant),
    "a union": lambda _: select(ApiKey.name).union(select(ApiKey.name)),
    "a union all": lambda _: sa.union_all(select(ApiKey.name), select(Membership.role)),
    "a group": lambda _: select(ApiKey.name, sa.func.count()).group_by(ApiKey.name),
    "a window": lambda _: select(ApiKey.name, sa.func.row_number().over(order_by=ApiKey.id)),
    "a lambda": lambda _: sa.lambda_stmt(lambda: select(ApiKey)),
    "an update": lambda _: sa.update(ApiKey).values(tail="x").returning(ApiKey.name),
    "an update over another": lambda _: (
        sa.update(ApiKey).where(ApiKey.user_id == Membership.user_id).values(tail="x").returning(ApiKey.name)
    ),
    "an update of what has no tenant": lambda _: (
        sa.update(Tenant).where(Tenant.id.in_(select(ApiKey.tenant_id))).values(name="x").returning(Tenant.id)
    ),
    "a delete": lambda _: sa.delete(ApiKey).returning(ApiKey.name),
    "a delete by its foreign id": lambda ids: (
        sa.delete(ApiKey).where(ApiKey.id == ids["key there"]).returning(ApiKey.name)
    ),
    "a delete of what has no tenant": lambda _: (
        sa.delete(Tenant).where(sa.exists().where(ApiKey.tenant_id == Tenant.id)).returning(Tenant.id)
    ),
}

REFUSED: dict[str, Callable[[dict[str, UUID]], Any]] = {
    "text": lambda _: sa.text("select name from api_key"),
    "text in a condition": lambda _: select(ApiKey).where(sa.text("1 = 1) or (1 = 1")),
    "text as a column": lambda _: select(Tenant.id, sa.text("api_key.name")),
    "a row from text": lambda _: select(ApiKey).from_statement(sa.text("select * from api_key")),
    "a row from a bare table": lambda _: select(ApiKey).from_statement(sa.select(KEYS)),
    "a bare table": lambda _: sa.select(KEYS),
    "a bare column": lambda _: sa.select(KEYS.c.name),
    "a bare table by name": lambda _: select(Tenant.id, sa.column("name", _selectable=sa.table("api_key"))),
    "a bare table joined": lambda _: select(Tenant.id).join(KEYS, sa.true()),
    "a bare column beside a row": lambda _: select(Tenant, KEYS.c.name).join(KEYS, sa.true()),
    "a bare alias beside a row": lambda _: select(ApiKey, KEYS.alias("q").c.name),
    "a bare table beside an alias of its class": lambda _: select(other, KEYS.c.name),
    "a bare subquery in a condition": lambda _: select(Tenant).where(Tenant.id.in_(sa.select(KEYS.c.tenant_id))),
    "an alias of a bare subquery": lambda _: select(aliased(ApiKey, sa.select(KEYS).subquery())),
    "a bare exists": lambda _: sa.select(sa.exists().where(KEYS.c.id.is_not(None))),
    "a bare update": lambda _: sa.update(KEYS).values(name="x"),
    "a bare value in an update": lambda _: sa.update(Tenant).values(name=sa.select(KEYS.c.name).scalar_subquery()),
    "a bare delete": lambda _: sa.delete(KEYS),
    "a delete using a bare table": lambda _: sa.delete(Tenant).where(Tenant.id == KEYS.c.tenant_id),
    "an update of the tenant": lambda ids: sa.update(ApiKey).values(tenant_id=ids["there"]),
    "an update of the tenant by column": lambda ids: sa.update(ApiKey).values({ApiKey.tenant_id: ids["there"]}),
    "an ordered update of the tenant": lambda ids: sa.update(ApiKey).ordered_values((ApiKey.tenant_id, ids["there"])),
    "an insert": lambda ids: sa.insert(AuditEvent).values(id=new_id(), tenant_id=ids["there"], action="x", target=""),
    "an insert from what is filtered": lambda _: sa.insert(OperatorClaim).from_select(
        ["id", "token_hash"], select(ApiKey.id, ApiKey.name)
    ),
}


@pytest.mark.parametrize("shape", FILTERED)
async def test_this_sees_one_tenants_rows(shape: str, world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    async with ana.db.write() as session:
        rows = (await session.execute(FILTERED[shape](ids))).all()
        seen = " ".join(str(value) for row in rows for value in row)
        await session.rollback()

    assert THERE not in seen
    assert str(ids["there"]) not in seen or "scalar" in shape
    assert HERE in seen or str(ids["here"]) in seen or "foreign" in shape


@pytest.mark.parametrize("shape", REFUSED)
async def test_this_is_refused(shape: str, world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            await session.execute(REFUSED[shape](ids))


def _row(tenant_id: object) -> dict[str, object]:
    return {"id": new_id(), "tenant_id": tenant_id, "kind": "reserve", "call_id": new_id(), "account": "available"} | {
        "transaction_id": new_id(),
        "attempt_no": 0,
        "micros": 1,
        "created_at": datetime.now(UTC),
    }


async def test_a_bulk_insert_takes_rows_that_carry_the_tenant(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    async with ana.db.write() as session:
        await session.execute(sa.insert(LedgerLine), [_row(ana.tenant_id), _row(ana.tenant_id)])
        accounts = (await session.execute(select(LedgerLine.account))).scalars().all()

    assert accounts == ["available", "available"]


SUBQUERY = select(ApiKey.name).limit(1).scalar_subquery()


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        (sa.insert(LedgerLine), {"tenant_id": "there"}),
        (sa.insert(LedgerLine), {"tenant_id": None}),
        (sa.insert(LedgerLine), {"account": SUBQUERY}),
        (sa.insert(LedgerLine).returning(SUBQUERY), {}),
        (sa.insert(LedgerLine).prefix_with("or replace"), {}),
        (sa.insert(LedgerLine).values(account=SUBQUERY), {}),
        (sa.insert(KEYS), {}),
    ],
)
async def test_a_bulk_insert_that_holds_anything_else_is_refused(
    world: tuple[Context, dict[str, UUID]], statement: sa.Insert, change: dict[str, object]
) -> None:
    ana, ids = world
    change = {key: ids["there"] if value == "there" else value for key, value in change.items()}

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            await session.execute(statement, [_row(ana.tenant_id), _row(ana.tenant_id) | change])


def _asset(tenant_id: UUID | None) -> dict[str, Any]:
    moments = dict.fromkeys(("created_at", "updated_at"), datetime.now(UTC))
    return {"tenant_id": tenant_id, "kind": "image", "state": "making", "origin": "made", "title": "A secret"} | moments


async def test_a_bulk_insert_seals_what_is_to_be_sealed(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    async with ana.db.write() as session:
        [row, other] = await add_rows(session, Asset, [_asset(ana.tenant_id), _asset(ana.tenant_id)])
    async with ana.db.read() as session:
        stored = (await session.execute(select(Asset.title, Asset.recipe))).all()
        loaded = await session.get_one(Asset, row["id"])

    assert len({value for line in stored for value in line} | {"A secret", ""}) == 6  # no value twice, none in plain
    assert (loaded.title, loaded.recipe, loaded.rights) == ("A secret", "", "unknown")
    assert (row["title"], row["rights"]) == ("A secret", "unknown")
    assert row["id"] != other["id"]


@pytest.mark.parametrize("missing", ["id", "title", "recipe"])
async def test_a_bulk_insert_that_leaves_out_what_is_sealed_is_refused(
    world: tuple[Context, dict[str, UUID]], missing: str
) -> None:
    ana, _ = world
    row = _asset(ana.tenant_id) | {
        "id": new_id(),
        **dict.fromkeys(("alt_text", "licence_note", "recipe", "captions"), ""),
    }
    del row[missing]

    with pytest.raises(UnscopedStatement, match="would not be sealed"):
        async with ana.db.write() as session:
            await session.execute(sa.insert(Asset), [row])


async def test_a_bulk_insert_of_a_foreign_row_is_refused_though_it_would_be_sealed(
    world: tuple[Context, dict[str, UUID]],
) -> None:
    ana, ids = world
    for tenant_id in (ids["there"], None):
        with pytest.raises(UnscopedStatement, match="another tenant"):
            async with ana.db.write() as session:
                await add_rows(session, Asset, [_asset(tenant_id)])


async def test_a_count_counts_one_tenant(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    async with ana.db.read() as session:
        counted = (await session.execute(select(sa.func.count()).select_from(ApiKey))).scalar_one()

    assert counted == 1


async def test_a_recursive_expression_sees_one_tenant(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    start = select(ApiKey.id, ApiKey.name).cte(recursive=True)
    every = start.union(sa.select(start.c.id, start.c.name))
    async with ana.db.read() as session:
        found = (await session.execute(select(every.c.id).join(ApiKey, ApiKey.id == every.c.id))).scalars().all()

    assert found == [ids["key here"]]


async def test_get_finds_ones_own_and_not_the_foreign(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    async with ana.db.read() as session:
        own = await session.get(ApiKey, ids["key here"])
        foreign = await session.get(ApiKey, ids["key there"])

    assert own is not None
    assert foreign is None


async def test_a_refresh_reads_ones_own(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    async with ana.db.read() as session:
        own = await session.get_one(ApiKey, ids["key here"])
        await session.refresh(own)

    assert own.name == HERE


async def test_a_stream_yields_one_tenants_rows(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    async with ana.db.read() as session:
        names = [name async for name in await session.stream_scalars(select(ApiKey.name))]

    assert names == [HERE]


async def test_a_relationship_loads_one_tenants_rows(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    mapper = sa.inspect(Membership)
    if "keys_of_the_person" not in mapper.relationships:  # joined by person only, on purpose
        mapper.add_property(
            "keys_of_the_person",
            relationship(
                ApiKey,
                primaryjoin=sa.orm.foreign(ApiKey.user_id) == Membership.user_id,
                viewonly=True,
                uselist=True,
            ),
        )
    loaded: Any = Membership
    async with ana.db.read() as session:
        query = select(Membership).options(selectinload(loaded.keys_of_the_person))
        member: Any = (await session.execute(query)).scalar_one()

    assert [key.name for key in member.keys_of_the_person] == [HERE]


async def test_the_legacy_query_sees_one_tenants_rows(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world
    async with ana.db.read() as session:
        names = await session.run_sync(lambda sync: [key.name for key in sync.query(ApiKey)])

    assert names == [HERE]


async def test_an_update_by_a_list_of_ids_is_refused(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            await session.execute(sa.update(ApiKey), [{"id": ids["key there"], "name": "taken"}])


@pytest.mark.parametrize("verb", ["bulk_insert_mappings", "bulk_update_mappings"])
async def test_a_bulk_verb_is_refused(verb: str, world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            await session.run_sync(lambda sync: getattr(sync, verb)(ApiKey, [{"id": ids["key there"], "name": "x"}]))


async def test_saving_objects_in_bulk_is_refused(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            event = AuditEvent(tenant_id=ids["there"], action="x")
            await session.run_sync(lambda sync: sync.bulk_save_objects([event]))


async def test_the_raw_connection_is_refused(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world

    with pytest.raises(UnscopedStatement):
        async with ana.db.write() as session:
            await session.connection()


async def test_merging_a_row_over_a_foreign_id_is_refused(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(sa.exc.IntegrityError):
        async with ana.db.write() as session:
            await session.merge(AuditEvent(id=(await _foreign_event(ana, ids)), action="mine now"))


async def _foreign_event(ana: Context, ids: dict[str, UUID]) -> UUID:
    async with ana.ports.db.bound(tenant_id=ids["there"]).read() as session:
        return (await session.execute(select(AuditEvent.id).limit(1))).scalar_one()


async def test_a_row_that_changes_tenant_is_refused(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(TenantMissing):
        async with ana.db.write() as session:
            key = await session.get_one(ApiKey, ids["key here"])
            key.tenant_id = ids["there"]


@pytest.mark.parametrize("shape", FILTERED)
async def test_without_a_tenant_this_is_refused(shape: str, world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world

    with pytest.raises(TenantMissing):
        async with ana.ports.db.bound(tenant_id=None).write() as session:
            await session.execute(FILTERED[shape](ids))


async def test_without_a_tenant_no_row_is_added(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, _ = world

    with pytest.raises(TenantMissing):
        async with ana.ports.db.bound(tenant_id=None).write() as session:
            session.add(AuditEvent(action="x"))


async def test_a_row_without_a_tenant_gets_the_bound_one(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    event = AuditEvent(action="x")
    async with ana.db.write() as session:
        session.add(event)

    assert event.tenant_id == ids["here"]


async def test_what_has_no_tenant_is_read_without_one(world: tuple[Context, dict[str, UUID]]) -> None:
    ana, ids = world
    async with ana.ports.db.bound(tenant_id=None).read() as session:
        found = set((await session.execute(select(Tenant.id))).scalars())

    assert found == {ids["here"], ids["there"]}


async def test_over_the_wall_one_sees_ones_own_memberships(
    world: tuple[Context, dict[str, UUID]], ctx_of: CtxOf
) -> None:
    ana, ids = world
    await ctx_of("bo")
    async with ana.ports.db.bound(tenant_id=None, user_id=ana.user_id).read() as session:
        mine = await organisations.queries.organisations_of(session, ana.user_id)

    assert {tenant.id for tenant, _ in mine} == {ids["here"], ids["there"]}
