"""Runs over REST: streamed and collected, stopped, repeated, refused; with the built-in writer and no network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.types import ASGIApp

from app.adapters.models_embedded import EmbeddedModels
from app.api import build_api
from app.api.gate import Gate
from app.core.clock import ManualClock
from app.core.ports import Ports
from app.core.settings import Settings
from tests.doors.conftest import BRIEF, CallerOf, client_of, streaming

PATH = "/api/v1/generations"
RUN = {"template": "google-rsa", "inputs": BRIEF}
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def events_in(stream: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, data) of every event of a stream, in order; ids are checked on the way."""
    found = []
    blocks = (block for block in stream.decode().strip().split("\n\n") if not block.startswith(":"))
    for number, block in enumerate(blocks, start=1):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        assert lines["id"] == str(number)
        found.append((lines["event"], json.loads(lines["data"])))
    return found


def run_in(stream: bytes) -> str:
    """Return the id of the run that a stream begins with."""
    return str(json.loads(stream.split(b"data: ")[1].split(b"\n")[0])["generation_id"])


@BOTH
async def test_a_collected_run_is_checked_kept_and_labelled(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    answer = await ana.http.post(PATH, json=RUN)

    run = answer.json()
    assert answer.status_code == 201
    assert (run["state"], run["template"], run["error"]) == ("done", "google-rsa", None)
    assert len(run["variants"]) == 1
    first = run["variants"][0]
    assert (first["variant"], first["provider"], first["embedded"]) == ("A", "embedded", True)
    assert first["cost_micros"] == 0
    assert json.loads(first["text"])["headlines"]
    assert {one["status"] for one in first["checks"] if one["severity"] == "hard"} <= {"passed", "not_checked"}
    assert first["passed"] == sum(one["status"] == "passed" for one in first["checks"])

    document = (await ana.http.get(f"/api/v1/documents/{run['document_id']}")).json()
    assert document["text"] == first["text"]
    assert document["title"].startswith("Google responsive search ad: ")
    assert (document["provider"], document["version"], document["cause"]) == ("embedded", 1, "generated")


@BOTH
async def test_a_streamed_run_tells_what_happens_in_order(app: ASGIApp, program_of: CallerOf) -> None:
    ana = await program_of("ana")

    answer = await ana.http.post(
        PATH,
        json={"template": "google-rsa", "inputs": {**BRIEF, "variants": 2}},
        headers={"accept": "text/event-stream"},
    )

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    events = events_in(answer.content)
    names = [name for name, _ in events]
    assert names[0] == "started"
    assert names[-1] == "done"
    assert [name for name in names if name != "delta"] == [
        "started", "chosen", "checked", "variantdone", "chosen", "checked", "variantdone", "done"
    ]  # fmt: skip
    written = "".join(data["text"] for name, data in events if name == "delta" and data["variant"] == "A")
    checked = next(data for name, data in events if name == "checked")
    assert json.loads(written) == json.loads(checked["text"])
    assert checked["lines"][0]["part"] == "Headlines"
    assert events[-1][1]["document_id"]


async def test_the_parts_of_a_stream_come_while_it_is_written(ports: Ports, program_of: CallerOf) -> None:
    slow = replace(ports, models=EmbeddedModels(pieces_per_s=40))
    app = Gate(build_api(slow), settings=ports.settings)
    ana = await program_of("ana")
    async with streaming(app, "POST", PATH, body=json.dumps(RUN).encode(), headers=_streamed(ana.token)) as stream:
        first = await stream.until(b"event: delta")

        assert stream.status == 200
        assert b"event: checked" not in first
        assert b"event: done" in await stream.rest()


def _streamed(key: str, **more: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "accept": "text/event-stream",
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


@BOTH
async def test_leaving_in_mid_stream_stops_the_run_and_saves_what_was_there(ports: Ports, program_of: CallerOf) -> None:
    slow = replace(ports, models=EmbeddedModels(pieces_per_s=40))
    app = Gate(build_api(slow), settings=ports.settings)
    ana = await program_of("ana")
    async with streaming(app, "POST", PATH, body=json.dumps(RUN).encode(), headers=_streamed(ana.token)) as stream:
        seen = await stream.until(b"event: delta")
        seen += await stream.until(b"event: delta")

    run_id = run_in(seen)
    run = (await ana.http.get(f"{PATH}/{run_id}")).json()
    assert run["state"] == "stopped"
    assert run["variants"][0]["state"] == "stopped"
    assert run["variants"][0]["text"].startswith("{")
    assert run["document_id"] is None


async def test_a_stopped_run_keeps_the_variants_that_were_complete(ports: Ports, program_of: CallerOf) -> None:
    slow = replace(ports, models=EmbeddedModels(pieces_per_s=600))
    app = Gate(build_api(slow), settings=ports.settings)
    ana = await program_of("ana")
    body = json.dumps({"template": "google-rsa", "inputs": {**BRIEF, "variants": 5}}).encode()
    async with streaming(app, "POST", PATH, body=body, headers=_streamed(ana.token)) as stream:
        seen = await stream.until(b"event: variantdone")
        seen += await stream.until(b"event: delta")
        run_id = run_in(seen)
        async with client_of(app, authorization=f"Bearer {ana.token}") as http:
            stopped = (await http.post(f"{PATH}/{run_id}/stop")).json()
        last = events_in(seen + await stream.rest())[-1]

    assert (stopped["state"], stopped["error"]["code"]) == ("stopped", "run.stopped")
    assert [one["state"] for one in stopped["variants"]] == ["done", "stopped"]
    assert stopped["document_id"]
    assert (last[0], last[1]["code"]) == ("failed", "run.stopped")


async def test_a_finished_run_is_told_again_from_what_was_stored(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    answer = await ana.http.post(PATH, json=RUN, headers={"accept": "text/event-stream"})
    told = [(name, data) for name, data in events_in(answer.content) if name != "delta"]
    run_id = told[0][1]["generation_id"]

    again = await ana.http.get(f"{PATH}/{run_id}/events")

    assert events_in(again.content) == told
    assert len((await ana.http.get(PATH)).json()["items"]) == 1


async def test_a_run_whose_process_died_is_said_to_be_lost(
    ports: Ports, program_of: CallerOf, clock: ManualClock
) -> None:
    slow = replace(ports, models=EmbeddedModels(pieces_per_s=1))
    app = Gate(build_api(slow), settings=ports.settings)
    ana = await program_of("ana")
    async with streaming(app, "POST", PATH, body=json.dumps(RUN).encode(), headers=_streamed(ana.token)) as stream:
        seen = await stream.until(b"event: chosen")
        address = f"{PATH}/{run_in(seen)}"
        now = (await ana.http.get(address)).json()
        replayed = await ana.http.get(f"{address}/events")
        clock.advance(timedelta(hours=1))
        later = (await ana.http.get(address)).json()

    assert (now["state"], replayed.status_code, replayed.json()["code"]) == ("running", 409, "run.goes_on")
    assert (later["state"], later["error"]["code"]) == ("failed", "run.lost")


async def test_stopping_a_run_that_is_over_changes_nothing(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    run = (await ana.http.post(PATH, json=RUN)).json()

    stopped = (await ana.http.post(f"{PATH}/{run['id']}/stop")).json()

    assert stopped == run


@pytest.mark.parametrize(
    ("inputs", "field", "code"),
    [
        ({}, "inputs.product", "input.required"),
        ({**BRIEF, "product": "x" * 301}, "inputs.product", "input.too_long"),
        ({**BRIEF, "nonsense": "x"}, "inputs.nonsense", "input.unknown_field"),
        ({**BRIEF, "variants": 6}, "inputs.variants", "input.range"),
        ({**BRIEF, "language": "xx"}, "inputs.language", "input.option"),
        ({**BRIEF, "landing_url": "javascript:alert(1)"}, "inputs.landing_url", "input.url"),
    ],
)
async def test_a_brief_that_cannot_be_used_names_the_field_and_writes_nothing(
    program_of: CallerOf, inputs: dict[str, object], field: str, code: str
) -> None:
    ana = await program_of("ana")
    for accept in ("application/json", "text/event-stream"):
        answer = await ana.http.post(
            PATH, json={"template": "google-rsa", "inputs": inputs}, headers={"accept": accept}
        )

        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (422, field, code)

    assert (await ana.http.get(PATH)).json()["items"] == []


async def test_an_unknown_template_is_not_found(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    answer = await ana.http.post(PATH, json={"template": "no-such", "inputs": {}})

    assert (answer.status_code, answer.json()["code"]) == (404, "template.not_found")


async def test_a_repeat_of_a_streamed_run_gets_the_same_stream_and_no_second_run(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    headers = {"accept": "text/event-stream", "idempotency-key": "run-1"}

    answers = await asyncio.gather(*(ana.http.post(PATH, json=RUN, headers=headers) for _ in range(8)))

    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["content-type"].partition(";")[0] for answer in answers} == {"text/event-stream"}
    assert len((await ana.http.get(PATH)).json()["items"]) == 1


async def test_with_a_key_a_cut_connection_does_not_stop_the_run(ports: Ports, program_of: CallerOf) -> None:
    slow = replace(ports, models=EmbeddedModels(pieces_per_s=300))
    app = Gate(build_api(slow), settings=ports.settings)
    ana = await program_of("ana")
    headers = _streamed(ana.token, idempotency_key="run-1")
    async with streaming(app, "POST", PATH, body=json.dumps(RUN).encode(), headers=headers) as stream:
        await stream.until(b"event: delta")

    async with streaming(app, "POST", PATH, body=json.dumps(RUN).encode(), headers=headers) as again:
        events = events_in(await again.rest())

    assert again.headers["idempotency-replayed"] == "true"
    assert (events[0][0], events[-1][0]) == ("started", "done")


async def test_runs_are_listed_newest_first_page_by_page(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    ids = [(await ana.http.post(PATH, json=RUN)).json()["id"] for _ in range(5)]

    seen, cursor = [], None
    while True:
        page = (await ana.http.get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ids[::-1]


async def test_too_many_runs_a_minute_are_refused_with_a_time_to_wait(
    ports: Ports, program_of: CallerOf, settings_of: Callable[..., Settings]
) -> None:
    narrow = replace(ports, settings=settings_of(runs_per_minute=2))
    app = Gate(build_api(narrow), settings=narrow.settings)
    ana = await program_of("ana")
    async with client_of(app, authorization=f"Bearer {ana.token}") as http:
        answers = [await http.post(PATH, json=RUN) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json()["code"] == "runs.too_many"
    assert int(answers[-1].headers["retry-after"]) > 0


@BOTH
async def test_a_demo_workspace_makes_its_runs_and_no_more(ports: Ports, settings_of: Callable[..., Settings]) -> None:
    short = replace(ports, settings=settings_of(demo_runs=3))
    app = Gate(build_api(short), settings=short.settings)
    async with client_of(app, origin="http://localhost:3000") as http:
        await http.post("/api/v1/auth/demo")
        answers = await asyncio.gather(*(http.post(PATH, json=RUN) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 3
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "demo.runs_used_up"
    assert "3 runs" in refused.json()["detail"]


async def test_every_template_writes_its_sample_over_rest(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    slugs = [one["id"] for one in (await ana.http.get("/api/v1/templates")).json()["items"]]
    assert len(slugs) == 32
    wrong = []
    for slug in slugs:
        samples = (await ana.http.get(f"/api/v1/templates/{slug}/samples")).json()["items"]
        sample = next(one["inputs"] for one in samples if one["language"] == "en")
        answer = await ana.http.post(PATH, json={"template": slug, "inputs": sample})
        run = answer.json()
        hard = [c["id"] for v in run.get("variants", []) for c in v["checks"]
                if c["status"] == "failed" and c["severity"] == "hard"]  # fmt: skip
        if answer.status_code != 201 or run["state"] != "done" or hard:
            wrong.append((slug, answer.status_code, run.get("state"), hard))

    assert wrong == []
