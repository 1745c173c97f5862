"""Where a month is heading: what the last seven days cost, carried on to its end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

from app.usage.budgeting import BudgetView
from app.usage.budgets import counts, next_start
from app.usage.queries import Spending
from app.usage.sums import Rows, Span

SHORTEST = timedelta(hours=6)
"""Of a shorter time nothing is concluded: one morning's work is no month."""


@dataclass(frozen=True, slots=True)
class Reach:
    """At this pace a budget's limit is reached on `day`."""

    budget: BudgetView
    day: date


@dataclass(frozen=True, slots=True)
class Pace:
    """At this pace a day costs `day_micros`, and the month ends near `month_micros`; `reaches`, soonest first.

    `is_known` False: too little time to tell, and both amounts are what was spent.
    """

    is_known: bool
    day_micros: int
    month_micros: int
    reaches: tuple[Reach, ...]


def project(by_spender: Rows, budgets: Sequence[BudgetView], *, lately: Span, spent_micros: int) -> Pace:
    """Return where the present month is heading.

    `by_spender`: rows (person, key, team, feature, cost) of `lately`, which ends now.
    pace = cost of `lately` / its days; the month ends near spent + pace * days that are left.
    """
    now = lately.until
    took = now - lately.since
    if took < SHORTEST:
        return Pace(False, 0, spent_micros, ())
    days = took / timedelta(days=1)
    end = next_start("month", now.date())
    left_days = (datetime(end.year, end.month, 1, tzinfo=UTC) - now) / timedelta(days=1)
    day_micros = sum(int(row[4]) for row in by_spender) / days
    reaches = []
    for budget in budgets:
        if budget.period != "month" or budget.limit_micros is None:
            continue
        pace = sum(int(row[4]) for row in by_spender if _counts(budget, row)) / days
        left = max(0, budget.limit_micros - budget.used_micros)
        if pace and left / pace < left_days:
            reaches.append(Reach(budget, (now + timedelta(days=left / pace)).date()))
    reaches.sort(key=lambda one: one.day)
    return Pace(True, ceil(day_micros), spent_micros + ceil(day_micros * left_days), tuple(reaches))


def _counts(budget: BudgetView, row: Any) -> bool:  # Any: a row of sums
    return counts(budget, Spending(row[0], row[1], row[2], str(row[3])))
