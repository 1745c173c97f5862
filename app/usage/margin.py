"""What each workspace costs the operator, what it is charged, and how unevenly people use it.

Row-level security lets nobody look over all workspaces at once, operators neither: each is asked within its own wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col

from app.core.context import Context
from app.core.errors import NotFound
from app.core.telemetry import log
from app.tenancy import queries as people
from app.tenancy.models import Tenant
from app.tenancy.operators import assert_operator
from app.usage import reports, sums
from app.usage.models import UsageEvent

CHARGE = "charge_micros_per_month"
"""Key in Tenant.settings."""
MOST_USERS = 100_000
POINTS = 100


class ChargeForm(BaseModel):
    """What a workspace pays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    month_micros: Annotated[int, Field(ge=0, le=10**15, description="Micro-dollars per month; 0: nothing.")]


@dataclass(frozen=True, slots=True)
class TenantSpend:
    """A workspace's month. `margin_micros` = charge - cost; `margin_percent` of the charge, None where it is 0."""

    tenant_id: UUID
    name: str
    is_demo: bool
    active_users: int
    calls: int
    cost_micros: int
    estimated_micros: int
    charge_micros: int
    margin_micros: int
    margin_percent: float | None


@dataclass(frozen=True, slots=True)
class Lorenz:
    """How cost is spread over the people who made calls.

    `points`: (share of the people, the cheapest first; their share of the cost), from (0, 0) to (1, 1), at most 101.
    Read from the dear end: `top_percent` of the people make `top_cost_percent` of the cost, at least half.
    """

    users: int
    cost_micros: int
    points: tuple[tuple[float, float], ...]
    top_percent: float
    top_cost_percent: float


@dataclass(frozen=True, slots=True)
class OperatorReport:
    """A month of the whole installation: workspaces, dearest first."""

    month: date
    tenants: tuple[TenantSpend, ...]
    cost_micros: int
    charge_micros: int
    margin_micros: int
    lorenz: Lorenz


async def report(ctx: Context, *, month: date) -> OperatorReport:
    """Return what every workspace cost in a month, what it is charged, and the Lorenz curve of all people.

    Raises:
        NotAllowed: an operator's right.
    """
    assert_operator(ctx)
    async with ctx.ports.db.bound(tenant_id=None).read() as session:
        tenants = await people.tenants(session)
    found: list[TenantSpend] = []
    costs: list[int] = []
    for tenant in tenants:
        spend, by_person = await _of(ctx, tenant, month)
        found.append(spend)
        costs += by_person
    found.sort(key=lambda one: (-one.cost_micros, one.name))
    return OperatorReport(
        month=month,
        tenants=tuple(found),
        cost_micros=sum(one.cost_micros for one in found),
        charge_micros=sum(one.charge_micros for one in found),
        margin_micros=sum(one.margin_micros for one in found),
        lorenz=lorenz(costs),
    )


async def set_charge(ctx: Context, *, tenant_id: UUID, form: ChargeForm) -> None:
    """Say what a workspace pays per month.

    Raises:
        NotFound: there is no such workspace, or this is no operator.
    """
    if not ctx.is_operator:
        raise NotFound
    async with ctx.ports.db.bound(tenant_id=None).write() as session:
        tenant = await session.get(Tenant, tenant_id)
        if tenant is None:
            raise NotFound
        tenant.settings = {**(tenant.settings or {}), CHARGE: form.month_micros}
    log.info("charge.set", workspace=str(tenant_id), month_micros=form.month_micros, by=str(ctx.user_id))


def lorenz(costs: Sequence[int]) -> Lorenz:
    """Return how `costs` (one per person, micro-dollars) are spread."""
    ordered = sorted(costs)
    total, users = sum(ordered), len(ordered)
    if not total:
        return Lorenz(users, 0, ((0.0, 0.0), (1.0, 1.0)), 0.0, 0.0)
    sums_so_far = [0]
    for cost in ordered:
        sums_so_far.append(sums_so_far[-1] + cost)
    at = sorted({round(step * users / POINTS) for step in range(POINTS + 1)})
    top = next(count for count in range(1, users + 1) if 2 * (total - sums_so_far[users - count]) >= total)
    return Lorenz(
        users=users,
        cost_micros=total,
        points=tuple((round(count / users, 4), round(sums_so_far[count] / total, 4)) for count in at),
        top_percent=round(100 * top / users, 1),
        top_cost_percent=round(100 * (total - sums_so_far[users - top]) / total, 1),
    )


async def _of(ctx: Context, tenant: Tenant, month: date) -> tuple[TenantSpend, list[int]]:
    async with ctx.ports.db.bound(tenant_id=tenant.id).read() as session:
        rows = await sums.by_columns(session, reports.span_of(month), col(UsageEvent.user_id), limit=MOST_USERS)
    cost = sum(int(row[4]) for row in rows)
    charge = int((tenant.settings or {}).get(CHARGE, 0))
    spend = TenantSpend(
        tenant_id=tenant.id,
        name=tenant.name,
        is_demo=tenant.is_demo,
        active_users=len(rows),
        calls=sum(int(row[1]) for row in rows),
        cost_micros=cost,
        estimated_micros=sum(int(row[5]) for row in rows),
        charge_micros=charge,
        margin_micros=charge - cost,
        margin_percent=round(100 * (charge - cost) / charge, 1) if charge else None,
    )
    return spend, [int(row[4]) for row in rows]
