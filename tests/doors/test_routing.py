"""The routing policy over REST: read, changed, refused by field, tried out and replayed; and the overrides of a run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.conftest import BRIEF, CallerOf

POLICY = "/api/v1/routing/policy"
RUN = {"template": "google-rsa", "inputs": BRIEF}


async def test_the_policy_is_read_changed_as_a_whole_and_counted(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    shipped = (await ana.http.get(POLICY)).json()

    changed = await ana.http.put(POLICY, json=shipped | {"redaction": True})

    assert (shipped["routing"]["version"], shipped["routing"]["shares"]["fast"]) == (0, 75)
    assert changed.status_code == 200
    assert (changed.json()["routing"]["version"], changed.json()["redaction"]) == (1, True)
    assert (await ana.http.get(POLICY)).json() == changed.json()


async def test_a_policy_that_somebody_changed_meanwhile_is_a_conflict(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    first = (await ana.http.put(POLICY, json={})).json()
    await ana.http.put(POLICY, json=first)

    late = await ana.http.put(POLICY, json=first)

    assert (late.status_code, late.json()["code"]) == (409, "policy.changed")


@pytest.mark.parametrize(
    ("routing", "field"),
    [
        ({"templates": {"no-such-template": {"tier": "fast"}}}, "routing.templates.no-such-template"),
        ({"pin": "nobody/at-all"}, "routing.pin"),
        ({"ban": ["built-in"]}, "routing.ban"),
        (
            {
                "routes": {
                    "a": {"models": ["built-in"], "fallback": "b"},
                    "b": {"models": ["built-in"], "fallback": "a"},
                }
            },
            "routing.routes.a.fallback",
        ),
        ({"order": "by mood"}, "routing.order"),
    ],
)
async def test_a_policy_that_cannot_work_is_refused_with_its_field(
    program_of: CallerOf, routing: dict[str, Any], field: str
) -> None:
    ana = await program_of("ana")

    refused = await ana.http.put(POLICY, json={"routing": routing})

    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_template_is_asked_about_without_a_run(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    told = (await ana.http.post("/api/v1/routing/preview", json={"template": "google-rsa", "quality": "best"})).json()

    assert (told["tier"], told["rule"]["code"]) == ("strong", "why.rule.best")
    assert [(step["place"], step["embedded"]) for step in told["steps"]] == [("chosen", True)]
    assert (await ana.http.get("/api/v1/usage")).json()["items"] == []


async def test_a_draft_is_replayed_over_the_ledger(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    await ana.http.post("/api/v1/generations", json=RUN)

    told = (await ana.http.post("/api/v1/routing/what-if", json={"policy": {}, "days": 7})).json()

    assert (told["calls"], told["moved_calls"], told["now_micros"], told["then_micros"]) == (1, 0, 0, 0)


async def test_a_run_may_be_pinned_and_its_why_says_so(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    run = (await ana.http.post("/api/v1/generations", json=RUN | {"pin": "built-in"})).json()

    why = run["variants"][0]["why"][0]
    assert (why["code"], why["params"]["rule_code"], why["params"]["policy"]) == (
        "why.chosen.asked",
        "why.rule.asked",
        0,
    )


@pytest.mark.parametrize("pin", ["tier:golden", "nobody/at-all"])
async def test_a_run_that_is_pinned_to_nobody_is_refused_before_it_begins(program_of: CallerOf, pin: str) -> None:
    ana = await program_of("ana")

    refused = await ana.http.post("/api/v1/generations", json=RUN | {"pin": pin})

    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "pin.unknown", "pin")
    assert (await ana.http.get("/api/v1/generations")).json()["items"] == []


async def test_an_editor_neither_sees_nor_changes_the_policy(program_of: CallerOf) -> None:
    ana = await program_of("ana", scopes=["generations:write"])

    assert [(await ana.http.get(POLICY)).status_code, (await ana.http.put(POLICY, json={})).status_code] == [403, 403]
