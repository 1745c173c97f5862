"""The guard of the socket: whose tab it is, who may call what, with which arguments, how often."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State, StateUpdate
from reflex_base.event import Event

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.ports import Ports
from app.tenancy import demo, invitations, organisations, sessions
from app.tenancy.schemas import Invite, OrganisationName
from state.framework_log import PlaceOnly
from state.gallery import GalleryState
from state.guard import HYDRATE, SIGNED_IN, Guard
from state.marks import needs, public
from state.payloads import MAX_PAYLOAD_CHARS
from state.rates import Visitors
from state.session import SessionState, bind_ports
from state.tabs import forget
from tests.databases import CtxOf, SignUpAs

HYDRATED = "reflex___state____state.hydrate_and_load"


class GuardedState(rx.State):
    """Handlers of every kind."""

    @rx.event
    def forgotten(self) -> None:
        """Carries no mark."""

    @rx.event
    @public
    def open_to_all(self, words: str) -> None:
        """Anybody may."""

    @rx.event
    @needs("members:write")
    def for_admins(self) -> None:
        """A role is needed."""

    @rx.event(background=True)
    @needs("templates:read")
    async def in_the_background(self, count: int) -> None:
        """A role is needed here too."""

    def helper(self) -> None:
        """Reflex takes every public method for a handler."""


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def bound(ports: Ports) -> Iterator[None]:
    bind_ports(ports)
    yield


@pytest.fixture
def guard() -> Guard:
    return Guard()


class Tab:
    """One tab's state on the server, and a way to speak to it as the browser with a certain cookie."""

    def __init__(self, guard: Guard, name: str = "tab-1") -> None:
        self.guard = guard
        self.name = name
        self.root = State(_reflex_internal_init=True)

    async def say(
        self, event: str, *, cookie: str = "", address: str = "192.0.2.1", **payload: Any
    ) -> StateUpdate | None:
        told = {
            "pathname": "/templates",
            "asPath": "/templates",
            "token": self.name,
            "sid": f"sid-{self.name}",
            "ip": address,
            "headers": {"cookie": f"galley_sid={cookie}" if cookie else ""},
        }
        self.root.router_data = self.root._update_router_vars(told, self.root.router_data)
        return await self.guard.preprocess(None, self.root, Event(name=event, payload=payload))

    async def call(self, handler: Any, **more: Any) -> StateUpdate | None:
        return await self.say(handler_name(handler), **more)


def handler_name(handler: Any) -> str:
    from reflex.utils.format import format_event_handler

    return format_event_handler(handler)


@pytest.fixture
def tab(guard: Guard) -> Tab:
    return Tab(guard)


@pytest.fixture
async def ana(sign_up: SignUpAs) -> str:
    return (await sign_up("ana@example.org")).token


@pytest.fixture
async def bo(sign_up: SignUpAs) -> str:
    return (await sign_up("bo@example.org")).token


async def test_a_visitor_may_open_a_page_and_call_what_is_public(tab: Tab) -> None:
    assert await tab.say(HYDRATED) is None
    assert await tab.call(GuardedState.open_to_all, words="x") is None


async def test_a_visitor_who_calls_what_needs_a_role_is_told_to_sign_in(tab: Tab) -> None:
    await tab.say(HYDRATED)

    refused = await tab.call(GalleryState.toggle, template_id="google-rsa")

    assert refused is not None
    assert refused.delta == {SessionState.get_full_name(): {"expired_rx_state_": True}}


async def test_a_handler_without_a_mark_is_dropped(tab: Tab, ana: str) -> None:
    await tab.say(HYDRATED, cookie=ana)

    for handler in (GuardedState.forgotten, GuardedState.helper):
        assert await tab.call(handler, cookie=ana) == StateUpdate()


async def test_setvar_and_made_up_names_are_dropped(tab: Tab, ana: str) -> None:
    await tab.say(HYDRATED, cookie=ana)

    for name in (f"{SessionState.get_full_name()}.setvar", "no.such.handler", "../../etc/passwd"):
        assert await tab.say(name, cookie=ana, var_name="name", value="x") == StateUpdate()


