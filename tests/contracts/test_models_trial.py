"""Every kind of provider writes through the gateway on the simulator, and the test button tells what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.content.catalogue_files import load_catalogue
from app.core.context import Context
from app.core.errors import Conflict, NotFound
from app.core.ports import Brief, Message
from app.llm import gateway, providers, trial
from app.llm.events import Restarted, Settled, Text
from app.llm.schemas import ProviderForm
from app.llm.task import Task
from app.usage import service as usage
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

KINDS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "openai-compatible": "local",
}
every_kind = pytest.mark.parametrize("kind", KINDS)
WHOLE = "One whole text, from the first word to the last: Zürich, 東京 🙂."
TASK = Task("templates", "fast", (Message("user", "Say the whole text."),), max_tokens=500, reuse=False)


@pytest.fixture
async def ctx(ctx_of: Any, simulator: Simulator) -> AsyncIterator[Context]:
    simulator.answers.add(Answer(match="the whole text", text=WHOLE))
    models = ModelsByKind(embedded=EmbeddedModels(pieces_per_s=0), lane=LaneModels(), library=LiteLLMModels())
    await models.warm()
    ctx = await ctx_of("ana")
    yield replace(ctx, ports=replace(ctx.ports, models=models))
    await models.close()


async def connect(ctx: Context, simulator: Simulator, kind: str, name: str = "First", **more: Any) -> str:
    usual = {"api_key": "sk-any", "base_url": simulator.base_url(KINDS[kind]), "models": ({"id": "a-model"},)}
    form = ProviderForm(**({"name": name, "kind": kind} | usual | more))
    return (await providers.create(ctx, form=form)).id


async def run(ctx: Context) -> tuple[list[Any], str]:
    events = [event async for event in gateway.stream(ctx, TASK)]
    last = max((i for i, event in enumerate(events) if isinstance(event, Restarted)), default=0)
    return events, "".join(event.text for event in events[last:] if isinstance(event, Text))


@every_kind
async def test_each_kind_writes_through_the_gateway(ctx: Context, simulator: Simulator, kind: str) -> None:
    await connect(ctx, simulator, kind)

    events, text = await run(ctx)

    assert text == WHOLE
    assert isinstance(events[-1], Settled)
    assert (events[-1].provider, events[-1].embedded, events[-1].tokens_estimated) == ("First", False, False)
    assert (events[-1].cost_micros, events[-1].cost_known) == (20_000, False)


@every_kind
async def test_the_test_button_measures_a_good_provider(ctx: Context, simulator: Simulator, kind: str) -> None:
    one = await connect(ctx, simulator, kind)

    result = await trial.test(ctx, one)
    kept = (await providers.list_providers(ctx))[0].last_test

    assert result.ok
    assert kept == result
    assert simulator.log.entries[-1].tokens_sent <= trial.MAX_TOKENS
    assert (await usage.list_events(ctx)).items[0].feature == trial.FEATURE


@every_kind
@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"api_key": "bad-key"}, "provider.key_refused", "refused the key"),
        ({"models": ({"id": "missing-model"},)}, "provider.refused_request", "no such model"),
        ({"base_url": "http://127.0.0.1:9/v1"}, "provider.down", "cannot be reached"),
    ],
)
async def test_the_test_button_says_what_is_wrong(
    ctx: Context, simulator: Simulator, kind: str, more: dict[str, Any], code: str, says: str
) -> None:
    one = await connect(ctx, simulator, kind, **more)

    result = await trial.test(ctx, one)
    test = result.models[0]

    assert (result.ok, test.ok, test.code) == (False, False, code)
    assert says in test.message.format(**(test.params or {}))
    assert "bad-key" not in repr(result)


async def test_an_open_form_can_be_tested_before_it_is_saved(ctx: Context, simulator: Simulator) -> None:
    form = ProviderForm(
        kind="openai-compatible",
        base_url=simulator.base_url("local"),
        models=({"id": "llama"}, {"id": "missing-llama"}),
    )

    result = await trial.test_draft(ctx, form=form)

    assert [(test.model, test.ok) for test in result.models] == [("llama", True), ("missing-llama", False)]
    assert [one.source for one in await providers.list_providers(ctx)] == ["built-in"]


async def test_the_built_in_writer_is_tested_by_writing_a_brief(ctx: Context) -> None:
    sample = load_catalogue().sample("google-rsa", "en")

    result = await trial.test(ctx, providers.BUILT_IN, brief=Brief("google-rsa", "en", sample))

    assert (result.ok, result.models[0].model) == (True, "built-in")
    with pytest.raises(Conflict):
        await trial.test(ctx, providers.BUILT_IN)


async def test_the_operators_provider_can_be_tested_too(ctx: Context, simulator: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(
        f"""[[provider]]
name = "House"
kind = "openai"
base_url = "{simulator.base_url("openai")}"
api_key = "sk-operators"
[[provider.model]]
id = "gpt-simulated"
tier = "strong"
"""
    )
    settings = ctx.ports.settings.model_copy(
        update={"providers_file": path, "public_url": "https://studio.example.com"}
    )
    ctx = replace(ctx, ports=replace(ctx.ports, settings=settings))

    result = await trial.test(ctx, "installation:House")
    _, text = await run(ctx)

    assert result.ok
    assert text == WHOLE


async def test_a_test_of_what_is_not_there_is_refused(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await trial.test(ctx, "installation:Nobody")
