"""A workspace whose providers play scripts: text, finishes, errors and waits, without any wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.core.context import Context
from app.core.ports import Brief, Message, ModelCall, ModelEvent, ModelFinished, ProviderError, TextDelta
from app.llm import gateway, providers
from app.llm.events import GatewayEvent, Restarted, Text
from app.llm.schemas import ProviderChange, ProviderForm
from app.llm.task import Task
from app.usage import service as usage

STOP = ModelFinished("stop", 100, 20)
Step = str | ModelFinished | ProviderError | Callable[[], Any]


def failing(kind: type[ProviderError], **more: Any) -> ProviderError:
    return kind(params={"provider": "One", "reason": "as scripted"} | more.pop("params", {}), **more)


class Again(list[Any]):
    """Scripts of one provider, one call after the other."""


@dataclass
class Scripted:
    """A Models port that plays one script per provider, again and again; text, finish, error, or something to await."""

    scripts: dict[str, list[Step]]
    calls: list[ModelCall] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        self.calls.append(call)
        script = self.scripts[call.target.provider]
        try:
            for step in script.pop(0) if isinstance(script, Again) else script:
                if isinstance(step, str):
                    yield TextDelta(step)
                elif isinstance(step, ModelFinished):
                    yield step
                elif isinstance(step, ProviderError):
                    raise step
                else:
                    await step()
        finally:
            self.closed.append(call.target.provider)

    async def ping(self) -> None:
        return

    @property
    def asked(self) -> list[str]:
        return [call.target.provider for call in self.calls]


@dataclass
class Studio:
    """A workspace with providers One, Two, …, each of which plays its script."""

    ctx: Context
    models: Scripted

    async def run(self, **more: Any) -> list[GatewayEvent]:
        return [event async for event in gateway.stream(self.ctx, task(**more))]

    async def rows(self) -> list[Any]:
        return list(reversed((await usage.list_events(self.ctx)).items))


def task(**more: Any) -> Task:
    usual: dict[str, Any] = {"feature": "templates", "tier": "fast", "messages": (Message("user", "x" * 400),)}
    usual["reuse"] = False
    return Task(**(usual | {"brief": Brief("t", "en", {})} | more))


def text_of(events: list[GatewayEvent]) -> str:
    """Return the text that stands at the end: what came after the last restart."""
    pieces: list[str] = []
    for event in events:
        if isinstance(event, Restarted):
            pieces.clear()
        if isinstance(event, Text):
            pieces.append(event.text)
    return "".join(pieces)


@pytest.fixture
def studio_of(ctx_of: Any) -> Any:
    async def make(*, built_in: bool = True, **scripts: list[Step]) -> Studio:
        models = Scripted({**scripts, "Built-in writer": ["built ", "in", ModelFinished("stop", 5, 2)]})
        ctx = await ctx_of("ana")
        ctx = replace(ctx, ports=replace(ctx.ports, models=models))
        for name in scripts:
            form = ProviderForm(
                name=name, kind="openai", api_key="sk-secret-of-" + name, models=({"id": "gpt-5-mini", "label": name},)
            )
            await providers.create(ctx, form=form)
        if not built_in:
            await providers.update(ctx, providers.BUILT_IN, form=ProviderChange(enabled=False))
        return Studio(ctx, models)

    return make
