"""Rate limits by the `limits` library: in Redis where there is one, else in this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

from prometheus_client import Counter

from app.core.errors import Unavailable
from app.core.ports import Allowance
from app.core.telemetry import log

if TYPE_CHECKING:
    from limits.aio.strategies import MovingWindowRateLimiter

T = TypeVar("T")

OUTAGES = Counter("galley_limiter_outages_total", "Rate limits counted in this process because Redis did not answer")


class LimitsLimiter:
    """Exact moving windows. While Redis is away each process counts for itself: limits hold, a little wider."""

    def __init__(self, redis_url: str = "") -> None:
        self._redis_url = redis_url

    @cached_property
    def _here(self) -> MovingWindowRateLimiter:
        from limits.aio.storage import MemoryStorage
        from limits.aio.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())

    @cached_property
    def _shared(self) -> MovingWindowRateLimiter:
        from limits.aio.strategies import MovingWindowRateLimiter
        from limits.storage import storage_from_string

        storage: Any = storage_from_string(  # Any: the library returns the union of every storage it knows
            f"async+{self._redis_url}", implementation="redispy", wrap_exceptions=True
        )
        return MovingWindowRateLimiter(storage)

    async def hit(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Count one more and say whether it still fits; one that does not fit is not counted."""
        return await self._ask(lambda windows: self._count(windows, key, limit, window_s, counting=True))

    async def peek(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Say whether one more would fit, without counting."""
        return await self._ask(lambda windows: self._count(windows, key, limit, window_s, counting=False))

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        """Forget what was counted under the key."""
        await self._ask(lambda windows: self._clear(windows, key, limit, window_s))

    async def ping(self) -> None:
        """Return when counting works.

        Raises:
            Unavailable: Redis does not answer.
        """
        if self._redis_url and not await self._shared.storage.check():
            raise Unavailable(code="limiter.unavailable")

    async def _ask(self, verb: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        from limits.errors import StorageError

        if self._redis_url:
            try:
                return await verb(self._shared)
            except StorageError as error:
                OUTAGES.inc()
                log.warning("limiter.redis_away", error=type(error.storage_error).__name__)
        return await verb(self._here)

    @staticmethod
    async def _count(
        windows: MovingWindowRateLimiter, key: str, limit: int, window_s: int, *, counting: bool
    ) -> Allowance:
        from limits import RateLimitItemPerSecond

        item = RateLimitItemPerSecond(limit, window_s)
        allowed = await (windows.hit(item, key) if counting else windows.test(item, key))
        stats = await windows.get_window_stats(item, key)
        return Allowance(allowed, stats.remaining, max(0, round(stats.reset_time - time())))

    @staticmethod
    async def _clear(windows: MovingWindowRateLimiter, key: str, limit: int, window_s: int) -> None:
        from limits import RateLimitItemPerSecond

        await windows.clear(RateLimitItemPerSecond(limit, window_s), key)
