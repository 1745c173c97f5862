"""Rate limits counted in Redis by the `limits` library, for several web processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

from prometheus_client import Counter

from app.core.errors import Unavailable
from app.core.ports import Allowance, RateLimiter
from app.core.telemetry import log

if TYPE_CHECKING:
    from limits.aio.strategies import MovingWindowRateLimiter
    from redis.asyncio import ConnectionPool

T = TypeVar("T")

TIMEOUT_S = 0.5

OUTAGES = Counter("galley_limiter_outages_total", "Rate limits counted in this process because Redis did not answer")


class RedisLimiter:
    """Exact moving windows. While Redis is away `meanwhile` counts for this process: limits hold, a little wider."""

    def __init__(self, redis_url: str, *, meanwhile: RateLimiter) -> None:
        self._redis_url = redis_url
        self._meanwhile = meanwhile

    @cached_property
    def _pool(self) -> ConnectionPool:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        return ConnectionPool.from_url(
            self._redis_url,
            retry=Retry(NoBackoff(), 0),  # its default waits and tries again: seconds per request while Redis is away
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
        )

    @cached_property
    def _windows(self) -> MovingWindowRateLimiter:
        from limits.aio.strategies import MovingWindowRateLimiter
        from limits.storage import storage_from_string

        pool: Any = self._pool  # Any: the library's own hint knows plain options only
        storage: Any = storage_from_string(  # Any: it returns the union of every storage it knows
            f"async+{self._redis_url}", implementation="redispy", wrap_exceptions=True, connection_pool=pool
        )
        return MovingWindowRateLimiter(storage)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def hit(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Count one more and say whether it still fits; one that does not fit is not counted."""
        return await self._ask(
            lambda: self._count(key, limit, window_s, counting=True),
            lambda: self._meanwhile.hit(key, limit=limit, window_s=window_s),
        )

    async def peek(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Say whether one more would fit, without counting."""
        return await self._ask(
            lambda: self._count(key, limit, window_s, counting=False),
            lambda: self._meanwhile.peek(key, limit=limit, window_s=window_s),
        )

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        """Forget what was counted under the key."""
        from limits import RateLimitItemPerSecond

        item = RateLimitItemPerSecond(limit, window_s)
        await self._meanwhile.clear(key, limit=limit, window_s=window_s)
        await self._ask(
            lambda: self._windows.clear(item, key),
            lambda: self._meanwhile.clear(key, limit=limit, window_s=window_s),
        )

    async def ping(self) -> None:
        """Return when counting works.

        Raises:
            Unavailable: Redis does not answer.
        """
        if not await self._windows.storage.check():
            raise Unavailable(code="limiter.unavailable")

    async def _ask(self, there: Callable[[], Awaitable[T]], here: Callable[[], Awaitable[T]]) -> T:
        from limits.errors import StorageError

        try:
            return await there()
        except StorageError as error:
            OUTAGES.inc()
            log.warning("limiter.redis_away", error=type(error.storage_error).__name__)
            return await here()

    async def _count(self, key: str, limit: int, window_s: int, *, counting: bool) -> Allowance:
        from limits import RateLimitItemPerSecond

        item = RateLimitItemPerSecond(limit, window_s)
        allowed = await (self._windows.hit(item, key) if counting else self._windows.test(item, key))
        stats = await self._windows.get_window_stats(item, key)
        return Allowance(allowed, stats.remaining, max(0, round(stats.reset_time - time())))
