"""The OpenAPI document tells the truth: requests made from it, right and wrong ones, are answered as it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from app.core.ports import Ports
from tests.doors.conftest import CallerOf
from tests.doors.routes import operations_of
from tests.doors.test_naughty_strings import Unlimited
from tests.doors.test_tenants import fill

Send = Callable[[schemathesis.Case], schemathesis.Response]
SEED = 20261124
ENDS_THE_SESSION = {"/api/v1/auth/logout", "/api/v1/auth/sessions", "/api/v1/organisations/{organisation_id}/switch"}


@pytest.fixture
def ports(ports: Ports) -> Ports:
    return replace(ports, limiter=Unlimited())


async def test_every_route_is_documented_with_its_security_and_its_refusals(
    ports: Ports, nobody_there: httpx.AsyncClient
) -> None:
    document = (await nobody_there.get("/api/openapi.json")).json()

    assert document["info"]["title"] == "Galley"
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "session"}
    for one in operations_of(ports):
        if one.path == "/api/openapi.json":
            continue
        operation = document["paths"][one.path][one.method.lower()]
        assert operation["summary"], one
        assert operation["description"], one
        form = "application/json" if one.path.startswith("/v1/") else "application/problem+json"
        assert form in operation["responses"]["default"]["content"]
        assert "422" not in operation["responses"]
        assert one.mark is not None
        assert bool(operation["security"]) == (one.mark.kind != "public"), one


async def test_no_schema_is_named_after_python(nobody_there: httpx.AsyncClient) -> None:
    document = (await nobody_there.get("/api/openapi.json")).json()

    names = document["components"]["schemas"]
    assert [name for name in names if "__" in name or name.startswith("Body_")] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "mode", "examples"),
    [
        ("person", GenerationMode.POSITIVE, 10),
        ("person", GenerationMode.NEGATIVE, 10),
        ("program", GenerationMode.POSITIVE, 2),  # the same routes; only the way in is another
        ("program", GenerationMode.NEGATIVE, 2),
    ],
)
async def test_requests_made_from_the_document_are_answered_as_it_says(
    browser_of: CallerOf, program_of: CallerOf, who: str, mode: GenerationMode, examples: int
) -> None:
    ana = await browser_of("ana")
    known: dict[str, Any] = {**await fill(ana, "x"), "slug": "google-rsa", "number": 1}
    http = ana.http if who == "person" else (await program_of(ana.ctx)).http
    document = (await http.get("/api/openapi.json")).json()
    for operation in (one for path in document["paths"].values() for one in path.values()):
        operation.pop("security")  # who may come in is tested in test_marks.py
    loop = asyncio.get_running_loop()

    def send(case: schemathesis.Case) -> schemathesis.Response:
        made = case.as_transport_kwargs(base_url="http://localhost:3000")
        asked = {name: made[name] for name in ("method", "url", "params", "json") if made.get(name) is not None}
        if made.get("data") is not None:
            asked["content"] = made["data"]
        asked["headers"] = {k: v for k, v in (made.get("headers") or {}).items() if k.lower() != "user-agent"}
        sent = asyncio.run_coroutine_threadsafe(http.request(**asked), loop)
        return schemathesis.Response.from_httpx(sent.result(60), verify=False)

    failures = await asyncio.to_thread(_try_all, document, mode, send, known, examples)

    assert failures == []


def _try_all(
    document: dict[str, Any], mode: GenerationMode, send: Send, known: dict[str, Any], examples: int
) -> list[str]:
    failures = []
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.method == "delete"):  # what is deleted is of use before
        if operation.path in ENDS_THE_SESSION:
            continue
        try:
            _try_one(operation, mode, send, {}, examples)
            if "{" in operation.path and mode == GenerationMode.POSITIVE:
                _try_one(operation, mode, send, known, examples)
        except (Exception, BaseExceptionGroup) as error:  # one operation's failure must not hide the others'
            if "Unsatisfiable" not in type(error).__name__:
                told = str(getattr(error, "exceptions", [error])[0])[:800]
                failures.append(f"{operation.method} {operation.path}: {type(error).__name__}: {told}")
    return failures


def _try_one(operation: Any, mode: GenerationMode, send: Send, known: dict[str, Any], examples: int) -> None:
    slots = {name: value for name, value in known.items() if "{" + name + "}" in operation.path}

    @seed(SEED)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=slots or None))
    def answered_as_documented(case: schemathesis.Case) -> None:
        response = send(case)
        assert response.status_code < 500, response.text[:300]
        rules = [
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
            checks.response_headers_conformance,
        ]
        if response.status_code != 413:  # a refusal too, though the rule's list leaves it out
            rules.append(checks.negative_data_rejection)
        case.validate_response(response, checks=rules)

    answered_as_documented()
