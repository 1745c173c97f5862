"""Signing up, in and out over REST, the cookie, and requests that another site's page may have sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from app.api import build_api
from app.api.gate import Gate
from app.core.ports import Ports
from tests.databases import GOOD_PASSWORD
from tests.doors.conftest import ORIGIN, CallerOf, client_of

SIGN_UP = {"email": "ana@example.org", "password": GOOD_PASSWORD, "name": "Ana", "organisation": "Bright Ideas"}


async def test_signing_up_founds_an_organisation_and_signs_in(nobody_there: httpx.AsyncClient) -> None:
    made = await nobody_there.post("/api/v1/auth/signup", json=SIGN_UP)
    me = await nobody_there.get("/api/v1/auth/me")

    assert made.status_code == 201
    assert made.json() == me.json()
    assert (me.json()["organisation"], me.json()["role"]) == ("Bright Ideas", "owner")


async def test_the_cookie_is_out_of_reach_of_scripts(nobody_there: httpx.AsyncClient) -> None:
    made = await nobody_there.post("/api/v1/auth/signup", json=SIGN_UP)

    cookie = made.headers["set-cookie"].lower()
    assert cookie.startswith("galley_sid=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    assert "secure" not in cookie


async def test_behind_tls_the_cookie_is_bound_to_the_host(ports: Ports, settings_of: Any) -> None:
    from dataclasses import replace

    secure = replace(ports, settings=settings_of(public_url="https://studio.example.com"))
    app = Gate(build_api(secure), settings=secure.settings)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://studio.example.com") as http:
        made = await http.post("/api/v1/auth/signup", json=SIGN_UP)

    cookie = made.headers["set-cookie"]
    assert cookie.startswith("__Host-sid=")
    assert "secure" in cookie.lower()


async def test_signing_out_ends_the_session_at_once(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")

    out = await ana.http.post("/api/v1/auth/logout", json={})
    me = await ana.http.get("/api/v1/auth/me", headers={"cookie": f"galley_sid={ana.token}"})

    assert out.status_code == 204
    assert me.status_code == 401


async def test_a_wrong_password_and_an_unknown_person_answer_alike(
    nobody_there: httpx.AsyncClient, browser_of: CallerOf
) -> None:
    await browser_of("ana")

    known = await nobody_there.post(
        "/api/v1/auth/login", json={"email": "ana@ana.example.org", "password": "wrong wrong wrong"}
    )
    unknown = await nobody_there.post("/api/v1/auth/login", json={"email": "no@no.org", "password": "wrong wrong"})

    same = ("status", "title", "detail", "code", "type")
    assert known.status_code == 401
    assert [known.json()[name] for name in same] == [unknown.json()[name] for name in same]


async def test_guessing_passwords_ends_in_429_with_a_time_to_wait(nobody_there: httpx.AsyncClient) -> None:
    answers = [
        await nobody_there.post("/api/v1/auth/login", json={"email": "a@b.org", "password": f"guess number {n}"})
        for n in range(12)
    ]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_demo_needs_no_account_and_no_second_click(nobody_there: httpx.AsyncClient) -> None:
    first = await nobody_there.post("/api/v1/auth/demo", json={"locale": "ar"})
    again = await nobody_there.post("/api/v1/auth/demo")

    assert (first.status_code, first.json()["is_demo"], first.json()["locale"]) == (201, True, "ar")
    assert again.status_code == 403  # a cookie without Origin: see below
    assert again.json()["code"] == "auth.foreign_origin"


async def test_a_second_click_on_the_demo_keeps_the_first(nobody_there: httpx.AsyncClient) -> None:
    first = await nobody_there.post("/api/v1/auth/demo", headers={"origin": ORIGIN})
    again = await nobody_there.post("/api/v1/auth/demo", headers={"origin": ORIGIN})

    assert again.json()["organisation_id"] == first.json()["organisation_id"]


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:30000"},
    {"origin": "http://localhost:3000.evil.example"},
    {"origin": "http://localhost:3000/"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("headers", [*FOREIGN, {}])
async def test_a_cookie_from_another_page_changes_nothing(
    app: ASGIApp, browser_of: CallerOf, headers: dict[str, str]
) -> None:
    ana = await browser_of("ana")
    async with client_of(app, cookie=f"galley_sid={ana.token}", **headers) as http:
        answer = await http.patch("/api/v1/auth/me", json={"name": "Eve"})
        me = await http.get("/api/v1/auth/me")

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.foreign_origin")
    assert me.json()["name"] == "ana"


@pytest.mark.parametrize(
    "headers", [{"origin": ORIGIN}, {"origin": "http://127.0.0.1:3000"}, {"sec-fetch-site": "same-origin"}]
)
async def test_our_own_pages_may_change_things(app: ASGIApp, browser_of: CallerOf, headers: dict[str, str]) -> None:
    ana = await browser_of("ana")
    async with client_of(app, cookie=f"galley_sid={ana.token}", **headers) as http:
        answer = await http.patch("/api/v1/auth/me", json={"name": "Ana Maria"})

    assert answer.status_code == 204


@pytest.mark.parametrize("headers", FOREIGN[:6])
async def test_another_page_signs_nobody_in(app: ASGIApp, headers: dict[str, str]) -> None:
    async with client_of(app, **headers) as http:
        answer = await http.post("/api/v1/auth/signup", json=SIGN_UP)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_two_session_cookies_are_none(app: ASGIApp, browser_of: CallerOf) -> None:
    ana = await browser_of("ana")
    async with client_of(app, cookie=f"galley_sid={ana.token}; galley_sid=x") as http:
        answer = await http.get("/api/v1/auth/me")

    assert answer.status_code == 401


async def test_switching_gives_a_new_session_in_the_other_organisation(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")
    other = (await ana.http.post("/api/v1/organisations", json={"name": "Second"})).json()["id"]

    switched = await ana.http.post(f"/api/v1/organisations/{other}/switch", json={})
    me = await ana.http.get("/api/v1/auth/me", headers={"cookie": switched.headers["set-cookie"].split(";")[0]})
    old = await ana.http.get("/api/v1/auth/me", headers={"cookie": f"galley_sid={ana.token}"})

    assert (switched.status_code, old.status_code) == (204, 401)
    assert me.json()["organisation"] == "Second"


async def test_ending_the_other_sessions_leaves_this_one(browser_of: CallerOf, nobody_there: httpx.AsyncClient) -> None:
    ana = await browser_of("ana")
    await nobody_there.post("/api/v1/auth/login", json={"email": "ana@ana.example.org", "password": GOOD_PASSWORD})

    ended = await ana.http.delete("/api/v1/auth/sessions")
    other = await nobody_there.get("/api/v1/auth/me")
    mine = await ana.http.get("/api/v1/auth/sessions")

    assert ended.json() == {"ended": 1}
    assert (other.status_code, len(mine.json()["items"])) == (401, 1)


async def test_a_revoked_key_ends_at_once(browser_of: CallerOf, app: ASGIApp) -> None:
    ana = await browser_of("ana")
    made = (await ana.http.post("/api/v1/api-keys", json={"name": "k", "scopes": ["templates:read"]})).json()
    async with client_of(app, authorization=f"Bearer {made['key']}") as http:
        before = await http.get("/api/v1/templates")
        await ana.http.delete(f"/api/v1/api-keys/{made['id']}")
        after = await http.get("/api/v1/templates")

    assert (before.status_code, after.status_code) == (200, 401)


async def test_a_key_is_shown_once(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")
    made = (await ana.http.post("/api/v1/api-keys", json={"name": "k", "scopes": ["templates:read"]})).json()

    listed = (await ana.http.get("/api/v1/api-keys")).json()["items"]

    assert made["key"].startswith("gly_")
    assert [one["key"] for one in listed] == [""]
