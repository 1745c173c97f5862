"""The simulator does what it is told: paces, faults, answers and its log, over its own routes."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import httpx
import orjson
import pytest

from bench.simulator.server import Simulator
from tests.patience import PATIENCE_S

QUESTION = {"model": "a-model", "messages": [{"role": "user", "content": "Set the headline of the rsa template."}]}
KEY = {"Authorization": "Bearer any"}


async def ask(client: httpx.AsyncClient, base: str, **more: object) -> httpx.Response:
    return await client.post(f"{base}/chat/completions", json=QUESTION | more, headers=KEY)


def text(answer: httpx.Response) -> str:
    return answer.json()["choices"][0]["message"]["content"]


@pytest.fixture
async def client() -> httpx.AsyncClient:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        yield client


async def test_the_same_question_gets_the_same_answer(simulator: Simulator, client: httpx.AsyncClient) -> None:
    first, second = [text(await ask(client, simulator.base_url("openai"))) for _ in range(2)]

    assert first == second


async def test_every_answer_says_that_it_is_simulated(simulator: Simulator, client: httpx.AsyncClient) -> None:
    answers = [
        await ask(client, simulator.base_url("openai")),
        await ask(client, simulator.base_url("openai"), stream=True),
        await client.get(simulator.base_url("mistral") + "/models"),
    ]

    assert {answer.headers["x-simulated"] for answer in answers} == {"galley"}


async def test_a_map_of_answers_is_matched_by_what_the_prompt_holds(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    await client.post(f"{simulator.url}/_control/answers", json={"rsa": "short", "rsa template": ["first", "then"]})

    said = [text(await ask(client, simulator.base_url("openai"))) for _ in range(3)]

    assert said == ["first", "then", "then"]


async def test_a_fault_lasts_for_as_many_requests_as_was_said(simulator: Simulator, client: httpx.AsyncClient) -> None:
    fault = {"kind": "rate_limited", "times": 2, "retry_after_s": 9}
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "fault": fault})

    answers = [await ask(client, simulator.base_url("openai")) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "9"


async def test_one_providers_fault_leaves_the_others_well(simulator: Simulator, client: httpx.AsyncClient) -> None:
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "fault": {"kind": "server_error"}})

    assert (await ask(client, simulator.base_url("mistral"))).status_code == 200


async def test_a_refusing_provider_has_no_listener_and_breaks_what_is_open(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    own = simulator.base_url("openai", own_port=True)
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "tokens_per_s": 5})
    running = asyncio.create_task(ask(client, own, stream=True))
    while not simulator.providers["openai"].open_requests:
        await asyncio.sleep(0.01)
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "fault": {"kind": "refuse"}})

    with pytest.raises(httpx.TransportError):
        await running
    with pytest.raises(httpx.ConnectError):
        await ask(client, own)
    with pytest.raises(httpx.TransportError):
        await ask(client, simulator.base_url("openai"))


async def test_a_healed_provider_listens_again_on_its_own_port(simulator: Simulator, client: httpx.AsyncClient) -> None:
    own = simulator.base_url("openai", own_port=True)
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "fault": {"kind": "refuse"}})
    await client.post(f"{simulator.url}/_control", json={"provider": "openai", "fault": None})

    assert (await ask(client, own)).status_code == 200


async def test_the_pace_is_kept(simulator: Simulator, client: httpx.AsyncClient) -> None:
    await client.post(f"{simulator.url}/_control/answers", json={"rsa": "word " * 20})
    await client.post(f"{simulator.url}/_control", json={"first_token_ms": 100, "tokens_per_s": 100})

    start = time.monotonic()
    await ask(client, simulator.base_url("openai"), stream=True)
    took_s = time.monotonic() - start

    assert 0.29 < took_s < 1.5


async def test_an_answer_in_json_is_given_when_json_is_asked_for(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    answer = await ask(client, simulator.base_url("openai"), response_format={"type": "json_object"})

    assert orjson.loads(text(answer))["text"]


async def test_the_log_keeps_the_question_but_not_the_key(simulator: Simulator, client: httpx.AsyncClient) -> None:
    await client.post(
        simulator.base_url("openai") + "/chat/completions",
        json=QUESTION,
        headers={"Authorization": "Bearer sk-very-secret-1234"},
    )

    log = (await client.get(f"{simulator.url}/_control/log", params={"provider": "openai"})).json()

    assert log[0]["prompt"] == QUESTION["messages"][0]["content"]
    assert (log[0]["outcome"], log[0]["key_tail"]) == ("finished", "1234")
    assert "very-secret" not in orjson.dumps(log).decode()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_control", b"{", 400),
        ("/_control", b'{"speed": 3}', 422),
        ("/_control", b'{"provider": "nobody"}', 422),
        ("/_control", b'{"fault": {"kind": "sulk"}}', 422),
        ("/_control/answers", b'[{"match": ""}]', 422),
        ("/openai/v1/chat/completions", b"[]", 400),
        ("/openai/v1/chat/completions", b'{"model": "m"}', 400),
        ("/anthropic/v1/messages", b'{"model": "m", "messages": [{"role": "user", "content": "x"}]}', 400),
        ("/gemini/v1beta/models/m:generateContent", b"{}", 400),
        ("/openai/v1/nothing", b"{}", 400),
    ],
)
async def test_what_has_not_the_right_form_is_refused(
    simulator: Simulator, client: httpx.AsyncClient, path: str, body: bytes, status: int
) -> None:
    keys = {**KEY, "x-api-key": "any", "x-goog-api-key": "any"}

    answer = await client.post(simulator.url + path, content=body, headers=keys)

    assert answer.status_code == status


async def test_it_runs_as_a_process_with_answers_from_a_file(
    tmp_path: Path, client: httpx.AsyncClient, free_port: int
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text('{"rsa": "from the file"}')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.simulator", "--port", str(free_port), "--answers", str(answers)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        while b"control" not in (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)):
            pass
        answer = await ask(client, f"http://127.0.0.1:{free_port}/openai/v1")
    finally:
        process.terminate()
        await process.wait()

    assert text(answer) == "from the file"
    assert process.returncode == 0
