"""Money is held before text is shown; where no budget can refuse it, the provider is asked meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.core.ports import Message
from app.llm import gateway
from app.llm.events import Text
from app.llm.task import Task
from app.usage import budgeting, checking, ledger, service
from app.usage.budgeting import BudgetForm
from tests.patience import until
from tests.scripted import STOP, studio_of, text_of

__all__ = ["studio_of"]

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

ASK = Task("chat", "fast", (Message("user", "Write about the harbour."),), max_tokens=100)


class SlowLedger:
    """`reserve` that waits to be let through, and says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_through = asyncio.Event()
        self._reserve = ledger.reserve
        monkeypatch.setattr(ledger, "reserve", self.reserve)

    async def reserve(self, *args: Any, **named: Any) -> Any:
        await self.let_through.wait()
        return await self._reserve(*args, **named)


async def test_the_provider_is_asked_while_the_money_is_being_held(
    studio_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = await studio_of(One=["Dear ", "harbour", STOP])
    slow = SlowLedger(monkeypatch)
    events: list[Any] = []

    async def read() -> None:
        events.extend([event async for event in gateway.stream(studio.ctx, ASK)])

    reading = asyncio.create_task(read())
    await until(lambda: studio.models.asked)
    await asyncio.sleep(0.02)
    shown = [event for event in events if isinstance(event, Text)]
    slow.let_through.set()
    await reading

    assert shown == []
    assert text_of(events) == "Dear harbour"
    assert not (await checking.check(studio.ctx)).faults


async def test_with_a_budget_nobody_is_asked_before_the_money_is_held(
    studio_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = await studio_of(One=["Dear harbour", STOP])
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=10_000_000))
    slow = SlowLedger(monkeypatch)
    stream = gateway.stream(studio.ctx, ASK)

    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    asked = list(studio.models.asked)
    slow.let_through.set()
    await first
    await stream.aclose()

    assert asked == []


async def test_money_that_cannot_be_held_shows_no_text_but_is_booked(
    studio_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise Unavailable("The disk is full.", code="database.full")

    studio = await studio_of(One=["Dear harbour", STOP])
    monkeypatch.setattr(ledger, "reserve", broken)
    events: list[Any] = []

    with pytest.raises(Unavailable):
        async for event in gateway.stream(studio.ctx, ASK):
            events += [event]

    assert text_of(events) == ""
    assert [row.outcome for row in (await service.list_events(studio.ctx)).items] == ["cancelled"]


async def test_a_call_that_is_left_before_anybody_is_asked_costs_nothing(
    studio_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = await studio_of(One=["Dear harbour", STOP])
    await budgeting.create(studio.ctx, form=BudgetForm(kind="tenant", limit_micros=10_000_000))
    slow = SlowLedger(monkeypatch)
    leaving = asyncio.ensure_future(anext(gateway.stream(studio.ctx, ASK)))
    await asyncio.sleep(0.05)
    leaving.cancel()
    slow.let_through.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving

    books = await checking.check(studio.ctx)
    assert (books.open_calls, books.faults) == (0, ())
    assert books.balances == {"available": 0, "reserved": 0}
    assert studio.models.asked == []
