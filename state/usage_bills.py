"""Bills of providers, held against what was booked. The file itself comes in by POST /api/v1/invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state import money
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context
    from app.usage.invoices import Drift, InvoiceView

MOST_BILLS = 50
MOST_LINES = 100


@dataclass
class BillRow:
    """A bill."""

    id: str = ""
    provider: str = ""
    first_day: str = ""
    last_day: str = ""
    billed: str = ""
    booked: str = ""
    agrees: bool = True


@dataclass
class DriftRow:
    """A model on a day, as billed and as booked; `billed` and `booked` are "" where it is missing there."""

    day: str = ""
    model: str = ""
    billed: str = ""
    booked: str = ""
    drift: str = ""
    verdict: str = ""
    guessed: bool = False


class BillsState(rx.State):
    """The list of bills and the differences of one."""

    bills: list[BillRow] = []
    billers: list[str] = []
    opened: str = ""
    drifts: list[DriftRow] = []
    agreeing: int = 0
    drifts_left: int = 0

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list."""
        ctx = await ctx_for(self)
        self.opened, self.drifts = "", []
        if "providers:write" in ctx.scopes:
            await self._read(ctx)

    @rx.event
    @needs("providers:write")
    async def taken(self, bill_id: str) -> None:
        """Show a bill that has just come in."""
        ctx = await ctx_for(self)
        await self._read(ctx)
        await self._compare(ctx, bill_id)

    @rx.event
    @needs("providers:write")
    async def compare(self, bill_id: str) -> None:
        """Show where a bill and the ledger part."""
        await self._compare(await ctx_for(self), bill_id)

    @rx.event
    @needs("providers:write")
    async def remove(self, bill_id: str) -> None:
        """Forget a bill."""
        from app.usage import invoices

        ctx, wanted = await ctx_for(self), parse_id(bill_id)
        try:
            if wanted is not None:
                await invoices.delete(ctx, invoice_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        self.opened, self.drifts = "", []
        await self._read(ctx)

    async def _read(self, ctx: Context) -> None:
        from app.usage import invoices, reports

        self.bills = [bill_row(one) for one in (await invoices.list_all(ctx))[:MOST_BILLS]]
        models = await reports.models(ctx, month=reports.month_of(ctx))
        named = [one.provider for one in models if not one.embedded]
        self.billers = list(dict.fromkeys([*named, *(one.provider for one in self.bills)]))[:MOST_BILLS]

    async def _compare(self, ctx: Context, bill_id: str) -> None:
        from app.usage import invoices

        wanted = parse_id(bill_id)
        if wanted is None:
            return
        try:
            told = await invoices.drift(ctx, invoice_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        parting = [one for one in told.drifts if one.verdict != "agrees"]
        parting.sort(key=lambda one: -abs(one.drift_micros))
        self.opened, self.agreeing = bill_id, len(told.drifts) - len(parting)
        self.drifts = [drift_row(one) for one in parting[:MOST_LINES]]
        self.drifts_left = max(0, len(parting) - MOST_LINES)


def bill_row(view: InvoiceView) -> BillRow:
    """Return a bill as the list shows it."""
    return BillRow(
        id=str(view.id),
        provider=view.provider,
        first_day=view.first_day.isoformat(),
        last_day=view.last_day.isoformat(),
        billed=money.total(view.billed_micros),
        booked=money.total(view.booked_micros),
        agrees=view.agrees,
    )


def drift_row(drift: Drift) -> DriftRow:
    """Return a difference as the table shows it."""
    return DriftRow(
        day=drift.day.isoformat(),
        model=drift.model,
        billed=money.total(drift.billed_micros) if drift.verdict != "not_billed" else "",
        booked=money.total(drift.booked_micros) if drift.verdict != "not_booked" else "",
        drift=("+" if drift.drift_micros > 0 else "") + money.total(drift.drift_micros),
        verdict=drift.verdict,
        guessed=drift.estimated_micros > 0,
    )
