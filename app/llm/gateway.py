"""The only way to a model.

Candidates are asked one after the other: an error before any text hands over at once; a stream that breaks, stalls or
ends without a finish after text has flowed voids that text, and the next candidate begins from the start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from app.core.context import Context
from app.core.ports import ProviderError, ProviderRefusedRequest
from app.core.telemetry import log
from app.llm.attempt import Attempt, written_down
from app.llm.candidates import breaker, candidates
from app.llm.errors import AnswerFiltered, NoProviderAvailable, NoProviderEnabled
from app.llm.events import Chosen, GatewayEvent, Restarted, Text
from app.llm.routing import Candidate, Plan, explain, plan
from app.llm.task import Task


async def stream(ctx: Context, task: Task) -> AsyncIterator[GatewayEvent]:
    """Write `task` with the first candidate that delivers. Closing the iterator ends the provider's work.

    Every attempt has its usage row, also failed and cancelled ones, before this ends.

    Raises:
        NoProviderEnabled: there is nobody to ask.
        NoProviderAvailable: nobody delivered.
    """
    decided = plan(task, await candidates(ctx))
    if not decided.order:
        raise NoProviderEnabled
    attempts: list[Attempt] = []
    failures: list[ProviderError] = []
    try:
        for index, candidate in enumerate(decided.order):
            attempts.append(attempt := Attempt(ctx, task, candidate))
            yield _chosen(ctx, decided, index, failures)
            try:
                async with aclosing(attempt.texts()) as texts:
                    async for text in texts:
                        yield Text(text)
            except ProviderError as error:
                failures.append(error)
                _remember(ctx, candidate, error)
                if attempt.flowed and index + 1 < len(decided.order):
                    yield Restarted(error.code, candidate.target.provider)
                continue
            breaker.succeeded(candidate.key)
            yield attempt.settled
            return
        raise _nobody_left(failures)
    finally:
        await written_down(attempts)


def _chosen(ctx: Context, decided: Plan, index: int, failures: list[ProviderError]) -> Chosen:
    candidate = decided.order[index]
    why = explain(decided, at=index, failures=failures, flat_micros=ctx.ports.settings.flat_price)
    target = candidate.target
    return Chosen(target.provider, target.model, why.verdicts[index].label, candidate.embedded, why)


def _remember(ctx: Context, candidate: Candidate, error: ProviderError) -> None:
    """Count the failure against the provider, unless the fault lies with this one request."""
    log.warning("models.attempt_failed", kind=candidate.target.kind, code=error.code, reason=error.params.get("reason"))
    if not candidate.embedded and not isinstance(error, AnswerFiltered | ProviderRefusedRequest):
        breaker.failed(candidate.key, now=ctx.ports.clock.now(), retry_after_s=error.retry_after_s)


def _nobody_left(failures: list[ProviderError]) -> ProviderError:
    """Return what to tell: the one provider's own error, or how many were asked and what the last one said."""
    last = failures[-1]
    if len(failures) == 1:
        return last
    return NoProviderAvailable(
        params={"tried": len(failures), "reason": last.text(), "provider": last.params.get("provider", "")},
        retry_after_s=last.retry_after_s,
    )
