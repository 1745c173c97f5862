"""The fault matrix: every fault x every wire x each lane, on the simulator. The reader always gets one whole text.

Errors and silences before the text hand over without a trace; a break in mid-text is gone on with by another provider.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_litellm import LiteLLMModels
from app.core.context import Context
from app.core.ports import Message, Models
from app.llm import gateway, providers
from app.llm.attempt import BEATEN
from app.llm.candidates import breaker, vitals
from app.llm.events import Continued, Restarted, Settled, Text
from app.llm.schemas import ProviderForm
from app.llm.task import Task
from app.usage import service as usage
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

KINDS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "cohere": "cohere",
    "openai-compatible": "local",
}
WIRES = ("openai", "anthropic", "gemini", "mistral", "cohere")
every_wire = pytest.mark.parametrize("kind", WIRES)
MODELS = {"anthropic": "claude-haiku-4-5"}  # it takes a prefill; the simulator knows every name
WHOLE = "One whole text, from the first word to the last: Zürich, 東京 🙂. And one more sentence, so that it lasts."
TASK = Task("templates", "fast", (Message("user", "Say the whole text."),), max_tokens=500, reuse=False)
HEDGE_MS = 60
IDLE_S = 0.5  # beyond what a busy machine lets a healthy stream wait

BEFORE_TEXT = {
    "refuse": "provider.down",
    "reset": "provider.down",
    "unauthorized": "provider.key_refused",
    "rate_limited": "provider.busy",
    "server_error": "provider.down",
    "unavailable": "provider.down",
    "wrong_content_type": "provider.bad_answer",
    "redirect": "provider.bad_answer",
}
SILENCES = ("hang", "slow_first_token")
IN_MID_TEXT = {
    "cut": "provider.down",
    "stall": "provider.timeout",
    "malformed_line": "provider.bad_answer",
    "in_band_error": "provider.bad_answer",
    "no_finish": "provider.bad_answer",
    "huge_line": "provider.bad_answer",
}


@dataclass
class Studio:
    """A workspace whose providers live on the simulator."""

    ctx: Context
    simulator: Simulator

    async def connect(self, kind: str, name: str = "First", **more: Any) -> str:
        usual = {
            "api_key": "sk-any",
            "base_url": self.simulator.base_url(KINDS[kind]),
            "models": ({"id": MODELS.get(kind, "a-model")},),
        }
        form = ProviderForm(**({"name": name, "kind": kind} | usual | more))
        return (await providers.create(self.ctx, form=form)).id

    async def heal(self, *provider_ids: str) -> None:
        """Put the simulator and our memory of the providers back to the start."""
        await control(self.simulator, Control(fault=None, continuing="as_asked", cut_bytes=0))
        vitals.forget()
        for provider_id in provider_ids:
            breaker.succeeded(provider_id)

    def legs(self, events: list[Any]) -> list[tuple[str, str]]:
        return [(leg.outcome, leg.error_code) for leg in events[-1].legs]

    async def two(self, first: str, second: str = "", **more: Any) -> str:
        """Connect a first provider, and a second one of another kind; return the first's id."""
        second = second or ("openai-compatible" if first != "openai-compatible" else "deepseek")
        first_id = await self.connect(first, **more)
        await self.connect(second, "Second")
        return first_id

    async def break_it(self, kind: str, fault: str, **more: Any) -> None:
        more = {"after_tokens": 9, "size_bytes": 2**21, "location": "http://127.0.0.1:1/", "delay_ms": 5000} | more
        await control(
            self.simulator, Control(provider=KINDS[kind], fault=Fault.model_validate({"kind": fault, **more}))
        )

    async def manner(self, **more: Any) -> None:
        await control(self.simulator, Control(**more))

    def impatient(self, **more: float) -> Context:
        """The same workspace, where a silence is soon too long: before the text, or where `more` says."""
        settings = self.ctx.ports.settings.model_copy(update=more or {"hedge_after_ms": HEDGE_MS})
        return replace(self.ctx, ports=replace(self.ctx.ports, settings=settings))

    async def run(self, task: Task = TASK, *, ctx: Context | None = None) -> tuple[list[Any], str]:
        ctx = ctx or self.ctx
        events = [event async for event in gateway.stream(ctx, task)]
        void = max((i for i, event in enumerate(events) if isinstance(event, Restarted)), default=0)
        return events, "".join(event.text for event in events[void:] if isinstance(event, Text))

    async def rows(self) -> list[tuple[str, str, str]]:
        rows = (await usage.list_events(self.ctx, limit=200)).items
        return [(row.provider, row.outcome, row.error_code) for row in reversed(rows)]


