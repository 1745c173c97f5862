"""Sign-ins: who a cookie stands for, for how long, and how fast that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import NotAllowed, NotFound, NotSignedIn
from app.core.ports import Ports
from app.tenancy import accounts, api_keys, members, recent, sessions
from app.tenancy.models import AuthSession, Membership
from app.tenancy.principal import SignedIn, context_for
from app.tenancy.schemas import ChangeRole, NewApiKey, SignIn
from app.tenancy.tokens import hashed
from tests.databases import GOOD_PASSWORD, CtxOf, SignUpAs
from tests.tenancy.reading import audited

HERE = "192.0.2.1"
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def _again(nobody: Context, email: str = "ana@acme.com") -> SignedIn:
    return await accounts.sign_in(nobody, form=SignIn(email=email, password=GOOD_PASSWORD), address=HERE)


def _ctx(ports: Ports, signed_in: SignedIn) -> Context:
    return context_for(ports, signed_in.principal, "test")


async def test_an_unknown_cookie_is_nobody(ports: Ports) -> None:
    assert await sessions.resolve(ports, token="made up") is None


@pytest.mark.parametrize("token", ["", "\ud800", "a\x00b", "x" * 100_000])
@on_sqlite
async def test_a_strange_cookie_is_nobody(token: str, ports: Ports) -> None:
    assert await sessions.resolve(ports, token=token) is None


async def test_the_cookie_itself_is_not_kept(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    async with ports.db.bound(tenant_id=None).read() as session:
        rows = (await session.execute(select(AuthSession))).scalars().all()

    assert [row.token_hash for row in rows] == [hashed(signed_in.token)]
    assert len(signed_in.token) >= 43  # 256 bits in base64


async def test_a_sign_out_is_felt_at_once(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    await sessions.resolve(ports, token=signed_in.token)
    await sessions.sign_out(_ctx(ports, signed_in), token=signed_in.token)

    assert await sessions.resolve(ports, token=signed_in.token) is None


@on_sqlite
async def test_signing_out_without_a_session_is_fine(nobody: Context) -> None:
    await sessions.sign_out(nobody, token="made up")


async def test_a_sign_out_elsewhere_is_felt_within_a_second(
    ports: Ports, sign_up: SignUpAs, clock: ManualClock
) -> None:
    signed_in = await sign_up("ana@acme.com")
    await sessions.resolve(ports, token=signed_in.token)
    async with ports.db.bound(tenant_id=None).write() as session:  # as another process does it
        await session.delete((await session.execute(select(AuthSession))).scalar_one())
    clock.advance(timedelta(seconds=1))

    assert await sessions.resolve(ports, token=signed_in.token) is None


@on_sqlite
async def test_within_a_second_the_database_is_asked_once(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    first = await sessions.resolve(ports, token=signed_in.token)

    assert await sessions.resolve(ports, token=signed_in.token) is first


@on_sqlite
async def test_only_so_many_answers_are_kept(ports: Ports, sign_up: SignUpAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent.known, "most", 1)
    ana, bo = await sign_up("ana@acme.com"), await sign_up("bo@acme.com")
    first = await sessions.resolve(ports, token=ana.token)
    await sessions.resolve(ports, token=bo.token)
    again = await sessions.resolve(ports, token=ana.token)

    assert again is not first
    assert again == first


async def test_a_session_ends_when_it_is_not_used(ports: Ports, sign_up: SignUpAs, clock: ManualClock) -> None:
    signed_in = await sign_up("ana@acme.com")
    clock.advance(timedelta(days=ports.settings.session_days))

    assert signed_in.max_age_s == ports.settings.session_days * 86_400
    assert await sessions.resolve(ports, token=signed_in.token) is None


async def test_a_use_puts_the_end_off(ports: Ports, sign_up: SignUpAs, clock: ManualClock) -> None:
    signed_in = await sign_up("ana@acme.com")
    for _ in range(3):
        clock.advance(timedelta(days=ports.settings.session_days - 1))
        assert await sessions.resolve(ports, token=signed_in.token)


@on_sqlite
async def test_a_use_is_noted_every_few_minutes_only(ports: Ports, sign_up: SignUpAs, clock: ManualClock) -> None:
    signed_in = await sign_up("ana@acme.com")
    started = clock.now()
    seen = []
    for minutes in (3, 3):
        clock.advance(timedelta(minutes=minutes))
        await sessions.resolve(ports, token=signed_in.token)
        seen.append((await sessions.list_sessions(_ctx(ports, signed_in)))[0].seen_at - started)

    assert seen == [timedelta(0), timedelta(minutes=6)]


async def test_a_changed_role_is_felt_at_once(ports: Ports, ctx_of: CtxOf, nobody: Context) -> None:
    ana = await ctx_of("ana")
    await ctx_of("bo", role="admin", of=ana)
    bo = await _again(nobody, "bo@bo.example.org")
    await sessions.resolve(ports, token=bo.token)
    await members.change_role(ana, user_id=bo.principal.user_id, form=ChangeRole(role="viewer"))
    now = await sessions.resolve(ports, token=bo.token)

    assert now is not None
    assert now.role == "viewer"
    assert "documents:write" not in now.scopes


async def test_ones_sign_ins_are_listed_latest_first(
    ports: Ports, nobody: Context, sign_up: SignUpAs, clock: ManualClock
) -> None:
    phone = await sign_up("ana@acme.com")
    await sign_up("bo@acme.com")
    clock.advance(timedelta(minutes=1))
    laptop = await _again(nobody)
    listed = await sessions.list_sessions(_ctx(ports, laptop))

    assert [one.id for one in listed] == [laptop.principal.session_id, phone.principal.session_id]


async def test_one_of_ones_sign_ins_can_be_ended(ports: Ports, nobody: Context, sign_up: SignUpAs) -> None:
    phone, laptop = await sign_up("ana@acme.com"), await _again(nobody)
    await sessions.resolve(ports, token=phone.token)
    assert phone.principal.session_id
    await sessions.end_session(_ctx(ports, laptop), session_id=phone.principal.session_id)

    assert await sessions.resolve(ports, token=phone.token) is None
    assert await sessions.resolve(ports, token=laptop.token)


async def test_another_persons_sign_in_cannot_be_ended(ports: Ports, sign_up: SignUpAs) -> None:
    ana, bo = await sign_up("ana@acme.com"), await sign_up("bo@acme.com")
    assert ana.principal.session_id

    with pytest.raises(NotFound):
        await sessions.end_session(_ctx(ports, bo), session_id=ana.principal.session_id)
    assert await sessions.resolve(ports, token=ana.token)


async def test_signing_out_everywhere_may_spare_this_device(ports: Ports, nobody: Context, sign_up: SignUpAs) -> None:
    phone, laptop = await sign_up("ana@acme.com"), await _again(nobody)
    bo = await sign_up("bo@acme.com")
    ended = await sessions.sign_out_everywhere(_ctx(ports, laptop), keep=laptop.principal.session_id)
    found = [await sessions.resolve(ports, token=one.token) is not None for one in (phone, laptop, bo)]

    assert (ended, found) == (1, [False, True, True])


@on_sqlite
async def test_what_happens_to_sign_ins_is_written_down(ports: Ports, nobody: Context, sign_up: SignUpAs) -> None:
    phone, laptop = await sign_up("ana@acme.com"), await _again(nobody)
    ctx = _ctx(ports, laptop)
    assert phone.principal.session_id
    await sessions.end_session(ctx, session_id=phone.principal.session_id)
    await sessions.sign_out_everywhere(ctx)
    await sessions.sign_out(ctx, token=laptop.token)

    assert (await audited(ctx))[2:] == ["session.ended", "session.ended_everywhere", "session.ended"]


@on_sqlite
async def test_a_program_with_a_key_has_no_sign_ins(ports: Ports) -> None:
    from app.core.ids import new_id

    program = Context(ports=ports, request_id="r", tenant_id=new_id(), user_id=new_id(), actor="api_key")

    with pytest.raises(NotAllowed) as refused:
        await sessions.list_sessions(program)
    assert refused.value.code == "auth.person_only"


@on_sqlite
async def test_nobody_has_no_sign_ins(nobody: Context) -> None:
    with pytest.raises(NotSignedIn):
        await sessions.list_sessions(nobody)


@on_sqlite
async def test_the_context_is_what_the_principal_may_do(ports: Ports, sign_up: SignUpAs) -> None:
    principal = (await sign_up("ana@acme.com")).principal
    ctx = context_for(ports, principal, "r1", "ar")

    assert (ctx.tenant_id, ctx.user_id, ctx.scopes) == (principal.tenant_id, principal.user_id, principal.scopes)
    assert (ctx.actor, ctx.locale, ctx.request_id) == ("user", "ar", "r1")
    assert context_for(ports, principal, "r1").locale == "en"


async def test_a_session_without_its_membership_is_nobody(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    async with _ctx(ports, signed_in).db.write() as session:
        await session.delete((await session.execute(select(Membership))).scalar_one())

    assert await sessions.resolve(ports, token=signed_in.token) is None


@on_sqlite
async def test_on_a_full_disk_people_and_programs_are_still_known(
    ports: Ports, sign_up: SignUpAs, clock: ManualClock
) -> None:
    signed_in = await sign_up("ana@acme.com")
    form = NewApiKey(name="CI", scopes=["documents:read"])
    made = await api_keys.create(_ctx(ports, signed_in), form=form)
    clock.advance(timedelta(minutes=6))

    @sa.event.listens_for(ports.db.engine.sync_engine, "begin")
    def _read_only(connection: sa.Connection) -> None:
        connection.exec_driver_sql("pragma query_only = on")

    assert await sessions.resolve(ports, token=signed_in.token)
    assert await api_keys.resolve_key(ports, key=made.key)
