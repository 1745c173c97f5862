"""Who rests: after two failures in a row a provider is passed over for half a minute; only the first callers wait.

    well --failure--> once --failure--> resting --30 s--> the next call probes --failure--> resting
      ^__________________________________success_____________________________|

Kept in this process only: another one finds out by itself. A success anywhere in between makes it well again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_TO_REST = 2
REST_S = 30
LONGEST_REST_S = 300
"""A provider that asks for more patience than this is asked again all the same."""
KEYS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rest:
    """A provider that is passed over: since when it fails, and until when it rests."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class _Streak:
    failures: int
    since: datetime
    until: datetime | None = None


class Breaker:
    """Streaks of failures by key; a key is a connection of one workspace, so workspaces do not see each other's."""

    def __init__(self) -> None:
        self._streaks: OrderedDict[str, _Streak] = OrderedDict()

    def failed(self, key: str, *, now: datetime, retry_after_s: int | None = None) -> None:
        """Note a failure."""
        streak = self._streaks.setdefault(key, _Streak(0, now))
        streak.failures += 1
        if streak.failures >= FAILURES_TO_REST:
            rest_s = min(max(REST_S, retry_after_s or 0), LONGEST_REST_S)
            streak.until = now + timedelta(seconds=rest_s)
        self._streaks.move_to_end(key)
        if len(self._streaks) > KEYS_KEPT:
            self._streaks.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Note a success."""
        self._streaks.pop(key, None)

    def rest(self, key: str, *, now: datetime) -> Rest | None:
        """Return for how long calls go past it, None when it is asked."""
        streak = self._streaks.get(key)
        if streak is None or streak.until is None or streak.until <= now:
            return None
        return Rest(streak.since, streak.until)

    def knows(self, key: str) -> bool:
        """Whether its last call failed."""
        return key in self._streaks
