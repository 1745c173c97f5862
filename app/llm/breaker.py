"""Who rests: after two faults in a row a provider is passed over for a while; then one caller alone tries it again.

    well --fault--> doubted --fault--> resting --rest over--> one caller probes --fault--> resting, twice as long
      ^_________________________________success____________________|              (others still go past)

Kept in this process only: another one finds out by itself. A success anywhere in between makes it well again. A
provider that says how long it wants to be left alone rests at once, for so long.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_TO_REST = 2
REST_S = 30
LONGEST_REST_S = 300
"""A provider that asks for more patience than this is asked again all the same."""
PROBE_S = 60
"""A probe that has not ended by then is forgotten, and the next caller may try."""
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
    rest_s: int = 0
    until: datetime | None = None
    probed_until: datetime | None = None


class Breaker:
    """Streaks of faults by key; a key is a connection of one workspace, so workspaces do not see each other's."""

    def __init__(self) -> None:
        self._streaks: OrderedDict[str, _Streak] = OrderedDict()

    def failed(self, key: str, *, now: datetime, retry_after_s: int | None = None) -> bool:
        """Note a fault; return whether the provider rests because of it."""
        streak = self._streaks.setdefault(key, _Streak(0, now))
        streak.failures += 1
        rests = streak.failures >= FAILURES_TO_REST or bool(retry_after_s)
        if rests:
            streak.rest_s = min(max(REST_S, 2 * streak.rest_s if streak.probed_until else 0), LONGEST_REST_S)
            rest_s = min(max(streak.rest_s, retry_after_s or 0), LONGEST_REST_S)
            streak.until = now + timedelta(seconds=rest_s)
        streak.probed_until = None
        self._streaks.move_to_end(key)
        if len(self._streaks) > KEYS_KEPT:
            self._streaks.popitem(last=False)
        return rests

    def succeeded(self, key: str) -> None:
        """Note a success."""
        self._streaks.pop(key, None)

    def admits(self, key: str, *, now: datetime) -> bool:
        """Whether this caller may ask the provider now; after a rest the first one may, and the others go past."""
        if self.rest(key, now=now) is not None:
            return False
        streak = self._streaks.get(key)
        if streak is not None and streak.until is not None:
            streak.probed_until = now + timedelta(seconds=PROBE_S)
        return True

    def released(self, key: str) -> None:
        """Note that a caller left before its probe could tell anything."""
        streak = self._streaks.get(key)
        if streak is not None:
            streak.probed_until = None

    def rest(self, key: str, *, now: datetime) -> Rest | None:
        """Return for how long calls go past it, None when it is asked."""
        streak = self._streaks.get(key)
        if streak is None or streak.until is None:
            return None
        if streak.until <= now:
            probed = streak.probed_until
            return Rest(streak.since, probed) if probed is not None and now < probed else None
        return Rest(streak.since, streak.until)

    @property
    def doubted(self) -> int:
        """How many providers failed when they were last asked."""
        return len(self._streaks)

    def knows(self, key: str) -> bool:
        """Whether its last call failed."""
        return key in self._streaks
