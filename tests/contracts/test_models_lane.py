"""What the lane does by itself: it asks what LiteLLM asks, keeps its connections, and reads only what it should."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
import pytest
from aiohttp import web

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_lane import LaneModels
from app.adapters.models_lane_requests import outgoing
from app.adapters.models_litellm import LiteLLMModels
from app.adapters.models_litellm_rehearsal import ANSWERS
from app.adapters.models_litellm_request import arguments, base_url_of
from app.core.ports import (
    Message,
    ModelCall,
    ModelFinished,
    ModelTarget,
    ProviderBadAnswer,
    ProviderError,
    ProviderRefusedRequest,
    TextDelta,
)
from tests.patience import PATIENCE_S

ASKED = (Message("system", "Write."), Message("user", "Say something in JSON."))


def call_of(kind: str, model: str, messages: tuple[Message, ...] = ASKED, **more: Any) -> ModelCall:
    address = {"azure": "https://azure.example.com", "openai-compatible": "https://server.example.com/v1"}
    target = ModelTarget("A provider", kind, model, address.get(kind, ""))
    return ModelCall(target, messages, max_tokens=9, **more)


async def asked_by_litellm(library: Any, call: ModelCall) -> tuple[str, Any] | None:
    """Return the path and the body that LiteLLM sends, None where it sends nothing."""
    import httpx

    sent: list[tuple[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.raw_path.decode(), orjson.loads(request.content)))
        stream = ANSWERS[call.target.kind]
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=stream, request=request)

    wanted = arguments(call, httpx.MockTransport(answer), base_url=base_url_of(call.target))
    try:
        async with aclosing(await library.acompletion(**wanted)) as chunks:
            async for _ in chunks:
                break
    except Exception:
        return None
    return sent[0] if sent[0][0].split("?")[0].endswith(("completions", "messages", "streamGenerateContent")) else None


def asked_by_the_lane(call: ModelCall) -> tuple[str, Any] | None:
    try:
        sent = outgoing(call)
    except ProviderRefusedRequest:
        return None
    return "/" + sent.url.split("/", 3)[3], orjson.loads(sent.body)


def known_models(library: Any) -> list[tuple[str, str]]:
    kinds = ("openai", "anthropic", "gemini", "deepseek", "mistral")
    found = {
        (info["litellm_provider"], name.removeprefix(f"{info['litellm_provider']}/"))
        for name, info in library.model_cost.items()
        if info.get("litellm_provider") in kinds and info.get("mode") in ("chat", "responses")
    }
    return sorted(found | {(kind, "a-model-nobody-knows") for kind in kinds} | {("openai-compatible", "gpt-5-mini")})


@pytest.mark.parametrize("json_output", [False, True])
async def test_every_model_that_litellm_knows_is_asked_alike(loaded_library: LiteLLMModels, json_output: bool) -> None:
    library = loaded_library._library
    different = {}

    for kind, model in known_models(library):
        if json_output and kind != "openai":
            continue  # the others' mode does not depend on the model
        call = call_of(kind, model, json_output=json_output)
        theirs, ours = await asked_by_litellm(library, call), asked_by_the_lane(call)
        if ours != theirs:
            different[f"{kind}/{model}"] = (theirs, ours)

    assert different == {}


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini", "deepseek", "mistral", "azure"])
@pytest.mark.parametrize(
    "turns",
    [
        "user:U",
        "system:S system:T user:U",
        "system:S user:U assistant:A user:V",
        "user:U assistant:A",
        "user:U user:V",
        "assistant:A user:V",
    ],
)
async def test_turns_are_laid_out_alike(loaded_library: LiteLLMModels, kind: str, turns: str) -> None:
    said = tuple(Message(*turn.split(":")) for turn in turns.split())
    model = {"gemini": "gemini-2.5-flash", "anthropic": "claude-haiku-4-5"}.get(kind, "gpt-4o")
    call = call_of(kind, model, said)

    theirs, ours = await asked_by_litellm(loaded_library._library, call), asked_by_the_lane(call)

    assert theirs is not None
    assert ours == theirs


def test_what_a_vendor_goes_on_from_has_no_white_space_at_its_end() -> None:
    _, body = asked_by_the_lane(call_of("anthropic", "m", (Message("user", "U"), Message("assistant", "A \n"))))

    assert body["messages"][-1] == {"role": "assistant", "content": [{"type": "text", "text": "A"}]}


def test_a_model_name_leads_nowhere_else() -> None:
    path, _ = asked_by_the_lane(call_of("gemini", "../../v1/files?x=#y"))
    deployed, _ = asked_by_the_lane(call_of("azure", "../admin?x"))

    assert path == "/v1beta/models/..%2F..%2Fv1%2Ffiles%3Fx%3D%23y:streamGenerateContent?alt=sse"
    assert deployed == "/openai/deployments/..%2Fadmin%3Fx/chat/completions?api-version=2024-10-21"


def test_azure_is_asked_in_the_version_that_was_set_or_in_none() -> None:
    dated = ModelTarget("A", "azure", "d", "https://a.example.com", options={"api_version": "2025-04-01-preview"})
    undated = ModelTarget("A", "azure", "d", "https://a.example.com/openai/v1")

    assert outgoing(ModelCall(dated, ASKED)).url.endswith(
        "/deployments/d/chat/completions?api-version=2025-04-01-preview"
    )
    assert outgoing(ModelCall(undated, ASKED)).url == "https://a.example.com/openai/v1/chat/completions"


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """A provider that answers as a test tells it."""

    def __init__(self) -> None:
        self.answer: Answering
        self.connections: set[Any] = set()
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        return await self.answer(request)

    def says(self, *lines: bytes, kind: str = "text/event-stream", then_s: float = 0, **headers: str) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"content-type": kind, **headers})
            await response.prepare(request)
            for line in lines:
                await response.write(line)
            await asyncio.sleep(then_s)
            return response

        self.answer = answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


async def told(lane: LaneModels, server: Server, kind: str = "openai") -> tuple[str, ModelFinished]:
    target = ModelTarget("A provider", kind, "m", server.base_url, "sk-a", inside_allowed=True)
    events = [
        event
        async for event in lane.stream(
            ModelCall(target, ASKED, first_token_timeout_s=PATIENCE_S, idle_timeout_s=PATIENCE_S)
        )
    ]
    return "".join(event.text for event in events if isinstance(event, TextDelta)), events[-1]


def line(**item: Any) -> bytes:
    return b"data: " + orjson.dumps(item) + b"\n\n"


def piece(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    return line(choices=[{"index": 0, "delta": {"content": text, **more}, "finish_reason": finish}])


async def test_one_connection_serves_one_call_after_the_other(lane: LaneModels, server: Server) -> None:
    server.says(piece("a"), piece(finish="stop"), b"data: [DONE]\n\n")

    for _ in range(5):
        await told(lane, server)

    assert len(server.connections) == 1


async def test_an_answer_that_is_packed_is_refused(lane: LaneModels, server: Server) -> None:
    server.says(b"\x1f\x8b", **{"content-encoding": "gzip"})

    with pytest.raises(ProviderBadAnswer, match="cannot be read") as caught:
        await told(lane, server)

    assert "packed" in str(caught.value.params["reason"])


async def test_calls_of_tools_and_thoughts_are_passed_over(lane: LaneModels, server: Server) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    server.says(
        piece("", reasoning_content="hm"), piece(None, tool_calls=[call]), piece("a"), piece(finish="tool_calls")
    )

    assert await told(lane, server) == ("a", ModelFinished("stop", None, None))


async def test_anthropics_and_geminis_thoughts_and_tools_are_passed_over(lane: LaneModels, server: Server) -> None:
    server.says(
        line(type="message_start", message={"usage": {"input_tokens": 3, "output_tokens": 1}, "content": []}),
        line(type="content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
        line(type="content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hm"}),
        line(
            type="content_block_start", index=1, content_block={"type": "tool_use", "id": "t", "name": "f", "input": {}}
        ),
        line(type="content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "{}"}),
        line(type="content_block_delta", index=2, delta={"type": "text_delta", "text": "a"}),
        line(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 2}),
        line(type="message_stop"),
    )
    anthropic = await told(lane, server, "anthropic")
    parts = [{"text": "hm", "thought": True}, {"functionCall": {"name": "f"}}, {"text": "a"}]
    server.says(line(candidates=[{"content": {"parts": parts}, "finishReason": "STOP"}]))
    gemini = await told(lane, server, "gemini")

    assert anthropic == ("a", ModelFinished("stop", 3, 2))
    assert gemini == ("a", ModelFinished("stop", None, None))


async def test_usage_may_come_after_the_finish(lane: LaneModels, server: Server) -> None:
    server.says(piece("a"), piece(finish="stop"), line(choices=[], usage={"prompt_tokens": 4, "completion_tokens": 2}))

    assert (await told(lane, server))[1] == ModelFinished("stop", 4, 2)


@pytest.mark.parametrize("count", [-1, 10**12, "7", True, 1.5, None])
async def test_a_count_that_cannot_be_is_taken_for_none(lane: LaneModels, server: Server, count: Any) -> None:
    server.says(piece("a"), piece(finish="stop"), line(choices=[], usage={"prompt_tokens": count}))

    assert (await told(lane, server))[1].tokens_in is None


async def test_a_whole_answer_does_not_wait_for_a_connection_that_stays_open(lane: LaneModels, server: Server) -> None:
    server.says(piece("a"), piece(finish="stop"), b"data: [DONE]\n\n", then_s=5)

    async with asyncio.timeout(1):
        assert (await told(lane, server))[0] == "a"


@pytest.mark.parametrize(
    "wrong",
    [
        {"choices": 5},
        {"choices": ["a"]},
        {"choices": [{"delta": "a"}]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": [], "usage": "much"},
    ],
)
async def test_json_of_another_shape_is_a_bad_answer(lane: LaneModels, server: Server, wrong: Any) -> None:
    server.says(piece("a"), b"data: " + json.dumps(wrong).encode() + b"\n\n", piece(finish="stop"))

    with pytest.raises(ProviderBadAnswer):
        await told(lane, server)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n", b"\x00\x01nonsense\r\n\r\n"]
)
async def test_what_is_no_http_is_a_bad_answer(lane: LaneModels, head: bytes) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    target = ModelTarget("A provider", "openai", "m", f"http://127.0.0.1:{port}", inside_allowed=True)

    with pytest.raises(ProviderError) as caught:
        async for _ in lane.stream(ModelCall(target, ASKED, first_token_timeout_s=PATIENCE_S)):
            pass
    listener.close()

    assert caught.value.code == "provider.bad_answer"


class Named:
    """An adapter that says its name, and counts how often it was loaded."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.loaded = 0

    async def stream(self, call: ModelCall) -> AsyncIterator[Any]:
        yield TextDelta(self.name)

    async def warm(self) -> None:
        self.loaded += 1

    async def ping(self) -> None:
        assert self.loaded

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("embedded", {}, "embedded"),
        ("openai", {}, "lane"),
        ("openai", {"lane": "litellm"}, "library"),
        ("azure", {}, "lane"),
        ("cohere", {}, "lane"),
        ("cohere", {"lane": "litellm"}, "lane"),
        ("bedrock", {}, "library"),
    ],
)
async def test_each_kind_has_its_adapter(kind: str, options: dict[str, str], expected: str) -> None:
    models = ModelsByKind(embedded=Named("embedded"), lane=Named("lane"), library=Named("library"))
    target = ModelTarget("A provider", kind, "m", options=options)

    assert [event.text async for event in models.stream(ModelCall(target, ASKED))] == [expected]


@pytest.mark.parametrize("needed", [False, True])
async def test_the_library_is_loaded_at_the_start_only_where_it_is_needed(needed: bool) -> None:
    library = Named("library")
    models = ModelsByKind(embedded=Named("e"), lane=Named("l"), library=library, needs_library=lambda: needed)

    await models.warm()
    await models.ping()

    assert library.loaded == needed


async def test_reading_a_gigabyte_of_keep_alives_ends_with_the_deadline(lane: LaneModels, server: Server) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        while True:
            try:
                await response.write(b": still here\n\n" * 1000)
            except ConnectionError:
                return response
            await asyncio.sleep(0)

    server.answer = answer
    target = ModelTarget("A provider", "openai", "m", server.base_url, inside_allowed=True)

    with pytest.raises(ProviderError) as caught:
        async for _ in lane.stream(ModelCall(target, ASKED, first_token_timeout_s=0.2)):
            pass

    assert caught.value.code == "provider.timeout"
