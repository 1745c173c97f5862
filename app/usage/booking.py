"""What an attempt is booked at, and its usage row. Pure but for the counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.context import Context
from app.core.ids import new_id
from app.usage.metrics import ABSURD_COUNTS, ATTEMPTS, COST, FAILURES, FIRST_TOKEN_SECONDS, PRICE_UNKNOWN, SAVED, TOKENS
from app.usage.prices import cost_of
from app.usage.queries import Spender
from app.usage.schemas import Attempt, Booked

MOST_TOKENS = 10_000_000
"""Of one attempt, either way; ten times the largest context window on sale. More is a provider's mistake."""
MOST_COST_MICROS = 10_000_000_000
"""Of one attempt: ten thousand dollars. A price or a count that says more is a mistake, and is marked as one."""


def book(ctx: Context, attempt: Attempt) -> Booked:
    """Return what an attempt is to be booked at; counts that cannot be are replaced by guesses and marked."""
    tokens_in, tokens_out, estimated = 0, 0, False
    if attempt.billable:
        tokens_in, guessed_in = _believed(attempt.tokens_in, attempt.prompt_tokens_guess)
        tokens_out, guessed_out = _believed(attempt.tokens_out, attempt.output_tokens_guess)
        estimated = guessed_in or guessed_out
    cost = cost_of(
        attempt.kind,
        attempt.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        flat_micros=ctx.ports.settings.flat_price,
        own=attempt.own_price,
        on=ctx.ports.clock.now().date(),
    )
    if not 0 <= cost.micros <= MOST_COST_MICROS:
        return Booked(tokens_in, tokens_out, True, max(0, min(cost.micros, MOST_COST_MICROS)), False)
    return Booked(tokens_in, tokens_out, estimated, cost.micros, cost.known)


def _believed(counted: int | None, guess: int) -> tuple[int, bool]:
    """Return the tokens to book, and whether they are a guess."""
    if counted is not None and 0 <= counted <= MOST_TOKENS:
        return counted, False
    if counted is not None:
        ABSURD_COUNTS.inc()
    return max(0, min(guess, MOST_TOKENS)), True


def row_of(
    attempt: Attempt,
    booked: Booked,
    spender: Spender,
    *,
    tenant_id: UUID,
    call_id: UUID,
    attempt_no: int,
    began: datetime,
) -> dict[str, Any]:  # Any: whatever a column holds
    """Return the usage row of an attempt; a call is booked to one feature and to the time when it began."""
    return {
        "id": new_id(),
        "tenant_id": tenant_id,
        "call_id": call_id,
        "attempt_no": attempt_no,
        "user_id": spender.user_id,
        "api_key_id": spender.api_key_id,
        "team_id": spender.team_id,
        "feature": spender.feature,
        "generation_id": attempt.generation_id,
        "template_id": attempt.template_id,
        "task_kind": attempt.task_kind,
        "language": attempt.language,
        "tier": attempt.tier,
        "asked_tier": attempt.asked_tier,
        "quality": attempt.quality,
        "provider": attempt.provider,
        "kind": attempt.kind,
        "model": attempt.model,
        "outcome": attempt.outcome,
        "error_code": attempt.error_code,
        "tokens_in": booked.tokens_in,
        "tokens_out": booked.tokens_out,
        "tokens_estimated": booked.tokens_estimated,
        "cost_micros": booked.cost_micros,
        "cost_known": booked.cost_known,
        "served": attempt.served,
        "saved_micros": max(0, attempt.saved_micros),
        "prompt_chars": attempt.prompt_chars,
        "max_tokens": attempt.max_tokens,
        "failed_checks": attempt.failed_checks,
        "score_permille": None if attempt.score is None else round(attempt.score * 1000),
        "first_token_ms": attempt.first_token_ms,
        "total_ms": attempt.total_ms,
        "created_at": began,
    }


def count(attempt: Attempt, booked: Booked) -> None:
    """Count an attempt that was booked; once each."""
    if not booked.cost_known:
        PRICE_UNKNOWN.labels(attempt.kind).inc()
    ATTEMPTS.labels(attempt.kind, attempt.outcome).inc()
    if attempt.outcome == "failed":
        FAILURES.labels(attempt.kind, attempt.error_code).inc()
    TOKENS.labels(attempt.kind, "in").inc(booked.tokens_in)
    TOKENS.labels(attempt.kind, "out").inc(booked.tokens_out)
    COST.labels(attempt.kind, "yes" if booked.cost_known else "no").inc(booked.cost_micros)
    SAVED.labels(attempt.served).inc(max(0, attempt.saved_micros))
    if attempt.first_token_ms is not None:
        FIRST_TOKEN_SECONDS.labels(attempt.kind).observe(attempt.first_token_ms / 1000)