async def test_storage_updates_of_the_framework_are_refused(tab: Tab) -> None:
    await tab.say(HYDRATED)
    name = "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal"

    assert await tab.say(name, vars={"x": 1}) == StateUpdate()
    assert await tab.say(HYDRATED, vars={"x": 1}) == StateUpdate()


async def test_background_events_pass_the_same_gate(tab: Tab, ana: str) -> None:
    await tab.say(HYDRATED, cookie=ana)

    assert await tab.call(GuardedState.in_the_background, cookie=ana, count=1) is None
    assert await tab.call(GuardedState.in_the_background, cookie="", count=1) is not None


async def test_a_role_without_the_scope_is_refused_in_words(tab: Tab, sign_up: SignUpAs, ctx_of: CtxOf) -> None:
    token = (await invitations.create(await ctx_of("ana"), form=Invite(role="viewer"))).token
    viewer = (await sign_up("bo@acme.com", invitation=token)).token
    await tab.say(HYDRATED, cookie=viewer)

    assert notice_of(await tab.call(GuardedState.for_admins, cookie=viewer))["key"] == "error.auth.forbidden"


async def test_a_demo_visitor_without_the_scope_is_told_to_sign_up(tab: Tab, nobody: Context) -> None:
    visitor = (await demo.start(nobody, address="192.0.2.9")).token
    await tab.say(HYDRATED, cookie=visitor)

    notice = notice_of(await tab.call(GuardedState.for_admins, cookie=visitor))

    assert notice["key"] == "error.auth.demo"
    assert "Sign up" in notice["text"]


def notice_of(refused: Any) -> dict[str, str]:
    found: dict[str, str] = refused.delta[SessionState.get_full_name()]["notice_rx_state_"]
    return found


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"words": 5},
        {"words": None},
        {"words": ["x"]},
        {"words": "x", "more": 1},
        {"words": "x" * 20_001},
        {"words": "\ud800"},
    ],
)
async def test_arguments_that_do_not_fit_the_handler_are_refused(tab: Tab, payload: dict[str, Any]) -> None:
    await tab.say(HYDRATED)

    refused = await tab.call(GuardedState.open_to_all, **payload)

    assert refused is not None and refused.delta


