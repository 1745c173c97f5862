"""Rate limits counted in this process. For one web process; with more of them set GALLEY_REDIS_URL.

Not `limits.storage.MemoryStorage`: 5.8 starts a thread or a task per hit, walks every key in it, and its asyncio form
raises KeyError there when a key is cleared meanwhile.
"""

from __future__ import annotations

import math
from collections import deque

from app.core.clock import Clock
from app.core.ports import Allowance

PRUNE_EVERY = 1_000


class MemoryLimiter:
    """Exact moving windows by the clock it is given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[int, deque[float]]] = {}
        self._asked = 0

    async def hit(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Count one more and say whether it still fits; one that does not fit is not counted."""
        times = self._live(key, window_s)
        allowed = len(times) < limit
        if allowed:
            times.append(self._clock.monotonic_s())
        return self._allowance(times, limit, window_s, allowed=allowed)

    async def peek(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Say whether one more would fit, without counting."""
        times = self._live(key, window_s)
        return self._allowance(times, limit, window_s, allowed=len(times) < limit)

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        """Forget what was counted under the key."""
        self._windows.pop(key, None)

    async def ping(self) -> None:
        """Return when counting works, which is always."""

    def _live(self, key: str, window_s: int) -> deque[float]:
        self._asked += 1
        if self._asked % PRUNE_EVERY == 0:
            self._prune()
        _, times = self._windows.setdefault(key, (window_s, deque()))
        start = self._clock.monotonic_s() - window_s
        while times and times[0] <= start:
            times.popleft()
        return times

    def _allowance(self, times: deque[float], limit: int, window_s: int, *, allowed: bool) -> Allowance:
        reset_s = math.ceil(times[0] + window_s - self._clock.monotonic_s()) if times else 0
        return Allowance(allowed, max(0, limit - len(times)), reset_s)

    def _prune(self) -> None:
        now_s = self._clock.monotonic_s()
        over = [key for key, (window_s, times) in self._windows.items() if not times or times[-1] <= now_s - window_s]
        for key in over:
            del self._windows[key]
