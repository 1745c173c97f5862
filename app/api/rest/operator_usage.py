"""/api/v1/operator/usage: cost and margin of every workspace, for the operators of an installation."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.rest.usage import Month
from app.api.scopes import signed_in
from app.api.shapes import AddressId
from app.usage import margin, reports
from app.usage.margin import ChargeForm, OperatorReport

router = APIRouter(prefix="/api/v1/operator/usage", tags=["operator"], route_class=DoorRoute)


@router.get("")
@signed_in
async def operator_report(ctx: Ctx, month: Month = "") -> OperatorReport:
    """Show what each workspace cost and is charged, and how cost is spread over people. Operators only."""
    return await margin.report(ctx, month=reports.month_of(ctx, month))


@router.put("/tenants/{organisation_id}/charge", status_code=204)
@signed_in
async def set_charge(ctx: Ctx, organisation_id: AddressId, body: ChargeForm) -> None:
    """Say what a workspace pays per month. Operators only."""
    await margin.set_charge(ctx, tenant_id=organisation_id, form=body)
