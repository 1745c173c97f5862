"""LiteLLM held to our terms: every fault typed, no key expanded, no redirect followed, memory bounded."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from app.adapters.models_litellm import LiteLLMModels
from app.adapters.models_litellm_link import Link
from app.core.errors import Unavailable
from app.core.ports import (
    Message,
    ModelCall,
    ModelFinished,
    ModelTarget,
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderKeyRefused,
    ProviderRefusedRequest,
    ProviderTimeout,
    TextDelta,
)
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault

KINDS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "openai-compatible": "local",
}
KEY = "sk-very-secret-key-0001"
PROMPT = "The brief holds a confidential word: zibeline."
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
async def models() -> AsyncIterator[LiteLLMModels]:
    models = LiteLLMModels()
    await models.warm()
    yield models
    await models.close()


def call_to(simulator: Simulator, kind: str, *, own_port: bool = False, **more: Any) -> ModelCall:
    target = ModelTarget(
        provider="Provider One",
        kind=kind,
        model=more.pop("model", "a-model"),
        base_url=more.pop("base_url", simulator.base_url(KINDS[kind], own_port=own_port)),
        api_key=more.pop("api_key", KEY),
        inside_allowed=more.pop("inside_allowed", True),
    )
    times = {"connect_timeout_s": 1.0, "first_token_timeout_s": 0.5, "idle_timeout_s": 0.3}
    return ModelCall(target, (Message("system", "Write."), Message("user", PROMPT)), **(times | more))


async def break_it(simulator: Simulator, kind: str, fault: str, **more: Any) -> None:
    wanted = Fault.model_validate({"kind": fault, **more})
    await control(simulator, Control(provider=KINDS[kind], fault=wanted))


async def read(models: LiteLLMModels, call: ModelCall) -> tuple[list[str], ModelFinished | None, ProviderError | None]:
    """Return the pieces of text, the finish and the error, whichever came."""
    pieces: list[str] = []
    try:
        async for event in models.stream(call):
            if isinstance(event, TextDelta):
                pieces.append(event.text)
            else:
                return pieces, event, None
    except ProviderError as error:
        return pieces, None, error
    return pieces, None, None


FAULTS: list[tuple[str, type[ProviderError], int]] = [
    # fault, error, pieces of text before it
    ("refuse", ProviderDown, 0),
    ("reset", ProviderDown, 0),
    ("unauthorized", ProviderKeyRefused, 0),
    ("rate_limited", ProviderBusy, 0),
    ("server_error", ProviderDown, 0),
    ("unavailable", ProviderDown, 0),
    ("hang", ProviderTimeout, 0),
    ("slow_first_token", ProviderTimeout, 0),
    ("wrong_content_type", ProviderBadAnswer, 0),
    ("cut", ProviderDown, 3),
    ("stall", ProviderTimeout, 3),
    ("malformed_line", ProviderBadAnswer, 3),
    ("in_band_error", ProviderBadAnswer, 3),
    ("no_finish", ProviderBadAnswer, 3),
    ("huge_line", ProviderBadAnswer, 3),
]


@every_kind
@pytest.mark.parametrize(("fault", "expected", "pieces_before"), FAULTS)
async def test_every_fault_is_its_own_typed_error(
    simulator: Simulator,
    models: LiteLLMModels,
    kind: str,
    fault: str,
    expected: type[ProviderError],
    pieces_before: int,
) -> None:
    await break_it(simulator, kind, fault)

    pieces, finish, error = await read(models, call_to(simulator, kind))

    assert finish is None
    assert type(error) is expected
    assert error.params["provider"] == "Provider One"
    assert len(pieces) == pieces_before
    assert len(simulator.log.entries) == 1  # nothing was tried twice


@every_kind
@pytest.mark.parametrize(
    "fault", ["unauthorized", "rate_limited", "server_error", "in_band_error", "malformed_line", "cut", "refuse"]
)
async def test_no_error_holds_the_key_or_the_prompt(
    simulator: Simulator, models: LiteLLMModels, kind: str, fault: str, caplog: Any, capfd: Any
) -> None:
    await break_it(simulator, kind, fault)

    _, _, error = await read(models, call_to(simulator, kind))
    out, err = capfd.readouterr()
    everything = "\n".join([repr(error), str(error), str(error.params), caplog.text, out, err])

    for secret in (KEY, "very-secret", "zibeline", "confidential"):
        assert secret not in everything


@every_kind
async def test_a_closed_listener_is_a_provider_that_is_down(
    simulator: Simulator, models: LiteLLMModels, kind: str
) -> None:
    await break_it(simulator, kind, "refuse")

    _, _, error = await read(models, call_to(simulator, kind, own_port=True))

    assert type(error) is ProviderDown
    assert not simulator.log.entries


async def test_a_host_that_swallows_packets_costs_no_more_than_the_connect_limit(
    simulator: Simulator, models: LiteLLMModels
) -> None:
    call = call_to(simulator, "openai", base_url="http://192.0.2.1/v1", connect_timeout_s=0.2)

    start = time.monotonic()
    _, _, error = await read(models, call)

    assert type(error) in (ProviderTimeout, ProviderDown)  # a machine without a route is told so at once
    assert time.monotonic() - start < 1.0


@pytest.mark.parametrize("kind", ["openai", "deepseek", "openai-compatible"])
async def test_a_done_mark_is_no_finish(simulator: Simulator, models: LiteLLMModels, kind: str) -> None:
    await break_it(simulator, kind, "no_finish", done_mark=True)

    _, finish, error = await read(models, call_to(simulator, kind))

    assert finish is None
    assert type(error) is ProviderBadAnswer


@every_kind
async def test_a_filtered_answer_and_a_short_one_say_so(simulator: Simulator, models: LiteLLMModels, kind: str) -> None:
    _, short, _ = await read(models, call_to(simulator, kind, max_tokens=3))
    await break_it(simulator, kind, "filtered")
    _, filtered, _ = await read(models, call_to(simulator, kind))

    assert (short.reason, short.tokens_out) == ("length", 3)
    assert filtered.reason == "filtered"


@every_kind
async def test_an_unknown_model_is_a_request_that_the_provider_refused(
    simulator: Simulator, models: LiteLLMModels, kind: str
) -> None:
    _, _, error = await read(models, call_to(simulator, kind, model="missing-model"))

    assert type(error) is ProviderRefusedRequest
    assert "no such model" in str(error.params["reason"])


async def test_a_rate_limit_tells_for_how_long(simulator: Simulator, models: LiteLLMModels) -> None:
    await break_it(simulator, "openai", "rate_limited", retry_after_s=9)

    _, _, error = await read(models, call_to(simulator, "openai"))

    assert error.retry_after_s == 9


@every_kind
async def test_an_error_is_known_within_50_ms(simulator: Simulator, models: LiteLLMModels, kind: str) -> None:
    await break_it(simulator, kind, "server_error")
    await read(models, call_to(simulator, kind))

    took_s = []
    for _ in range(5):
        start = time.monotonic()
        await read(models, call_to(simulator, kind))
        took_s.append(time.monotonic() - start)

    assert min(took_s) < 0.05


@every_kind
async def test_a_model_name_with_slashes_and_colons_arrives_as_it_is(
    simulator: Simulator, models: LiteLLMModels, kind: str
) -> None:
    name = "gemini-2.5-x@001" if kind == "gemini" else "vendor/model-x:free"

    await read(models, call_to(simulator, kind, model=name))

    assert simulator.log.entries[-1].model == name


@every_kind
@pytest.mark.parametrize(
    "spelled", ["os.environ/GALLEY_PROBE", "${GALLEY_PROBE}", "$GALLEY_PROBE", "oidc/env/GALLEY_PROBE"]
)
async def test_nothing_in_a_key_is_expanded(
    simulator: Simulator, models: LiteLLMModels, kind: str, spelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALLEY_PROBE", "the-operators-secret")

    await read(models, call_to(simulator, kind, api_key=spelled))

    assert [entry.key_sha256 for entry in simulator.log.entries] == [sha256(spelled.encode()).hexdigest()]


@pytest.mark.parametrize("spelled", ["os.environ/GALLEY_PROBE", "${GALLEY_PROBE}", "file:///etc/passwd", "unix:/run/x"])
async def test_nothing_in_an_address_is_expanded(
    simulator: Simulator, models: LiteLLMModels, spelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALLEY_PROBE", simulator.base_url("openai"))

    _, _, error = await read(models, call_to(simulator, "openai", base_url=spelled))

    assert type(error) is ProviderRefusedRequest
    assert not simulator.log.entries


OPERATORS_ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-operators",
    "ANTHROPIC_API_KEY": "sk-operators",
    "GEMINI_API_KEY": "sk-operators",
    "GOOGLE_API_KEY": "sk-operators",
    "DEEPSEEK_API_KEY": "sk-operators",
    "MISTRAL_API_KEY": "sk-operators",
    "OPENAI_ORG_ID": "org-operators",
    "OPENAI_PROJECT_ID": "proj-operators",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
}


@every_kind
async def test_an_empty_key_is_never_filled_from_the_environment(
    simulator: Simulator, models: LiteLLMModels, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OPERATORS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    _, finish, error = await read(models, call_to(simulator, kind, api_key=""))

    assert [entry.key_sha256 for entry in simulator.log.entries] == [sha256(b"").hexdigest()]
    if kind == "openai-compatible":
        assert finish is not None
    else:
        assert type(error) is ProviderKeyRefused


async def test_litellm_itself_never_sees_the_key(
    simulator: Simulator, models: LiteLLMModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    seen: list[str] = []
    original = litellm.acompletion

    async def listening(**wanted: Any) -> Any:
        seen.append(repr(wanted) + wanted["api_key"] + str(wanted["client"].api_key))
        return await original(**wanted)

    monkeypatch.setattr(litellm, "acompletion", listening)

    _, finish, _ = await read(models, call_to(simulator, "openai"))

    assert finish is not None
    assert KEY not in seen[0]


@every_kind
async def test_a_redirect_is_not_followed(simulator: Simulator, models: LiteLLMModels, kind: str) -> None:
    await break_it(simulator, kind, "redirect", location=simulator.base_url("local") + "/models")

    _, _, error = await read(models, call_to(simulator, kind))

    assert type(error) is ProviderBadAnswer
    assert [entry.provider for entry in simulator.log.entries] == [KINDS[kind]]


@every_kind
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"])
async def test_an_inside_address_is_never_connected_to(
    simulator: Simulator, models: LiteLLMModels, kind: str, host: str
) -> None:
    base_url = simulator.base_url(KINDS[kind]).replace("127.0.0.1", host)

    _, _, error = await read(models, call_to(simulator, kind, base_url=base_url, inside_allowed=False))

    assert type(error) is ProviderRefusedRequest
    assert "inside" in str(error.params["reason"])
    assert not simulator.log.entries


async def test_a_name_that_changes_its_mind_is_checked_again_at_the_connection(
    simulator: Simulator, models: LiteLLMModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rebinding(host: str, port: int, **_: Any) -> Any:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
    base_url = simulator.base_url("openai").replace("127.0.0.1", "api.example.com")

    _, _, error = await read(models, call_to(simulator, "openai", base_url=base_url, inside_allowed=False))

    assert type(error) is ProviderRefusedRequest
    assert not simulator.log.entries


async def test_an_endless_answer_is_cut_off(simulator: Simulator, models: LiteLLMModels) -> None:
    await break_it(simulator, "openai", "infinite")

    pieces, _, error = await read(models, call_to(simulator, "openai", max_tokens=100))

    assert type(error) is ProviderBadAnswer
    assert sum(map(len, pieces)) < 5000


async def test_no_answer_is_longer_than_the_adapters_own_limit(simulator: Simulator) -> None:
    models = LiteLLMModels(max_text_chars=2000)
    await break_it(simulator, "mistral", "infinite")

    pieces, _, error = await read(models, call_to(simulator, "mistral", max_tokens=1_000_000))
    await models.close()

    assert type(error) is ProviderBadAnswer
    assert sum(map(len, pieces)) <= 2000


@every_kind
async def test_a_line_of_a_gigabyte_takes_a_megabyte(simulator: Simulator, models: LiteLLMModels, kind: str) -> None:
    await break_it(simulator, kind, "huge_line", size_bytes=2**30)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    _, _, error = await read(models, call_to(simulator, kind))

    assert type(error) is ProviderBadAnswer
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 40_000


async def test_a_fast_stream_leaves_the_event_loop_its_turn(simulator: Simulator, models: LiteLLMModels) -> None:
    await break_it(simulator, "openai", "infinite")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counter = asyncio.create_task(count())
    pieces, _, _ = await read(models, call_to(simulator, "openai", max_tokens=500))
    counter.cancel()

    assert turns > len(pieces) / 40


@pytest.mark.parametrize("kind", ["openai", "anthropic", "deepseek", "mistral", "openai-compatible"])
async def test_a_provider_that_does_not_stream_is_not_taken_for_an_empty_answer(
    simulator: Simulator, models: LiteLLMModels, kind: str
) -> None:
    wire = simulator.providers[KINDS[kind]].wire
    original = wire.read
    wire.read = lambda *args, **named: replace(original(*args, **named), stream=False)

    pieces, finish, error = await read(models, call_to(simulator, kind))

    assert (pieces, finish, type(error)) == ([], None, ProviderBadAnswer)


async def test_json_is_asked_for_where_the_vendor_has_the_mode(simulator: Simulator, models: LiteLLMModels) -> None:
    for kind in KINDS:
        call = call_to(simulator, kind, json_output=True)
        await read(models, replace(call, messages=(Message("user", "Answer in JSON."),)))
    bodies = {entry.provider: entry.body for entry in simulator.log.entries}

    assert all(
        bodies[p]["response_format"] == {"type": "json_object"} for p in ("openai", "deepseek", "mistral", "local")
    )
    assert bodies["gemini"]["generationConfig"]["response_mime_type"] == "application/json"
    assert "tools" not in bodies["anthropic"]


async def test_a_model_of_another_interface_is_refused_before_anything_is_sent(
    simulator: Simulator, models: LiteLLMModels
) -> None:
    _, finish, error = await read(models, call_to(simulator, "openai", model="o1-pro"))

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

    monkeypatch.setattr("app.adapters.models_litellm._load", broken)

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
