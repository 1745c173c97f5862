"""A bus over Redis' pub/sub: one connection of each process listens, and hands on to everybody in it who wants to hear.

Pub/sub forgets: who was away misses what was said, and reads the database again. While Redis is away nothing is said,
and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.adapters.bus_listeners import Listeners
from app.core.errors import Unavailable
from app.core.ids import NOBODY
from app.core.signals import MISSED, BusEvent
from app.core.telemetry import BUS_EVENTS, log

if TYPE_CHECKING:
    from redis.asyncio import Redis

CHANNEL = "galley:events"
TIMEOUT_S = 1.0
DEAF_S = 1.0
LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 2.0


class RedisBus:
    """Publishes to one channel and listens to it while somebody wants to hear."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._listeners = Listeners()
        self._reader: asyncio.Task[None] | None = None
        self._deaf_until_s = 0.0
        self.listening = asyncio.Event()

    @cached_property
    def _redis(self) -> Redis:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        return Redis.from_url(
            self._redis_url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
        )

    async def publish(self, *events: BusEvent) -> None:
        from redis.exceptions import RedisError

        if time.monotonic() < self._deaf_until_s:
            BUS_EVENTS.labels("unheard").inc(len(events))
            return
        try:
            async with self._redis.pipeline(transaction=False) as together:
                for event in events:
                    together.publish(CHANNEL, as_text(event))
                await together.execute()
            BUS_EVENTS.labels("published").inc(len(events))
        except (RedisError, OSError) as error:
            self._deaf_until_s = time.monotonic() + DEAF_S
            BUS_EVENTS.labels("unheard").inc(len(events))
            log.warning("bus.away", error=type(error).__name__)

    async def listen(self) -> AsyncGenerator[BusEvent]:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        async for event in self._listeners.listen():
            yield event

    async def _read(self) -> None:
        """Hand on what is said, and connect again for as long as somebody in this process listens."""
        from redis.exceptions import RedisError

        was_away, pause_s = False, 0.1
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as said:
                    await said.subscribe(CHANNEL)
                    self.listening.set()
                    if was_away:
                        self._listeners.tell(BusEvent(NOBODY, MISSED, {}))
                    was_away, pause_s = True, 0.1
                    while True:
                        message = await said.get_message(timeout=LOOK_EVERY_S)
                        if message and (event := as_event(message["data"])):
                            self._listeners.tell(event)
            except (RedisError, OSError) as error:
                log.warning("bus.deaf", error=type(error).__name__, again_in_s=pause_s)
            self.listening.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    async def ping(self) -> None:
        """Return when Redis answers.

        Raises:
            Unavailable: it does not.
        """
        from redis.exceptions import RedisError

        try:
            ping: Any = self._redis.ping()  # Any: its hint says "or not awaitable"
            await ping
        except (RedisError, OSError) as error:
            raise Unavailable(code="bus.unavailable") from error

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        if "_redis" in self.__dict__:
            await self.__dict__.pop("_redis").aclose()


def as_text(event: BusEvent) -> str:
    """Return the event as it travels."""
    return json.dumps({"tenant": str(event.tenant_id), "name": event.name, "data": dict(event.data)})


def as_event(text: Any) -> BusEvent | None:  # Any: whatever somebody else may have published there
    """Return the event in a message; None for what is none of ours."""
    try:
        told = json.loads(text)
        return BusEvent(UUID(told["tenant"]), str(told["name"]), dict(told["data"]))
    except (ValueError, KeyError, TypeError):
        log.warning("bus.stray_message")
        return None
