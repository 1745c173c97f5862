"""Providers without text models are greeted: a good key is told from a bad one, and nothing is made or paid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from app.adapters.models_lane import LaneModels
from app.adapters.reach_http import HttpReach
from app.core.context import Context
from app.core.ports import (
    ModelTarget,
    ProviderBadAnswer,
    ProviderDown,
    ProviderKeyRefused,
    ProviderKind,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from app.llm import providers, trial
from app.llm.schemas import ProviderForm
from app.usage import service as usage
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault
from tests.patience import PATIENCE_S

KINDS: tuple[ProviderKind, ...] = ("openai", "gemini", "stability", "elevenlabs", "runway", "automatic1111", "comfyui")
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
async def reach() -> AsyncIterator[HttpReach]:
    reach = HttpReach()
    yield reach
    await reach.close()


def target(simulator: Simulator, kind: ProviderKind, **more: Any) -> ModelTarget:
    key = "me:word" if kind == "automatic1111" else "any-key"
    return replace(ModelTarget("First", kind, "a-model", simulator.base_url(kind), key, inside_allowed=True), **more)


@every_kind
async def test_a_good_key_is_answered(reach: HttpReach, simulator: Simulator, kind: ProviderKind) -> None:
    await reach.reach(target(simulator, kind), timeout_s=PATIENCE_S)

    assert [(seen.provider, seen.outcome) for seen in simulator.log.entries] == [(kind, "finished")]


@every_kind
async def test_a_bad_key_is_told(reach: HttpReach, simulator: Simulator, kind: ProviderKind) -> None:
    with pytest.raises(ProviderKeyRefused):
        await reach.reach(target(simulator, kind, api_key="bad-key"), timeout_s=PATIENCE_S)


@every_kind
@pytest.mark.parametrize(
    ("fault", "error"),
    [("server_error", ProviderDown), ("wrong_content_type", ProviderBadAnswer), ("hang", ProviderTimeout)],
)
async def test_what_is_wrong_is_told(
    reach: HttpReach, simulator: Simulator, kind: ProviderKind, fault: Any, error: type[Exception]
) -> None:
    await control(simulator, Control(provider=kind, fault=Fault(kind=fault)))

    with pytest.raises(error):
        await reach.reach(target(simulator, kind), timeout_s=0.5 if error is ProviderTimeout else PATIENCE_S)


async def test_an_inside_address_is_not_reached_where_it_is_forbidden(reach: HttpReach, simulator: Simulator) -> None:
    with pytest.raises(ProviderRefusedRequest):
        await reach.reach(target(simulator, "comfyui", inside_allowed=False), timeout_s=PATIENCE_S)

    assert not simulator.log.entries


on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def ctx(ctx_of: Any, reach: HttpReach) -> Context:
    ctx: Context = await ctx_of("ana")
    return replace(ctx, ports=replace(ctx.ports, reach=reach))


async def connect(ctx: Context, simulator: Simulator, kind: Any, **more: Any) -> str:
    usual = {"api_key": "any-key", "base_url": simulator.base_url(kind)}
    return (await providers.create(ctx, form=ProviderForm(kind=kind, **(usual | more)))).id


@on_sqlite
async def test_a_provider_of_pictures_is_greeted_once_for_all_its_models(ctx: Context, simulator: Simulator) -> None:
    models = ({"id": "sd3.5-large", "kind": "image"}, {"id": "stable-image-core", "kind": "image"})
    one = await connect(ctx, simulator, "stability", models=models)

    result = await trial.test(ctx, one)
    kept = (await providers.list_providers(ctx))[0].last_test

    assert result.ok
    assert kept == result
    assert [(model.model, model.ok, model.asked) for model in result.models] == [
        ("sd3.5-large", True, False),
        ("stable-image-core", True, False),
    ]
    assert [seen.path for seen in simulator.log.entries] == ["/stability/v1/user/balance"]
    assert not (await usage.list_events(ctx)).items


@on_sqlite
async def test_a_bad_key_of_a_provider_of_pictures_is_told(ctx: Context, simulator: Simulator) -> None:
    one = await connect(ctx, simulator, "stability", api_key="bad-key")

    result = await trial.test(ctx, one)

    assert (result.ok, result.models[0].code) == (False, "provider.key_refused")


@on_sqlite
async def test_text_models_are_asked_and_the_others_left_alone(ctx: Context, simulator: Simulator) -> None:
    models = ({"id": "gpt-simulated"}, {"id": "gpt-image-1", "kind": "image"})
    lane = LaneModels()
    ctx = replace(ctx, ports=replace(ctx.ports, models=lane))
    one = await connect(ctx, simulator, "openai", models=models)

    result = await trial.test(ctx, one)
    await lane.close()

    assert [(model.model, model.ok, model.asked) for model in result.models] == [("gpt-simulated", True, True)]
    assert [seen.model for seen in simulator.log.entries] == ["gpt-simulated"]
