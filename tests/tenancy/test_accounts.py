"""Signing up and in, changing the password and the profile."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from app.adapters.passwords_argon2 import Argon2Passwords
from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed, NotSignedIn, TooMany
from app.core.ports import Ports
from app.tenancy import accounts, demo, guesses, invitations, members, operators, organisations, sessions
from app.tenancy.models import AuditEvent, User
from app.tenancy.principal import SignedIn, context_for
from app.tenancy.queries import user_by_email
from app.tenancy.schemas import ChangePassword, Invite, Profile, SignIn, SignUp
from tests.databases import GOOD_PASSWORD, CtxOf, SignUpAs
from tests.tenancy.reading import audited

HERE = "192.0.2.1"
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def _ctx(ports: Ports, signed_in: SignedIn) -> Context:
    return context_for(ports, signed_in.principal, "test")


def _with(ports: Ports, **settings: object) -> Context:
    changed = dataclasses.replace(ports, settings=ports.settings.model_copy(update=settings))
    return context_for(changed, None, "test")


async def _user(ports: Ports, email: str) -> User | None:
    async with ports.db.bound(tenant_id=None).read() as session:
        return await user_by_email(session, email)


async def test_who_signs_up_is_signed_in_and_owns_an_organisation(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("Ana@Bright-Ideas.co.uk", name=" Ana \n Lima ")
    principal = await sessions.resolve(ports, token=signed_in.token)

    assert principal == signed_in.principal
    assert principal is not None
    assert (principal.email, principal.name) == ("ana@bright-ideas.co.uk", "Ana Lima")
    assert (principal.tenant_name, principal.role) == ("Bright Ideas", "owner")
    assert "organisation:write" in principal.scopes


async def test_signing_up_speaks_the_language_of_the_screen(ports: Ports) -> None:
    ctx = context_for(ports, None, "test", "ar")
    signed_in = await accounts.sign_up(ctx, form=SignUp(email="a@example.org", password=GOOD_PASSWORD), address=HERE)

    assert signed_in.principal.locale == "ar"


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ana@acme.com", "Acme"),
        ("ana@mail.acme-labs.org", "Acme Labs"),
        ("ana@acme.com.br", "Acme"),
        ("ana.lima+x@gmail.com", "Ana Lima"),
        ("ana@localhost", "Ana"),
        ("...@gmail.com", "Workspace"),
    ],
)
def test_the_organisations_name_is_guessed_from_the_email(email: str, name: str) -> None:
    assert organisations.guess_name(email) == name


async def test_a_given_organisation_name_is_kept(sign_up: SignUpAs) -> None:
    assert (await sign_up("ana@acme.com", organisation="Lima & Daughters")).principal.tenant_name == "Lima & Daughters"


@on_sqlite
@pytest.mark.parametrize("email", ["", "ana", "ana@", "Ana <ana@acme.com>", "ana@acme", f"{'a' * 255}@acme.com"])
async def test_what_is_no_email_is_refused(email: str, sign_up: SignUpAs) -> None:
    with pytest.raises(InvalidInput) as refused:
        await sign_up(email)

    assert (refused.value.field, refused.value.code) == ("email", "email.invalid")


async def test_one_email_has_one_account_however_it_is_written(sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")

    with pytest.raises(Conflict) as refused:
        await sign_up("ANA@Acme.com")
    assert (refused.value.field, refused.value.code) == ("email", "account.exists")


async def test_a_sign_up_that_fails_leaves_nothing_behind(ports: Ports, nobody: Context) -> None:
    form = SignUp(email="ana@acme.com", password=GOOD_PASSWORD, claim="wrong")
    with pytest.raises(InvalidInput):
        await accounts.sign_up(nobody, form=form, address=HERE)

    assert await _user(ports, "ana@acme.com") is None


@on_sqlite
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.too_short"),
        ("x" * 129, "password.too_long"),
        ("my ana@acme.com pass", "password.is_email"),
        ("anaanaanaanaana", "password.is_email"),
        ("1qaz2wsx3edc", "password.breached"),
        ("passwordpassword", "password.guessable"),
        ("aaaaaaaaaaaaaaaaaaaa", "password.guessable"),
        ("acmeacmeacme1", "password.guessable"),
        ("\ud800" * 12, "password.guessable"),
    ],
)
async def test_a_bad_password_is_refused_with_the_way_out(password: str, code: str, nobody: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        form = SignUp.model_construct(
            email="ana@acme.com", password=_secret(password), name="", organisation="", claim="", invitation=""
        )
        await accounts.sign_up(nobody, form=form, address=HERE)

    assert (refused.value.field, refused.value.code) == ("password", code)
    assert refused.value.text().count(".") >= 1


def _secret(text: str):  # type: ignore[no-untyped-def]
    from pydantic import SecretStr

    return SecretStr(text)


@on_sqlite
@pytest.mark.parametrize(
    "password", [GOOD_PASSWORD, "x9#Lq!vT2$mZ", "пароль из четырех слов", "很长的密码很长的密码啊不错"]
)
async def test_a_long_unusual_password_is_taken(password: str, nobody: Context) -> None:
    form = SignUp(email="ana@acme.com", password=password)

    assert (await accounts.sign_up(nobody, form=form, address=HERE)).token


@on_sqlite
async def test_a_password_is_the_same_however_the_system_composes_it(nobody: Context) -> None:
    await accounts.sign_up(nobody, form=SignUp(email="a@acme.com", password="café violin kettle moss"), address=HERE)
    form = SignIn(email="a@acme.com", password="cafe\u0301 violin kettle moss")

    assert (await accounts.sign_in(nobody, form=form, address=HERE)).token


def test_an_unknown_field_is_refused_at_the_door() -> None:
    with pytest.raises(ValidationError, match="is_operator"):
        SignUp.model_validate({"email": "a@acme.com", "password": GOOD_PASSWORD, "is_operator": True})


def test_a_password_is_not_shown_by_its_form() -> None:
    assert GOOD_PASSWORD not in repr(SignUp(email="a@acme.com", password=GOOD_PASSWORD))


@on_sqlite
async def test_a_closed_house_lets_nobody_sign_up(ports: Ports) -> None:
    closed = _with(ports, signup=False)

    with pytest.raises(NotAllowed) as refused:
        await accounts.sign_up(closed, form=SignUp(email="a@acme.com", password=GOOD_PASSWORD), address=HERE)
    assert refused.value.code == "signup.closed"


@on_sqlite
async def test_a_closed_house_lets_the_invited_in(ports: Ports, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    token = (await invitations.create(ana, form=Invite(role="viewer"))).token
    form = SignUp(email="bo@acme.com", password=GOOD_PASSWORD, invitation=token)
    signed_in = await accounts.sign_up(_with(ports, signup=False), form=form, address=HERE)

    assert (signed_in.principal.tenant_id, signed_in.principal.role) == (ana.tenant_id, "viewer")


@on_sqlite
async def test_one_address_makes_so_many_accounts_an_hour(
    nobody: Context, monkeypatch: pytest.MonkeyPatch, sign_up: SignUpAs
) -> None:
    monkeypatch.setattr(accounts, "SIGN_UPS_PER_HOUR", 2)
    await sign_up("a@acme.com")
    await sign_up("b@acme.com")

    with pytest.raises(TooMany) as refused:
        await sign_up("c@acme.com")
    assert refused.value.retry_after_s
    await sign_up("d@acme.com", address="192.0.2.2")


async def test_signing_in_needs_the_password(nobody: Context, ports: Ports, sign_up: SignUpAs) -> None:
    first = await sign_up("ana@acme.com")
    again = await accounts.sign_in(nobody, form=SignIn(email=" Ana@acme.com ", password=GOOD_PASSWORD), address=HERE)

    assert again.principal.user_id == first.principal.user_id
    assert again.token != first.token
    assert await sessions.resolve(ports, token=again.token) == again.principal


@on_sqlite
async def test_an_unknown_email_and_a_wrong_password_look_alike(nobody: Context, sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")
    answers = []
    for email in ("ana@acme.com", "bo@acme.com", "no email at all"):
        with pytest.raises(NotSignedIn) as refused:
            await accounts.sign_in(nobody, form=SignIn(email=email, password="not the right one"), address=HERE)
        answers.append((refused.value.code, refused.value.text(), refused.value.field))

    assert len(set(answers)) == 1


@on_sqlite
async def test_an_unknown_email_costs_the_same_work(ports: Ports, sign_up: SignUpAs) -> None:
    class Counting(Argon2Passwords):
        asked: ClassVar[list[bool]] = []

        async def verify(self, password_hash: str | None, password: str) -> bool:
            self.asked.append(password_hash is not None)
            return await super().verify(password_hash, password)

    await sign_up("ana@acme.com")
    ctx = context_for(dataclasses.replace(ports, passwords=Counting(memory_kib=8, passes=1)), None, "test")
    for email in ("ana@acme.com", "bo@acme.com"):
        with pytest.raises(NotSignedIn):
            await accounts.sign_in(ctx, form=SignIn(email=email, password="not the right one"), address=HERE)

    assert Counting.asked == [True, False]


async def _guess(ctx: Context, email: str, address: str, password: str = "not the right one") -> str:
    try:
        await accounts.sign_in(ctx, form=SignIn(email=email, password=password), address=address)
    except (NotSignedIn, TooMany) as error:
        return error.code
    return "in"


@on_sqlite
async def test_an_account_takes_ten_guesses_wherever_they_come_from(nobody: Context, sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")
    answers = [await _guess(nobody, "ana@acme.com", f"192.0.2.{number}") for number in range(12)]

    assert answers == ["auth.wrong"] * 10 + ["auth.too_many_guesses"] * 2
    assert await _guess(nobody, "ana@acme.com", "192.0.2.99", GOOD_PASSWORD) == "auth.too_many_guesses"


@on_sqlite
async def test_an_address_takes_ten_guesses_whatever_the_account(nobody: Context) -> None:
    answers = [await _guess(nobody, f"{number}@acme.com", HERE) for number in range(12)]

    assert answers == ["auth.wrong"] * 10 + ["auth.too_many_guesses"] * 2


@on_sqlite
async def test_a_burst_of_guesses_passes_no_limit_together(nobody: Context) -> None:
    import asyncio

    answers = await asyncio.gather(*(_guess(nobody, f"{number}@acme.com", HERE) for number in range(30)))

    assert answers.count("auth.wrong") == guesses.GUESSES


@on_sqlite
async def test_the_right_password_gives_the_account_its_guesses_back(nobody: Context, sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")
    for number in range(9):
        await _guess(nobody, "ana@acme.com", f"192.0.2.{number}")
    answers = [await _guess(nobody, "ana@acme.com", "192.0.2.50", GOOD_PASSWORD)]
    answers += [await _guess(nobody, "ana@acme.com", f"192.0.2.{60 + number}") for number in range(9)]

    assert answers == ["in"] + ["auth.wrong"] * 9


@on_sqlite
async def test_signing_in_often_is_no_guessing(nobody: Context, sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")

    assert {await _guess(nobody, "ana@acme.com", HERE, GOOD_PASSWORD) for _ in range(15)} == {"in"}


@on_sqlite
async def test_too_many_guesses_say_when_to_come_back(nobody: Context) -> None:
    for _ in range(10):
        await _guess(nobody, "ana@acme.com", HERE)
    with pytest.raises(TooMany) as refused:
        await accounts.sign_in(nobody, form=SignIn(email="a@b.com", password="x"), address=HERE)

    assert 0 < (refused.value.retry_after_s or 0) <= 15 * 60


async def test_signing_in_ends_the_cookie_that_was_there(nobody: Context, ports: Ports, sign_up: SignUpAs) -> None:
    old = await sign_up("ana@acme.com")
    assert await sessions.resolve(ports, token=old.token)
    form = SignIn(email="ana@acme.com", password=GOOD_PASSWORD)
    await accounts.sign_in(nobody, form=form, address=HERE, token=old.token)

    assert await sessions.resolve(ports, token=old.token) is None


@on_sqlite
async def test_an_old_hash_is_renewed_at_the_next_sign_in(ports: Ports, sign_up: SignUpAs) -> None:
    await sign_up("ana@acme.com")
    before = await _user(ports, "ana@acme.com")
    stronger = dataclasses.replace(ports, passwords=Argon2Passwords(memory_kib=16, passes=1))
    ctx = context_for(stronger, None, "test")
    form = SignIn(email="ana@acme.com", password=GOOD_PASSWORD)
    await accounts.sign_in(ctx, form=form, address=HERE)
    after = await _user(ports, "ana@acme.com")

    assert before and after and before.password_hash != after.password_hash
    assert (await accounts.sign_in(ctx, form=form, address=HERE)).token


async def test_who_left_the_last_organisation_gets_one_at_the_next_sign_in(nobody: Context, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    await members.leave(bo)
    form = SignIn(email="bo@bo.example.org", password=GOOD_PASSWORD)
    signed_in = await accounts.sign_in(nobody, form=form, address=HERE)

    assert (signed_in.principal.tenant_name, signed_in.principal.role) == ("Example", "owner")
    assert signed_in.principal.tenant_id != ana.tenant_id


async def test_a_changed_password_ends_every_sign_in_but_this_one(
    nobody: Context, ports: Ports, sign_up: SignUpAs
) -> None:
    phone, laptop = await sign_up("ana@acme.com"), None
    laptop = await accounts.sign_in(nobody, form=SignIn(email="ana@acme.com", password=GOOD_PASSWORD), address=HERE)
    form = ChangePassword(present=GOOD_PASSWORD, password="tractor pencil sunrise moss")
    now = await accounts.change_password(_ctx(ports, laptop), form=form, address=HERE, token=laptop.token)
    found = [await sessions.resolve(ports, token=one.token) for one in (phone, laptop, now)]

    assert [principal is not None for principal in found] == [False, False, True]
    assert await _guess(nobody, "ana@acme.com", HERE, GOOD_PASSWORD) == "auth.wrong"
    assert await _guess(nobody, "ana@acme.com", HERE, "tractor pencil sunrise moss") == "in"


@on_sqlite
async def test_changing_the_password_needs_the_present_one(ports: Ports, sign_up: SignUpAs) -> None:
    laptop = await sign_up("ana@acme.com")
    form = ChangePassword(present="a wrong guess", password="tractor pencil sunrise moss")
    with pytest.raises(NotSignedIn) as refused:
        await accounts.change_password(_ctx(ports, laptop), form=form, address=HERE, token=laptop.token)

    assert (refused.value.code, refused.value.field) == ("auth.wrong_present", "present")
    assert await sessions.resolve(ports, token=laptop.token)


@on_sqlite
async def test_the_next_password_must_be_good_too(ports: Ports, sign_up: SignUpAs) -> None:
    laptop = await sign_up("ana@acme.com")

    with pytest.raises(InvalidInput) as refused:
        form = ChangePassword(present=GOOD_PASSWORD, password="short")
        await accounts.change_password(_ctx(ports, laptop), form=form, address=HERE, token=laptop.token)
    assert refused.value.code == "password.too_short"


@on_sqlite
async def test_who_was_removed_meanwhile_changes_no_password(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    await members.leave(bo)

    with pytest.raises(NotSignedIn):
        form = ChangePassword(present=GOOD_PASSWORD, password="tractor pencil sunrise moss")
        await accounts.change_password(bo, form=form, address=HERE, token="x")


async def test_a_profile_changes_at_once(ports: Ports, sign_up: SignUpAs) -> None:
    laptop = await sign_up("ana@acme.com", name="Ana")
    await sessions.resolve(ports, token=laptop.token)
    await accounts.update_profile(_ctx(ports, laptop), form=Profile(locale="ar", theme="dark"))
    principal = await sessions.resolve(ports, token=laptop.token)

    assert principal is not None
    assert (principal.name, principal.locale, principal.theme) == ("Ana", "ar", "dark")


@on_sqlite
async def test_nobody_has_no_profile(nobody: Context) -> None:
    with pytest.raises(NotSignedIn):
        await accounts.update_profile(nobody, form=Profile(name="x"))


async def test_a_demo_visitor_who_signs_up_keeps_the_workspace(
    ports: Ports, nobody: Context, clock: ManualClock
) -> None:
    visit = await demo.start(nobody, address=HERE)
    ctx = _ctx(ports, visit)
    async with ctx.db.write() as session:
        session.add(AuditEvent(action="work.done"))
    kept = await accounts.sign_up(ctx, form=SignUp(email="ana@acme.com", password=GOOD_PASSWORD), address=HERE)
    clock.advance(timedelta(hours=ports.settings.demo_hours + 1))
    principal = await sessions.resolve(ports, token=kept.token)

    assert principal is not None
    assert (principal.tenant_id, principal.user_id) == (visit.principal.tenant_id, visit.principal.user_id)
    assert (principal.is_demo, principal.tenant_name, principal.expires_at) == (False, "Acme", None)
    assert "members:write" in principal.scopes
    assert "work.done" in await audited(_ctx(ports, kept))
    assert await sessions.resolve(ports, token=visit.token) is None


async def test_a_demo_visitor_who_follows_an_invitation_keeps_both(
    ports: Ports, nobody: Context, ctx_of: CtxOf
) -> None:
    ana = await ctx_of("ana")
    token = (await invitations.create(ana, form=Invite(role="editor"))).token
    visit = await demo.start(nobody, address=HERE)
    form = SignUp(email="bo@acme.com", password=GOOD_PASSWORD, invitation=token)
    kept = await accounts.sign_up(_ctx(ports, visit), form=form, address=HERE)
    mine = await organisations.list_mine(_ctx(ports, kept))

    assert {(one.id, one.role) for one in mine} == {(visit.principal.tenant_id, "owner"), (ana.tenant_id, "editor")}


async def test_an_email_that_is_taken_leaves_the_demo_as_it_was(
    ports: Ports, nobody: Context, sign_up: SignUpAs
) -> None:
    await sign_up("ana@acme.com")
    visit = await demo.start(nobody, address=HERE)
    with pytest.raises(Conflict):
        await accounts.sign_up(
            _ctx(ports, visit), form=SignUp(email="ana@acme.com", password=GOOD_PASSWORD), address=HERE
        )
    principal = await sessions.resolve(ports, token=visit.token)

    assert principal is not None
    assert principal.is_demo


async def test_the_console_token_makes_the_first_operator_once(
    ports: Ports, nobody: Context, sign_up: SignUpAs
) -> None:
    claim = await operators.first_claim(ports)
    assert claim
    ana = await sign_up("ana@acme.com", claim=claim)

    assert ana.principal.is_operator
    assert await operators.first_claim(ports) is None
    with pytest.raises(InvalidInput) as refused:
        await sign_up("bo@acme.com", claim=claim)
    assert refused.value.field == "claim"


async def test_what_happens_to_accounts_is_written_down(ports: Ports, nobody: Context, sign_up: SignUpAs) -> None:
    laptop = await sign_up("ana@acme.com")
    again = await accounts.sign_in(nobody, form=SignIn(email="ana@acme.com", password=GOOD_PASSWORD), address=HERE)
    ctx = _ctx(ports, again)
    await accounts.update_profile(ctx, form=Profile(name="Ana"))
    form = ChangePassword(present=GOOD_PASSWORD, password="tractor pencil sunrise moss")
    await accounts.change_password(ctx, form=form, address=HERE, token=laptop.token)

    assert await audited(ctx) == ["account.created", "session.started", "profile.changed", "password.changed"]
