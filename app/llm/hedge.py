"""The race for the first token: an error starts the next candidate at once, silence starts another one alongside.

leader silent past its own deadline --budget--> another one alongside; the first text wins, the other is ended
                                    --none----> as long again, then it is given up and the next one is asked
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from uuid import UUID

from prometheus_client import Counter

from app.core.ports import ProviderError
from app.llm.attempt import Attempt
from app.llm.line import Line, late
from app.llm.routing import Candidate

HEDGES = Counter("galley_hedges_total", "Calls asked of a second provider because the first was silent", ["won"])
SHARE = 0.05
"""Of so many calls a second one may be made: a deadline at the 95th percentile needs no more."""
MOST_SAVED = 3.0
TENANTS_KEPT = 10_000
AT_ONCE = 2


class HedgeBudget:
    """How many second calls a workspace may still make: each call earns a twentieth of one."""

    def __init__(self) -> None:
        self._saved: OrderedDict[UUID | None, float] = OrderedDict()

    def earn(self, tenant_id: UUID | None) -> None:
        """Note a call."""
        self._saved[tenant_id] = min(self._saved.get(tenant_id, 1.0) + SHARE, MOST_SAVED)
        self._saved.move_to_end(tenant_id)
        if len(self._saved) > TENANTS_KEPT:
            self._saved.popitem(last=False)

    def spend(self, tenant_id: UUID | None) -> bool:
        """Take one second call out of the budget; False where there is none."""
        saved = self._saved.get(tenant_id, 1.0)
        if saved < 1.0:
            return False
        self._saved[tenant_id] = saved - 1.0
        return True


class Race:
    """The candidates of `line` against each other, until one has written its first text.

    Losers on their way out are in `ending`: what they used is known when those are done.
    """

    def __init__(
        self,
        line: Line,
        begin: Callable[[Candidate], Attempt],
        *,
        deadline_s: Callable[[Candidate], float],
        may_hedge: Callable[[Candidate], bool],
        ending: list[asyncio.Task[None]],
    ) -> None:
        self._line = line
        self._begin = begin
        self._deadline_s = deadline_s
        self._may_hedge = may_hedge
        self._running: dict[asyncio.Task[None], Attempt] = {}
        self._due_s: dict[Attempt, float] = {}
        self._alarm_s: float | None = None
        self._hedge: Attempt | None = None
        self._ending = ending

    async def run(self) -> AsyncGenerator[Attempt]:
        """Yield whoever is now waited for; the last one has won, and its first text is there.

        Raises:
            ProviderError: nobody is left.
        """
        try:
            while True:
                if not self._running:
                    leader = self._start(self._line.next())
                    await asyncio.sleep(0)  # the question leaves before it is told why this one is asked
                    yield leader
                winner = await self._step()
                if winner is not None:
                    yield winner
                    return
        finally:
            self._end()

    def _start(self, candidate: Candidate) -> Attempt:
        attempt = self._begin(candidate)
        loop = asyncio.get_running_loop()
        self._running[loop.create_task(attempt.first())] = attempt
        self._due_s[attempt] = loop.time() + self._deadline_s(candidate)
        self._set_alarm()
        return attempt

    def _set_alarm(self) -> None:
        """Wake up when the latest comer's time is over; never, while nobody could be asked instead."""
        latest = next(reversed(self._running.values()), None)
        useful = latest is not None and self._line.beside(latest.candidate) is not None
        self._alarm_s = self._due_s[latest] if latest is not None and useful else None

    async def _step(self) -> Attempt | None:
        """Wait for the next thing to happen; return the winner when there is one."""
        wait_s = None if self._alarm_s is None else max(0.0, self._alarm_s - asyncio.get_running_loop().time())
        done, _ = await asyncio.wait(self._running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._alarm()
        for task in [task for task in self._running if task in done]:
            attempt = self._running.pop(task)
            error = task.exception()
            if error is None:
                if self._hedge is not None:
                    HEDGES.labels("yes" if attempt is self._hedge else "no").inc()
                return attempt
            if not isinstance(error, ProviderError):
                raise error
            owed = attempt.used is None or attempt.used.billable
            self._line.failed(attempt.candidate, error, owed=owed)
            self._set_alarm()
        return None

    def _alarm(self) -> None:
        """Act on a silence: ask another one too, or instead."""
        loop = asyncio.get_running_loop()
        task, leader = next(iter(self._running.items()))
        if len(self._running) >= AT_ONCE:
            self._give_up(task, leader)
            task, leader = next(iter(self._running.items()))
        other = self._line.beside(leader.candidate)
        patience_s = self._due_s[leader] + self._deadline_s(leader.candidate)
        if other is None:
            self._alarm_s = None
        elif self._may_hedge(leader.candidate):
            self._hedge = self._start(self._line.take(other))
        elif loop.time() < patience_s:
            self._alarm_s = patience_s
        else:
            self._give_up(task, leader)

    def _give_up(self, task: asyncio.Task[None], attempt: Attempt) -> None:
        """End an attempt that was silent for too long."""
        self._line.failed(attempt.candidate, late(attempt.candidate))
        self._drop(task, slow=True)

    def _end(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for task, attempt in list(self._running.items()):
            slow = now_s >= self._due_s[attempt]
            if slow:
                self._line.beaten(attempt.candidate)
            else:
                self._line.unheard(attempt.candidate)
            self._drop(task, slow=slow)

    def _drop(self, task: asyncio.Task[None], *, slow: bool) -> None:
        """End the provider's work; nobody waits for that, the winner least of all."""
        attempt = self._running.pop(task)
        if slow:
            attempt.is_slow()
        task.cancel()
        self._ending.append(asyncio.get_running_loop().create_task(_ended(task, attempt)))


async def _ended(task: asyncio.Task[None], attempt: Attempt) -> None:
    await asyncio.wait({task})
    await attempt.close()
