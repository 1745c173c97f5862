"""Counters of what is used. Labels are kinds, never names that a workspace gave."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ATTEMPTS = Counter("galley_model_attempts_total", "Calls to models, by how they ended", ["kind", "outcome"])
FAILURES = Counter("galley_model_failures_total", "Calls to models that failed, by error code", ["kind", "code"])
TOKENS = Counter("galley_model_tokens_total", "Tokens read and written by models", ["kind", "direction"])
COST = Counter("galley_model_cost_micros_total", "Micro-dollars booked", ["kind", "known"])
PRICE_UNKNOWN = Counter(
    "galley_price_unknown_total", "Calls booked at the flat price for want of a known one", ["kind"]
)
ABSURD_COUNTS = Counter("galley_absurd_token_counts_total", "Token counts that cannot be, replaced by guesses")
SAVED = Counter("galley_saved_micros_total", "Micro-dollars saved by giving an earlier answer again", ["served"])
BUDGET_REFUSALS = Counter("galley_budget_refusals_total", "Calls that a budget did not allow", ["kind"])
SWEPT = Counter("galley_reservations_swept_total", "Reservations that a killed process left, booked at their estimate")
FIRST_TOKEN_SECONDS = Histogram(
    "galley_model_first_token_seconds",
    "Time to a model's first token",
    ["kind"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30),
)
