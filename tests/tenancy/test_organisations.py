"""Organisations, their members, and the invitations that bring them in."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from uuid import UUID

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.core.ids import new_id
from app.core.ports import Ports
from app.tenancy import accounts, demo, invitations, members, organisations, sessions
from app.tenancy.principal import context_for
from app.tenancy.schemas import ChangeRole, Invite, OrganisationName, SignIn
from app.tenancy.scopes import ALL_SCOPES, ROLE_NAMES, ROLES, Role, outranks, scopes_of
from tests.databases import GOOD_PASSWORD, CtxOf, SignUpAs
from tests.tenancy.reading import audited

HERE = "192.0.2.1"
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def _user(ctx: Context) -> UUID:
    assert ctx.user_id
    return ctx.user_id


def test_each_role_includes_the_weaker_ones() -> None:
    for weaker, stronger in itertools.pairwise(ROLE_NAMES):
        assert ROLES[weaker] < ROLES[stronger]
        assert outranks(stronger, weaker)
        assert not outranks(weaker, stronger)


def test_an_unknown_role_may_do_nothing() -> None:
    assert scopes_of("emperor") == frozenset()
    assert scopes_of("owner") == ALL_SCOPES


async def test_one_person_owns_several_organisations(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    second = await organisations.create(ana, form=OrganisationName(name="Second"))
    mine = await organisations.list_mine(ana)

    assert [(one.name, one.role, one.is_active) for one in mine] == [("Ana", "owner", True), ("Second", "owner", False)]
    assert second.id == mine[1].id


@on_sqlite
async def test_an_organisation_has_a_name(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")

    with pytest.raises(InvalidInput) as refused:
        await organisations.create(ana, form=OrganisationName(name=" \n "))
    assert refused.value.field == "name"


@on_sqlite
async def test_nobody_collects_organisations_without_end(ctx_of: CtxOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "MOST_PER_PERSON", 1)
    ana = await ctx_of("ana")

    with pytest.raises(Conflict) as refused:
        await organisations.create(ana, form=OrganisationName(name="Second"))
    assert refused.value.code == "organisation.many"


@on_sqlite
async def test_a_demo_visitor_signs_up_before_founding(ports: Ports, nobody: Context) -> None:
    visit = context_for(ports, (await demo.start(nobody, address=HERE)).principal, "r")

    with pytest.raises(Conflict) as refused:
        await organisations.create(visit, form=OrganisationName(name="Second"))
    assert refused.value.code == "demo.sign_up_first"


async def test_a_new_name_is_seen_at_once(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    await sessions.resolve(ports, token=signed_in.token)
    ctx = context_for(ports, signed_in.principal, "r")
    await organisations.rename(ctx, form=OrganisationName(name="Better"))
    principal = await sessions.resolve(ports, token=signed_in.token)

    assert principal is not None
    assert principal.tenant_name == "Better"


async def test_switching_gives_a_new_cookie_in_the_other_organisation(ports: Ports, sign_up: SignUpAs) -> None:
    signed_in = await sign_up("ana@acme.com")
    ctx = context_for(ports, signed_in.principal, "r")
    second = await organisations.create(ctx, form=OrganisationName(name="Second"))
    switched = await organisations.switch(ctx, token=signed_in.token, tenant_id=second.id)
    principal = await sessions.resolve(ports, token=switched.token)

    assert principal is not None
    assert principal.tenant_name == "Second"
    assert switched.token != signed_in.token
    assert await sessions.resolve(ports, token=signed_in.token) is None


@pytest.mark.parametrize("which", ["foreign", "absent"])
async def test_one_does_not_switch_to_where_one_is_no_member(
    which: str, ports: Ports, sign_up: SignUpAs, ctx_of: CtxOf
) -> None:
    signed_in = await sign_up("ana@acme.com")
    bo = await ctx_of("bo")
    target = bo.tenant if which == "foreign" else new_id()

    with pytest.raises(NotFound):
        await organisations.switch(
            context_for(ports, signed_in.principal, "r"), token=signed_in.token, tenant_id=target
        )
    assert await sessions.resolve(ports, token=signed_in.token)


async def test_members_are_listed_with_their_roles(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    await ctx_of("bo", role="viewer", of=ana)
    await ctx_of("eve")
    listed = await members.list_all(ana)

    assert [(one.name, one.role, one.is_you) for one in listed] == [("ana", "owner", True), ("bo", "viewer", False)]


MAY_RULE = [("owner", role) for role in ROLE_NAMES] + [("admin", role) for role in ("viewer", "editor", "admin")]


@on_sqlite
@pytest.mark.parametrize("mine", ["owner", "admin"])
@pytest.mark.parametrize("theirs", ROLE_NAMES)
@pytest.mark.parametrize("to", ROLE_NAMES)
async def test_a_role_is_changed_by_who_is_at_least_as_strong(mine: str, theirs: str, to: Role, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    ruler = ana if mine == "owner" else await ctx_of("cy", role="admin", of=ana)
    bo = await ctx_of("bo", role=theirs, of=ana)
    allowed = (mine, theirs) in MAY_RULE and (mine, to) in MAY_RULE
    try:
        await members.change_role(ruler, user_id=_user(bo), form=ChangeRole(role=to))
        changed = True
    except NotAllowed:
        changed = False
    now = {one.user_id: one.role for one in await members.list_all(ana)}[_user(bo)]

    assert (changed, now) == (allowed, to if allowed else theirs)


@on_sqlite
@pytest.mark.parametrize("theirs", ROLE_NAMES)
async def test_an_admin_removes_nobody_stronger(theirs: str, ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    admin, bo = await ctx_of("cy", role="admin", of=ana), await ctx_of("bo", role=theirs, of=ana)
    if theirs == "owner":
        with pytest.raises(NotAllowed) as refused:
            await members.remove(admin, user_id=_user(bo))
        assert refused.value.code == "member.above_own"
    else:
        await members.remove(admin, user_id=_user(bo))

    assert (_user(bo) in {one.user_id for one in await members.list_all(ana)}) is (theirs == "owner")


async def test_the_last_owner_stays_an_owner(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    for attempt in (
        members.change_role(ana, user_id=_user(ana), form=ChangeRole(role="admin")),
        members.remove(ana, user_id=_user(ana)),
        members.leave(ana),
    ):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.code == "organisation.last_owner"


async def test_an_owner_can_go_when_there_is_another(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="owner", of=ana)
    await members.leave(ana)

    assert [one.user_id for one in await members.list_all(bo)] == [_user(bo)]


async def test_two_owners_who_go_at_once_leave_one_behind(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="owner", of=ana)
    outcomes = await asyncio.gather(members.leave(ana), members.leave(bo), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    assert len(await members.list_all(ana)) == 1


async def test_who_is_removed_is_signed_out_at_once(ports: Ports, ctx_of: CtxOf, nobody: Context) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    form = SignIn(email="bo@bo.example.org", password=GOOD_PASSWORD)
    laptop = await accounts.sign_in(nobody, form=form, address=HERE)
    assert await sessions.resolve(ports, token=laptop.token)
    await members.remove(ana, user_id=_user(bo))

    assert await sessions.resolve(ports, token=laptop.token) is None


async def test_a_foreign_member_is_not_there(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    for attempt in (
        members.change_role(ana, user_id=_user(bo), form=ChangeRole(role="viewer")),
        members.remove(ana, user_id=_user(bo)),
    ):
        with pytest.raises(NotFound):
            await attempt


@on_sqlite
async def test_who_left_cannot_leave_again(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    await members.leave(bo)

    with pytest.raises(NotFound):
        await members.leave(bo)


async def test_an_invitation_lets_one_person_in_once(ctx_of: CtxOf) -> None:
    ana, bo, cy = await ctx_of("ana"), await ctx_of("bo"), await ctx_of("cy")
    made = await invitations.create(ana, form=Invite(role="editor"))

    assert await invitations.accept(bo, token=made.token) == ana.tenant_id
    assert {one.name: one.role for one in await members.list_all(ana)} == {"ana": "owner", "bo": "editor"}
    with pytest.raises(InvalidInput) as refused:
        await invitations.accept(cy, token=made.token)
    assert (refused.value.code, refused.value.field) == ("invitation.invalid", "invitation")


async def test_two_who_come_at_once_share_no_invitation(ctx_of: CtxOf) -> None:
    ana, bo, cy = await ctx_of("ana"), await ctx_of("bo"), await ctx_of("cy")
    token = (await invitations.create(ana, form=Invite(role="editor"))).token
    outcomes = await asyncio.gather(
        invitations.accept(bo, token=token), invitations.accept(cy, token=token), return_exceptions=True
    )

    assert sorted(isinstance(outcome, InvalidInput) for outcome in outcomes) == [False, True]
    assert len(await members.list_all(ana)) == 2


async def test_an_invitation_ends_by_itself(ctx_of: CtxOf, clock: ManualClock) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    token = (await invitations.create(ana, form=Invite())).token
    clock.advance(timedelta(days=7))

    assert await invitations.list_open(ana) == []
    with pytest.raises(InvalidInput):
        await invitations.accept(bo, token=token)


async def test_a_revoked_invitation_lets_nobody_in(ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    made = await invitations.create(ana, form=Invite())
    await invitations.revoke(ana, invitation_id=made.id)

    with pytest.raises(InvalidInput):
        await invitations.accept(bo, token=made.token)


async def test_a_foreign_invitation_is_not_revoked(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    made = await invitations.create(ana, form=Invite())

    with pytest.raises(NotFound):
        await invitations.revoke(bo, invitation_id=made.id)
    assert [one.id for one in await invitations.list_open(ana)] == [made.id]
    assert await invitations.list_open(bo) == []


@on_sqlite
async def test_the_token_of_an_invitation_is_shown_once(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    made = await invitations.create(ana, form=Invite(role="viewer", email="Bo@Acme.com"))
    listed = await invitations.list_open(ana)

    assert made.token.startswith("gli_")
    assert [(one.role, one.email, one.token) for one in listed] == [("viewer", "bo@acme.com", "")]


@on_sqlite
async def test_an_invitation_for_one_email_is_for_no_other(ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    token = (await invitations.create(ana, form=Invite(email="cy@acme.com"))).token

    with pytest.raises(InvalidInput) as refused:
        await invitations.accept(bo, token=token)
    assert refused.value.code == "invitation.other_email"
    assert len(await invitations.list_open(ana)) == 1


@on_sqlite
@pytest.mark.parametrize("token", ["", "x", "gli_", "gli_x_y", "gly_aaaa_y", "gli_" + "a" * 26 + "_"])
async def test_what_is_no_invitation_is_refused(token: str, ctx_of: CtxOf) -> None:
    with pytest.raises(InvalidInput):
        await invitations.accept(await ctx_of("bo"), token=token)


@on_sqlite
async def test_an_invitation_does_not_weaken_who_is_there_already(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="editor", of=ana)
    roles = []
    for role in ("viewer", "admin"):
        token = (await invitations.create(ana, form=Invite.model_validate({"role": role}))).token
        await invitations.accept(bo, token=token)
        roles.append({one.name: one.role for one in await members.list_all(ana)}["bo"])

    assert roles == ["editor", "admin"]


@on_sqlite
async def test_an_admin_invites_no_owner(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    admin = await ctx_of("cy", role="admin", of=ana)

    with pytest.raises(NotAllowed) as refused:
        await invitations.create(admin, form=Invite(role="owner"))
    assert refused.value.code == "role.above_own"


@on_sqlite
async def test_only_so_many_invitations_are_open(ctx_of: CtxOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 1)
    ana = await ctx_of("ana")
    await invitations.create(ana, form=Invite())

    with pytest.raises(Conflict):
        await invitations.create(ana, form=Invite())


@on_sqlite
async def test_a_demo_visitor_signs_up_before_joining(ports: Ports, nobody: Context, ctx_of: CtxOf) -> None:
    token = (await invitations.create(await ctx_of("ana"), form=Invite())).token
    visit = context_for(ports, (await demo.start(nobody, address=HERE)).principal, "r")

    with pytest.raises(Conflict) as refused:
        await invitations.accept(visit, token=token)
    assert refused.value.code == "demo.sign_up_first"


@on_sqlite
async def test_what_happens_to_members_is_written_down(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    bo = await ctx_of("bo", role="viewer", of=ana)
    await members.change_role(ana, user_id=_user(bo), form=ChangeRole(role="editor"))
    await members.remove(ana, user_id=_user(bo))
    made = await invitations.create(ana, form=Invite())
    await invitations.revoke(ana, invitation_id=made.id)
    await organisations.rename(ana, form=OrganisationName(name="New"))

    assert await audited(ana) == [
        "account.created",
        "invitation.created",
        "invitation.accepted",
        "account.created",
        "member.role_changed",
        "member.removed",
        "invitation.created",
        "invitation.revoked",
        "organisation.renamed",
    ]
