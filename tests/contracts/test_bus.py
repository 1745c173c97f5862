"""What every Bus does: inside this process and through Redis."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters import bus_listeners
from app.adapters.bus_memory import MemoryBus
from app.adapters.bus_redis import CHANNEL, RedisBus, as_event, as_text
from app.core.errors import Unavailable
from app.core.ids import new_id
from app.core.signals import MISSED, Bus, BusEvent
from tests.patience import PATIENCE_S, until
from tests.redis_server import RedisServer, redis_server, running_redis

__all__ = ["redis_server"]


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    """An adapter to which nobody listens yet."""
    if request.param == "memory":
        yield MemoryBus()
        return
    with tempfile.TemporaryDirectory(prefix="galley-") as folder, running_redis(Path(folder)) as server:
        adapter = RedisBus(server.url)
        yield adapter
        await adapter.close()


def event(number: int = 0) -> BusEvent:
    return BusEvent(new_id(), "job", {"id": "1", "n": number})


class Ear:
    """Somebody who listens and keeps what was said."""

    def __init__(self, bus: Bus) -> None:
        self.heard: list[BusEvent] = []
        self.task = asyncio.ensure_future(self._listen(bus))

    async def _listen(self, bus: Bus) -> None:
        async for said in bus.listen():
            self.heard.append(said)

    async def wait_for(self, count: int) -> list[BusEvent]:
        await until(lambda: len(self.heard) >= count)
        return self.heard


async def listening(bus: Bus) -> Ear:
    ear = Ear(bus)
    await asyncio.sleep(0)
    if isinstance(bus, RedisBus):
        await subscribed(bus)
    return ear


async def subscribed(bus: RedisBus) -> None:
    """Wait until Redis itself says that the bus listens."""
    from redis.asyncio import Redis

    await asyncio.wait_for(bus.listening.wait(), PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S), Redis.from_url(bus._redis_url) as redis:
        while (await redis.pubsub_numsub(CHANNEL))[0][1] == 0:
            await asyncio.sleep(0.005)


async def test_everybody_hears_what_is_said_from_then_on(bus: Bus) -> None:
    await bus.publish(event())
    one, two = await listening(bus), await listening(bus)
    said = [event(1), event(2)]
    for part in said:
        await bus.publish(part)

    assert await one.wait_for(2) == said
    assert await two.wait_for(2) == said
    one.task.cancel()
    two.task.cancel()


async def test_who_stops_listening_hears_no_more_and_others_do(bus: Bus) -> None:
    one, two = await listening(bus), await listening(bus)
    one.task.cancel()
    await asyncio.gather(one.task, return_exceptions=True)
    await bus.publish(event())

    assert len(await two.wait_for(1)) == 1
    assert one.heard == []
    two.task.cancel()


async def test_what_is_said_is_heard_within_200_ms(bus: Bus) -> None:
    ear = await listening(bus)
    took_s = []
    for number in range(20):
        began_s = time.monotonic()
        await bus.publish(event(number))
        await ear.wait_for(number + 1)
        took_s.append(time.monotonic() - began_s)
    ear.task.cancel()

    assert sorted(took_s)[18] < 0.2


async def test_a_slow_listener_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_listeners, "KEPT", 2)
    bus = MemoryBus()
    hears = bus.listen()
    first = asyncio.ensure_future(anext(hears))
    await asyncio.sleep(0)
    said = [event(number) for number in range(4)]
    for part in said:
        await bus.publish(part)
    found = [await first, await anext(hears)]
    await hears.aclose()

    assert found == said[2:]


async def test_a_bus_that_works_says_so(bus: Bus) -> None:
    await bus.ping()


async def test_without_redis_nothing_is_said_and_nobody_waits(tmp_path: Path) -> None:
    bus = RedisBus(f"unix://{tmp_path}/absent.sock")
    began_s = time.monotonic()
    for _ in range(50):
        await bus.publish(event())
    with pytest.raises(Unavailable):
        await bus.ping()
    await bus.close()

    assert time.monotonic() - began_s < 2


async def test_a_listener_hears_again_when_redis_is_back_and_that_something_was_missed(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(redis_server.url)
    ear = await listening(bus)
    redis_server.kill()
    await until(lambda: not bus.listening.is_set())
    redis_server.start()
    await subscribed(bus)
    said = event()
    await bus.publish(said)
    heard = await ear.wait_for(2)
    ear.task.cancel()
    await bus.close()

    assert [one.name for one in heard] == [MISSED, "job"]
    assert heard[1] == said


async def test_what_others_publish_there_is_passed_over(redis_server: RedisServer) -> None:
    from redis.asyncio import Redis

    bus = RedisBus(redis_server.url)
    ear = await listening(bus)
    async with Redis.from_url(redis_server.url) as stranger:
        for text in ("no json", "[]", '{"tenant": "x", "name": "job", "data": {}}', '{"name": "job"}'):
            await stranger.publish(CHANNEL, text)
    said = event()
    await bus.publish(said)
    heard = await ear.wait_for(1)
    ear.task.cancel()
    await bus.close()

    assert heard == [said]


def test_an_event_travels_unchanged() -> None:
    said = event(3)

    assert as_event(as_text(said)) == said
