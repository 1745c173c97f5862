"""What every REST request meets on its way: rates, media types, malformed bodies, problems in the caller's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

import httpx
import pytest
from starlette.types import ASGIApp

from app.api import build_api
from app.api.gate import Gate
from app.core.ports import Ports
from app.core.settings import Settings
from tests.doors.conftest import CallerOf, client_of

LOGIN = "/api/v1/auth/login"


async def test_every_answer_says_what_is_left(nobody_there: httpx.AsyncClient, program_of: CallerOf) -> None:
    ana = await program_of("ana")

    answers = [
        await ana.http.get("/api/v1/auth/me"),
        await nobody_there.get("/api/v1/auth/me"),
        await nobody_there.get("/api/v1/nothing"),
        await nobody_there.post(LOGIN, json={}),
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 404, 422]
    for answer in answers:
        assert answer.headers["ratelimit-limit"] == "600"
        assert answer.headers["ratelimit-policy"] == "600;w=60"
        assert int(answer.headers["ratelimit-remaining"]) < 600
        assert int(answer.headers["ratelimit-reset"]) <= 60


@pytest.fixture
def narrow(ports: Ports, settings_of: Callable[..., Settings]) -> ASGIApp:
    """The door with five requests a minute."""
    ports = replace(ports, settings=settings_of(requests_per_minute=5))
    return Gate(build_api(ports), settings=ports.settings)


async def test_the_rate_is_counted_for_each_person_and_not_for_each_cookie(
    narrow: ASGIApp, browser_of: CallerOf, nobody_there: httpx.AsyncClient
) -> None:
    ana, bo = await browser_of("ana"), await browser_of("bo")
    async with (
        client_of(narrow, cookie=f"galley_sid={ana.token}") as hers,
        client_of(narrow, cookie=f"galley_sid={bo.token}") as his,
    ):
        statuses = [(await hers.get("/api/v1/auth/me")).status_code for _ in range(6)]
        refused = await hers.get("/api/v1/auth/me")
        other = await his.get("/api/v1/auth/me")

    assert statuses == [200] * 5 + [429]
    assert refused.headers["ratelimit-remaining"] == "0"
    assert int(refused.headers["retry-after"]) > 0
    assert other.status_code == 200


async def test_wrong_keys_are_counted_against_their_address(narrow: ASGIApp) -> None:
    async with client_of(narrow, address="198.51.100.9") as http:
        statuses = [
            (await http.get("/api/v1/auth/me", headers={"authorization": f"Bearer gly_x_{n}"})).status_code
            for n in range(7)
        ]

    assert statuses == [401] * 5 + [429] * 2


async def test_an_ipv6_neighbour_shares_the_rate(narrow: ASGIApp) -> None:
    async with client_of(narrow, address="2001:db8::1") as one, client_of(narrow, address="2001:db8::ffff") as two:
        for _ in range(5):
            await one.get("/api/v1/auth/me")
        answer = await two.get("/api/v1/auth/me")

    assert answer.status_code == 429


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""],
)
async def test_only_json_is_taken(nobody_there: httpx.AsyncClient, content_type: str) -> None:
    body = b'{"email": "a@b.org", "password": "x"}'

    answer = await nobody_there.post(LOGIN, content=body, headers={"content-type": content_type})

    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"email": NaN, "password": "x"}',
        b'{"email": 1e999, "password": "x"}',
        b'{"email": "\\ud800", "password": "x"}',
        b'{"email": "a", "password": "\xff"}',
        b"[" * 100_000,
        b'{"email":' * 50_000,
        b'{"email": ["a"], "password": {"x": 1}}',
    ],
)
async def test_malformed_json_is_named_and_never_a_bug(nobody_there: httpx.AsyncClient, body: bytes) -> None:
    answer = await nobody_there.post(LOGIN, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_each_field_at_fault_is_named_in_plain_words(nobody_there: httpx.AsyncClient) -> None:
    answer = await nobody_there.post(LOGIN, json={"email": "x" * 400, "admin": True})

    told = answer.json()
    assert (told["status"], told["title"], told["field"]) == (422, HTTPStatus(422).phrase, "email")
    assert {(one["field"], one["code"]) for one in told["errors"]} == {
        ("email", "invalid.string_too_long"),
        ("password", "invalid.missing"),
        ("admin", "invalid.extra_forbidden"),
    }
    assert told["detail"] == "At most 320 characters are allowed."


async def test_a_refused_value_is_never_repeated(nobody_there: httpx.AsyncClient) -> None:
    answer = await nobody_there.post(LOGIN, json={"email": "a@b.org", "password": "p" * 2000, "x": "canary-4711"})

    assert answer.status_code == 422
    assert "pppp" not in answer.text
    assert "canary" not in answer.text


async def test_problems_speak_the_callers_language(ports: Ports) -> None:
    def german(locale: str, code: str, default: str, params: object) -> str:
        return f"{locale}|{code}"

    app = Gate(build_api(ports, translate=german), settings=ports.settings)
    async with client_of(app, **{"accept-language": "fr;q=0.2, de-AT, en;q=0.9"}) as http:
        answer = await http.get("/api/v1/auth/me")

    assert answer.json()["detail"] == "de|auth.required"


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("pt", "pt-BR"),
        ("zh-TW,zh;q=0.8", "zh-Hans"),
        ("xx, *", "en"),
        ("de;q=0, ar;q=0.1", "ar"),
        ("de;q=x", "en"),
        ("x" * 999, "en"),
    ],
)
async def test_a_language_is_found_for_every_header(header: str, spoken: str) -> None:
    from app.api.languages import preferred

    assert preferred(header) == spoken


async def test_an_unknown_address_and_a_wrong_method_are_problems(nobody_there: httpx.AsyncClient) -> None:
    absent = await nobody_there.get("/api/v1/nothing/here")
    wrong = await nobody_there.put(LOGIN, json={})

    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "POST")


async def test_a_bug_in_a_route_is_told_nobody_and_logged(
    ports: Ports, nobody_there: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.tenancy.demo.start", broken)

    answer = await nobody_there.post("/api/v1/auth/demo")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret detail" not in answer.text


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "A" * 32, "-" * 32, "0197b8f2-6f0e-7c51-9b7e-2f6a4f0c9d11"])
async def test_a_cursor_that_was_not_made_here_is_refused(program_of: CallerOf, cursor: str) -> None:
    ana = await program_of("ana")

    answer = await ana.http.get("/api/v1/documents", params={"cursor": cursor})

    assert answer.status_code in {200, 422}
    assert answer.json().get("items", []) == []


async def test_health_names_each_part(nobody_there: httpx.AsyncClient) -> None:
    health = await nobody_there.get("/healthz")
    ready = await nobody_there.get("/readyz")

    assert health.json() == {
        "status": "ok",
        "parts": dict.fromkeys(("database", "models", "files", "limits", "embeddings", "media", "queue", "bus"), "ok"),
    }
    assert ready.status_code == 200


async def test_metrics_are_for_this_machine_or_the_token(
    ports: Ports, nobody_there: httpx.AsyncClient, app: ASGIApp, settings_of: Callable[..., Settings]
) -> None:
    secured = replace(ports, settings=settings_of(metrics_token="a-long-token"))
    guarded = Gate(build_api(secured), settings=secured.settings)
    async with client_of(app, address="127.0.0.1") as local, client_of(guarded, address="127.0.0.1") as tokened:
        statuses = [
            (await nobody_there.get("/metrics")).status_code,
            (await local.get("/metrics")).status_code,
            (await local.get("/metrics", headers={"x-forwarded-for": "203.0.113.4"})).status_code,
            (await tokened.get("/metrics")).status_code,
            (await tokened.get("/metrics", headers={"authorization": "Bearer wrong"})).status_code,
            (await tokened.get("/metrics", headers={"authorization": "Bearer a-long-token"})).status_code,
        ]

    assert statuses == [403, 200, 403, 403, 403, 200]
