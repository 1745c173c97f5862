"""The usage page: one month in money, and the calls behind whatever bar was opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import reflex as rx

from app.core.ids import parse_id
from state import money, usage_month
from state.marks import needs, public
from state.session import ctx_for
from state.usage_chart import PHONE, WIDE, Chart, draw
from state.usage_rows import CallRow, DayRow, SpendRow

if TYPE_CHECKING:
    from app.core.context import Context
    from app.usage import reports
    from app.usage.pace import Pace

KINDS = ("day", "feature", "member", "team", "model")
FEW, MANY = 7, 50
"""Calls beside the lists, and on a page of all of them."""


class UsageState(rx.State):
    """What the page shows of one month."""

    loaded: bool = False
    has_calls: bool = False
    is_now: bool = True
    is_free: bool = False
    month: str = ""
    months: list[str] = []
    view: str = "chart"
    spent: str = ""
    budget: str = ""
    ahead: str = ""
    pace: str = ""
    reaches_kind: str = ""
    reaches_name: str = ""
    reaches_day: str = ""
    calls_in_month: int = 0
    wide: Chart = Chart()
    phone: Chart = Chart()
    days: list[DayRow] = []
    members: list[SpendRow] = []
    teams: list[SpendRow] = []
    models: list[SpendRow] = []
    chosen_kind: str = ""
    chosen: str = ""
    chosen_name: str = ""
    chosen_day: str = ""
    chosen_feature: str = ""
    calls: list[CallRow] = []
    calls_n: int = 0
    calls_amount: str = ""
    calls_at: int = 0
    all_calls: bool = False
    saved: str = ""
    served: int = 0
    half: str = ""
    twentieth: str = ""
    twentieth_feature: str = ""
    agreement: str = ""
    biller: str = ""
    billed: str = ""
    booked: str = ""

    _models: list[tuple[str, str]] = []
    _cursors: list[str] = [""]
    _page: int = 0

    @rx.event
    @public
    async def open(self) -> None:
        """Read the present month."""
        ctx = await ctx_for(self)
        if "usage:read" in ctx.scopes:
            await self._read(ctx, "")

    @rx.event
    @needs("usage:read")
    async def open_month(self, month: str) -> None:
        """Show another month."""
        if month in self.months:
            await self._read(await ctx_for(self), month)

    @rx.event
    @needs("usage:read")
    def show_as(self, view: str) -> None:
        """Show the month as a drawing or as figures."""
        self.view = "table" if view == "table" else "chart"

    @rx.event
    @needs("usage:read")
    async def open_calls(self, kind: str, value: str) -> None:
        """Show the dearest calls behind a bar."""
        if kind in KINDS:
            self._choose(kind, value[:200])
            await self._read_calls(await ctx_for(self))

    @rx.event
    @needs("usage:read")
    async def turn_page(self, step: int) -> None:
        """Show all calls behind the bar, a page at a time; `step` 0 begins, 1 leads to cheaper ones, -1 back."""
        page = max(0, self._page + step) if self.all_calls and step else 0
        if page < len(self._cursors):
            await self._read_calls(await ctx_for(self), page=page)

    def _choose(self, kind: str, value: str) -> None:
        named = {row.id: row.name for row in (*self.members, *self.teams, *self.models)}
        self.chosen_kind, self.chosen = kind, value
        self.chosen_day = value if kind == "day" else ""
        self.chosen_feature = value if kind == "feature" else ""
        self.chosen_name = named.get(value, "")

    async def _read(self, ctx: Context, month: str) -> None:
        from app.usage import reports

        first = reports.month_of(ctx, month)
        told = await reports.month(ctx, month=first)
        self.month, self.is_now = f"{first:%Y-%m}", told.is_present
        self.months = [f"{one:%Y-%m}" for one in await reports.months(ctx)]
        self.has_calls = bool(told.attempts) or len(self.months) > 1
        self._tell(told)
        await self._draw(ctx, told)
        teams = await reports.teams(ctx, month=first)
        self.teams = usage_month.team_rows(teams, whole_micros=told.cost_micros)
        self._list(
            await reports.members(ctx, month=first),
            await reports.keys(ctx, month=first),
            await reports.models(ctx, month=first),
            whole_micros=told.cost_micros,
        )
        await self._read_bills(ctx)
        await self._read_calls(ctx)
        self.loaded = True

    async def _read_bills(self, ctx: Context) -> None:
        from app.usage import invoices

        bills = await invoices.list_all(ctx)
        worst = next((one for one in bills if not one.agrees), bills[0] if bills else None)
        self.agreement = "" if worst is None else "agree" if worst.agrees else "differ"
        self.biller = worst.provider if worst else ""
        self.billed = money.total(worst.billed_micros) if worst else ""
        self.booked = money.total(worst.booked_micros) if worst else ""

    def _tell(self, told: reports.MonthReport) -> None:
        self.spent, self.is_free = money.total(told.cost_micros), told.cost_micros == 0
        limit = usage_month.monthly_limit([told.budget] if told.budget else [])
        self.budget = money.limit(limit) if limit else ""
        self.calls_in_month = told.attempts
        self._tell_pace(told.pace)
        self.served, self.saved = told.earlier_answers, money.total(told.saved_micros)
        self.half = money.bound(told.half_micros) if told.twentieth_micros else ""
        self.twentieth = money.bound(told.twentieth_micros)
        self.twentieth_feature = told.twentieth_feature

    def _tell_pace(self, pace: Pace | None) -> None:
        known = pace is not None and pace.is_known and pace.month_micros > 0
        self.ahead = money.about(pace.month_micros) if pace and known else ""
        reach = next(iter(pace.reaches), None) if pace and known else None
        self.reaches_kind = reach.budget.kind if reach else ""
        self.reaches_name = reach.budget.name if reach else ""
        is_over = reach is not None and reach.budget.used_micros >= (reach.budget.limit_micros or 0)
        self.reaches_day = reach.day.isoformat() if reach and not is_over else ""

    async def _draw(self, ctx: Context, told: reports.MonthReport) -> None:
        from app.usage import reports

        order, drawn_as = usage_month.stacking({share.name: share.cost_micros for share in told.by_feature})
        found = await reports.days(ctx, month=told.month)
        days = usage_month.all_days(found, first=told.month, last=told.until, drawn_as=drawn_as)
        today = ctx.ports.clock.now().date()
        limit = usage_month.monthly_limit([told.budget] if told.budget else []) or 0
        pace = limit // len(days)
        ahead = usage_month.coming_days(told.pace, today=today, last=told.until)
        self.wide = draw(days, order=order, frame=WIDE, pace_micros=pace, ahead=ahead)
        self.phone = draw(days, order=order, frame=PHONE, pace_micros=pace, ahead=ahead)
        self.pace = money.total(pace)
        self.days = usage_month.day_rows(days, order)
        self._choose("day", usage_month.dearest_day(days))

    def _list(
        self,
        members: Sequence[reports.MemberSpend],
        keys: Sequence[reports.KeySpend],
        models: Sequence[reports.ModelSpend],
        *,
        whole_micros: int,
    ) -> None:
        self.members = usage_month.member_rows(members, keys, whole_micros=whole_micros, is_present=self.is_now)
        self.models = usage_month.model_rows(models, whole_micros=whole_micros)
        self._models = [(one.provider, one.model) for one in models[: len(self.models)]]

    async def _read_calls(self, ctx: Context, *, page: int | None = None) -> None:
        """Read a page of all calls, counted from 0; None: the few dearest."""
        from app.usage import reports

        at = page or 0
        found = await reports.calls(
            ctx,
            month=reports.month_of(ctx, self.month),
            behind=self._behind(),
            cursor=self._cursors[at] or None if page else None,
            limit=FEW if page is None else MANY,
        )
        self.calls = await _rows(ctx, found.items)
        self.calls_n, self.all_calls = found.calls, page is not None
        self.calls_amount = money.total(found.cost_micros) if found.cost_micros else ""
        self._page, self.calls_at = at, at * MANY
        following = [found.next_cursor] if found.next_cursor and page is not None else []
        self._cursors = [*self._cursors[: at + 1], *following]

    def _behind(self) -> reports.Behind:
        from app.usage.reports import Behind

        kind, _, value = self.chosen.partition(":")
        if self.chosen_kind == "day" and self.chosen_day:
            return Behind(day=date.fromisoformat(self.chosen_day))
        if self.chosen_kind == "feature":
            return Behind(feature=self.chosen_feature)
        if kind == "user":
            return Behind(user_id=parse_id(value))
        if kind == "team":
            return Behind(team_id=parse_id(value))
        if kind == "key":
            return Behind(api_key_id=parse_id(value))
        if kind == "model" and value.isdecimal() and int(value) < len(self._models):
            provider, model = self._models[int(value)]
            return Behind(provider=provider, model=model)
        return Behind()


async def _rows(ctx: Context, calls: Sequence[reports.CallRow]) -> list[CallRow]:
    from app.content import documents
    from app.content.catalogue_files import load_catalogue

    runs = [one.generation_id for one in calls if one.generation_id]
    kept = await documents.kept_from_runs(ctx, run_ids=runs) if "documents:read" in ctx.scopes else {}
    names = {template.id: template.name for template in load_catalogue().all()}
    return usage_month.call_rows(calls, documents=kept, names=names)
