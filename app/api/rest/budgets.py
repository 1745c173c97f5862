"""/api/v1/budgets: what a workspace, a team, a person, an API key or a feature may spend in a month or a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import AddressId, Page
from app.usage import budgeting
from app.usage.budgeting import BudgetChange, BudgetForm, BudgetView
from app.usage.budgets import BudgetKind, Period

router = APIRouter(prefix="/api/v1/budgets", tags=["budgets"], route_class=DoorRoute)


class BudgetOut(BaseModel):
    """A budget and how it stands, in micro-dollars. `reserved_micros` is held by calls that run now."""

    id: UUID
    kind: BudgetKind
    subject_id: UUID | None
    feature: str
    name: str
    period: Period
    limit_micros: int | None
    soft_micros: int | None
    spent_micros: int
    reserved_micros: int
    resets_on: date


def budget_out(view: BudgetView) -> BudgetOut:
    """Return a budget as it crosses the door."""
    return BudgetOut.model_validate(view, from_attributes=True)


@router.get("")
@requires("usage:read")
async def list_budgets(ctx: Ctx) -> Page[BudgetOut]:
    """List the workspace's budgets, oldest first, each with what was spent in its present period."""
    return Page(items=[budget_out(one) for one in await budgeting.list_all(ctx)])


@router.post("", status_code=201)
@requires("settings:write")
async def create_budget(ctx: Ctx, body: BudgetForm) -> BudgetOut:
    """Set a budget; what was spent since its period began counts."""
    return budget_out(await budgeting.create(ctx, form=body))


@router.put("/{budget_id}")
@requires("settings:write")
async def change_budget(ctx: Ctx, budget_id: AddressId, body: BudgetChange) -> BudgetOut:
    """Give a budget other amounts; what is left out is taken away."""
    return budget_out(await budgeting.change(ctx, budget_id=budget_id, form=body))


@router.delete("/{budget_id}", status_code=204)
@requires("settings:write")
async def delete_budget(ctx: Ctx, budget_id: AddressId) -> None:
    """Take a budget away."""
    await budgeting.delete(ctx, budget_id=budget_id)
