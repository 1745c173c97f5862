"""From the bus to open tabs: whose workspace it is, together when it comes fast, nothing lost to a broken socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.adapters.bus_memory import MemoryBus
from app.core.ids import NOBODY, new_id
from app.core.signals import MISSED, BusEvent
from state import live
from tests.patience import until

HANDLER = "state.jobs.told"
OTHER = "state.toasts.told"


@dataclass
class App:
    """As much of Reflex's app as live.py touches: which tabs have a socket here, and what they were sent."""

    connected: dict[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, str, list[dict[str, Any]]]] = field(default_factory=list)
    breaks: bool = False

    @property
    def event_namespace(self) -> Any:
        return SimpleNamespace(_token_manager=SimpleNamespace(token_to_socket=self.connected, instance_id="me"))

    @property
    def event_processor(self) -> Any:
        return self

    async def enqueue(self, tab: str, event: Any) -> None:
        if self.breaks:
            raise RuntimeError("stopping")
        self.sent.append((tab, event.name, event.payload["changes"]))

    def seat(self, tab: str) -> None:
        self.connected[tab] = SimpleNamespace(instance_id="me")


@dataclass
class Stage:
    """The bus, the app, and whoever listens."""

    bus: MemoryBus
    app: App
    people: dict[str, UUID | None] = field(default_factory=dict)

    async def follow(self, tab: str, tenant: UUID | None, handler: str = HANDLER) -> None:
        self.people[tab] = tenant
        self.app.seat(tab)
        await live.follow(tab_of(tab), handler)  # type: ignore[arg-type]

    async def say(self, tenant: UUID, job: str = "1", **more: Any) -> None:
        await self.bus.publish(BusEvent(tenant, "job", {"id": job, "state": "running", **more}))


def tab_of(token: str) -> Any:
    return SimpleNamespace(router=SimpleNamespace(session=SimpleNamespace(client_token=token)))


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    made = Stage(MemoryBus(), App())

    async def who(state: Any) -> Any:
        tenant = made.people[state.router.session.client_token]
        return SimpleNamespace(tenant_id=tenant) if tenant else None

    monkeypatch.setattr(live, "principal_of", who)
    monkeypatch.setattr(live, "ports", lambda: SimpleNamespace(bus=made.bus))
    monkeypatch.setattr(live, "format_event_handler", lambda handler: handler)
    live._seats.clear()
    telling = asyncio.ensure_future(live.tell_tabs(made.app))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    yield made
    telling.cancel()
    for tab in list(live._seats):
        live._give_up(tab)


async def test_every_tab_of_the_workspace_is_told_within_200_ms_and_no_other(stage: Stage) -> None:
    ours, theirs = new_id(), new_id()
    for tab, tenant in (("a", ours), ("b", ours), ("c", theirs)):
        await stage.follow(tab, tenant)
    await stage.say(ours)
    await asyncio.sleep(0.05)

    change = [{"id": "1", "state": "running"}]
    assert sorted(stage.app.sent) == [("a", HANDLER, change), ("b", HANDLER, change)]


async def test_changes_that_come_fast_come_together_the_newest_of_each_job(stage: Stage) -> None:
    ours = new_id()
    await stage.follow("a", ours)
    for number in range(6):
        await stage.say(ours, "1", done_permille=number)
        await stage.say(ours, "2", done_permille=number)
        await asyncio.sleep(0)
    await until(lambda: len(stage.app.sent) >= 2)
    await asyncio.sleep(live.GATHER_S + 0.05)

    assert len(stage.app.sent) == 2
    assert [(one["id"], one["done_permille"]) for one in stage.app.sent[-1][2]] == [("1", 5), ("2", 5)]


