"""The built-in writer keeps the contract of the Models port: pieces, one finish, refusals of the port's own kind."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.adapters.models_embedded import EmbeddedModels
from app.core.ports import (
    Brief,
    Message,
    ModelCall,
    ModelFinished,
    ModelTarget,
    ProviderRefusedRequest,
    TextDelta,
)
from tests.patience import PATIENCE_S

TARGET = ModelTarget(provider="embedded", kind="embedded", model="built-in demo writer")
INPUTS = {"message": "Our library opens on Sundays from May.", "link": "https://library.example/sunday"}


def call(brief: Brief | None = None, *, text: str = "Write a post.") -> ModelCall:
    return ModelCall(target=TARGET, messages=(Message("user", text),), brief=brief)


def post(**changes: object) -> Brief:
    return Brief(**{"template_id": "x-post", "locale": "en", "inputs": INPUTS, **changes})  # type: ignore[arg-type]


async def written(models: EmbeddedModels, asked: ModelCall) -> tuple[list[str], list[ModelFinished]]:
    events = [event async for event in models.stream(asked)]
    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    return pieces, [event for event in events if isinstance(event, ModelFinished)]


async def test_the_text_comes_in_small_pieces_and_ends_with_one_finish() -> None:
    events = [event async for event in EmbeddedModels(pieces_per_s=0).stream(call(post()))]

    assert len(events) > 20
    assert all(isinstance(event, TextDelta) and len(event.text.strip()) <= 24 for event in events[:-1])
    assert isinstance(events[-1], ModelFinished)


async def test_tokens_are_counted_as_words() -> None:
    pieces, finished = await written(EmbeddedModels(pieces_per_s=0), call(post(), text="Write three posts, please."))

    assert finished[0].reason == "stop"
    assert finished[0].tokens_in == 4
    assert 10 < (finished[0].tokens_out or 0) <= len(pieces) * 2


async def test_the_same_brief_gives_the_same_text() -> None:
    models = EmbeddedModels(pieces_per_s=0)
    first, _ = await written(models, call(post()))
    second, _ = await written(models, call(post()))

    assert first == second


async def test_another_variant_gives_another_text() -> None:
    models = EmbeddedModels(pieces_per_s=0)
    texts = {"".join((await written(models, call(post(variant=variant))))[0]) for variant in range(5)}

    assert len(texts) == 5


async def test_the_pace_is_settable() -> None:
    began = time.perf_counter()
    pieces, _ = await written(EmbeddedModels(pieces_per_s=400), call(post()))

    assert time.perf_counter() - began >= len(pieces) / 400 * 0.9


async def test_closing_the_stream_ends_it() -> None:
    stream = EmbeddedModels(pieces_per_s=0.1 / PATIENCE_S).stream(call(post()))
    await anext(stream)
    await asyncio.wait_for(stream.aclose(), timeout=1)  # type: ignore[attr-defined]

    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_ping_needs_nothing() -> None:
    await EmbeddedModels().ping()


@pytest.mark.parametrize(
    "brief",
    [None, post(template_id="no-such-template"), post(locale="tlh")],
    ids=["no brief", "unknown template", "unknown language"],
)
async def test_what_it_cannot_write_is_refused_before_any_text(brief: Brief | None) -> None:
    with pytest.raises(ProviderRefusedRequest):
        await written(EmbeddedModels(pieces_per_s=0), call(brief))
