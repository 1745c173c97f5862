"""How often one browser may speak: a bucket of tokens per session, and per address for visitors without one."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many per second after that."""

    burst: float
    per_s: float


class Buckets:
    """Token buckets by key; the longest unused are forgotten first."""

    def __init__(self, rate: Rate, *, keys: int = 20_000) -> None:
        self._rate = rate
        self._keys = keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, *, now_s: float) -> bool:
        """Return whether one more is allowed for `key` at the monotonic time `now_s`."""
        level, at_s = self._levels.pop(key, (self._rate.burst, now_s))
        level = min(self._rate.burst, level + (now_s - at_s) * self._rate.per_s)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now_s)
        if len(self._levels) > self._keys:
            self._levels.popitem(last=False)
        return allowed


class Visitors:
    """Tabs without a session that are alive: seen within `idle_s`. Each costs memory, so their number has a limit."""

    def __init__(self, *, most: int, idle_s: float = 900.0) -> None:
        self._most = most
        self._idle_s = idle_s
        self._seen: OrderedDict[str, float] = OrderedDict()

    def admit(self, token: str, *, now_s: float) -> bool:
        """Return whether this tab may live; a known one always may."""
        if token not in self._seen and len(self._seen) >= self._most:
            return False
        self._seen[token] = now_s
        self._seen.move_to_end(token)
        return True

    def gone(self, *, now_s: float) -> list[str]:
        """Return the tabs that were idle too long, and stop counting them."""
        idle = []
        while self._seen and now_s - next(iter(self._seen.values())) > self._idle_s:
            idle.append(self._seen.popitem(last=False)[0])
        return idle

    def forget(self, token: str) -> None:
        """Stop counting a tab: it has a session now."""
        self._seen.pop(token, None)
