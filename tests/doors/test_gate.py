"""The gate: who may speak to the web process at all, how much, and what every answer carries."""

from __future__ import annotations

import asyncio
import base64
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from app.api.gate import Gate
from app.api.headers import HeaderRules
from app.api.inline_scripts import script_hashes
from app.core.settings import Settings

HTTPS = Settings(public_url="https://studio.example.com", max_body_kb=16, max_upload_mb=1)
LOCAL = Settings(max_body_kb=16, max_upload_mb=1)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the number of bytes that came."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    grants = [(b"access-control-allow-origin", b"*"), (b"access-control-allow-credentials", b"true")]
    await send({"type": "http.response.start", "status": 200, "headers": grants})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts every socket."""
    await receive()
    await send({"type": "websocket.accept"})


def client(settings: Settings = LOCAL, base: str = "http://localhost:3000", app: Any = echo) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Gate(app, settings=settings), raise_app_exceptions=False), base_url=base
    )


async def knock(settings: Settings, headers: list[tuple[bytes, bytes]], path: str = "/_event/") -> str:
    """Open a socket and return the first message the server sends."""
    sent: list[str] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": path, "headers": headers, "query_string": b"token=secret"}
    await Gate(socket, settings=settings)(scope, receive, send)
    return sent[0]


HOST = (b"host", b"localhost:3000")


@pytest.mark.parametrize(
    "path",
    ["/_upload", "/_upload/x.html", "http://localhost:3000//_upload", "/_event", "/_event/?a=b", "/_all_routes"],
)
async def test_the_frameworks_own_doors_are_closed(path: str) -> None:
    async with client() as http:
        answer = await http.post(path, content=b"x")

    assert answer.status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost:3000.evil.example", "localhost", "127.0.0.1:3001", ""])
async def test_a_foreign_host_is_refused(host: str) -> None:
    async with client() as http:
        answer = await http.get("/", headers={"host": host})

    assert answer.status_code == 421
    assert answer.json()["code"] == "wrong_host"


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST:3000"])
async def test_the_names_of_this_machine_are_known(host: str) -> None:
    async with client() as http:
        answer = await http.get("/", headers={"host": host})

    assert answer.status_code == 200


async def test_probes_may_come_under_any_name() -> None:
    async with client(HTTPS) as http:
        answer = await http.get("/healthz", headers={"host": "10.1.2.3:3000"})

    assert answer.status_code == 200


async def test_a_declared_huge_body_is_refused_before_it_is_read() -> None:
    async with client() as http:
        answer = await http.post("/api/v1/generations", content=b"x" * (16 * 1024 + 1))

    assert answer.status_code == 413
    assert answer.json()["params"] == {"limit": "16 KiB"}


async def test_a_huge_body_without_a_length_is_counted() -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 1024

    async with client() as http:
        answer = await http.post("/anything", content=chunks())

    assert answer.status_code == 413


async def test_an_upload_has_a_limit_of_its_own() -> None:
    async with client() as http:
        fits = await http.put("/api/v1/files?name=a.txt", content=b"x" * 1024 * 1024)
        too_large = await http.put("/api/v1/files?name=a.txt", content=b"x" * (1024 * 1024 + 1))

    assert (fits.status_code, fits.text) == (200, str(1024 * 1024))
    assert too_large.status_code == 413


async def test_a_length_that_is_no_number_is_refused() -> None:
    async with client() as http:
        answer = await http.post("/", content=b"x", headers={"content-length": "1,1"})

    assert answer.status_code == 422


async def test_a_bug_inside_leaves_as_a_problem_without_details() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("the secret is 42")

    async with client(app=broken) as http:
        answer = await http.get("/")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


async def test_pages_get_a_policy_that_names_only_our_own_origin() -> None:
    async with client(HTTPS, "https://studio.example.com") as http:
        headers = (await http.get("/templates")).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == policy["frame-src"] == "'none'"
    assert policy["connect-src"] == "'self' wss://studio.example.com"
    assert policy["img-src"] == "'self' data: blob:"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_a_policy_holds_no_address_that_csp_cannot_spell() -> None:
    async with client() as http:
        policy = (await http.get("/")).headers["content-security-policy"]

    assert "[" not in policy
    assert "ws://localhost:3000" in policy


async def test_known_hashes_take_the_place_of_inline_scripts() -> None:
    rules = HeaderRules(LOCAL, script_hashes=("sha256-abc=",))

    headers = dict(rules.complete([], path="/", status=200, origin=None))

    assert b"'sha256-abc='" in headers[b"content-security-policy"]
    assert b"script-src 'self' 'sha256-abc='" in headers[b"content-security-policy"]


def test_the_scripts_inside_built_pages_are_found_exactly(tmp_path: Path) -> None:
    script = 'if (a < b && c) { alert("<\\/b>"); }\n'
    page = f"<html><script>{script}</script><script src=x.js></script><script type=module>import 1</script></html>"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "index.html").write_text(page, encoding="utf-8")

    expected = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in (script, "import 1")]
    assert set(script_hashes(tmp_path)) == {f"sha256-{one}" for one in expected}


async def test_answers_for_programs_may_do_nothing_in_a_browser_and_are_not_kept() -> None:
    async with client() as http:
        headers = (await http.get("/api/v1/documents")).headers

    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/assets/entry.client-B3xk9_aQ.js", "public, max-age=31536000, immutable"),
        ("/assets/plain.js", "no-cache"),
        ("/templates/google-rsa", "no-cache"),
    ],
)
async def test_only_what_has_a_hash_in_its_name_is_kept_for_ever(path: str, rule: str) -> None:
    async with client() as http:
        answer = await http.get(path)

    assert answer.headers["cache-control"] == rule


async def test_no_foreign_origin_gets_a_cors_grant() -> None:
    async with client() as http:
        foreign = await http.get("/ping", headers={"origin": "https://evil.example"})
        own = await http.get("/ping", headers={"origin": "http://localhost:3000"})

    assert not [name for name in foreign.headers if name.startswith("access-control-")]
    assert own.headers["access-control-allow-credentials"] == "true"


async def test_a_sane_request_id_is_taken_over() -> None:
    async with client() as http:
        answer = await http.get("/", headers={"x-request-id": "abc-12345.6"})

    assert answer.headers["x-request-id"] == "abc-12345.6"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'a"b<script>alert', "with space"])
async def test_another_request_id_is_replaced(given: str) -> None:
    async with client() as http:
        answer = await http.get("/", headers={"x-request-id": given})

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 36


async def test_the_socket_opens_for_our_own_pages() -> None:
    assert await knock(LOCAL, [HOST, (b"origin", b"http://127.0.0.1:3000")]) == "websocket.accept"


@pytest.mark.parametrize(
    "headers",
    [
        [HOST],
        [HOST, (b"origin", b"https://evil.example")],
        [HOST, (b"origin", b"http://localhost:3000.evil.example")],
        [HOST, (b"origin", b"http://localhost:30000")],
        [HOST, (b"origin", b"null")],
        [HOST, (b"origin", b"http://localhost:3000"), (b"origin", b"https://evil.example")],
        [(b"host", b"evil.example"), (b"origin", b"http://localhost:3000")],
        [HOST, (b"origin", b"http://localhost:3000"), (b"cookie", b"galley_sid=a; x=1; galley_sid=b")],
    ],
)
async def test_the_socket_stays_shut_for_everybody_else(headers: list[tuple[bytes, bytes]]) -> None:
    assert await knock(LOCAL, headers) == "websocket.close"


async def test_there_is_no_other_socket() -> None:
    opened = await knock(LOCAL, [HOST, (b"origin", b"http://localhost:3000")], path="/other")

    assert opened == "websocket.close"


async def test_what_stands_behind_the_question_mark_is_never_logged() -> None:
    with capture_logs() as lines:
        async with client() as http:
            await http.get("/", params={"token": "canary-4711"})
            await http.post("/_upload", params={"token": "canary-4711"})
        await knock(LOCAL, [HOST, (b"origin", b"https://evil.example")])

    assert [line["event"] for line in lines] == ["http.answered", "http.answered", "socket.refused"]
    assert "canary" not in str(lines)
    assert "secret" not in str(lines)


async def test_a_slow_sender_does_not_hold_up_others() -> None:
    release = asyncio.Event()

    async def slow() -> Any:
        yield b"x"
        await release.wait()

    async with client() as http:
        waiting = asyncio.create_task(http.post("/slow", content=slow()))
        answer = await http.get("/")
        release.set()
        await waiting

    assert answer.status_code == 200
