"""The operator's page: what every workspace costs and pays, who makes the cost, and the prices of models.

Who may see it is asked by the services: being an operator is no role of a workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import reflex as rx
from pydantic import ValidationError

from app.core.errors import AppError, InvalidInput, NotAllowed
from app.core.ids import parse_id
from state import money
from state.marks import needs, public
from state.session import SessionState, ctx_for
from state.usage_budgets import refused_amount
from state.usage_curve import Curve, draw_curve

if TYPE_CHECKING:
    from app.core.context import Context
    from app.usage.margin import TenantSpend
    from app.usage.price_list import PriceForm, PriceView

MOST_WORKSPACES = 100
MOST_PRICES = 20


@dataclass
class WorkspaceRow:
    """A workspace's month; `charge` and `margin` are "" where it pays nothing."""

    id: str = ""
    name: str = ""
    demo: bool = False
    people: int = 0
    calls: int = 0
    cost: str = ""
    share: float = 0
    charge: str = ""
    margin: str = ""
    losing: bool = False


@dataclass
class PriceRow:
    """A price in dollars per million tokens; `id` is "" for the list that came with Galley."""

    id: str = ""
    kind: str = ""
    model: str = ""
    read: str = ""
    written: str = ""
    since: str = ""
    source: str = ""
    holds: bool = True


class OperatorState(rx.State):
    """What the page shows of a month, and the form for a price."""

    loaded: bool = False
    allowed: bool = False
    month: str = ""
    months: list[str] = []
    cost: str = ""
    income: str = ""
    margin: str = ""
    curve: Curve = Curve()
    workspaces: list[WorkspaceRow] = []
    workspaces_left: int = 0
    prices: list[PriceRow] = []
    prices_left: int = 0
    today: str = ""
    stamp: int = 0
    error_field: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = {}

    _sought: str = ""

    @rx.event
    @public
    async def open(self) -> None:
        """Read the present month and the prices."""
        ctx = await ctx_for(self)
        self.allowed = ctx.is_operator
        self.today = ctx.ports.clock.now().date().isoformat()
        if ctx.is_operator:
            await self._read(ctx)
            await self._read_prices(ctx)
        self.loaded = True

    @rx.event
    @needs("usage:read")
    async def open_month(self, month: str) -> None:
        """Show another month."""
        ctx = await ctx_for(self)
        if ctx.is_operator and month in self.months:
            self.month = month
            await self._read(ctx)

    @rx.event
    @needs("usage:read")
    async def find_price(self, words: str) -> None:
        """Show the prices of models whose names hold these words."""
        self._sought = words[:80].strip().lower()
        ctx = await ctx_for(self)
        if ctx.is_operator:
            await self._read_prices(ctx)

    @rx.event
    @needs("usage:read")
    async def set_price(self, form: dict[str, str | None]) -> None:
        """Set a model's price from a day on."""
        from app.usage import price_list

        ctx = await ctx_for(self)
        try:
            await price_list.add(ctx, form=_price({name: typed or "" for name, typed in form.items()}))
        except AppError as error:
            self._refuse(error)
            return
        self._refuse(None)
        self.stamp += 1
        await self._read_prices(ctx)

    @rx.event
    @needs("usage:read")
    async def remove_price(self, price_id: str) -> None:
        """Take one of the operator's prices away."""
        from app.usage import price_list

        ctx, wanted = await ctx_for(self), parse_id(price_id)
        try:
            if wanted is not None:
                await price_list.delete(ctx, price_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        await self._read_prices(ctx)

    @rx.event
    @needs("usage:read")
    async def set_charge(self, workspace_id: str, typed: str) -> None:
        """Say what a workspace pays per month."""
        from app.usage import margin

        ctx, wanted = await ctx_for(self), parse_id(workspace_id)
        micros = money.micros_of(typed) if typed.strip() else 0
        try:
            if micros is None:
                raise refused_amount("budget.amount", field="charge")
            if wanted is not None:
                await margin.set_charge(ctx, tenant_id=wanted, form=margin.ChargeForm(month_micros=micros))
                await self._read(ctx)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)

    def _refuse(self, error: AppError | None) -> None:
        self.error_field = (error.field or "form") if error else ""
        self.error_code = f"error.{error.code}" if error else ""
        self.error = error.message if error else ""
        self.error_params = dict(error.params) if error else {}

    async def _read(self, ctx: Context) -> None:
        from app.usage import margin, reports

        first = reports.month_of(ctx, self.month)
        try:
            told = await margin.report(ctx, month=first)
        except NotAllowed:
            self.allowed = False
            return
        self.month = f"{first:%Y-%m}"
        self.months = [f"{one:%Y-%m}" for one in await reports.months(ctx)]
        self.cost, self.income = money.total(told.cost_micros), money.total(told.charge_micros)
        self.margin = money.total(told.margin_micros) if told.charge_micros else ""
        spread = told.lorenz
        self.curve = draw_curve(spread.points, top_percent=spread.top_percent, top_cost_percent=spread.top_cost_percent)
        dearest = max([1, *(one.cost_micros for one in told.tenants)])
        self.workspaces = [workspace_row(one, dearest=dearest) for one in told.tenants[:MOST_WORKSPACES]]
        self.workspaces_left = max(0, len(told.tenants) - MOST_WORKSPACES)

    async def _read_prices(self, ctx: Context) -> None:
        from app.usage import price_list

        found = [one for one in await price_list.list_all(ctx) if self._sought in f"{one.kind} {one.model}"]
        found.sort(key=lambda one: one.id is None)
        self.prices = [price_row(one) for one in found[:MOST_PRICES]]
        self.prices_left = max(0, len(found) - MOST_PRICES)


def workspace_row(spend: TenantSpend, *, dearest: int) -> WorkspaceRow:
    """Return a workspace as the table shows it."""
    return WorkspaceRow(
        id=str(spend.tenant_id),
        name=spend.name,
        demo=spend.is_demo,
        people=spend.active_users,
        calls=spend.calls,
        cost=money.total(spend.cost_micros),
        share=round(100 * spend.cost_micros / dearest, 1),
        charge=money.limit(spend.charge_micros) if spend.charge_micros else "",
        margin=money.total(spend.margin_micros) if spend.charge_micros else "",
        losing=spend.margin_micros < 0,
    )


def price_row(view: PriceView) -> PriceRow:
    """Return a price as the table shows it."""
    return PriceRow(
        id=str(view.id) if view.id else "",
        kind=view.kind,
        model=view.model,
        read=money.rate(view.input_micros),
        written=money.rate(view.output_micros),
        since=view.valid_from.isoformat() if view.valid_from else "",
        source=view.source,
        holds=view.holds,
    )


def _price(form: dict[str, str]) -> PriceForm:
    from app.usage.price_list import PriceForm

    amounts = {name: money.micros_of(form.get(name, "")) for name in ("read", "written")}
    for name, micros in amounts.items():
        if micros is None:
            raise InvalidInput(
                "Write an amount in dollars, for example 400 or 12.50.", code="budget.amount", field=name
            )
    try:
        return PriceForm.model_validate(
            {
                "kind": form.get("kind", ""),
                "model": form.get("model", ""),
                "input_micros": amounts["read"],
                "output_micros": amounts["written"],
                "valid_from": date.fromisoformat(form.get("valid_from", "")),
                "source": form.get("source", ""),
            }
        )
    except ValidationError as wrong:
        raise InvalidInput(field=str(wrong.errors(include_input=False)[0]["loc"][0])) from None
    except ValueError:
        raise InvalidInput(field="valid_from") from None
