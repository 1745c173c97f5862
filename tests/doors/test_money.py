"""Money at the REST door: budgets, teams, bills, prices, reports and the operator's view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core.ports import Ports
from app.tenancy import recent
from app.tenancy.models import User
from app.usage import service
from app.usage.schemas import Attempt
from tests.doors.conftest import BRIEF, Caller, CallerOf

COST = 1250


async def spend(caller: Caller, **more: Any) -> None:
    usual = {"feature": "chat", "provider": "My OpenAI", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    await service.record(caller.ctx, Attempt(**({**usual, "total_ms": 9, "tokens_in": 1000, "tokens_out": 500} | more)))


@pytest.fixture
async def ana(browser_of: CallerOf) -> Caller:
    return await browser_of("ana")


@pytest.fixture
async def operator(ana: Caller, ports: Ports) -> Caller:
    async with ports.db.bound(tenant_id=None).write() as session:
        await session.execute(sa.update(User).where(User.id == ana.ctx.user_id).values(is_operator=True))
    recent.forget_all(ports)
    return ana


def told(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def test_a_budget_lives_its_life(ana: Caller) -> None:
    form = {"kind": "tenant", "limit_micros": 4000, "soft_micros": 1000}
    await spend(ana)
    made = told(await ana.http.post("/api/v1/budgets", json=form), 201)
    changed = told(await ana.http.put(f"/api/v1/budgets/{made['id']}", json={"limit_micros": 9000}))
    listed = told(await ana.http.get("/api/v1/budgets"))["items"]
    told(await ana.http.delete(f"/api/v1/budgets/{made['id']}"), 204)

    assert (made["spent_micros"], made["resets_on"], made["subject_id"]) == (COST, "2026-02-01", None)
    assert (changed["limit_micros"], changed["soft_micros"]) == (9000, None)
    assert listed == [changed]
    assert told(await ana.http.get("/api/v1/budgets"))["items"] == []


async def test_teams_are_made_filled_and_dissolved(ana: Caller) -> None:
    team = told(await ana.http.post("/api/v1/teams", json={"name": "Press"}), 201)
    address = f"/api/v1/teams/{team['id']}"
    taken = await ana.http.post("/api/v1/teams", json={"name": "PRESS"})
    told(await ana.http.put(f"{address}/members/{ana.ctx.user_id}"), 204)
    told(await ana.http.patch(address, json={"name": "Newsroom"}), 204)
    await spend(ana)
    full = told(await ana.http.get("/api/v1/teams"))["items"]
    by_team = told(await ana.http.get("/api/v1/usage/teams"))["items"]
    told(await ana.http.delete(f"{address}/members/{ana.ctx.user_id}"), 204)
    again = await ana.http.delete(f"{address}/members/{ana.ctx.user_id}")
    told(await ana.http.delete(address), 204)

    assert taken.status_code == 409
    assert full == [{"id": team["id"], "name": "Newsroom", "members": [str(ana.ctx.user_id)]}]
    assert [(one["id"], one["name"], one["cost_micros"]) for one in by_team] == [(team["id"], "Newsroom", COST)]
    assert again.status_code == 404
    assert told(await ana.http.get("/api/v1/teams"))["items"] == []


async def test_a_month_is_told_in_every_way(ana: Caller) -> None:
    await spend(ana)
    await spend(ana, feature="repair", model="gpt-5")
    month = told(await ana.http.get("/api/v1/usage/summary", params={"month": "2026-01"}))
    days = told(await ana.http.get("/api/v1/usage/days"))["items"]
    members = told(await ana.http.get("/api/v1/usage/members"))["items"]
    models = told(await ana.http.get("/api/v1/usage/models"))["items"]
    calls = told(await ana.http.get("/api/v1/usage/calls", params={"limit": 1}))
    rest = told(await ana.http.get("/api/v1/usage/calls", params={"cursor": calls["next_cursor"]}))

    assert (month["attempts"], month["cost_micros"], month["is_present"]) == (2, 7500, True)
    assert [(one["day"], one["feature"], one["cost_micros"]) for one in days] == [
        ("2026-01-01", "chat", 1250),
        ("2026-01-01", "repair", 6250),
    ]
    assert [(one["name"], one["calls"]) for one in members] == [("ana", 2)]
    assert [one["model"] for one in models] == ["gpt-5", "gpt-5-mini"]
    assert (calls["calls"], calls["cost_micros"], calls["items"][0]["model"]) == (2, 7500, "gpt-5")
    assert [one["model"] for one in rest["items"]] == ["gpt-5-mini"]


@pytest.mark.parametrize("month", ["2026-13", "2026-02", "1999-01", "soon"])
async def test_a_month_that_is_none_is_refused(ana: Caller, month: str) -> None:
    answer = await ana.http.get("/api/v1/usage/summary", params={"month": month})

    assert (answer.status_code, answer.json()["field"]) == (422, "month")


async def test_a_month_leaves_as_csv(ana: Caller) -> None:
    await spend(ana, model="=cmd|' /C calc'!A0")
    answer = await ana.http.get("/api/v1/usage/export.csv")
    heading, row = answer.text.strip().split("\r\n")

    assert answer.headers["content-disposition"].startswith('attachment; filename="galley-usage-2026-01.csv"')
    assert heading.startswith("time_utc,call,attempt,feature")
    assert "'=cmd" in row


async def test_keys_have_a_list_of_their_own(ana: Caller) -> None:
    key = told(await ana.http.post("/api/v1/api-keys", json={"name": "Bot", "scopes": ["usage:read"]}), 201)
    await spend(Caller(replace(ana.ctx, api_key_id=UUID(key["id"])), ana.http))
    keys = told(await ana.http.get("/api/v1/usage/keys"))["items"]

    assert [(one["id"], one["name"], one["cost_micros"]) for one in keys] == [(key["id"], "Bot", COST)]
    assert told(await ana.http.get("/api/v1/usage/members"))["items"] == []


async def test_a_bill_is_held_against_the_books(ana: Caller) -> None:
    await spend(ana)
    form = {"provider": "My OpenAI", "csv": "date,model,cost\n2026-01-01,gpt-5-mini-2025-08-07,0.00125\n"}
    report = told(await ana.http.post("/api/v1/invoices", json=form), 201)
    address = f"/api/v1/invoices/{report['invoice']['id']}"

    assert [one["verdict"] for one in report["drifts"]] == ["agrees"]
    assert told(await ana.http.get(address)) == report
    assert told(await ana.http.get("/api/v1/invoices"))["items"] == [report["invoice"]]
    told(await ana.http.delete(address), 204)
    assert (await ana.http.get(address)).status_code == 404


async def test_an_operator_sets_prices(operator: Caller) -> None:
    form = {"kind": "openai", "model": "GPT-5-mini", "input_micros": 1, "output_micros": 2}
    form |= {"valid_from": "2025-12-31", "source": "a contract"}
    made = told(await operator.http.post("/api/v1/prices", json=form), 201)
    listed = told(await operator.http.get("/api/v1/prices"))["items"]
    mini = [one for one in listed if (one["kind"], one["model"]) == ("openai", "gpt-5-mini")]
    told(await operator.http.delete(f"/api/v1/prices/{made['id']}"), 204)

    assert [(one["source"] == "a contract", one["holds"]) for one in mini] == [(True, True), (False, False)]
    assert (await operator.http.delete(f"/api/v1/prices/{made['id']}")).status_code == 404


async def test_an_operator_sees_margins(operator: Caller) -> None:
    await spend(operator)
    charge = f"/api/v1/operator/usage/tenants/{operator.ctx.tenant_id}/charge"
    told(await operator.http.put(charge, json={"month_micros": 5000}), 204)
    report = told(await operator.http.get("/api/v1/operator/usage"))

    assert [(one["cost_micros"], one["margin_micros"], one["margin_percent"]) for one in report["tenants"]] == [
        (COST, 3750, 75.0)
    ]


@pytest.mark.parametrize("path", ["/api/v1/prices", "/api/v1/operator/usage"])
async def test_nobody_else_is_an_operator(ana: Caller, path: str) -> None:
    answer = await ana.http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (403, "operator.only")


async def test_a_run_is_priced_before_it_is_made(ana: Caller) -> None:
    provider = {"kind": "openai", "name": "My OpenAI", "api_key": "sk-x", "models": [{"id": "gpt-5-mini"}]}
    told(await ana.http.post("/api/v1/providers", json=provider), 201)
    body = {"template": "google-rsa", "inputs": BRIEF | {"variants": 2}}
    estimate = told(await ana.http.post("/api/v1/generations/estimate", json=body))

    assert (estimate["provider"], estimate["model"], estimate["known"]) == ("My OpenAI", "gpt-5-mini", True)
    assert 0 < estimate["low_micros"] < estimate["high_micros"]


async def test_a_run_with_nobody_to_ask_has_no_price(ana: Caller) -> None:
    told(await ana.http.patch("/api/v1/providers/built-in", json={"enabled": False}))
    estimate = told(
        await ana.http.post("/api/v1/generations/estimate", json={"template": "google-rsa", "inputs": BRIEF})
    )

    assert (estimate["high_micros"], estimate["model"]) == (0, "")
