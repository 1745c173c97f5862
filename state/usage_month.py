"""From the reports of a month to what the screen draws. Pure: reports in, rows and drawings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from state import money
from state.usage_chart import TONES, DaySpend
from state.usage_rows import CallRow, DayRow, SpendRow

if TYPE_CHECKING:
    from uuid import UUID

    from app.usage import reports
    from app.usage.budgeting import BudgetView
    from app.usage.pace import Pace

ORDER = ("generation", "media", "chat", "knowledge", "api", "repair", "provider-test")
"""From the ground up, so that a feature keeps its tone from month to month."""
OTHER = "other"
MOST_SPENDERS = 50
GONE = "gone"
GUEST, KEY_GONE = "demo-visitor", "key-gone"
"""What stands for the name of somebody who has none, and of a key that was taken back."""


def stacking(spent: Mapping[str, int]) -> tuple[list[str], dict[str, str]]:
    """Return the features in the order of the drawing, and under which of them each feature is drawn.

    More than the tones there are: the cheapest are drawn together as OTHER, on top.
    """
    ranked = sorted(spent, key=lambda name: -spent[name])
    alone = ranked if len(ranked) <= TONES else ranked[: TONES - 1]
    places = {name: at for at, name in enumerate(ORDER)}
    order = sorted(alone, key=lambda name: (places.get(name, len(places)), name))
    drawn_as = {name: name if name in alone else OTHER for name in spent}
    return (order if len(alone) == len(ranked) else [*order, OTHER]), drawn_as


def all_days(
    found: Sequence[reports.DaySpend], *, first: date, last: date, drawn_as: Mapping[str, str]
) -> list[DaySpend]:
    """Return every day of the month, those without calls too."""
    costs: dict[date, dict[str, int]] = {}
    counts: dict[date, int] = {}
    for one in found:
        of_day = costs.setdefault(one.day, {})
        name = drawn_as.get(one.feature, OTHER)
        of_day[name] = of_day.get(name, 0) + one.cost_micros
        counts[one.day] = counts.get(one.day, 0) + one.calls
    every = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    return [DaySpend(day, costs.get(day, {}), counts.get(day, 0)) for day in every]


def coming_days(pace: Pace | None, *, today: date, last: date) -> list[int]:
    """Return what each day after today is expected to cost; none for a month that is over or just begun."""
    if pace is None or not pace.is_known:
        return []
    return [pace.day_micros] * max(0, (last - today).days)


def day_rows(days: Sequence[DaySpend], order: Sequence[str]) -> list[DayRow]:
    """Return the days that have calls as rows of figures."""
    return [
        DayRow(
            day.day.isoformat(),
            [money.total(day.features[name]) if day.features.get(name) else "" for name in order],
            day.calls,
            money.total(day.micros) if day.micros else "",
        )
        for day in days
        if day.calls
    ]


def dearest_day(days: Sequence[DaySpend]) -> str:
    """Return the day one wants to look into first: the dearest, the latest among equals."""
    used = [day for day in days if day.calls]
    return max(used, key=lambda day: (day.micros, day.day)).day.isoformat() if used else ""


def member_rows(
    members: Sequence[reports.MemberSpend],
    keys: Sequence[reports.KeySpend],
    *,
    whole_micros: int,
    is_present: bool = True,
) -> list[SpendRow]:
    """Return people and keys together, dearest first."""
    mixed = [(f"user:{one.user_id}" if one.user_id else GONE, _person(one.user_id, one.name), one) for one in members]
    spenders = [*mixed, *((f"key:{one.api_key_id}", one.name or KEY_GONE, one) for one in keys)]
    spenders.sort(key=lambda named: (-named[2].cost_micros, -named[2].calls))
    bounds = [monthly_limit(one.budgets) or 0 for *_, one in spenders]
    longest = max([1, *bounds, *(one.cost_micros for *_, one in spenders)])
    rows = []
    for (row_id, name, one), bound in list(zip(spenders, bounds, strict=True))[:MOST_SPENDERS]:
        row = _spend_row(row_id, name, one.cost_micros, one.calls, longest, bound, whole_micros)
        used = max((budget.used_micros for budget in one.budgets if budget.period == "month"), default=0)
        # A person's budget counts the calls of their keys too, which stand in rows of their own.
        if is_present and bound and used > one.cost_micros:
            row.with_keys = f"{100 * used // bound}%"
        rows.append(row)
    return rows


def team_rows(teams: Sequence[reports.TeamSpend], *, whole_micros: int) -> list[SpendRow]:
    """Return teams, dearest first; none where nobody is in one."""
    named = [one for one in teams if one.team_id is not None and one.name][:MOST_SPENDERS]
    bounds = [monthly_limit(one.budgets) or 0 for one in named]
    longest = max([1, *bounds, *(one.cost_micros for one in named)])
    return [
        _spend_row(f"team:{one.team_id}", one.name, one.cost_micros, one.calls, longest, bound, whole_micros)
        for one, bound in zip(named, bounds, strict=True)
    ]


def model_rows(models: Sequence[reports.ModelSpend], *, whole_micros: int) -> list[SpendRow]:
    """Return models, dearest first; the id says which row it is."""
    longest = max([1, *(one.cost_micros for one in models)])
    return [
        _spend_row(
            f"model:{at}",
            "embedded" if one.embedded else one.model,
            one.cost_micros,
            one.calls,
            longest,
            0,
            whole_micros,
        )
        for at, one in enumerate(models[:MOST_SPENDERS])
    ]


def monthly_limit(budgets: Sequence[BudgetView]) -> int | None:
    """Return the strictest amount a month that somebody has, hard before soft; None: no limit."""
    monthly = [one for one in budgets if one.period == "month"]
    hard = [one.limit_micros for one in monthly if one.limit_micros is not None]
    soft = [one.soft_micros for one in monthly if one.soft_micros is not None]
    return min(hard or soft, default=None)


def call_rows(
    calls: Sequence[reports.CallRow], *, documents: Mapping[UUID, UUID], names: Mapping[str, str]
) -> list[CallRow]:
    """Return calls as rows; `documents` by run, `names` of templates in English by id."""
    return [
        CallRow(
            id=str(one.id),
            at=one.created_at.isoformat(),
            feature=one.feature,
            template_id=one.template_id if one.template_id in names else "",
            template=names.get(one.template_id, ""),
            href=_place(one, documents),
            who=(one.key_name or KEY_GONE) if one.api_key_id else _person(one.user_id, one.user_name),
            model=one.model,
            embedded=one.embedded,
            served=one.served,
            outcome=one.outcome,
            tokens=one.tokens_in + one.tokens_out,
            guessed=one.tokens_estimated,
            cost=money.price(one.cost_micros) if one.cost_micros else "",
            known=one.cost_known,
        )
        for one in calls
    ]


def _person(user_id: UUID | None, name: str) -> str:
    return name or (GUEST if user_id else "")


def _place(call: reports.CallRow, documents: Mapping[UUID, UUID]) -> str:
    document = documents.get(call.generation_id) if call.generation_id else None
    return f"/documents/{document}" if document else ""


def _spend_row(row_id: str, name: str, micros: int, calls: int, longest: int, bound: int, whole: int) -> SpendRow:
    return SpendRow(
        id=row_id,
        name=name,
        amount=money.total(micros) if micros else "",
        calls=calls,
        share=round(100 * micros / longest, 1),
        limit=money.limit(bound) if bound else "",
        limit_share=round(100 * bound / longest, 1),
        percent=f"{100 * micros // (bound or whole)}%" if bound or whole else "",
    )
