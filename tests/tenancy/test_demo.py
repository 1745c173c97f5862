"""Demo workspaces: one call, limited, gone after a while with everything in them. And the other things that end."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable
from app.core.ids import new_id
from app.core.ports import Ports
from app.core.settings import Settings
from app.storage import service as storage
from app.storage.models import FileRecord
from app.tenancy import accounts, demo, expiry, invitations, operators, sessions
from app.tenancy.models import AuthSession, Invitation, Membership, OperatorClaim, Tenant, User
from app.tenancy.principal import context_for
from app.tenancy.schemas import Invite, SignUp
from jobs import housekeeping
from tests.databases import GOOD_PASSWORD, CtxOf, SignUpAs
from tests.rows import TENANT_CLASSES, make_row

HERE = "192.0.2.1"
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def _start(ports: Ports, nobody: Context) -> Context:
    return context_for(ports, (await demo.start(nobody, address=HERE)).principal, "r")


def _with(ports: Ports, **settings: object) -> Context:
    changed = dataclasses.replace(ports, settings=ports.settings.model_copy(update=settings))
    return context_for(changed, None, "test")


async def _count(ports: Ports, cls: type) -> int:
    async with ports.db.bound(tenant_id=None).read() as session:
        return int((await session.execute(select(sa.func.count()).select_from(cls))).scalar_one())


async def _bytes(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_a_demo_is_one_call(ports: Ports, nobody: Context) -> None:
    signed_in = await demo.start(nobody, address=HERE)
    principal = await sessions.resolve(ports, token=signed_in.token)

    assert principal == signed_in.principal
    assert principal is not None
    assert (principal.is_demo, principal.email, principal.role) == (True, None, "owner")
    assert signed_in.max_age_s == ports.settings.demo_hours * 3600


async def test_a_demo_visitor_writes_but_lets_nobody_in(ports: Ports, nobody: Context) -> None:
    ctx = await _start(ports, nobody)

    assert {"generations:write", "documents:write"} <= ctx.scopes
    assert not {"members:write", "api-keys:write"} & ctx.scopes


@on_sqlite
async def test_a_demo_speaks_the_language_of_the_screen(ports: Ports) -> None:
    signed_in = await demo.start(context_for(ports, None, "r", "ar"), address=HERE)

    assert signed_in.principal.locale == "ar"


async def test_a_demo_ends_by_the_clock(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    signed_in = await demo.start(nobody, address=HERE)
    clock.advance(timedelta(hours=ports.settings.demo_hours))

    assert await sessions.resolve(ports, token=signed_in.token) is None


@on_sqlite
async def test_using_a_demo_does_not_put_its_end_off(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    signed_in = await demo.start(nobody, address=HERE)
    for _ in range(ports.settings.demo_hours - 1):
        clock.advance(timedelta(hours=1))
        assert await sessions.resolve(ports, token=signed_in.token)
    clock.advance(timedelta(hours=1))

    assert await sessions.resolve(ports, token=signed_in.token) is None


@on_sqlite
async def test_a_house_without_demos_says_so(ports: Ports) -> None:
    with pytest.raises(NotAllowed) as refused:
        await demo.start(_with(ports, demo=False), address=HERE)

    assert refused.value.code == "demo.off"


async def test_only_so_many_demos_live_at_once(ports: Ports, clock: ManualClock) -> None:
    full = _with(ports, demo_workspaces=1)
    await demo.start(full, address=HERE)
    with pytest.raises(Unavailable) as refused:
        await demo.start(full, address=HERE)
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))

    assert refused.value.code == "demo.full"
    assert (await demo.start(full, address=HERE)).token


@on_sqlite
async def test_one_address_starts_so_many_demos_an_hour(
    ports: Ports, nobody: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STARTS_PER_HOUR", 2)
    for _ in range(2):
        await demo.start(nobody, address=HERE)
    with pytest.raises(TooMany) as refused:
        await demo.start(nobody, address=HERE)
    assert (refused.value.code, refused.value.retry_after_s) == ("demo.too_many", 3600)
    await demo.start(nobody, address="192.0.2.2")
    clock.advance(timedelta(hours=1))

    assert (await demo.start(nobody, address=HERE)).token


async def test_housekeeping_ends_a_demo_with_everything_in_it(
    ports: Ports, nobody: Context, clock: ManualClock, settings: Settings
) -> None:
    ctx = await _start(ports, nobody)
    await storage.store(ctx, name="notes.txt", chunks=_bytes(b"canary in a file"))
    for cls in TENANT_CLASSES:
        if cls.__tablename__ != "membership":
            async with ctx.db.write() as session:
                await make_row(session, cls, user_id=ctx.user_id, of="the demo")  # type: ignore[arg-type]
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))
    await housekeeping.run_once(ports)

    assert [await _count(ports, cls) for cls in (Tenant, User, AuthSession)] == [0, 0, 0]
    assert [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()] == []
    assert await ports.db.data_key(ctx.tenant) is None
    ports.db.forget_key(ctx.tenant)
    for cls in TENANT_CLASSES:
        async with ctx.db.read() as session:
            assert (await session.execute(sa.select(cls.id))).all() == [], cls.__tablename__


async def test_housekeeping_leaves_everybody_else_alone(
    ports: Ports, nobody: Context, clock: ManualClock, ctx_of: CtxOf
) -> None:
    ana = await ctx_of("ana")
    file = await storage.store(ana, name="notes.txt", chunks=_bytes(b"kept"))
    await _start(ports, nobody)
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))
    young = await _start(ports, nobody)
    await housekeeping.run_once(ports)
    await housekeeping.run_once(ports)

    assert await _count(ports, Tenant) == 2
    assert (await storage.describe(ana, file_id=file.id)).size_bytes == 4
    async with young.db.read() as session:
        assert (await session.execute(select(Membership.user_id))).scalars().all() == [young.user_id]


async def test_a_demo_that_was_kept_meanwhile_is_not_deleted(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    ctx = await _start(ports, nobody)
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))
    await accounts.sign_up(ctx, form=SignUp(email="ana@acme.com", password=GOOD_PASSWORD), address=HERE)

    assert not await expiry.drop_demo(ports, tenant_id=ctx.tenant)
    assert await _count(ports, Tenant) == 1


@on_sqlite
async def test_what_cannot_be_deleted_now_is_deleted_later(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise Unavailable(code="storage.unavailable")

    ctx = await _start(ports, nobody)
    await storage.store(ctx, name="notes.txt", chunks=_bytes(b"x"))
    async with ctx.db.write() as session:
        (await session.execute(select(FileRecord))).scalar_one().state = "deleting"
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))
    await housekeeping.run_once(dataclasses.replace(ports, blobs=Broken()))  # type: ignore[arg-type]
    left = await _count(ports, Tenant)
    await housekeeping.run_once(ports)

    assert (left, await _count(ports, Tenant)) == (1, 0)


@on_sqlite
async def test_housekeeping_ends_what_is_over(ports: Ports, clock: ManualClock, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await invitations.create(ana, form=Invite())
    await operators.first_claim(ports)
    clock.advance(timedelta(days=31))
    await housekeeping.run_once(ports)
    async with ana.db.read() as session:
        left = (await session.execute(select(Invitation))).all()

    assert left == []
    assert [await _count(ports, cls) for cls in (AuthSession, OperatorClaim)] == [0, 0]


@on_sqlite
async def test_housekeeping_leaves_what_still_holds(ports: Ports, clock: ManualClock, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await invitations.create(ana, form=Invite())
    await operators.first_claim(ports)
    clock.advance(timedelta(days=6))
    await housekeeping.run_once(ports)

    assert len(await invitations.list_open(ana)) == 1
    assert [await _count(ports, cls) for cls in (AuthSession, OperatorClaim)] == [1, 1]


def test_many_workspaces_each_have_their_turn_within_the_hour() -> None:
    ids = [new_id() for _ in range(500)]
    clock = ManualClock()
    seen: list[UUID] = []
    for _ in range(60):
        seen += housekeeping.due(ids, now=clock.now())
        clock.advance(timedelta(minutes=1))

    assert sorted(seen) == sorted(ids)


@on_sqlite
async def test_the_last_console_token_counts(ports: Ports, sign_up: SignUpAs) -> None:
    first, second = await operators.first_claim(ports), await operators.first_claim(ports)
    assert first and second

    with pytest.raises(InvalidInput):
        await sign_up("ana@acme.com", claim=first)
    assert (await sign_up("ana@acme.com", claim=f" {second} ")).principal.is_operator


async def test_a_person_with_an_account_can_claim_too(ports: Ports, sign_up: SignUpAs) -> None:
    claim = await operators.first_claim(ports)
    assert claim
    laptop = await sign_up("ana@acme.com")
    await sessions.resolve(ports, token=laptop.token)
    await operators.claim(context_for(ports, laptop.principal, "r"), token=claim)
    principal = await sessions.resolve(ports, token=laptop.token)

    assert principal is not None
    assert principal.is_operator


@on_sqlite
async def test_nobody_claims_anything(ports: Ports, nobody: Context) -> None:
    claim = await operators.first_claim(ports)
    assert claim

    with pytest.raises(NotSignedIn):
        await operators.claim(nobody, token=claim)


@on_sqlite
async def test_a_demo_visitor_does_not_become_the_operator(ports: Ports, nobody: Context) -> None:
    claim = await operators.first_claim(ports)
    assert claim

    with pytest.raises(Conflict) as refused:
        await operators.claim(await _start(ports, nobody), token=claim)
    assert refused.value.code == "demo.sign_up_first"


@on_sqlite
async def test_a_file_of_a_demo_is_gone_for_its_visitor_too(ports: Ports, nobody: Context, clock: ManualClock) -> None:
    ctx = await _start(ports, nobody)
    file = await storage.store(ctx, name="notes.txt", chunks=_bytes(b"x"))
    clock.advance(timedelta(hours=ports.settings.demo_hours, minutes=2))
    await housekeeping.run_once(ports)

    with pytest.raises(NotFound):
        await storage.describe(ctx, file_id=file.id)