async def test_a_payload_beyond_the_limit_is_refused(tab: Tab) -> None:
    await tab.say(HYDRATED)

    refused = await tab.call(GuardedState.open_to_all, words="x", more=["y" * 1000] * (MAX_PAYLOAD_CHARS // 1000))

    assert refused is not None


async def test_a_stolen_tab_token_shows_a_stranger_nothing(tab: Tab, ana: str, bo: str) -> None:
    await tab.say(HYDRATED, cookie=ana)
    session = await tab.root.get_state(SessionState)
    session.name = "Ana"
    session.notice = {"id": "1", "text": "Ana's secret"}

    assert await tab.say(HYDRATED, cookie=bo) is None

    assert "Ana" not in str(tab.root.dict())


async def test_a_stolen_tab_token_without_a_cookie_shows_nothing_either(tab: Tab, ana: str) -> None:
    await tab.say(HYDRATED, cookie=ana)
    (await tab.root.get_state(SessionState)).name = "Ana"

    await tab.say(HYDRATED)

    assert "Ana" not in str(tab.root.dict())


async def test_an_event_on_another_sessions_tab_is_refused_before_it_is_opened(tab: Tab, ana: str, bo: str) -> None:
    await tab.say(HYDRATED, cookie=ana)

    refused = await tab.call(GalleryState.toggle, cookie=bo, template_id="google-rsa")

    assert refused is not None
    assert refused.delta == {SessionState.get_full_name(): {"expired_rx_state_": True}}


async def test_the_same_person_in_another_session_is_another_owner(tab: Tab, ana: str, ports: Ports) -> None:
    from app.tenancy import accounts
    from app.tenancy.principal import context_for
    from app.tenancy.schemas import SignIn
    from tests.databases import GOOD_PASSWORD

    again = await accounts.sign_in(
        context_for(ports, None, "t"), form=SignIn(email="ana@example.org", password=GOOD_PASSWORD), address="192.0.2.2"
    )
    await tab.say(HYDRATED, cookie=ana)
    (await tab.root.get_state(SessionState)).name = "Ana"

    await tab.say(HYDRATED, cookie=again.token)

    assert (await tab.root.get_state(SessionState)).name == ""


async def test_a_revoked_session_is_refused_within_a_second(
    tab: Tab, ana: str, ports: Ports, clock: ManualClock
) -> None:
    from datetime import timedelta

    from app.tenancy.principal import context_for

    await tab.say(HYDRATED, cookie=ana)
    principal = await sessions.resolve(ports, token=ana)
    await sessions.sign_out(context_for(ports, principal, "t"), token=ana)
    clock.advance(timedelta(seconds=1))

    refused = await tab.call(GalleryState.toggle, cookie=ana, template_id="google-rsa")

    assert refused is not None and refused.delta


async def test_switching_the_organisation_empties_the_tab(tab: Tab, ana: str, ports: Ports) -> None:
    from app.tenancy.principal import context_for

    await tab.say(HYDRATED, cookie=ana)
    (await tab.root.get_state(SessionState)).organisation = "First"
    principal = await sessions.resolve(ports, token=ana)
    ctx = context_for(ports, principal, "t")
    second = await organisations.create(ctx, form=OrganisationName(name="Second"))
    switched = await organisations.switch(ctx, token=ana, tenant_id=second.id)

    await tab.say(HYDRATED, cookie=switched.token)

    assert (await tab.root.get_state(SessionState)).organisation == ""


async def test_a_rush_of_one_session_is_slowed_and_others_are_not(guard: Guard, ana: str, bo: str) -> None:
    first, second = Tab(guard, "one"), Tab(guard, "two")
    await first.say(HYDRATED, cookie=ana)
    await second.say(HYDRATED, cookie=bo)

    for _ in range(int(SIGNED_IN.burst)):
        await first.call(GuardedState.open_to_all, cookie=ana, words="x")
    refused = await first.call(GuardedState.open_to_all, cookie=ana, words="x")

    assert refused is not None
    assert refused.delta[SessionState.get_full_name()]["notice_rx_state_"]["key"] == "error.too_many"
    assert await second.call(GuardedState.open_to_all, cookie=bo, words="x") is None


async def test_a_rush_of_visitors_from_one_address_is_slowed(guard: Guard) -> None:
    answers = [await Tab(guard, f"t{n}").say(HYDRATED, address="198.51.100.1") for n in range(80)]

    assert answers[0] is None
    assert answers[-1] is not None
    assert await Tab(guard, "other").say(HYDRATED, address="198.51.100.2") is None


def test_visitors_beyond_the_limit_wait_until_others_are_gone() -> None:
    visitors = Visitors(most=2, idle_s=10)

    assert visitors.admit("a", now_s=0) and visitors.admit("b", now_s=1)
    assert not visitors.admit("c", now_s=2)
    assert visitors.admit("a", now_s=3)
    assert visitors.gone(now_s=12) == ["b"]
    assert visitors.admit("c", now_s=12)


async def test_the_state_of_a_visitor_who_is_not_admitted_is_dropped() -> None:
    manager = StateManagerMemory()
    token = BaseStateToken(ident="tab-9", cls=State)
    async with manager.modify_state(token):
        forget(manager, "tab-9")
        assert len(manager.states) == 1

    forget(manager, "tab-9")

    assert len(manager.states) == 0
    await manager.close()


async def test_a_tab_whose_state_was_dropped_goes_on_with_its_next_event(tab: Tab, ana: str) -> None:
    assert await tab.call(GuardedState.in_the_background, cookie=ana, count=1) is None
    assert await tab.call(GuardedState.for_admins, cookie=ana) is None


def test_hydrating_is_among_the_framework_events() -> None:
    assert HYDRATED in HYDRATE


def test_the_frameworks_log_loses_what_browsers_sent() -> None:
    record = logging.LogRecord(
        "reflex.app",
        logging.WARNING,
        "app.py",
        1,
        "Event data: %s\nforged line",
        ("galley_sid=secret",),
        None,
        "on_event",
    )

    assert PlaceOnly().filter(record)
    assert record.getMessage() == "app.on_event"
