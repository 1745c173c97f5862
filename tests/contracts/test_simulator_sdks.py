"""The simulator is believed only as far as the vendors' own clients believe it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bench.simulator.answers import pieces
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from bench.simulator.wire import Asked, Reply
from bench.simulator.wire_bedrock import BedrockWire
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")

UNICODE = "Zürich — 東京, القاهرة, नमस्ते 👩‍👩‍👧 flags 🇨🇭 and a\u0301 combining accent."
PROMPT = "Say it in every script."
TOKENS_OUT = 15
OPENAI_LIKE = ("openai", "deepseek", "mistral", "local")


def registered(simulator: Simulator) -> Simulator:
    simulator.answers.add(Answer(match=PROMPT, text=UNICODE))
    return simulator


async def broken(simulator: Simulator, provider: str, kind: str, **more: object) -> None:
    await control(simulator, Control(provider=provider, fault=Fault.model_validate({"kind": kind, **more})))


class Asker:
    """One vendor's SDK behind four verbs, so that one list of tests covers all."""

    name: str
    auth_error: type[Exception]
    rate_error: type[Exception]
    server_error: type[Exception]
    missing_error: type[Exception]

    async def models(self) -> list[str]:
        raise NotImplementedError

    async def whole(self, prompt: str, *, model: str = "a-model", limit: int = 500) -> tuple[str, str, int, int]:
        """Return text, finish, tokens in, tokens out."""
        raise NotImplementedError

    def stream(self, prompt: str) -> AsyncIterator[tuple[str, str | None, int | None]]:
        """Yield text, finish and tokens out, as they come."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


class OpenAIAsker(Asker):
    def __init__(self, simulator: Simulator, provider: str, key: str) -> None:
        import openai

        self.name = provider
        self._client = openai.AsyncOpenAI(
            api_key=key, base_url=simulator.base_url(provider), max_retries=0, timeout=PATIENCE_S
        )
        self.auth_error, self.rate_error = openai.AuthenticationError, openai.RateLimitError
        self.server_error = openai.InternalServerError
        self.missing_error = openai.APIStatusError if provider in ("deepseek", "mistral") else openai.NotFoundError

    async def models(self) -> list[str]:
        return [model.id async for model in self._client.models.list()]

    async def whole(self, prompt: str, *, model: str = "a-model", limit: int = 500) -> tuple[str, str, int, int]:
        answer = await self._client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": prompt}], max_tokens=limit
        )
        choice, usage = answer.choices[0], answer.usage
        return choice.message.content or "", choice.finish_reason, usage.prompt_tokens, usage.completion_tokens

    async def stream(self, prompt: str) -> AsyncIterator[tuple[str, str | None, int | None]]:
        chunks = await self._client.chat.completions.create(
            model="a-model",
            messages=[{"role": "user", "content": prompt}],
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in chunks:
            choice = chunk.choices[0] if chunk.choices else None
            out = chunk.usage.completion_tokens if chunk.usage else None
            yield (choice.delta.content or "" if choice else ""), (choice.finish_reason if choice else None), out

    async def close(self) -> None:
        await self._client.close()


class AzureAsker(OpenAIAsker):
    def __init__(self, simulator: Simulator, key: str) -> None:
        import openai

        super().__init__(simulator, "azure", key)
        self._client = openai.AsyncAzureOpenAI(
            api_key=key,
            azure_endpoint=simulator.base_url("azure"),
            api_version="2024-10-21",
            max_retries=0,
            timeout=PATIENCE_S,
        )


class AnthropicAsker(Asker):
    name = "anthropic"

    def __init__(self, simulator: Simulator, key: str) -> None:
        import anthropic

        self._client = anthropic.AsyncAnthropic(
            api_key=key, base_url=simulator.base_url("anthropic"), max_retries=0, timeout=PATIENCE_S
        )
        self.auth_error, self.rate_error = anthropic.AuthenticationError, anthropic.RateLimitError
        self.server_error, self.missing_error = anthropic.InternalServerError, anthropic.NotFoundError

    async def models(self) -> list[str]:
        return [model.id async for model in self._client.models.list()]

    async def whole(self, prompt: str, *, model: str = "a-model", limit: int = 500) -> tuple[str, str, int, int]:
        answer = await self._client.messages.create(
            model=model, max_tokens=limit, messages=[{"role": "user", "content": prompt}]
        )
        text = "".join(block.text for block in answer.content if block.type == "text")
        return text, answer.stop_reason or "", answer.usage.input_tokens, answer.usage.output_tokens

    async def stream(self, prompt: str) -> AsyncIterator[tuple[str, str | None, int | None]]:
        events = await self._client.messages.create(
            model="a-model", max_tokens=500, messages=[{"role": "user", "content": prompt}], stream=True
        )
        async for event in events:
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                yield event.delta.text, None, None
            if event.type == "message_delta":
                yield "", event.delta.stop_reason, event.usage.output_tokens

    async def close(self) -> None:
        await self._client.close()


class GeminiAsker(Asker):
    name = "gemini"

    def __init__(self, simulator: Simulator, key: str) -> None:
        from google import genai
        from google.genai import errors, types

        options = types.HttpOptions(base_url=simulator.base_url("gemini"), timeout=int(PATIENCE_S * 1000))
        self._sync = genai.Client(api_key=key, http_options=options)
        self._client = self._sync.aio
        self.auth_error = self.rate_error = self.missing_error = errors.ClientError
        self.server_error = errors.ServerError

    async def models(self) -> list[str]:
        return [(model.name or "").removeprefix("models/") async for model in await self._client.models.list()]

    async def whole(self, prompt: str, *, model: str = "a-model", limit: int = 500) -> tuple[str, str, int, int]:
        answer = await self._client.models.generate_content(
            model=model, contents=prompt, config={"max_output_tokens": limit}
        )
        usage = answer.usage_metadata
        finish = answer.candidates[0].finish_reason.name
        return answer.text or "", finish, usage.prompt_token_count, usage.candidates_token_count

    async def stream(self, prompt: str) -> AsyncIterator[tuple[str, str | None, int | None]]:
        async for chunk in await self._client.models.generate_content_stream(model="a-model", contents=prompt):
            finish = chunk.candidates[0].finish_reason
            yield chunk.text or "", finish.name if finish else None, chunk.usage_metadata.candidates_token_count

    async def close(self) -> None:
        await self._client.aclose()
        self._sync.close()


class MistralAsker(Asker):
    name = "mistral"

    def __init__(self, simulator: Simulator, key: str) -> None:
        from mistralai.client import Mistral
        from mistralai.client.errors import SDKError

        server = simulator.base_url("mistral").removesuffix("/v1")
        self._client = Mistral(api_key=key, server_url=server, timeout_ms=int(PATIENCE_S * 1000), retry_config=None)
        self.auth_error = self.rate_error = self.server_error = self.missing_error = SDKError

    async def models(self) -> list[str]:
        answer = await self._client.models.list_async()
        return [model.id for model in answer.data or []]

    async def whole(self, prompt: str, *, model: str = "a-model", limit: int = 500) -> tuple[str, str, int, int]:
        answer = await self._client.chat.complete_async(
            model=model, messages=[{"role": "user", "content": prompt}], max_tokens=limit
        )
        choice, usage = answer.choices[0], answer.usage
        return choice.message.content, str(choice.finish_reason), usage.prompt_tokens, usage.completion_tokens

    async def stream(self, prompt: str) -> AsyncIterator[tuple[str, str | None, int | None]]:
        events = await self._client.chat.stream_async(model="a-model", messages=[{"role": "user", "content": prompt}])
        async for event in events:
            choice = event.data.choices[0]
            out = event.data.usage.completion_tokens if event.data.usage else None
            yield choice.delta.content or "", choice.finish_reason and str(choice.finish_reason), out

    async def close(self) -> None:
        await self._client.__aexit__(None, None, None)


def asker(simulator: Simulator, sdk: str, key: str = "sk-any") -> Asker:
    if sdk == "anthropic":
        return AnthropicAsker(simulator, key)
    if sdk == "azure":
        return AzureAsker(simulator, key)
    if sdk == "gemini":
        return GeminiAsker(simulator, key)
    if sdk == "mistral":
        return MistralAsker(simulator, key)
    return OpenAIAsker(simulator, sdk.removeprefix("openai-on-"), key)


SDKS = (
    "openai",
    "azure",
    "anthropic",
    "gemini",
    "mistral",
    "openai-on-deepseek",
    "openai-on-mistral",
    "openai-on-local",
)
every_sdk = pytest.mark.parametrize("sdk", SDKS)


@pytest.fixture
async def vendor(simulator: Simulator, sdk: str) -> AsyncIterator[Asker]:
    client = asker(registered(simulator), sdk)
    yield client
    await client.close()


@every_sdk
async def test_the_sdk_lists_models_that_say_they_are_simulated(vendor: Asker) -> None:
    names = await vendor.models()

    assert names
    assert all("simulated" in name for name in names)


@every_sdk
async def test_the_sdk_reads_a_whole_answer_with_finish_and_usage(vendor: Asker) -> None:
    text, finish, tokens_in, tokens_out = await vendor.whole(PROMPT)

    assert text == UNICODE
    assert finish in ("stop", "end_turn", "STOP")
    assert tokens_in > 0
    assert tokens_out == TOKENS_OUT


@every_sdk
async def test_the_sdk_reads_a_stream_with_finish_and_usage(vendor: Asker) -> None:
    seen = [item async for item in vendor.stream(PROMPT)]

    assert "".join(text for text, _, _ in seen) == UNICODE
    assert len([text for text, _, _ in seen if text]) == TOKENS_OUT
    assert next(finish for _, finish, _ in seen if finish) in ("stop", "end_turn", "STOP")
    assert [out for _, _, out in seen if out][-1] == TOKENS_OUT


@every_sdk
@pytest.mark.parametrize("cut_bytes", [1, 7])
async def test_characters_split_across_writes_arrive_whole(simulator: Simulator, vendor: Asker, cut_bytes: int) -> None:
    await control(simulator, Control(cut_bytes=cut_bytes))

    assert "".join([text async for text, _, _ in vendor.stream(PROMPT)]) == UNICODE


@every_sdk
async def test_a_short_limit_ends_the_answer_by_length(vendor: Asker) -> None:
    _, finish, _, tokens_out = await vendor.whole(PROMPT, limit=3)

    assert finish in ("length", "max_tokens", "MAX_TOKENS")
    assert tokens_out == 3


@every_sdk
async def test_a_bad_key_is_the_sdks_authentication_error(simulator: Simulator, sdk: str) -> None:
    client = asker(simulator, sdk, key="bad-key")
    try:
        with pytest.raises(client.auth_error) as caught:
            await client.whole(PROMPT)
    finally:
        await client.close()

    expected = 400 if sdk == "gemini" else 401
    assert expected == getattr(caught.value, "status_code", None) or getattr(caught.value, "code", None)


@every_sdk
async def test_an_unknown_model_is_refused_in_the_vendors_form(vendor: Asker) -> None:
    with pytest.raises(vendor.missing_error) as caught:
        await vendor.whole(PROMPT, model="missing-model")

    status = getattr(caught.value, "status_code", None) or getattr(caught.value, "code", None)
    assert status == (400 if vendor.name in ("mistral", "deepseek") else 404)


@every_sdk
async def test_429_is_the_sdks_rate_limit_error(simulator: Simulator, vendor: Asker) -> None:
    await broken(simulator, vendor.name, "rate_limited", times=1)

    with pytest.raises(vendor.rate_error):
        await vendor.whole(PROMPT)
    assert (await vendor.whole(PROMPT))[0] == UNICODE


@every_sdk
@pytest.mark.parametrize("kind", ["server_error", "unavailable"])
async def test_5xx_is_the_sdks_server_error(simulator: Simulator, vendor: Asker, kind: str) -> None:
    await broken(simulator, vendor.name, kind)

    with pytest.raises(vendor.server_error):
        await vendor.whole(PROMPT)


@every_sdk
@pytest.mark.parametrize("kind", ["cut", "malformed_line", "reset", "refuse"])
async def test_a_broken_stream_is_an_error_to_the_sdk(simulator: Simulator, vendor: Asker, kind: str) -> None:
    await broken(simulator, vendor.name, kind)

    with pytest.raises(Exception):  # noqa: B017 - each SDK has its own, some pass httpx's or json's through
        _ = [item async for item in vendor.stream(PROMPT)]


@pytest.mark.parametrize("sdk", ["openai", "anthropic", "openai-on-deepseek", "openai-on-local"])
async def test_an_error_inside_the_stream_is_an_error_to_the_sdk(simulator: Simulator, vendor: Asker) -> None:
    await broken(simulator, vendor.name, "in_band_error")

    with pytest.raises(Exception, match=r"simulated|Overloaded"):
        _ = [item async for item in vendor.stream(PROMPT)]


@every_sdk
async def test_a_clean_end_without_a_finish_shows_no_finish_to_the_sdk(simulator: Simulator, vendor: Asker) -> None:
    await broken(simulator, vendor.name, "no_finish", after_tokens=2)

    seen = [item async for item in vendor.stream(PROMPT)]

    assert len([text for text, _, _ in seen if text]) == 2
    assert not [finish for _, finish, _ in seen if finish]


@every_sdk
async def test_a_filtered_answer_says_so(simulator: Simulator, vendor: Asker) -> None:
    await broken(simulator, vendor.name, "filtered", after_tokens=2)

    seen = [item async for item in vendor.stream(PROMPT)]

    assert next(finish for _, finish, _ in seen if finish) in ("content_filter", "refusal", "SAFETY")


@every_sdk
async def test_a_caller_who_leaves_shows_as_cancelled_in_the_log(simulator: Simulator, sdk: str) -> None:
    client = asker(registered(simulator), sdk)
    await control(simulator, Control(tokens_per_s=20))

    async def read_two() -> None:
        seen = 0
        async for text, _, _ in client.stream(PROMPT):
            seen += bool(text)
            if seen == 2:
                await asyncio.sleep(60)

    reader = asyncio.create_task(read_two())
    while not (simulator.log.entries and simulator.log.entries[-1].tokens_sent >= 2):
        await asyncio.sleep(0.01)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    await client.close()
    async with asyncio.timeout(PATIENCE_S):
        while simulator.log.entries[-1].outcome == "open":
            await asyncio.sleep(0.01)

    assert simulator.log.entries[-1].outcome == "cancelled"
    assert simulator.log.entries[-1].tokens_sent < TOKENS_OUT


def test_botocore_reads_the_simulated_event_stream() -> None:
    from botocore.eventstream import EventStreamBuffer

    wire = BedrockWire()
    reply = Reply("id", pieces(UNICODE), "stop", 3)
    asked = Asked("m", PROMPT, stream=True, json_output=False, max_tokens=None)
    frames = wire.frames(asked, reply)
    buffer = EventStreamBuffer()

    buffer.add_data(frames.opening + b"".join(wire.encoded(reply.tokens)) + frames.closing)
    events = [(event.headers[":event-type"], json.loads(event.payload)) for event in buffer]

    assert "".join(item["delta"]["text"] for name, item in events if name == "contentBlockDelta") == UNICODE
    assert events[-2] == ("messageStop", {"stopReason": "end_turn"})
    assert events[-1][1]["usage"] == {"inputTokens": 3, "outputTokens": TOKENS_OUT, "totalTokens": 3 + TOKENS_OUT}
