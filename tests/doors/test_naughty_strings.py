"""Every string of the Big List of Naughty Strings in every field that a person or a program fills: never a 5xx."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.core.ports import Ports
from tests.databases import GOOD_PASSWORD
from tests.doors.conftest import BRIEF, CallerOf


@pytest.fixture(scope="session")
def naughty(shared_data: Path) -> list[str]:
    strings: list[str] = json.loads((shared_data / "blns" / "blns.json").read_text("utf-8"))
    assert len(strings) > 500
    return strings


class Unlimited:
    """A limiter that never says no: these tests send thousands of requests from one address."""

    async def hit(self, key: str, *, limit: int, window_s: int) -> Any:
        from app.core.ports import Allowance

        return Allowance(True, limit, 0)

    peek = hit

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        return

    async def ping(self) -> None:
        return


@pytest.fixture
def ports(ports: Ports) -> Ports:
    from dataclasses import replace

    return replace(ports, limiter=Unlimited())


async def send_all(
    http: httpx.AsyncClient, method: str, path: str, bodies: list[dict[str, Any]]
) -> list[tuple[Any, int]]:
    """Send every body; return those that were answered by a 5xx or by something that is no JSON."""
    wrong = []
    for body in bodies:
        answer = await http.request(method, path, json=body)
        if answer.status_code >= 500 or (answer.content and answer.json() is None):
            wrong.append((body, answer.status_code))
    return wrong


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("field", ["email", "password", "name", "organisation", "claim", "invitation"])
async def test_signing_up(nobody_there: httpx.AsyncClient, naughty: list[str], field: str) -> None:
    bodies = [
        {"email": f"p{n}@example.org", "password": GOOD_PASSWORD} | {field: text}
        for n, text in enumerate(naughty)
        if field != "password" or n % 5 == 0  # each guess of a password is worked on by zxcvbn
    ]
    assert await send_all(nobody_there, "POST", "/api/v1/auth/signup", bodies) == []


@pytest.mark.parametrize("field", ["email", "password"])
async def test_signing_in(nobody_there: httpx.AsyncClient, naughty: list[str], field: str) -> None:
    bodies = [{"email": "a@b.org", "password": "x"} | {field: text} for text in naughty]

    assert await send_all(nobody_there, "POST", "/api/v1/auth/login", bodies) == []


@pytest.mark.parametrize("field", ["landing_url", "language", "tone", "register", "variants"])
async def test_the_choices_of_a_brief(program_of: CallerOf, naughty: list[str], field: str) -> None:
    ana = await program_of("ana")
    bodies = [{"template": "google-rsa", "inputs": {**BRIEF, field: text}} for text in naughty if text.strip()]

    assert await send_all(ana.http, "POST", "/api/v1/generations", bodies) == []


async def test_the_texts_of_a_brief(program_of: CallerOf, naughty: list[str]) -> None:
    ana = await program_of("ana")
    bodies = [{"template": "url-slugs", "inputs": {"titles": naughty[n : n + 8]}} for n in range(0, len(naughty), 8)]
    bodies += [{"template": "shorten", "inputs": {"text": text, "words": 5}} for text in naughty[::8]]
    ads = [{"product": text, "keywords": [text], "audience": text, "offer": text} for text in naughty[1::8]]
    bodies += [{"template": "google-rsa", "inputs": inputs} for inputs in ads]

    assert await send_all(ana.http, "POST", "/api/v1/generations", bodies) == []


async def test_the_names_around_a_brief(program_of: CallerOf, naughty: list[str]) -> None:
    ana = await program_of("ana")
    bodies = [{"template": text, "inputs": {}} for text in naughty]
    bodies += [{"template": "google-rsa", "inputs": {**BRIEF, text: "x"}} for text in naughty]
    bodies += [{"template": "google-rsa", "inputs": BRIEF, text: "x"} for text in naughty]

    assert await send_all(ana.http, "POST", "/api/v1/generations", bodies) == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_titles_and_searches(browser_of: CallerOf, naughty: list[str]) -> None:
    ana = await browser_of("ana")
    run = (await ana.http.post("/api/v1/generations", json={"template": "google-rsa", "inputs": BRIEF})).json()
    document = f"/api/v1/documents/{run['document_id']}"
    wrong = await send_all(ana.http, "PATCH", document, [{"title": text} for text in naughty])
    for text in naughty:
        answer = await ana.http.get("/api/v1/documents", params={"search": text})
        if answer.status_code >= 500:
            wrong.append(("/api/v1/documents", text))

    assert wrong == []


async def test_versions_names_and_places(browser_of: CallerOf, naughty: list[str]) -> None:
    ana = await browser_of("ana")
    run = (await ana.http.post("/api/v1/generations", json={"template": "google-rsa", "inputs": BRIEF})).json()
    document = f"/api/v1/documents/{run['document_id']}"
    wrong = await send_all(ana.http, "POST", f"{document}/versions", [{"text": text} for text in naughty])
    wrong += await send_all(ana.http, "POST", f"{document}/check", [{"text": text} for text in naughty])
    wrong += await send_all(ana.http, "POST", "/api/v1/invitations", [{"email": text} for text in naughty])
    wrong += await send_all(ana.http, "PATCH", "/api/v1/auth/me", [{"name": text} for text in naughty])
    providers = [
        {"kind": "openai-compatible", "name": text, "base_url": text, "api_key": text, "models": [{"id": "m"}]}
        for text in naughty
    ]
    wrong += await send_all(ana.http, "POST", "/api/v1/providers", providers)
    for text in naughty:
        for path in ("/api/v1/documents", "/api/v1/templates", "/api/v1/usage"):
            answer = await ana.http.get(path, params={"search": text, "template": text, "cursor": text})
            if answer.status_code >= 500:
                wrong.append((path, text))

    assert wrong == []


async def test_headers(program_of: CallerOf, naughty: list[str]) -> None:
    ana = await program_of("ana")
    wrong = []
    for text in naughty:
        value = text.encode("utf-8").replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
        for name in (b"idempotency-key", b"accept-language", b"x-request-id", b"cookie", b"accept", b"range"):
            answer = await ana.http.get("/api/v1/auth/me", headers=[(name, value)])
            if answer.status_code != 200:
                wrong.append((name, text, answer.status_code))
        answer = await ana.http.get("/api/v1/auth/me", headers=[(b"authorization", b"Bearer " + value)])
        if answer.status_code != 401:
            wrong.append((b"authorization", text, answer.status_code))

    assert wrong == []


async def test_addresses(program_of: CallerOf, naughty: list[str]) -> None:
    ana = await program_of("ana")
    wrong = []
    for text in naughty:
        for path in ("templates", "documents", "generations", "favourites", "providers", "nothing"):
            raw = f"/api/v1/{path}/{quote(text, safe='')}"
            answer = await ana.http.get(httpx.URL("http://localhost:3000").copy_with(raw_path=raw.encode()))
            if answer.status_code >= 500:
                wrong.append((path, text, answer.status_code))

    assert wrong == []
