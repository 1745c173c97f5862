"""A tab as its handlers see it: the states of one browser, its cookie and the address that it shows."""

from __future__ import annotations

from typing import TypeVar

import pytest
from reflex.state import State

from app.core.context import Context
from app.core.ids import new_id
from app.core.ports import Ports
from app.tenancy import sessions
from app.tenancy.principal import context_for
from state.session import SessionState, bind_ports
from tests.databases import SignUpAs

S = TypeVar("S", bound=State)


class Tab:
    """One tab of somebody who is signed in; every state of it is there from the start."""

    def __init__(self, cookie: str, ctx: Context) -> None:
        self.root = State(_reflex_internal_init=True)
        self.ctx = ctx
        self._cookie = cookie
        self.at("/media")

    def at(self, path: str) -> None:
        """Show an address."""
        told = {
            "pathname": path.partition("?")[0],
            "asPath": path,
            "token": "tab",
            "sid": "sid",
            "ip": "192.0.2.1",
            "headers": {"cookie": f"galley_sid={self._cookie}", "origin": "http://localhost:3000"},
        }
        self.root.router_data = self.root._update_router_vars(told, self.root.router_data)

    async def state(self, kind: type[S]) -> S:
        """Return one of its states."""
        found: S = await self.root.get_state(kind)
        return found

    async def notice(self) -> dict[str, str]:
        """Return what it was told last, and forget it."""
        session = await self.state(SessionState)
        told, session.notice = dict(session.notice), {}
        return told


@pytest.fixture
async def tab(ports: Ports, sign_up: SignUpAs) -> Tab:
    """The tab of Ana, who owns a workspace; its handlers see the outside world of the test."""
    bind_ports(ports)
    signed_in = await sign_up("ana@ana.example.org", name="ana", organisation="Ana's")
    principal = await sessions.resolve(ports, token=signed_in.token)
    return Tab(signed_in.token, context_for(ports, principal, str(new_id())))
