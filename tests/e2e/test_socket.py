"""The screen's socket against a stranger: a tab's token is no key, the origin counts, and nothing unmarked answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
import socketio

from state.gallery import GalleryState
from state.session import SessionState
from tests.patience import until

ROOT = "reflex___state____state"
GALLERY = GalleryState.get_full_name()
SESSION = SessionState.get_full_name()
QUIET_S = 0.4


class Tab:
    """One socket as a browser opens it, with the tab token and the cookie of whoever is behind it."""

    def __init__(self, address: str, *, token: str, cookie: str = "") -> None:
        self.address, self.token, self.cookie = address, token, cookie
        self.socket = socketio.AsyncClient(reconnection=False)
        self.told: list[dict[str, Any]] = []
        self.socket.on("event", self.told.append, namespace="/_event")

    async def __aenter__(self) -> Tab:
        await self.open()
        await self.say(f"{ROOT}.hydrate_and_load")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.disconnect()

    async def open(self, *, origin: str = "") -> None:
        headers = {"Origin": origin or self.address, "Cookie": f"galley_sid={self.cookie}" if self.cookie else "a=b"}
        await self.socket.connect(
            f"{self.address}?token={self.token}",
            headers=headers,
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=["/_event"],
        )

    async def say(self, name: str, *, is_known: bool = True, **payload: Any) -> str:
        """Send an event, wait until it is answered, if there is such an event, and quiet; return all that came back."""
        self.told.clear()
        route = {"pathname": "/templates", "asPath": "/templates", "query": {}}
        await self.socket.emit("event", {"name": name, "payload": payload, "router_data": route}, namespace="/_event")
        if is_known:
            await until(lambda: self.told)
        heard = -1
        while heard != len(self.told):
            heard = len(self.told)
            await asyncio.sleep(QUIET_S)
        return json.dumps(self.told)


def visitor_cookie(address: str) -> str:
    answer = httpx.post(f"{address}/api/v1/auth/demo", json={}, headers={"Origin": address})
    assert answer.status_code == 201
    return str(answer.cookies["galley_sid"])


@pytest.fixture(scope="module")
def ana(address: str) -> str:
    return visitor_cookie(address)


@pytest.fixture(scope="module")
def bo(address: str) -> str:
    return visitor_cookie(address)


async def test_a_stolen_tab_token_opens_nothing_of_its_owner(address: str, ana: str, bo: str) -> None:
    token = str(uuid4())
    async with Tab(address, token=token, cookie=ana) as mine:
        assert "press-release" in await mine.say(f"{GALLERY}.toggle", template_id="press-release")

    for cookie in (bo, ""):
        async with Tab(address, token=token, cookie=cookie) as theirs:
            seen = json.dumps(theirs.told) + await theirs.say(f"{ROOT}.hydrate")
            assert "press-release" not in seen

    async with Tab(address, token=str(uuid4()), cookie=ana) as mine:
        assert "press-release" in json.dumps(mine.told) + await mine.say(f"{GALLERY}.open")


async def test_a_visitor_is_told_to_sign_in_and_changes_nothing(address: str) -> None:
    async with Tab(address, token=str(uuid4())) as tab:
        answer = await tab.say(f"{GALLERY}.toggle", template_id="press-release")

    assert '"expired_rx_state_": true' in answer
    assert "press-release" not in answer


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{SESSION}.setvar", {"var_name": "name", "value": "MALLORY"}),
        (f"{ROOT}.setvar", {"var_name": "is_hydrated", "value": "MALLORY"}),
        (
            f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
            {"vars": {f"{SESSION}.name": "MALLORY"}},
        ),
        (f"{SESSION}._show", {"principal": {"name": "MALLORY"}}),
        ("no.such.state.handler", {"x": "MALLORY"}),
    ],
)
async def test_nothing_can_be_set_from_outside(address: str, ana: str, name: str, payload: dict[str, Any]) -> None:
    async with Tab(address, token=str(uuid4()), cookie=ana) as tab:
        answer = await tab.say(name, is_known=False, **payload) + await tab.say(f"{ROOT}.hydrate")

    assert "MALLORY" not in answer
    assert SESSION in answer


async def test_a_page_of_another_site_cannot_open_the_socket(address: str, ana: str) -> None:
    tab = Tab(address, token=str(uuid4()), cookie=ana)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await tab.open(origin="https://evil.example")
    await tab.socket.eio.http.close()  # the client leaves its session open when it is refused


async def test_the_cookie_is_never_told_to_the_browser(address: str, ana: str) -> None:
    async with Tab(address, token=str(uuid4()), cookie=ana) as tab:
        everything = json.dumps(tab.told) + await tab.say(f"{ROOT}.hydrate")

    assert ana not in everything
