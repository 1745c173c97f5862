"""The fault matrix: every fault x every wire format x each lane, on the simulator. The reader always gets one whole text.

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
from uuid import uuid4

import pytest

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.core.context import Context
from app.core.ports import Message, Models
from app.llm import gateway, providers
from app.llm.candidates import breaker, vitals
from app.llm.events import Chosen, Continued, Restarted, Settled, Text
from app.llm.schemas import ProviderForm
from app.llm.task import Task
from app.usage import service as usage
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault

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
every_kind = pytest.mark.parametrize("kind", KINDS)
MODELS = {"anthropic": "claude-haiku-4-5"}  # it takes a prefill; the simulator knows every name
WHOLE = "One whole text, from the first word to the last: Zürich, 東京 🙂. And one more sentence, so that it lasts."
TASK = Task("templates", "fast", (Message("user", "Say the whole text."),), max_tokens=500)
HEDGE_MS = 60

BEFORE_TEXT = {
    "refuse": "provider.down",
    "reset": "provider.down",
    "unauthorized": "provider.key_refused",
    "rate_limited": "provider.busy",
    "server_error": "provider.down",
    "unavailable": "provider.down",
    "wrong_content_type": "provider.bad_answer",
    "redirect": "provider.bad_answer",
    "dns": "provider.down",
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

    async def two(self, first: str, second: str = "", **more: Any) -> str:
        """Connect a first provider, and a second one of another kind; return the second's name on the simulator."""
        second = second or ("openai-compatible" if first != "openai-compatible" else "deepseek")
        await self.connect(first, **more)
        await self.connect(second, "Second")
        return KINDS[second]

    async def break_it(self, kind: str, fault: str, **more: Any) -> None:
        more = {"after_tokens": 9, "size_bytes": 2**21, "location": "http://127.0.0.1:1/", "delay_ms": 5000} | more
        await control(self.simulator, Control(provider=KINDS[kind], fault=Fault.model_validate({"kind": fault, **more})))

    async def manner(self, **more: Any) -> None:
        await control(self.simulator, Control(**more))

    async def run(self, task: Task = TASK) -> tuple[list[Any], str]:
        events = [event async for event in gateway.stream(self.ctx, task)]
        void = max((i for i, event in enumerate(events) if isinstance(event, Restarted)), default=0)
        return events, "".join(event.text for event in events[void:] if isinstance(event, Text))

    async def rows(self) -> list[tuple[str, str, str]]:
        rows = (await usage.list_events(self.ctx, limit=200)).items
        return [(row.provider, row.outcome, row.error_code) for row in reversed(rows)]


@pytest.fixture
async def studio(ctx_of: Any, simulator: Simulator, adapter: Models) -> AsyncIterator[Studio]:
    simulator.answers.add(Answer(match="whole text", text=WHOLE))
    models = ModelsByKind(embedded=EmbeddedModels(pieces_per_s=0), lane=adapter, library=adapter)
    ctx = await ctx_of("ana")
    quick = {"hedge_after_ms": HEDGE_MS, "idle_timeout_s": 0.15, "first_token_timeout_s": 3, "connect_timeout_s": 1}
    settings = ctx.ports.settings.model_copy(update=quick)
    yield Studio(replace(ctx, ports=replace(ctx.ports, models=models, settings=settings)), simulator)


@pytest.fixture(params=["lane", "litellm"])
def adapter(request: pytest.FixtureRequest) -> Models:
    return request.getfixturevalue("library" if request.param == "litellm" else "lane")


def kinds_of(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]
