"""The end of a call: what it took is booked, told, and the text is kept for whoever asks the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from prometheus_client import Counter

from app.core.context import Context
from app.core.telemetry import log
from app.llm.attempt import Attempt
from app.llm.cache.schemas import Hit
from app.llm.events import Chosen, Decision, Leg, Settled, Verdict
from app.llm.routing import Plan
from app.llm.task import Task
from app.usage import ledger
from app.usage import service as usage
from app.usage.schemas import Attempt as UsedAttempt
from app.usage.schemas import Booked, Reservation

USAGE_LOST = Counter("galley_usage_lost_total", "Calls that could not be booked")

_settling: set[asyncio.Task[tuple[Booked, ...]]] = set()
"""Calls on their way to the database: held here, since the loop holds its tasks weakly."""


async def settle(
    ctx: Context, reservation: Reservation, used: Sequence[UsedAttempt], *, score: float | None = None
) -> tuple[Booked, ...]:
    """Book what every attempt has used, once; a caller who is cancelled here does not stop that."""
    numbered = [
        replace(one, call_id=reservation.call_id, attempt_no=number, score=score) for number, one in enumerate(used, 1)
    ]
    task = asyncio.get_running_loop().create_task(_book(ctx, reservation, numbered))
    _settling.add(task)
    task.add_done_callback(_settling.discard)
    return await asyncio.shield(task)


async def _book(ctx: Context, reservation: Reservation, used: Sequence[UsedAttempt]) -> tuple[Booked, ...]:
    try:
        return (await ledger.settle(ctx, reservation, attempts=used)).booked
    except Exception as error:  # the text is there: it must not be lost with its booking, which is counted
        USAGE_LOST.inc()
        log.exception("usage.lost", error=type(error).__name__, attempts=len(used))
        return tuple(usage.book(ctx, one) for one in used)


def told(
    last: Attempt,
    used: Sequence[UsedAttempt],
    booked: Sequence[Booked],
    *,
    plan: Plan,
    seams: tuple[int, ...],
    first_token_ms: int,
    total_ms: int,
) -> Settled:
    """Return what the text took, all told: every leg is in it, also those that failed or were beaten."""
    assert last.finished is not None
    return Settled(
        provider=last.candidate.target.provider,
        model=last.candidate.target.model,
        embedded=last.candidate.embedded,
        tokens_in=sum(one.tokens_in for one in booked),
        tokens_out=sum(one.tokens_out for one in booked),
        tokens_estimated=any(one.tokens_estimated for one in booked),
        cost_micros=sum(one.cost_micros for one in booked),
        cost_known=all(one.cost_known for one in booked),
        first_token_ms=first_token_ms,
        total_ms=total_ms,
        finish_reason=last.finished.reason,
        legs=tuple(_leg(attempt, one) for attempt, one in zip(used, booked, strict=True)),
        tier=plan.tier,
        seams=seams,
    )


def _leg(attempt: UsedAttempt, booked: Booked) -> Leg:
    return Leg(
        provider=attempt.provider,
        model=attempt.model,
        embedded=attempt.kind == "embedded",
        outcome=attempt.outcome,
        error_code=attempt.error_code,
        tokens_in=booked.tokens_in,
        tokens_out=booked.tokens_out,
        cost_micros=booked.cost_micros,
        cost_known=booked.cost_known,
        first_token_ms=attempt.first_token_ms,
        total_ms=attempt.total_ms,
    )


def earlier(hit: Hit, plan: Plan) -> Chosen:
    """Return the event that tells that an earlier answer is given again, and why nobody was asked."""
    code, text = "why.chosen.earlier", "Not written anew: the same was asked before."
    if hit.kind == "answer":
        code, text = "why.chosen.alike", "Not written anew: a question that means the same was answered before."
    verdict = Verdict(hit.model, code, text, {"cost_micros": 0, "tier": plan.tier, "policy": plan.version})
    return Chosen(hit.provider, hit.model, hit.model, False, Decision((verdict,), tier=plan.tier))


def told_again(hit: Hit, plan: Plan, *, total_ms: int) -> Settled:
    """Return what an earlier answer took: nothing."""
    return Settled(
        provider=hit.provider,
        model=hit.model,
        embedded=False,
        tokens_in=0,
        tokens_out=0,
        tokens_estimated=False,
        cost_micros=0,
        cost_known=True,
        first_token_ms=total_ms,
        total_ms=total_ms,
        finish_reason="stop",
        served=hit.kind,
        written_at=hit.written_at,
        saved_micros=hit.saved_micros,
        tier=plan.tier,
    )


async def book_hit(ctx: Context, task: Task, hit: Hit, plan: Plan, *, call_id: UUID, total_ms: int) -> None:
    """Write down that an earlier answer was given again, and what that saved."""
    kinds = (one.target.kind for one in plan.order if one.target.provider == hit.provider)
    used = UsedAttempt(
        feature=task.feature,
        provider=hit.provider,
        kind=next(kinds, "openai-compatible"),
        model=hit.model,
        outcome="ok",
        total_ms=total_ms,
        generation_id=task.generation_id,
        billable=False,
        tier=plan.tier,
        asked_tier=task.tier,
        quality=task.quality,
        template_id=task.template_id,
        task_kind=task.task_kind,
        language=task.language,
        max_tokens=task.max_tokens,
        served=hit.kind,
        saved_micros=hit.saved_micros,
    )
    await settle(ctx, Reservation(call_id, task.feature, 0), [used])