@pytest.fixture
async def studio(
    ctx_of: Any, simulator: Simulator, adapter: Models, request: pytest.FixtureRequest
) -> AsyncIterator[Studio]:
    if "cohere" in request.node.name and isinstance(adapter, LiteLLMModels):
        pytest.skip("Cohere is asked through the lane alone")
    if "however" in request.node.name and "-openai" in request.node.name and isinstance(adapter, LiteLLMModels):
        pytest.skip("asked in the same words as by the lane")
    simulator.answers.add(Answer(match="whole text", text=WHOLE))
    models = ModelsByKind(embedded=EmbeddedModels(pieces_per_s=0), lane=adapter, library=adapter)
    ctx = await ctx_of("ana")
    calm = {"hedge_after_ms": 30_000, "idle_timeout_s": 30, "first_token_timeout_s": 30, "connect_timeout_s": 10}
    settings = ctx.ports.settings.model_copy(update=calm)
    yield Studio(replace(ctx, ports=replace(ctx.ports, models=models, settings=settings)), simulator)


@pytest.fixture(params=["lane", "litellm"])
def adapter(request: pytest.FixtureRequest) -> Models:
    return request.getfixturevalue("library" if request.param == "litellm" else "lane")


def kinds_of(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@every_wire
async def test_every_fault_gives_one_whole_text(studio: Studio, kind: str) -> None:
    """One row of the matrix: all faults of one wire in one lane; `told` must equal `expected` fault by fault."""
    first = await studio.two(kind)
    told, expected = {}, {}
    for fault, code in {**BEFORE_TEXT, **dict.fromkeys(SILENCES, BEATEN), **IN_MID_TEXT}.items():
        await studio.heal(first)
        await studio.break_it(kind, fault)
        impatience = {"stall": {"idle_timeout_s": IDLE_S}, **{one: {"hedge_after_ms": HEDGE_MS} for one in SILENCES}}
        events, text = await studio.run(ctx=studio.impatient(**impatience[fault]) if fault in impatience else None)
        told[fault] = (text, studio.legs(events), [event.reason_code for event in kinds_of(events, Continued)])
        seams = [code] if fault in IN_MID_TEXT else []
        expected[fault] = (WHOLE, [("failed" if code != BEATEN else "cancelled", code), ("ok", "")], seams)

    assert told == expected


@every_wire
async def test_a_name_that_no_dns_knows_hands_over_too(studio: Studio, kind: str) -> None:
    await studio.two(kind, base_url="http://nowhere.invalid/v1")

    events, text = await studio.run()

    assert text == WHOLE
    assert studio.legs(events) == [("failed", "provider.down"), ("ok", "")]


@every_wire
async def test_the_next_provider_goes_on_however_it_likes_to(studio: Studio, kind: str) -> None:
    first = await studio.two("openai" if kind != "openai" else "deepseek", kind)
    broken = "openai" if kind != "openai" else "deepseek"
    texts = {}
    manners = (("as_asked", 1), ("exactly", 1), ("repeating", 2), ("repeating", 7), ("from_the_start", 1))
    for (continuing, words), (after, cut_bytes) in itertools.product(manners, ((1, 0), (9, 3))):
        await studio.heal(first)
        await studio.break_it(broken, "cut", after_tokens=after)
        await studio.manner(provider=KINDS[kind], continuing=continuing, repeated_words=words, cut_bytes=cut_bytes)
        texts[continuing, words, after, cut_bytes] = (await studio.run())[1]

    assert texts == dict.fromkeys(texts, WHOLE)


async def test_a_text_may_break_more_than_once(studio: Studio) -> None:
    await studio.two("anthropic", "mistral")
    await studio.connect("gemini", "Third")
    await studio.break_it("anthropic", "cut", after_tokens=5)
    await studio.break_it("mistral", "in_band_error", after_tokens=4)

    events, text = await studio.run()

    assert text == WHOLE
    assert [event.provider for event in kinds_of(events, Continued)] == ["First", "Second"]
    assert [leg.outcome for leg in events[-1].legs] == ["failed", "failed", "ok"]
    assert sum(leg.cost_micros for leg in events[-1].legs) == events[-1].cost_micros


async def test_the_last_provider_is_asked_once_more_before_the_text_is_lost(studio: Studio) -> None:
    await studio.connect("openai")
    await studio.break_it("openai", "cut", times=1)

    _, text = await studio.run()

    assert text == WHOLE


async def test_json_is_gone_on_with_too(studio: Studio) -> None:
    whole = '{"headlines": ["One", "Two and a half"], "body": "A long body of this text, in JSON."}'
    studio.simulator.answers.add(Answer(match="whole text", text=whole))
    await studio.two("openai", "anthropic")
    await studio.break_it("openai", "stall")

    events, text = await studio.run(replace(TASK, json_output=True), ctx=studio.impatient(idle_timeout_s=IDLE_S))

    assert text == whole
    assert len(events[-1].seams) == 1


async def test_leaving_closes_the_providers_calls_and_books_them(studio: Studio) -> None:
    await studio.two("anthropic", "mistral")
    await studio.manner(provider="anthropic", first_token_ms=5000)
    await studio.manner(provider="mistral", tokens_per_s=20)

    async with aclosing(gateway.stream(studio.impatient(), TASK)) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    async with asyncio.timeout(PATIENCE_S):
        while any(entry.outcome == "open" for entry in studio.simulator.log.entries):
            await asyncio.sleep(0.01)

    assert [entry.outcome for entry in studio.simulator.log.entries] == ["cancelled", "cancelled"]
    assert await studio.rows() == [("First", "cancelled", BEATEN), ("Second", "cancelled", "")]


async def test_a_text_without_end_is_cut_off_and_nobody_goes_on_with_it_for_ever(studio: Studio) -> None:
    await studio.two("openai", "anthropic")
    await studio.break_it("openai", "infinite")

    events, text = await studio.run(replace(TASK, max_tokens=20))

    assert [leg.outcome for leg in events[-1].legs] == ["failed", "ok"]
    assert len(text) < 10_000


async def test_a_key_that_is_revoked_while_a_text_flows_stops_only_the_next_one(studio: Studio) -> None:
    await studio.two("openai", "gemini")
    await studio.manner(provider="openai", tokens_per_s=200)
    async with aclosing(gateway.stream(studio.ctx, TASK)) as events:
        async for event in events:
            if isinstance(event, Text):
                await studio.break_it("openai", "unauthorized")
    after, text = await studio.run()

    assert text == WHOLE
    assert [row[2] for row in await studio.rows()] == ["", "provider.key_refused", ""]
    assert isinstance(after[-1], Settled)


async def test_an_error_and_a_silence_hand_over_long_before_any_limit_of_patience(studio: Studio) -> None:
    """Every other limit is 30 s here; how quick it really is, `bench failover` says."""
    first = await studio.two("openai", "anthropic")
    took_s = {}
    for fault in ("server_error", "rate_limited", "hang"):
        await studio.heal(first)
        await studio.break_it("openai", fault)
        start_s = time.monotonic()
        await studio.run(ctx=studio.impatient() if fault == "hang" else None)
        took_s[fault] = time.monotonic() - start_s

    assert max(took_s.values()) < 10
    assert took_s["hang"] > HEDGE_MS / 1000 - 0.01


async def test_fifty_texts_at_once_are_all_whole_and_all_booked(studio: Studio) -> None:
    await studio.two("openai", "anthropic")
    await studio.break_it("openai", "cut", times=10)

    results = await asyncio.gather(*(studio.run() for _ in range(50)))
    rows = await studio.rows()

    assert {text for _, text in results} == {WHOLE}
    assert len([row for row in rows if row[1] == "ok"]) == 50
    assert 2 <= len([row for row in rows if row[1] == "failed"]) <= 10  # the breaker spares the rest
