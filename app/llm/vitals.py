"""How each provider's models have been lately: their last calls and how soon they began to write.

Kept in this process, for as many models as matter; an operator's provider is one for all workspaces.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

CALLS_SHOWN = 10
CALLS_KEPT = 50
LEAST_TO_LEARN = 5
"""Before so many first tokens nothing can be said about a model's usual pace."""
SOONEST_S, LATEST_S = 0.3, 10.0
"""No model is doubted sooner: most of them take longer once in twenty. None is waited for longer."""
MODELS_KEPT = 10_000

Ended = Literal["ok", "failed", "slow", "left"]
"""`slow`: another was quicker; `left`: nobody waited for the end."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it ended. `first_ms` is None where nothing came."""

    at: datetime
    ended: Ended
    first_ms: int | None
    error_code: str = ""


@dataclass(slots=True)
class Pulse:
    """The last calls of one model, oldest first."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))

    @property
    def firsts_ms(self) -> list[int]:
        """Times to the first token, oldest first; of a call that was given up for slowness, how long it was silent."""
        return [call.first_ms for call in self.calls if call.first_ms is not None]

    @property
    def error_share(self) -> float:
        """The share of calls that failed, 0 to 1; those that nobody waited for do not count."""
        told = [call for call in self.calls if call.ended != "left"]
        return sum(call.ended != "ok" for call in told) / len(told) if told else 0.0

    def first_ms(self, share: float) -> int | None:
        """Return the time within which `share` of the first tokens came (nearest rank), None before the first."""
        ordered = sorted(self.firsts_ms)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


class Vitals:
    """The pulses of all models of this process, by (key of the provider, model)."""

    def __init__(self) -> None:
        self._pulses: OrderedDict[tuple[str, str], Pulse] = OrderedDict()

    def note(self, key: str, model: str, call: Call) -> None:
        """Note how a call ended."""
        pulse = self._pulses.setdefault((key, model), Pulse())
        pulse.calls.append(call)
        self._pulses.move_to_end((key, model))
        if len(self._pulses) > MODELS_KEPT:
            self._pulses.popitem(last=False)

    def pulse(self, key: str, model: str) -> Pulse:
        """Return a model's pulse; an empty one where nothing is known."""
        return self._pulses.get((key, model)) or Pulse()

    def deadline_s(self, key: str, model: str, *, start_s: float) -> float:
        """Return how long to wait for a model's first token before another is asked alongside.

        Its own 95th percentile, within bounds; `start_s` until enough is known.
        """
        pulse = self._pulses.get((key, model))
        usual_ms = pulse.first_ms(0.95) if pulse is not None and len(pulse.firsts_ms) >= LEAST_TO_LEARN else None
        if usual_ms is None:
            return start_s
        return min(max(usual_ms / 1000, min(SOONEST_S, start_s)), LATEST_S)

    def of(self, prefix: str) -> list[tuple[str, str, Pulse]]:
        """Return (key, model, pulse) of every provider whose key begins so."""
        return [(key, model, pulse) for (key, model), pulse in self._pulses.items() if key.startswith(prefix)]

    def forget(self, keys: Iterable[str] | None = None) -> None:
        """Forget some providers, or all."""
        gone = None if keys is None else set(keys)
        for key, model in list(self._pulses):
            if gone is None or key in gone:
                del self._pulses[key, model]
