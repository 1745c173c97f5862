"""What every adapter of the Models port does alike: the built-in writer, and both lanes for each kind of provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.content.catalogue_files import load_catalogue
from app.core.ports import Brief, Message, ModelCall, ModelFinished, Models, ModelTarget, ProviderError, TextDelta
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control
from tests.contracts.test_models_hosted import KINDS, SPOKEN
from tests.patience import PATIENCE_S

UNICODE = "Zürich — 東京, القاهرة, नमस्ते 👩‍👩‍👧 flags 🇨🇭 and a\u0301 combining accent. " * 3
TEMPLATE = "google-rsa"


@dataclass
class Subject:
    """An adapter, a call that it can serve, one that it cannot, and how to slow it down to a pace."""

    models: Models
    call: ModelCall
    bad_call: ModelCall
    slow: Callable[[float], object]


@pytest.fixture(params=[("embedded", ""), *((lane, kind) for lane, kinds in SPOKEN.items() for kind in kinds)])
async def subject(
    request: pytest.FixtureRequest, simulator: Simulator, loaded_library: LiteLLMModels
) -> AsyncIterator[Subject]:
    lane, kind = request.param
    models: Models = {"lane": LaneModels(), "litellm": loaded_library}.get(lane) or EmbeddedModels(pieces_per_s=0)
    await models.warm()
    if not kind:
        target = ModelTarget("Galley", "embedded", "built-in")
        brief = Brief(TEMPLATE, "en", load_catalogue().sample(TEMPLATE, "en"))
        call = ModelCall(target, (Message("user", "unused"),), brief=brief)
        yield Subject(models, call, replace(call, brief=None), lambda _: None)
    else:
        name = KINDS[kind]
        simulator.answers.add(Answer(match="in every script", text=UNICODE))
        key = "" if name == "local" else "sk-good"
        target = ModelTarget("A provider", kind, "a-model", simulator.base_url(name), key, inside_allowed=True)
        call = ModelCall(target, (Message("system", "Write."), Message("user", "Say it in every script.")))
        bad_call = replace(call, target=replace(target, api_key="bad-key"))
        yield Subject(models, call, bad_call, lambda pace: control(simulator, Control(tokens_per_s=pace)))
    await models.close()


async def text_of(models: Models, call: ModelCall) -> str:
    return "".join([event.text async for event in models.stream(call) if isinstance(event, TextDelta)])


async def test_text_comes_in_pieces_and_ends_with_exactly_one_finish(subject: Subject) -> None:
    slowing = subject.slow(500)
    if slowing is not None:
        await slowing

    events = [event async for event in subject.models.stream(subject.call)]

    assert len(events) > 3
    assert all(isinstance(event, TextDelta) and event.text for event in events[:-1])
    assert isinstance(events[-1], ModelFinished)
    assert events[-1].reason == "stop"


async def test_tokens_are_counted(subject: Subject) -> None:
    events = [event async for event in subject.models.stream(subject.call)]

    assert (events[-1].tokens_in or 0) > 0
    assert (events[-1].tokens_out or 0) > 0


async def test_the_same_call_gives_the_same_text(subject: Subject) -> None:
    first, second = await text_of(subject.models, subject.call), await text_of(subject.models, subject.call)

    assert first == second


async def test_text_in_many_scripts_arrives_intact(subject: Subject, simulator: Simulator) -> None:
    await control(simulator, Control(cut_bytes=5))

    text = await text_of(subject.models, subject.call)

    assert "\ufffd" not in text
    assert text.encode("utf-8").decode("utf-8") == text
    if subject.call.target.kind != "embedded":
        assert text == UNICODE


async def test_calls_at_the_same_time_do_not_mix(subject: Subject) -> None:
    alone = await text_of(subject.models, subject.call)

    together = await asyncio.gather(*(text_of(subject.models, subject.call) for _ in range(8)))

    assert set(together) == {alone}


async def test_what_it_cannot_serve_is_a_typed_error_that_says_who_and_why(subject: Subject) -> None:
    with pytest.raises(ProviderError) as caught:
        await text_of(subject.models, subject.bad_call)

    assert caught.value.params["provider"]
    assert caught.value.params["reason"]
    assert "{" not in caught.value.text()


async def test_closing_the_iterator_ends_the_call(subject: Subject, simulator: Simulator) -> None:
    slowing = subject.slow(50)
    if slowing is not None:
        await slowing

    async with aclosing(subject.models.stream(subject.call)) as events, asyncio.timeout(PATIENCE_S):
        async for _ in events:
            break

    async with asyncio.timeout(PATIENCE_S):
        while any(seen.outcome == "open" for seen in simulator.log.entries):
            await asyncio.sleep(0.01)
    assert all(seen.outcome == "cancelled" for seen in simulator.log.entries)


async def test_cancelling_the_reader_ends_the_call(subject: Subject, simulator: Simulator) -> None:
    slowing = subject.slow(50)
    if slowing is not None:
        await slowing
    seen_one = asyncio.Event()

    async def read() -> None:
        async with aclosing(subject.models.stream(subject.call)) as events:
            async for _ in events:
                seen_one.set()
                await asyncio.sleep(0.001)

    reader = asyncio.create_task(read())
    await asyncio.wait_for(seen_one.wait(), PATIENCE_S)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader

    async with asyncio.timeout(PATIENCE_S):
        while any(seen.outcome == "open" for seen in simulator.log.entries):
            await asyncio.sleep(0.01)
    assert all(seen.outcome == "cancelled" for seen in simulator.log.entries)


async def test_it_says_when_it_can_serve(subject: Subject) -> None:
    await subject.models.ping()