async def test_an_end_is_told_sooner_and_takes_along_what_is_untold(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GATHER_S", 60.0)
    ours = new_id()
    await stage.follow("a", ours)
    await stage.say(ours, "1")
    await until(lambda: stage.app.sent)
    await stage.say(ours, "2")
    await stage.say(ours, "1", state="done")
    await until(lambda: len(stage.app.sent) >= 2)

    told = [[(one["id"], one["state"]) for one in changes] for _, _, changes in stage.app.sent]
    assert told == [[("1", "running")], [("2", "running"), ("1", "done")]]


async def test_a_tab_is_told_through_each_handler_that_follows_and_through_none_that_left(stage: Stage) -> None:
    ours = new_id()
    await stage.follow("a", ours)
    await stage.follow("a", ours)
    await stage.follow("a", ours, OTHER)
    await stage.say(ours)
    await until(lambda: len(stage.app.sent) >= 2)
    both = [name for _, name, _ in stage.app.sent]
    live.leave(tab_of("a"), HANDLER)  # type: ignore[arg-type]
    live.leave(tab_of("a"), OTHER)  # type: ignore[arg-type]
    live.leave(tab_of("unknown"), OTHER)  # type: ignore[arg-type]
    await stage.say(ours)
    await asyncio.sleep(0.15)

    assert both == [HANDLER, OTHER]
    assert len(stage.app.sent) == 2


async def test_a_tab_that_changes_workspace_hears_of_the_new_one_only(stage: Stage) -> None:
    before, after = new_id(), new_id()
    await stage.follow("a", before)
    await stage.say(before, "old")
    await stage.follow("a", after)
    await stage.say(before, "old")
    await stage.say(after, "new")
    await until(lambda: stage.app.sent)
    await asyncio.sleep(0.15)

    assert [one["id"] for _, _, changes in stage.app.sent for one in changes] == ["new"]


async def test_who_is_not_signed_in_follows_nothing(stage: Stage) -> None:
    ours = new_id()
    await stage.follow("a", ours)
    await stage.follow("a", None)
    await stage.say(ours)
    await asyncio.sleep(0.05)

    assert stage.app.sent == []


async def test_a_tab_whose_socket_broke_is_told_when_it_is_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "AWAY_AGAIN_S", 0.05)
    ours = new_id()
    await stage.follow("a", ours)
    stage.app.connected.clear()
    await stage.say(ours, "1")
    await stage.say(ours, "2")
    await asyncio.sleep(0.1)
    away = list(stage.app.sent)
    stage.app.seat("a")
    await until(lambda: stage.app.sent)

    assert away == []
    assert [[one["id"] for one in changes] for _, _, changes in stage.app.sent] == [["1", "2"]]


async def test_a_tab_that_stays_away_loses_its_seat(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "AWAY_AGAIN_S", 0.02)
    monkeypatch.setattr(live, "AWAY_AT_MOST_S", 0.1)
    ours = new_id()
    await stage.follow("a", ours)
    stage.app.connected["a"] = SimpleNamespace(instance_id="another process")
    await stage.say(ours)
    await until(lambda: not live._seats)

    assert live._seats == {}


async def test_too_many_changes_become_a_wish_to_read_anew(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_CHANGES", 3)
    ours = new_id()
    await stage.follow("a", ours)
    stage.app.connected.clear()
    for number in range(4):
        await stage.say(ours, str(number))
    await asyncio.sleep(0)
    seat = live._seats["a"]
    await asyncio.sleep(0.01)

    assert list(seat.untold.values()) == [{"id": ""}]


async def test_when_the_bus_was_away_every_tab_is_told_to_read_anew(stage: Stage) -> None:
    await stage.follow("a", new_id())
    await stage.follow("b", new_id())
    await stage.bus.publish(BusEvent(NOBODY, MISSED, {}))
    await stage.bus.publish(BusEvent(NOBODY, "something else", {}))
    await until(lambda: len(stage.app.sent) >= 2)
    await asyncio.sleep(0.05)

    assert sorted((tab, changes) for tab, _, changes in stage.app.sent) == [("a", [{"id": ""}]), ("b", [{"id": ""}])]


async def test_an_event_that_cannot_be_told_does_not_silence_the_next(stage: Stage) -> None:
    ours = new_id()
    await stage.follow("a", ours)
    await stage.bus.publish(BusEvent(ours, "job", {"no": "id"}))
    await asyncio.sleep(0.01)
    stage.app.breaks = True
    await stage.say(ours, "1")
    await asyncio.sleep(0.15)
    stage.app.breaks = False
    await stage.say(ours, "2")
    await until(lambda: stage.app.sent)

    assert [one["id"] for _, _, changes in stage.app.sent for one in changes] == ["2"]
