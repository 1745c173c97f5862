"""Every route says who may come in, and that is who comes in: generated over the routes."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Route

from app.api import build_api
from app.api.door import DoorRoute
from app.api.gate import Gate
from app.api.scopes import mark_of, public
from app.core.context import Context
from app.core.ids import new_id
from app.core.ports import Ports
from app.tenancy.scopes import ALL_SCOPES, ROLES
from tests.databases import CtxOf
from tests.doors.conftest import BRIEF, Caller, CallerOf, client_of
from tests.doors.routes import code_of, operations, operations_of
from tests.media_samples import picture
from tests.working import ask

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/openapi.json"),
    ("POST", "/api/v1/auth/signup"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/demo"),
    ("GET", "/api/v1/links/{token}"),  # the token says which one asset may be read, and until when
}
BILL = "date,model,cost\n2026-01-01,m,1\n"


def test_every_route_is_behind_the_door_and_marked(ports: Ports) -> None:
    app = build_api(ports)

    assert [route for route in app.routes if not isinstance(route, DoorRoute)] == []
    assert [one for one in operations(app) if one.mark is None] == []


def test_what_is_public_is_listed_here(ports: Ports) -> None:
    found = {(one.method, one.path) for one in operations_of(ports) if one.mark and one.mark.kind == "public"}

    assert found == PUBLIC


def test_every_scope_that_a_route_asks_for_is_in_some_role(ports: Ports) -> None:
    asked = {one.mark.scope for one in operations_of(ports) if one.mark and one.mark.kind == "scope"}

    assert asked <= ALL_SCOPES


async def test_a_route_without_a_mark_lets_nobody_in(ports: Ports, browser_of: CallerOf) -> None:
    app = build_api(ports)
    router = APIRouter(route_class=DoorRoute)

    @router.get("/api/v1/forgotten")
    async def forgotten() -> str:
        return "secret"

    app.router.routes.insert(0, router.routes[0])
    ana = await browser_of("ana")
    async with client_of(Gate(app, settings=ports.settings), cookie=f"galley_sid={ana.token}") as http:
        answer = await http.get("/api/v1/forgotten")

    assert answer.status_code == 403
    assert answer.json()["code"] == "auth.unmarked"
    assert "secret" not in answer.text


async def test_a_route_past_the_door_would_be_noticed(ports: Ports) -> None:
    async def sneaked_in(request: object) -> None: ...

    app: FastAPI = build_api(ports)
    app.router.routes.append(Route("/api/v1/sneaked", sneaked_in))

    assert [one.path for one in operations(app) if one.mark is None] == ["/api/v1/sneaked"] * 2  # GET and HEAD


async def test_without_credentials_every_route_but_the_public_ones_answers_401(
    ports: Ports, nobody_there: httpx.AsyncClient
) -> None:
    wrong = []
    for one in operations_of(ports):
        if (one.method, one.path) not in PUBLIC:
            answer = await nobody_there.request(one.method, one.address(), json={})
            if answer.status_code != 401 or "www-authenticate" not in answer.headers:
                wrong.append((one.method, one.path, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer gly_x_y", "Basic YTpi", "gly_abc", f"Bearer gly_{'a' * 26}_x", "Bearer \x7f"],
)
async def test_a_wrong_key_is_refused_even_beside_a_good_cookie(browser_of: CallerOf, header: str) -> None:
    ana = await browser_of("ana")

    answer = await ana.http.get("/api/v1/auth/me", headers={"authorization": header})

    assert answer.status_code == 401


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_a_role_reaches_exactly_the_routes_of_its_scopes(
    ports: Ports, ctx_of: CtxOf, program_of: CallerOf, role: str
) -> None:
    owner = await ctx_of("ana")
    caller = await _key_with(owner, program_of, ROLES[role])
    wrong = []
    for one in operations_of(ports):
        if one.mark is None or one.mark.kind != "scope":
            continue
        answer = await caller.request(one.method, one.address(), json={})
        refused = answer.status_code == 403 and code_of(answer) == "auth.forbidden"
        if refused != (one.mark.scope not in ROLES[role]):
            wrong.append((one.method, one.path, answer.status_code))

    assert wrong == []


async def _key_with(owner: Context, program_of: CallerOf, scopes: frozenset[str]) -> httpx.AsyncClient:
    caller = await program_of(owner, scopes=sorted(scopes))
    http: httpx.AsyncClient = caller.http
    return http


async def test_a_key_cannot_do_what_only_a_person_may(ports: Ports, program_of: CallerOf) -> None:
    ana = await program_of("ana")
    wrong = []
    for one in operations_of(ports):
        if one.mark and one.mark.kind == "person":
            answer = await ana.http.request(one.method, one.address(), json={})
            if (answer.status_code, answer.json()["code"]) != (403, "auth.person_only"):
                wrong.append((one.method, one.path, answer.status_code))

    assert wrong == []


async def test_a_malformed_an_absent_and_a_foreign_id_answer_alike(ports: Ports, browser_of: CallerOf) -> None:
    ana, bo = await browser_of("ana"), await browser_of("bo")
    foreign = await _things_of(bo)
    wrong = []
    for one in operations_of(ports):
        if not one.has_id:
            continue
        answers = []
        for ids in ({}, dict.fromkeys(foreign, "not-an-id"), foreign):
            answer = await ana.http.request(one.method, one.address(ids), json=_body(one.path))
            told = answer.json() if answer.content else {}
            told.pop("request_id", None)
            answers.append((answer.status_code, told))
        if answers[0][0] != 404 or answers.count(answers[0]) != len(answers):
            wrong.append((one.method, one.path, answers))

    slots = {slot for one in operations_of(ports) if one.has_id for slot in re.findall(r"{(\w+_id)}", one.path)}
    assert slots == foreign.keys()
    assert wrong == []


def _body(path: str) -> dict[str, object]:
    """Return a body that passes the form of every route with an id, so that the id decides."""
    if path.startswith("/api/v1/members"):
        return {"role": "viewer"}
    if path.endswith("/key"):
        return {"api_key": "sk-another"}
    if path.endswith("/charge"):
        return {"month_micros": 1}
    if path.startswith("/api/v1/budgets"):
        return {"limit_micros": 1}
    if path.startswith(("/api/v1/organisations", "/api/v1/providers", "/api/v1/teams")):
        return {"name": "x"}
    if path.startswith(("/api/v1/asset-folders", "/api/v1/media-brands")):
        return {"name": "x"}
    if path.endswith("/link"):
        return {"minutes": 5}
    if path.endswith("/uses"):
        return {"document_id": str(new_id())}
    return {"text": "x"} if path.endswith(("/versions", "/check")) else {"title": "x"}


async def _things_of(bo: Caller) -> dict[str, str]:
    """Return ids of rows that belong to another organisation, by the slot they fill."""

    async def made(path: str, body: dict[str, object]) -> Any:
        answer = await bo.http.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    local = {"kind": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "models": [{"id": "m"}]}
    run = await made("generations", {"template": "google-rsa", "inputs": BRIEF})
    return {
        "organisation_id": str(bo.ctx.tenant_id),
        "user_id": str(bo.ctx.user_id),
        "session_id": (await bo.http.get("/api/v1/auth/sessions")).json()["items"][0]["id"],
        "invitation_id": (await made("invitations", {"role": "editor"}))["id"],
        "key_id": (await made("api-keys", {"name": "k", "scopes": ["documents:read"]}))["id"],
        "file_id": (await bo.http.put("/api/v1/files?name=a.txt", content=b"hello")).json()["id"],
        "asset_id": (await bo.http.put("/api/v1/assets?name=a.png", content=picture("PNG"))).json()["id"],
        "folder_id": (await made("asset-folders", {"name": "Spring"}))["id"],
        "brand_id": (await made("media-brands", {"name": "House"}))["id"],
        "provider_id": (await made("providers", local))["id"],
        "job_id": str(await ask(bo.ctx)),
        "generation_id": run["id"],
        "document_id": run["document_id"],
        "budget_id": (await made("budgets", {"kind": "tenant", "limit_micros": 10**9}))["id"],
        "team_id": (await made("teams", {"name": "Press"}))["id"],
        "invoice_id": (await made("invoices", {"provider": "p", "csv": BILL}))["invoice"]["id"],
        "price_id": str(new_id()),
    }


def test_a_mark_that_is_not_ours_is_none() -> None:
    def handler() -> None: ...

    handler.__galley_mark__ = "public"  # type: ignore[attr-defined]  # that is the point

    assert mark_of(handler) is None
    assert mark_of(public(handler)) is not None
