"""What is LiteLLM's alone: it is loaded late, never sees a key, and asks no other address."""

from __future__ import annotations

from typing import Any

import pytest

from app.adapters.models_litellm import LiteLLMModels
from app.adapters.models_litellm_link import Link
from app.core.errors import Unavailable
from app.core.ports import ProviderDown, ProviderError, ProviderRefusedRequest
from bench.simulator.server import Simulator
from tests.contracts.test_models_hosted import KEY, call_to, read


async def test_litellm_itself_never_sees_the_key(
    simulator: Simulator, library: LiteLLMModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    seen: list[str] = []
    original = litellm.acompletion

    async def listening(**wanted: Any) -> Any:
        seen.append(repr(wanted) + wanted["api_key"] + str(wanted["client"].api_key))
        return await original(**wanted)

    monkeypatch.setattr(litellm, "acompletion", listening)

    _, finish, _ = await read(library, call_to(simulator, "openai"))

    assert finish is not None
    assert KEY not in seen[0]


async def test_a_model_of_another_interface_is_refused_before_anything_is_sent(
    simulator: Simulator, library: LiteLLMModels
) -> None:
    _, finish, error = await read(library, call_to(simulator, "openai", model="o1-pro"))

    assert finish is None
    assert isinstance(error, ProviderError)
    assert not [entry for entry in simulator.log.entries if not entry.path.endswith("/chat/completions")]


async def test_it_is_not_ready_before_it_is_loaded_and_a_call_waits_for_it(simulator: Simulator) -> None:
    models = LiteLLMModels()
    with pytest.raises(Unavailable):
        await models.ping()

    _, finish, _ = await read(models, call_to(simulator, "openai"))
    await models.ping()
    await models.close()

    assert finish is not None


async def test_a_library_that_cannot_be_loaded_is_a_provider_that_is_down(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise ImportError("no such module")

    monkeypatch.setattr("app.adapters.models_litellm.load_library", broken)

    _, _, error = await read(LiteLLMModels(), call_to(simulator, "openai"))

    assert type(error) is ProviderDown


async def test_importing_the_adapter_does_not_import_litellm() -> None:
    import subprocess
    import sys

    code = "import sys, app.adapters.models_litellm, app.adapters.models_by_kind; print('litellm' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"


async def test_a_request_to_another_address_than_the_targets_is_not_sent(simulator: Simulator) -> None:
    import httpx

    call = call_to(simulator, "openai")
    link = Link(httpx.AsyncHTTPTransport(), call, base_url=call.target.base_url)
    for url in (simulator.base_url("local") + "/chat/completions", "http://127.0.0.2/openai/v1/chat/completions"):
        link._used = False
        await link.handle_async_request(httpx.Request("POST", url))

    assert type(link.failure) is ProviderRefusedRequest
    assert not simulator.log.entries
