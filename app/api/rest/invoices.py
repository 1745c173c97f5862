"""/api/v1/invoices: bills of providers, held against what was booked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.usage import invoices
from app.usage.invoices import Drift, DriftReport, InvoiceForm, InvoiceView

router = APIRouter(prefix="/api/v1/invoices", tags=["invoices"], route_class=DoorRoute)


class InvoiceOut(BaseModel):
    """An imported bill, in micro-dollars. `agrees`: both sums are within a cent or one per cent."""

    id: UUID
    provider: str
    first_day: date
    last_day: date
    billed_micros: int
    booked_micros: int
    agrees: bool
    created_at: datetime


class DriftOut(BaseModel):
    """A bill against the books, per model and day. `drift_micros` = billed - booked."""

    invoice: InvoiceOut
    drifts: list[Drift]
    drift_micros: int
    not_billed_micros: int
    not_booked_micros: int


@router.get("")
@requires("providers:write")
async def list_invoices(ctx: Ctx) -> Page[InvoiceOut]:
    """List the imported bills, newest first."""
    return Page(items=[_invoice(one) for one in await invoices.list_all(ctx)])


@router.post("", status_code=201)
@requires("providers:write")
async def import_invoice(ctx: Ctx, body: InvoiceForm) -> DriftOut:
    """Import a bill (CSV, in US dollars) and hold it against the books."""
    return _report(await invoices.import_bill(ctx, form=body))


@router.get("/{invoice_id}")
@requires("providers:write")
async def show_drift(ctx: Ctx, invoice_id: AddressId) -> DriftOut:
    """Hold a bill against the books as they are now."""
    return _report(await invoices.drift(ctx, invoice_id=invoice_id))


@router.delete("/{invoice_id}", status_code=204)
@requires("providers:write")
async def delete_invoice(ctx: Ctx, invoice_id: AddressId) -> None:
    """Forget a bill."""
    await invoices.delete(ctx, invoice_id=invoice_id)


def _invoice(view: InvoiceView) -> InvoiceOut:
    return InvoiceOut.model_validate(view, from_attributes=True)


def _report(report: DriftReport) -> DriftOut:
    return DriftOut(
        invoice=_invoice(report.invoice),
        drifts=list(report.drifts),
        drift_micros=report.drift_micros,
        not_billed_micros=report.not_billed_micros,
        not_booked_micros=report.not_booked_micros,
    )
