"""The candidates of one call as they stand in line: who was asked, what came of it, who is next."""

from __future__ import annotations

from dataclasses import replace

from app.core.context import Context
from app.core.errors import AppError
from app.core.ports import ProviderError, ProviderRefusedRequest, ProviderTimeout
from app.core.telemetry import log
from app.llm.candidates import breaker
from app.llm.errors import AnswerFiltered, NoProviderAvailable, PartsDoNotFit
from app.llm.events import Chosen
from app.llm.purse import Purse
from app.llm.routing import Candidate, Plan, explain
from app.usage.prices import cost_of


class Line:
    """The order of a plan, used up from the front; failures go to the breaker."""

    def __init__(self, ctx: Context, decided: Plan, purse: Purse) -> None:
        self._ctx = ctx
        self._decided = decided
        self._purse = purse
        self._asked: list[Candidate] = []
        self._waiting = list(decided.order)
        self._errors: dict[int, ProviderError] = {}
        self._asked_again = False

    def next(self) -> Candidate:
        """Take the first who may be asked now and can be paid; where all rest, the first of those.

        Raises:
            ProviderError: nobody is left; the one provider's own error, or how many were asked.
        """
        now = self._ctx.ports.clock.now()
        payable = [candidate for candidate in self._waiting if self._purse.affords(candidate)]
        for candidate in payable:
            if candidate.embedded or breaker.admits(candidate.key, now=now):
                return self.take(candidate)
        if not payable:
            raise self._nobody_left()
        return self.take(payable[0])

    def take(self, candidate: Candidate) -> Candidate:
        """Take one who waits out of the line, to be asked."""
        self._purse.commit(candidate)
        self._waiting.remove(candidate)
        self._asked.append(candidate)
        return candidate

    def beside(self, candidate: Candidate) -> Candidate | None:
        """Return whom to ask alongside a silent `candidate`: of those of its tier the cheapest, else the next.

        Only a provider of another name that is well; the built-in writer would win every race.
        """
        now = self._ctx.ports.clock.now()
        others = [
            other
            for other in self._waiting
            if not other.embedded and other.key != candidate.key and breaker.rest(other.key, now=now) is None
            if self._purse.affords(other)
        ]
        alike = [other for other in others if other.target.tier == candidate.target.tier]
        return min(alike, key=self._price, default=others[0] if others else None)

    def failed(self, candidate: Candidate, error: ProviderError, *, owed: bool = True) -> None:
        """Note a failure, unless the fault lies with this one request; `owed` False: it costs nothing."""
        self._errors[self._place(candidate)] = error
        if not owed:
            self._purse.refund(candidate)
        kind, reason = candidate.target.kind, error.params.get("reason")
        log.warning("models.attempt_failed", kind=kind, code=error.code, reason=reason)
        if isinstance(error, AnswerFiltered | PartsDoNotFit | ProviderRefusedRequest):
            breaker.released(candidate.key)
        elif not candidate.embedded:
            breaker.failed(candidate.key, now=self._ctx.ports.clock.now(), retry_after_s=error.retry_after_s)

    def beaten(self, candidate: Candidate) -> None:
        """Note that a candidate was silent beyond its deadline and another one was quicker; it may go on later."""
        breaker.failed(candidate.key, now=self._ctx.ports.clock.now())
        hosted = [other for other in self._waiting if not other.embedded]
        self._waiting.insert(len(hosted), candidate)

    def unheard(self, candidate: Candidate) -> None:
        """Note that a candidate asked alongside was not waited for; it is the next again."""
        breaker.released(candidate.key)
        self._waiting.insert(0, candidate)

    def again(self, candidate: Candidate) -> bool:
        """Let a candidate be asked once more, before all others; once in a call."""
        if self._asked_again:
            return False
        self._asked_again = True
        self._waiting.insert(0, candidate)
        return True

    @property
    def has_hosted(self) -> bool:
        """Whether anybody but the built-in writer waits."""
        return any(not candidate.embedded and self._purse.affords(candidate) for candidate in self._waiting)

    def chosen(self, candidate: Candidate) -> Chosen:
        """Return the event that tells who writes now, and why."""
        at = self._place(candidate)
        failures: list[AppError] = [self._errors.get(n) or late(self._asked[n]) for n in range(at)]
        order = replace(self._decided, order=(*self._asked, *self._waiting))
        why = explain(order, at=at, failures=failures, flat_micros=self._ctx.ports.settings.flat_price)
        target = candidate.target
        return Chosen(target.provider, target.model, why.verdicts[at].label, candidate.embedded, why)

    def _place(self, candidate: Candidate) -> int:
        return max(n for n, asked in enumerate(self._asked) if asked is candidate)

    def _price(self, candidate: Candidate) -> int:
        flat_micros = self._ctx.ports.settings.flat_price
        target = candidate.target
        return cost_of(
            target.kind, target.model, tokens_in=1000, tokens_out=500, flat_micros=flat_micros, own=candidate.own_price
        ).micros

    def _nobody_left(self) -> ProviderError:
        """Return what to tell: the one provider's own error, or how many were asked and what the last one said."""
        last = self._errors[max(self._errors)]
        tried = len({(asked.key, asked.target.model) for asked in self._asked})
        if tried == 1:
            return last
        return NoProviderAvailable(
            params={"tried": tried, "reason": last.text(), "provider": last.params.get("provider", "")},
            retry_after_s=last.retry_after_s,
        )


def late(candidate: Candidate) -> ProviderError:
    """Return the error of a candidate that was silent for too long."""
    return ProviderTimeout(params={"provider": candidate.target.provider, "reason": "no first token in time"})
