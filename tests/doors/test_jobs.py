"""Jobs over REST: what a program sees of them, how it holds and ends them, and how it is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from app.api.rest import job_events
from app.core.errors import Unavailable
from app.core.ids import NOBODY, new_id
from app.core.jobs import ledger
from app.core.jobs.names import JobName
from app.core.ports import Ports
from app.core.signals import MISSED, BusEvent
from app.tenancy import api_keys
from tests.doors.conftest import CallerOf, client_of, streaming
from tests.doors.routes import code_of
from tests.working import ask, done, start

PATH = "/api/v1/jobs"


async def test_a_job_shows_how_far_it_is_and_what_came_of_it(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    job_id = await ask(ana.ctx, reserved_micros=70)
    run = await start(ana.ctx, job_id)
    await run.progress("drawing", 0.5)
    running = (await ana.http.get(f"{PATH}/{job_id}")).json()
    await ledger.finish(ana.ctx.ports, run.lease, {"asset_id": "7"})
    ended = (await ana.http.get(f"{PATH}/{job_id}")).json()

    assert (running["state"], running["step"], running["done_permille"]) == ("running", "drawing", 500)
    assert (ended["state"], ended["result"], ended["reserved_micros"]) == ("done", {"asset_id": "7"}, 70)
    assert "args" not in ended


async def test_jobs_are_listed_newest_first_page_by_page_by_state_and_name(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    one, two, three = await ask(ana.ctx), await ask(ana.ctx, name=JobName.IMAGE), await ask(ana.ctx)
    await done(ana.ctx, one)

    async def listed(**query: Any) -> tuple[list[str], str | None]:
        page = (await ana.http.get(PATH, params=query)).json()
        return [item["id"] for item in page["items"]], page["next_cursor"]

    first, cursor = await listed(limit=2)
    assert first == [str(three), str(two)]
    assert await listed(limit=2, cursor=cursor) == ([str(one)], None)
    assert (await listed(state=["done", "failed"]))[0] == [str(one)]
    assert (await listed(name="media.image"))[0] == [str(two)]
    assert (await ana.http.get(PATH, params={"state": "nonsense"})).status_code == 422


async def test_a_job_is_paused_resumed_cancelled_and_tried_again(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    job_id = await ask(ana.ctx)
    verbs = ("pause", "resume", "cancel", "cancel", "retry")
    answers = [await ana.http.post(f"{PATH}/{job_id}/{verb}") for verb in verbs]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer.json()["state"] for answer in answers] == ["paused", "queued", "cancelled", "cancelled", "queued"]


async def test_two_cancels_at_once_are_both_answered(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    job_id = await ask(ana.ctx)
    answers = await asyncio.gather(*(ana.http.post(f"{PATH}/{job_id}/cancel") for _ in range(2)))

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "cancelled")] * 2


async def test_what_is_over_is_a_conflict(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    job_id = await ask(ana.ctx)
    await done(ana.ctx, job_id)
    for verb in ("pause", "resume", "cancel", "retry"):
        answer = await ana.http.post(f"{PATH}/{job_id}/{verb}")
        assert (answer.status_code, code_of(answer)) == (409, "job.ended")


async def test_a_viewer_sees_jobs_and_changes_none(program_of: CallerOf, ctx_of: Any) -> None:
    ana = await program_of("ana")
    job_id = await ask(ana.ctx)
    bo = await ctx_of("bo", role="viewer", of=ana.ctx)
    viewer = await program_of(ana.ctx, scopes=["jobs:read"])
    assert "jobs:read" in bo.scopes and "jobs:write" not in bo.scopes

    assert (await viewer.http.get(f"{PATH}/{job_id}")).status_code == 200
    for verb in ("pause", "resume", "cancel", "retry"):
        assert (await viewer.http.post(f"{PATH}/{job_id}/{verb}")).status_code == 403


async def test_a_foreign_job_answers_like_an_absent_one(program_of: CallerOf) -> None:
    ana, bo = await program_of("ana"), await program_of("bo")
    theirs = await ask(ana.ctx)
    for verb, method in (("", "GET"), ("/cancel", "POST"), ("/retry", "POST"), ("/pause", "POST"), ("/resume", "POST")):
        foreign = await bo.http.request(method, f"{PATH}/{theirs}{verb}")
        absent = await bo.http.request(method, f"{PATH}/{new_id()}{verb}")
        assert (foreign.status_code, code_of(foreign)) == (absent.status_code, code_of(absent)) == (404, "not_found")


@pytest.fixture
def long_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stream go on while a test listens."""
    monkeypatch.setattr(job_events, "LONGEST_S", 60.0)


def told(stream: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a stream."""
    found = []
    for part in stream.split(b"\n\n"):
        lines = dict(line.split(b": ", 1) for line in part.split(b"\n") if b": " in line)
        if b"event" in lines:
            found.append((lines[b"event"].decode(), json.loads(lines[b"data"])))
    return found


async def test_a_program_is_told_of_its_workspaces_jobs_and_of_no_other(
    app: ASGIApp, program_of: CallerOf, long_streams: None
) -> None:
    ana, bo = await program_of("ana"), await program_of("bo")
    headers = {"authorization": f"Bearer {ana.token}"}
    async with streaming(app, "GET", f"{PATH}/events", headers=headers) as stream:
        first = await stream.until(b"ready")
        theirs = await ask(bo.ctx)
        ours = await ask(ana.ctx)
        await done(ana.ctx, ours)
        seen = await stream.until(b'"done"')
        await ana.ctx.ports.bus.publish(BusEvent(NOBODY, MISSED, {}))
        again = await stream.until(b"ready")
        stream.leave()

    assert told(first) == [("ready", {})]
    assert [(name, data["id"], data["state"]) for name, data in told(seen)] == [
        ("job", str(ours), "queued"),
        ("job", str(ours), "running"),
        ("job", str(ours), "done"),
    ]
    assert str(theirs).encode() not in seen
    assert told(again) == [("ready", {})]


async def test_a_key_that_was_deleted_is_told_no_more(
    app: ASGIApp, program_of: CallerOf, monkeypatch: pytest.MonkeyPatch, long_streams: None
) -> None:
    monkeypatch.setattr(job_events, "ASK_AGAIN_S", 0.05)
    ana = await program_of("ana")
    [key] = await api_keys.list_all(ana.ctx)
    headers = {"authorization": f"Bearer {ana.token}"}
    async with streaming(app, "GET", f"{PATH}/events", headers=headers) as stream:
        await stream.until(b"ready")
        await asyncio.sleep(0.2)
        await api_keys.revoke(ana.ctx, key_id=key.id)

        assert told(await stream.rest()) == []


async def test_a_stream_ends_after_an_hour(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    answer = await ana.http.get(f"{PATH}/events")

    assert (answer.status_code, told(answer.content)) == (200, [("ready", {})])


async def test_without_redis_the_process_says_so_and_serves(ports: Ports) -> None:
    class Away:
        async def ping(self) -> None:
            raise Unavailable(code="queue.unavailable")

    from app.api import build_api
    from app.api.gate import Gate

    away: Any = Away()
    app = Gate(build_api(replace(ports, queue=away, bus=away)), settings=ports.settings)
    async with client_of(app) as http:
        answers: list[httpx.Response] = [await http.get("/healthz"), await http.get("/readyz")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["parts"]["queue"] == "queue.unavailable"
