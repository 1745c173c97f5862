"""The OpenAI-compatible door, met by OpenAI's own client: chats, streams, models, refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import openai
import pytest
from starlette.types import ASGIApp

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.core.ports import Ports
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from tests.doors.conftest import ORIGIN, CallerOf, client_of

SAID = "Aldersay repairs chairs: Zürich, 東京 🙂, one whole sentence after the other."
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What does Aldersay do?"}]


@pytest.fixture
async def ports(ports: Ports) -> AsyncIterator[Ports]:
    models = ModelsByKind(embedded=EmbeddedModels(pieces_per_s=0), lane=LaneModels(), library=LiteLLMModels())
    yield replace(ports, models=models)
    await models.close()


@pytest.fixture
async def client(
    app: ASGIApp, program_of: CallerOf, simulator: Simulator
) -> AsyncIterator[tuple[openai.AsyncOpenAI, dict[str, str]]]:
    """OpenAI's client with Ana's key, and the ids of her two providers by name."""
    ana = await program_of("ana")
    simulator.answers.add(Answer(match="What does Aldersay do?", text=SAID))
    ids = {}
    for name, kind, tier in (("First", "openai", "fast"), ("Second", "anthropic", "strong")):
        body = {"name": name, "kind": kind, "base_url": simulator.base_url(kind), "api_key": "sk-any"}
        made = await ana.http.post("/api/v1/providers", json={**body, "models": [{"id": "a-model", "tier": tier}]})
        ids[name] = str(made.json()["id"])
    key = ana.http.headers["authorization"].removeprefix("Bearer ")
    transport = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False))
    yield openai.AsyncOpenAI(api_key=key, base_url=f"{ORIGIN}/v1", http_client=transport, max_retries=0), ids
    await transport.aclose()


Client = tuple[openai.AsyncOpenAI, dict[str, str]]


async def test_a_chat_is_answered_and_says_who_wrote_it_at_what_price(client: Client) -> None:
    answer = await client[0].chat.completions.create(model="galley/auto", messages=ASK)  # type: ignore[arg-type]

    assert answer.choices[0].message.content == SAID
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None and answer.usage.total_tokens > 0
    written = answer.model_dump()["galley"]
    assert (written["provider"], written["served"], written["seams"]) == ("First", "model", [])
    assert written["cost_micros"] > 0
    assert written["why"]


async def test_a_stream_gives_the_text_in_pieces_then_usage_then_ends(client: Client, simulator: Simulator) -> None:
    await control(simulator, Control(tokens_per_s=60))
    stream = await client[0].chat.completions.create(
        model="galley/auto",
        messages=ASK,  # type: ignore[arg-type]
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]

    assert "".join(pieces) == SAID
    assert len(pieces) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens > 0
    assert chunks[-2].model_dump()["galley"]["provider"] == "First"


async def test_tiers_and_the_workspaces_own_models_are_listed_and_can_be_asked_for(
    client: Client, simulator: Simulator
) -> None:
    openai_client, ids = client
    listed = [model.id async for model in openai_client.models.list()]
    own = f"{ids['Second']}/a-model"

    answers = [
        await openai_client.chat.completions.create(model=name, messages=ASK)  # type: ignore[arg-type]
        for name in ("galley/fast", "galley/strong", own)
    ]

    assert listed[:4] == ["galley/auto", "galley/fast", "galley/strong", "galley/critical"]
    assert own in listed
    assert [one.model_dump()["galley"]["provider"] for one in answers] == ["First", "Second", "Second"]


async def test_a_provider_that_dies_in_mid_stream_is_not_noticed(client: Client, simulator: Simulator) -> None:
    await control(simulator, Control(provider="openai", fault=Fault(kind="cut", after_tokens=4)))

    stream = await client[0].chat.completions.create(model="galley/auto", messages=ASK, stream=True)  # type: ignore[arg-type]
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    written = chunks[-1].model_dump()["galley"]

    assert text == SAID
    assert written["provider"] == "Second"
    assert len(written["seams"]) == 1


async def test_a_json_object_comes_whole_even_when_its_first_writer_dies(client: Client, simulator: Simulator) -> None:
    simulator.answers.entries.clear()
    simulator.answers.add(Answer(match="What does Aldersay do?", text='{"does": "repairs chairs, all of them"}'))
    await control(simulator, Control(provider="openai", fault=Fault(kind="cut", after_tokens=4)))

    stream = await client[0].chat.completions.create(
        model="galley/auto",
        messages=ASK,  # type: ignore[arg-type]
        stream=True,
        response_format={"type": "json_object"},
    )
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    assert json.loads(text) == {"does": "repairs chairs, all of them"}


async def test_when_nobody_delivers_the_status_says_so(client: Client, simulator: Simulator) -> None:
    for name in ("openai", "anthropic"):
        await control(simulator, Control(provider=name, fault=Fault(kind="server_error")))

    with pytest.raises(openai.APIStatusError) as caught:
        await client[0].chat.completions.create(model="galley/auto", messages=ASK, stream=True)  # type: ignore[arg-type]

    assert caught.value.status_code == 503
    assert caught.value.body["type"] == "server_error"  # type: ignore[index]


async def test_when_nobody_can_go_on_the_stream_ends_with_an_error(client: Client, simulator: Simulator) -> None:
    await control(simulator, Control(provider="openai", fault=Fault(kind="cut", after_tokens=4)))
    await control(simulator, Control(provider="anthropic", fault=Fault(kind="server_error")))

    stream = await client[0].chat.completions.create(model="galley/auto", messages=ASK, stream=True)  # type: ignore[arg-type]
    with pytest.raises(openai.APIError):
        [chunk async for chunk in stream]


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": "gpt-9"}, 404, "model"),
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "user", "content": "  "}]}, 422, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, 422, "messages.0.role"),
        ({"temperature": 3}, 422, "temperature"),
        ({"tools": []}, 422, "tools"),
        ({"n": 2}, 422, "n"),
        ({"stop": ["."]}, 422, "stop"),
    ],
)
async def test_what_cannot_be_had_is_refused_by_name(
    program_of: CallerOf, change: dict[str, object], status: int, param: str
) -> None:
    ana = await program_of("ana")
    answer = await ana.http.post("/v1/chat/completions", json={"model": "galley/auto", "messages": ASK, **change})
    error = answer.json()["error"]

    assert answer.status_code == status
    assert error["param"] == param
    assert error["message"] and error["code"] and error["request_id"]


async def test_a_wrong_key_is_an_authentication_error_of_openais_form(app: ASGIApp) -> None:
    async with client_of(app, authorization="Bearer gly_wrong") as http:
        answer = await http.post("/v1/chat/completions", json={"model": "galley/auto", "messages": ASK})

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"


async def test_what_nothing_answers_below_v1_has_openais_form_too(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    nothing, method = await ana.http.get("/v1/engines"), await ana.http.get("/v1/chat/completions")

    assert (nothing.status_code, nothing.json()["error"]["type"]) == (404, "not_found_error")
    assert (method.status_code, method.headers["allow"]) == (405, "POST")


async def test_without_a_provider_the_way_out_is_named(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    answer = await ana.http.post("/v1/chat/completions", json={"model": "galley/auto", "messages": ASK})

    assert answer.status_code >= 400
    assert "provider" in answer.json()["error"]["message"].lower()
