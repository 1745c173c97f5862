"""/api/v1/usage: every call to a model, and a month in money. The built-in writer is listed, at no charge.

`month` is 2026-11, empty for the present one; days and months are those of UTC; amounts are micro-dollars.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.api.door import Ctx, DoorRoute
from app.api.downloads import attachment
from app.api.rest.budgets import BudgetOut
from app.api.scopes import requires
from app.api.shapes import CursorText, Limit, Page
from app.usage import reports
from app.usage import service as usage
from app.usage.csv_export import month_as_csv
from app.usage.reports import Behind, CallPage, DaySpend, ModelSpend
from app.usage.schemas import Share, UsageView

router = APIRouter(prefix="/api/v1/usage", tags=["usage"], route_class=DoorRoute)

Month = Annotated[str, Query(max_length=7, description="Such as 2026-11; empty: the present month.")]
Name = Annotated[str | None, Query(max_length=200)]


class ReachOut(BaseModel):
    """At the present pace this budget's limit is reached on `day`."""

    budget: BudgetOut
    day: date


class PaceOut(BaseModel):
    """At the pace of the last seven days a day costs `day_micros` and the month ends near `month_micros`."""

    is_known: bool
    day_micros: int
    month_micros: int
    reaches: list[ReachOut]


class MonthOut(BaseModel):
    """A month all told; `half_micros` and `twentieth_micros` are the costs of a run that 50 and 95 % do not exceed."""

    month: date
    until: date
    is_present: bool
    attempts: int
    tokens_in: int
    tokens_out: int
    cost_micros: int
    estimated_micros: int
    runs: int
    half_micros: int
    twentieth_micros: int
    twentieth_feature: str
    earlier_answers: int
    saved_micros: int
    by_feature: list[Share]
    by_provider: list[Share]
    budget: BudgetOut | None
    pace: PaceOut | None


class SpendOut(BaseModel):
    """What somebody cost, with their budgets; `id` null: nobody in particular."""

    id: UUID | None
    name: str
    calls: int
    cost_micros: int
    estimated_micros: int
    budgets: list[BudgetOut]


@router.get("")
@requires("usage:read")
async def list_usage(ctx: Ctx, limit: Limit = 50, cursor: CursorText = None) -> Page[UsageView]:
    """List calls to models, newest first; failed and cancelled ones too."""
    page = await usage.list_events(ctx, cursor=cursor, limit=limit)
    return Page(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/summary")
@requires("usage:read")
async def summarise_usage(ctx: Ctx, month: Month = "") -> MonthOut:
    """Sum up a month: by feature and provider, what a run costs, what was saved, and where it is heading."""
    found = await reports.month(ctx, month=reports.month_of(ctx, month))
    return MonthOut.model_validate(found, from_attributes=True)


@router.get("/days")
@requires("usage:read")
async def usage_by_day(ctx: Ctx, month: Month = "") -> Page[DaySpend]:
    """List what each feature cost on each day that has calls."""
    return Page(items=list(await reports.days(ctx, month=reports.month_of(ctx, month))))


@router.get("/members")
@requires("usage:read")
async def usage_by_member(ctx: Ctx, month: Month = "") -> Page[SpendOut]:
    """List what each person's own calls cost, dearest first; those of API keys are under /keys."""
    found = await reports.members(ctx, month=reports.month_of(ctx, month))
    return Page(items=[_spend(one, one.user_id) for one in found])


@router.get("/keys")
@requires("usage:read")
async def usage_by_key(ctx: Ctx, month: Month = "") -> Page[SpendOut]:
    """List what each API key's calls cost, dearest first."""
    found = await reports.keys(ctx, month=reports.month_of(ctx, month))
    return Page(items=[_spend(one, one.api_key_id) for one in found])


@router.get("/teams")
@requires("usage:read")
async def usage_by_team(ctx: Ctx, month: Month = "") -> Page[SpendOut]:
    """List what each team's calls cost, dearest first, those of its members' keys included."""
    found = await reports.teams(ctx, month=reports.month_of(ctx, month))
    return Page(items=[_spend(one, one.team_id) for one in found])


@router.get("/models")
@requires("usage:read")
async def usage_by_model(ctx: Ctx, month: Month = "") -> Page[ModelSpend]:
    """List what each model cost, dearest first."""
    return Page(items=list(await reports.models(ctx, month=reports.month_of(ctx, month))))


@router.get("/calls")
@requires("usage:read")
async def calls_behind(
    ctx: Ctx,
    month: Month = "",
    day: Annotated[date | None, Query(description="Only of this day.")] = None,
    feature: Name = None,
    user_id: Annotated[UUID | None, Query(description="Only this person's own.")] = None,
    api_key_id: Annotated[UUID | None, Query(description="Only through this API key.")] = None,
    team_id: Annotated[UUID | None, Query(description="Only this team's.")] = None,
    provider: Name = None,
    model: Name = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> CallPage:
    """List the calls behind a bar, dearest first; `calls` and `cost_micros` count all of them."""
    behind = Behind(day, feature, user_id, api_key_id, team_id, provider, model)
    return await reports.calls(ctx, month=reports.month_of(ctx, month), behind=behind, cursor=cursor, limit=limit)


@router.get("/export.csv", response_class=StreamingResponse)
@requires("usage:read")
async def export_usage(ctx: Ctx, month: Month = "") -> StreamingResponse:
    """Download a month's calls as CSV, oldest first."""
    wanted = reports.month_of(ctx, month)
    headers = attachment(f"galley-usage-{wanted:%Y-%m}.csv")
    return StreamingResponse(month_as_csv(ctx, month=wanted), media_type="text/csv; charset=utf-8", headers=headers)


def _spend(one: reports.MemberSpend | reports.KeySpend | reports.TeamSpend, subject: UUID | None) -> SpendOut:
    return SpendOut(
        id=subject,
        name=one.name,
        calls=one.calls,
        cost_micros=one.cost_micros,
        estimated_micros=one.estimated_micros,
        budgets=[BudgetOut.model_validate(budget, from_attributes=True) for budget in one.budgets],
    )
