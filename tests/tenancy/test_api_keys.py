"""API keys: shown once, never stronger than their person is now, gone when the person is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.settings import Settings
from app.tenancy import api_keys, members
from app.tenancy.models import ApiKey
from app.tenancy.principal import context_for
from app.tenancy.schemas import ChangeRole, NewApiKey
from app.tenancy.tokens import hashed, split_tenant, with_tenant
from tests.databases import CtxOf
from tests.tenancy.reading import audited

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
READ, WRITE = "documents:read", "documents:write"


async def _key(ctx: Context, *scopes: str, days: int | None = None) -> api_keys.ApiKeyView:
    return await api_keys.create(ctx, form=NewApiKey(name="CI", scopes=list(scopes or (READ,)), days=days))


def _user(ctx: Context) -> UUID:
    assert ctx.user_id
    return ctx.user_id


async def test_a_key_stands_for_its_person_in_its_organisation(ports: Ports, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    made = await _key(ana, READ, WRITE)
    principal = await api_keys.resolve_key(ports, key=made.key)

    assert principal is not None
    assert (principal.tenant_id, principal.user_id, principal.api_key_id) == (ana.tenant_id, ana.user_id, made.id)
    assert principal.scopes == {READ, WRITE}
    assert context_for(ports, principal, "r").actor == "api_key"


async def test_the_key_is_shown_once_and_kept_nowhere(ports: Ports, ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")
    made = await _key(ana)
    listed = await api_keys.list_all(ana)
    async with ana.db.read() as session:
        row = (await session.execute(select(ApiKey))).scalar_one()
    secret = made.key.split("_", 2)[2]  # a secret may hold the mark that stands before it

    assert made.key.startswith("gly_")
    assert len(secret) > 20
    assert [(one.key, one.tail) for one in listed] == [("", made.key[-4:])]
    assert secret not in str(row.model_dump())


@on_sqlite
@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: "x",
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key.replace("gly_", "gli_"),
        lambda key: "gly_" + key.split("_")[1],
        lambda key: "gly_é_" + key,
        lambda key: with_tenant("gly", new_id(), key.split("_", 2)[2]),
    ],
)
async def test_a_spoilt_key_is_nobodys(spoil: Callable[[str], str], ports: Ports, ctx_of: CtxOf) -> None:
    made = await _key(await ctx_of("ana"))

    assert await api_keys.resolve_key(ports, key=spoil(made.key)) is None


async def test_a_key_with_another_tenants_id_opens_nothing(ports: Ports, two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    made = await _key(ana)
    assert await api_keys.resolve_key(ports, key=made.key)
    parts = split_tenant("gly", made.key)
    assert parts

    assert await api_keys.resolve_key(ports, key=with_tenant("gly", bo.tenant, parts[1])) is None


async def test_a_revoked_key_ends_at_once(ports: Ports, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    made = await _key(ana)
    assert await api_keys.resolve_key(ports, key=made.key)
    await api_keys.revoke(ana, key_id=made.id)

    assert await api_keys.resolve_key(ports, key=made.key) is None


async def test_a_key_ends_on_its_day(ports: Ports, ctx_of: CtxOf, clock: ManualClock) -> None:
    made = await _key(await ctx_of("ana"), days=1)
    assert await api_keys.resolve_key(ports, key=made.key)
    clock.advance(timedelta(days=1))

    assert await api_keys.resolve_key(ports, key=made.key) is None


async def test_a_key_gets_weaker_with_its_person(ports: Ports, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    made = await _key(bo, READ, WRITE)
    await members.change_role(ana, user_id=_user(bo), form=ChangeRole(role="viewer"))
    principal = await api_keys.resolve_key(ports, key=made.key)

    assert principal is not None
    assert principal.scopes == {READ}


async def test_a_key_ends_with_its_persons_membership(ports: Ports, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="admin", of=ana)
    made = await _key(bo)
    assert await api_keys.resolve_key(ports, key=made.key)
    await members.remove(ana, user_id=_user(bo))

    assert await api_keys.resolve_key(ports, key=made.key) is None
    assert await api_keys.list_all(ana) == []


async def test_a_key_of_an_operator_is_no_operator(ports: Ports, sign_up) -> None:  # type: ignore[no-untyped-def]
    from app.tenancy import operators

    claim = await operators.first_claim(ports)
    ana = context_for(ports, (await sign_up("ana@acme.com", claim=claim)).principal, "r")
    principal = await api_keys.resolve_key(ports, key=(await _key(ana)).key)

    assert ana.is_operator
    assert principal is not None
    assert not context_for(ports, principal, "r").is_operator


@on_sqlite
@pytest.mark.parametrize("scopes", [["organisation:write"], ["made:up"], [READ, "providers:write"], []])
async def test_a_key_does_not_go_beyond_its_maker(scopes: list[str], ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)

    with pytest.raises(InvalidInput) as refused:
        await api_keys.create(bo, form=NewApiKey(name="CI", scopes=scopes))
    assert refused.value.field == "scopes"


@on_sqlite
async def test_a_key_has_a_name(ctx_of: CtxOf) -> None:
    with pytest.raises(InvalidInput) as refused:
        await api_keys.create(await ctx_of("ana"), form=NewApiKey(name=" ", scopes=[READ]))

    assert refused.value.field == "name"


@on_sqlite
async def test_an_organisation_has_so_many_keys(ctx_of: CtxOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MOST", 1)
    ana = await ctx_of("ana")
    await _key(ana)

    with pytest.raises(Conflict):
        await _key(ana)


async def test_a_foreign_key_is_not_revoked(ports: Ports, two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    made = await _key(ana)

    with pytest.raises(NotFound):
        await api_keys.revoke(bo, key_id=made.id)
    assert await api_keys.resolve_key(ports, key=made.key)
    assert await api_keys.list_all(bo) == []


@on_sqlite
async def test_a_key_makes_no_key(ports: Ports, ctx_of: CtxOf) -> None:
    made = await _key(await ctx_of("ana"), READ, "api-keys:write")
    program = context_for(ports, await api_keys.resolve_key(ports, key=made.key), "r")

    with pytest.raises(NotAllowed):
        await _key(program)


@on_sqlite
async def test_a_use_is_noted_every_few_minutes_only(ports: Ports, ctx_of: CtxOf, clock: ManualClock) -> None:
    ana = await ctx_of("ana")
    made, started, used = await _key(ana), clock.now(), []
    for minutes in (0, 3, 3):
        clock.advance(timedelta(minutes=minutes))
        await api_keys.resolve_key(ports, key=made.key)
        used.append(((await api_keys.list_all(ana))[0].last_used_at or started) - started)

    assert used == [timedelta(0), timedelta(0), timedelta(minutes=6)]


@on_sqlite
async def test_within_a_second_the_database_is_asked_once(ports: Ports, ctx_of: CtxOf) -> None:
    made = await _key(await ctx_of("ana"))
    first = await api_keys.resolve_key(ports, key=made.key)

    assert await api_keys.resolve_key(ports, key=made.key) is first


@on_sqlite
async def test_what_happens_to_keys_is_written_down(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await api_keys.revoke(ana, key_id=(await _key(ana)).id)

    assert (await audited(ana))[1:] == ["api_key.created", "api_key.revoked"]


def test_a_secret_is_kept_as_a_hash_of_fixed_length() -> None:
    assert len(hashed("x")) == 64
    assert hashed("x") != hashed("y")


@on_sqlite
async def test_a_key_ends_with_its_workspace(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    from app.tenancy import demo

    visit = context_for(ports, (await demo.start(nobody, address="192.0.2.1")).principal, "r")
    made = await _key(visit)
    clock.advance(timedelta(hours=ports.settings.demo_hours))

    assert await api_keys.resolve_key(ports, key=made.key) is None
