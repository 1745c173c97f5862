"""Both lanes to hosted models: every fault typed, no key expanded, no redirect followed, memory bounded."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.core.ports import (
    Message,
    ModelCall,
    ModelFinished,
    Models,
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
from bench.simulator.answers import pieces
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault

KINDS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "azure": "azure",
    "cohere": "cohere",
    "bedrock": "bedrock",
    "openai-compatible": "local",
}
SPOKEN = {
    "lane": tuple(kind for kind in KINDS if kind != "bedrock"),
    "litellm": tuple(kind for kind in KINDS if kind != "cohere"),
}
KEY = "sk-very-secret-key-0001"
PROMPT = "The brief holds a confidential word: zibeline."
ANSWER = "One whole text, from the first word to the last: Zürich, 東京 and much more 🙂."
both_lanes = pytest.mark.parametrize("models", SPOKEN, indirect=True)
every_wire = pytest.mark.parametrize(
    ("models", "kind"), [(lane, kind) for lane, kinds in SPOKEN.items() for kind in kinds], indirect=["models"]
)


@pytest.fixture
def simulator(simulator: Simulator) -> Simulator:
    simulator.answers.add(Answer(match="zibeline", text=ANSWER))
    return simulator


@pytest.fixture
async def models(request: pytest.FixtureRequest, loaded_library: LiteLLMModels) -> AsyncIterator[Models]:
    models = LaneModels() if request.param == "lane" else loaded_library
    yield models
    await models.close()


def kinds_of(models: Models) -> tuple[str, ...]:
    return SPOKEN["lane" if isinstance(models, LaneModels) else "litellm"]


def call_to(simulator: Simulator, kind: str, *, own_port: bool = False, **more: Any) -> ModelCall:
    target = ModelTarget(
        provider="Provider One",
        kind=kind,
        model=more.pop("model", "a-model"),
        base_url=more.pop("base_url", simulator.base_url(KINDS[kind], own_port=own_port)),
        api_key=more.pop("api_key", KEY),
        inside_allowed=more.pop("inside_allowed", True),
    )
    times = {"connect_timeout_s": 30.0, "first_token_timeout_s": 30.0, "idle_timeout_s": 30.0}
    return ModelCall(target, (Message("system", "Write."), Message("user", PROMPT)), **(times | more))


async def break_it(simulator: Simulator, kind: str, fault: str, **more: Any) -> None:
    wanted = Fault.model_validate({"kind": fault, **more})
    await control(simulator, Control(provider=KINDS[kind], fault=wanted))


async def read(models: Models, call: ModelCall) -> tuple[list[str], ModelFinished | None, ProviderError | None]:
    """Return the pieces of text, the finish and the error, whichever came."""
    texts: list[str] = []
    try:
        async for event in models.stream(call):
            if isinstance(event, TextDelta):
                texts.append(event.text)
            else:
                return texts, event, None
    except ProviderError as error:
        return texts, None, error
    return texts, None, None


FAULTS: list[tuple[str, type[ProviderError], int]] = [
    # fault, error, tokens before it
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


@both_lanes
@pytest.mark.parametrize(("fault", "expected", "tokens_before"), FAULTS)
async def test_every_fault_is_its_own_typed_error_on_every_wire(
    simulator: Simulator, models: Models, fault: str, expected: type[ProviderError], tokens_before: int
) -> None:
    kinds = kinds_of(models)
    await control(simulator, Control(tokens_per_s=100))  # the tokens before a break do not arrive together with it
    for kind in kinds:
        await break_it(simulator, kind, fault, delay_ms=60_000)
    limit = "idle_timeout_s" if tokens_before else "first_token_timeout_s"
    times = {limit: 1.5} if expected is ProviderTimeout else {}

    results = await asyncio.gather(*(read(models, call_to(simulator, kind, **times)) for kind in kinds))
    asked = Counter(entry.provider for entry in simulator.log.entries)

    assert {kind: type(error) for kind, (_, _, error) in zip(kinds, results, strict=True)} == dict.fromkeys(
        kinds, expected
    )
    assert {"".join(texts) for texts, _, _ in results} == {"".join(pieces(ANSWER)[:tokens_before])}
    assert {finish for _, finish, _ in results} == {None}
    assert {error.params["provider"] for _, _, error in results} == {"Provider One"}
    assert asked == dict.fromkeys((KINDS[kind] for kind in kinds), 1)  # nothing was tried twice


@both_lanes
@pytest.mark.parametrize(
    "fault", ["unauthorized", "rate_limited", "server_error", "in_band_error", "malformed_line", "cut", "refuse"]
)
async def test_no_error_holds_the_key_or_the_prompt(
    simulator: Simulator, models: Models, fault: str, caplog: Any, capfd: Any
) -> None:
    everything: list[str] = []
    for kind in kinds_of(models):
        await break_it(simulator, kind, fault)
        _, _, error = await read(models, call_to(simulator, kind))
        everything += [repr(error), str(error), str(error.params)]
    out, err = capfd.readouterr()
    everything += [caplog.text, out, err]

    for secret in (KEY, "very-secret", "zibeline", "confidential"):
        assert secret not in "\n".join(everything)


@every_wire
async def test_a_closed_listener_is_a_provider_that_is_down(simulator: Simulator, models: Models, kind: str) -> None:
    await break_it(simulator, kind, "refuse")

    _, _, error = await read(models, call_to(simulator, kind, own_port=True))

    assert type(error) is ProviderDown
    assert not simulator.log.entries


@both_lanes
async def test_a_host_that_swallows_packets_costs_no_more_than_the_connect_limit(
    simulator: Simulator, models: Models
) -> None:
    call = call_to(simulator, "openai", base_url="http://192.0.2.1/v1", connect_timeout_s=0.2)

    start = time.monotonic()
    _, _, error = await read(models, call)

    assert type(error) in (ProviderTimeout, ProviderDown)  # a machine without a route is told so at once
    assert time.monotonic() - start < 1.0


@both_lanes
@pytest.mark.parametrize("kind", ["openai", "deepseek", "openai-compatible"])
async def test_a_done_mark_is_no_finish(simulator: Simulator, models: Models, kind: str) -> None:
    await break_it(simulator, kind, "no_finish", done_mark=True)

    _, finish, error = await read(models, call_to(simulator, kind))

    assert finish is None
    assert type(error) is ProviderBadAnswer


@every_wire
async def test_a_filtered_answer_and_a_short_one_say_so(simulator: Simulator, models: Models, kind: str) -> None:
    _, short, _ = await read(models, call_to(simulator, kind, max_tokens=3))
    await break_it(simulator, kind, "filtered")
    _, filtered, _ = await read(models, call_to(simulator, kind))

    assert (short.reason, short.tokens_out) == ("length", 3)
    assert filtered.reason == "filtered"


@every_wire
async def test_an_unknown_model_is_a_request_that_the_provider_refused(
    simulator: Simulator, models: Models, kind: str
) -> None:
    _, _, error = await read(models, call_to(simulator, kind, model="missing-model"))

    assert type(error) is ProviderRefusedRequest
    assert "no such model" in str(error.params["reason"])


@both_lanes
async def test_a_rate_limit_tells_for_how_long(simulator: Simulator, models: Models) -> None:
    await break_it(simulator, "openai", "rate_limited", retry_after_s=9)

    _, _, error = await read(models, call_to(simulator, "openai"))

    assert error.retry_after_s == 9


@every_wire
async def test_an_error_is_known_within_50_ms(simulator: Simulator, models: Models, kind: str) -> None:
    await break_it(simulator, kind, "server_error")
    await read(models, call_to(simulator, kind))

    took_s = []
    for _ in range(5):
        start = time.monotonic()
        await read(models, call_to(simulator, kind))
        took_s.append(time.monotonic() - start)

    assert min(took_s) < 0.05


@every_wire
async def test_a_model_name_with_slashes_and_colons_arrives_as_it_is(
    simulator: Simulator, models: Models, kind: str
) -> None:
    name = "gemini-2.5-x@001" if kind == "gemini" else "vendor/model-x:free"

    await read(models, call_to(simulator, kind, model=name))

    assert simulator.log.entries[-1].model == name


@both_lanes
@pytest.mark.parametrize(
    "spelled", ["os.environ/GALLEY_PROBE", "${GALLEY_PROBE}", "$GALLEY_PROBE", "oidc/env/GALLEY_PROBE"]
)
async def test_nothing_in_a_key_is_expanded(
    simulator: Simulator, models: Models, spelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALLEY_PROBE", "the-operators-secret")
    kinds = kinds_of(models)

    for kind in kinds:
        await read(models, call_to(simulator, kind, api_key=spelled))

    assert [entry.key_sha256 for entry in simulator.log.entries] == [sha256(spelled.encode()).hexdigest()] * len(kinds)


@both_lanes
@pytest.mark.parametrize("spelled", ["os.environ/GALLEY_PROBE", "${GALLEY_PROBE}", "file:///etc/passwd", "unix:/run/x"])
async def test_nothing_in_an_address_is_expanded(
    simulator: Simulator, models: Models, spelled: str, monkeypatch: pytest.MonkeyPatch
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


@every_wire
async def test_an_empty_key_is_never_filled_from_the_environment(
    simulator: Simulator, models: Models, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OPERATORS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    _, finish, error = await read(models, call_to(simulator, kind, api_key=""))

    assert [entry.key_sha256 for entry in simulator.log.entries] == [sha256(b"").hexdigest()]
    if kind == "openai-compatible":
        assert finish is not None
    else:
        assert type(error) is ProviderKeyRefused


@every_wire
async def test_a_redirect_is_not_followed(simulator: Simulator, models: Models, kind: str) -> None:
    await break_it(simulator, kind, "redirect", location=simulator.base_url("local") + "/models")

    _, _, error = await read(models, call_to(simulator, kind))

    assert type(error) is ProviderBadAnswer
    assert [entry.provider for entry in simulator.log.entries] == [KINDS[kind]]


@both_lanes
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"])
async def test_an_inside_address_is_never_connected_to(simulator: Simulator, models: Models, host: str) -> None:
    errors = []
    for kind in kinds_of(models):
        base_url = simulator.base_url(KINDS[kind]).replace("127.0.0.1", host)
        _, _, error = await read(models, call_to(simulator, kind, base_url=base_url, inside_allowed=False))
        errors.append(error)

    assert {type(error) for error in errors} == {ProviderRefusedRequest}
    assert {str(error.params["reason"]) for error in errors} <= {
        "the address lies inside this network",
        "the address is not usable",  # a spelling that one of the libraries does not take at all
    }
    assert not simulator.log.entries


@both_lanes
async def test_a_name_that_changes_its_mind_is_checked_again_at_the_connection(
    simulator: Simulator, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rebinding(host: str, port: int, **_: Any) -> Any:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
    base_url = simulator.base_url("openai").replace("127.0.0.1", "api.example.com")

    _, _, error = await read(models, call_to(simulator, "openai", base_url=base_url, inside_allowed=False))

    assert type(error) is ProviderRefusedRequest
    assert not simulator.log.entries


@both_lanes
async def test_an_endless_answer_is_cut_off(simulator: Simulator, models: Models) -> None:
    await break_it(simulator, "openai", "infinite")

    texts, _, error = await read(models, call_to(simulator, "openai", max_tokens=100))

    assert type(error) is ProviderBadAnswer
    assert sum(map(len, texts)) < 5000


@both_lanes
async def test_no_answer_is_longer_than_the_adapters_own_limit(
    simulator: Simulator, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_max_text_chars", 2000)
    await break_it(simulator, "mistral", "infinite")

    texts, _, error = await read(models, call_to(simulator, "mistral", max_tokens=1_000_000))

    assert type(error) is ProviderBadAnswer
    assert sum(map(len, texts)) <= 2000


@every_wire
async def test_a_line_of_a_gigabyte_takes_a_megabyte(simulator: Simulator, models: Models, kind: str) -> None:
    await break_it(simulator, kind, "huge_line", size_bytes=2**30)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    _, _, error = await read(models, call_to(simulator, kind))

    assert type(error) is ProviderBadAnswer
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 40_000


@both_lanes
async def test_a_fast_stream_leaves_the_event_loop_its_turn(simulator: Simulator, models: Models) -> None:
    await break_it(simulator, "openai", "infinite")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counter = asyncio.create_task(count())
    texts, _, _ = await read(models, call_to(simulator, "openai", max_tokens=500))
    counter.cancel()

    assert turns > len("".join(texts)) / 240


@both_lanes
@pytest.mark.parametrize("kind", ["openai", "anthropic", "deepseek", "mistral", "openai-compatible"])
async def test_a_provider_that_does_not_stream_is_not_taken_for_an_empty_answer(
    simulator: Simulator, models: Models, kind: str
) -> None:
    wire = simulator.providers[KINDS[kind]].wire
    original = wire.read
    wire.read = lambda *args, **named: replace(original(*args, **named), stream=False)

    texts, finish, error = await read(models, call_to(simulator, kind))

    assert (texts, finish, type(error)) == ([], None, ProviderBadAnswer)


@both_lanes
async def test_json_is_asked_for_where_the_vendor_has_the_mode(simulator: Simulator, models: Models) -> None:
    for kind in kinds_of(models):
        call = call_to(simulator, kind, json_output=True)
        await read(models, replace(call, messages=(Message("user", "Answer in JSON."),)))
    bodies = {entry.provider: entry.body for entry in simulator.log.entries}

    assert all(
        bodies[p]["response_format"] == {"type": "json_object"} for p in ("openai", "deepseek", "mistral", "local")
    )
    assert bodies["gemini"]["generationConfig"]["response_mime_type"] == "application/json"
    assert "tools" not in bodies["anthropic"]
