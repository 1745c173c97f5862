"""A refusal that a person can act on: which budget, when it begins anew, whom to ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.tenancy import queries as people
from app.tenancy.models import ApiKey, Team, User
from app.usage.errors import BudgetUsedUp

DOLLAR = 1_000_000
NAMES = {"tenant": "this workspace", "team": "a team", "user": "a person", "api_key": "an API key"}


async def explained(
    ctx: Context, *, kind: str, subject_id: UUID, feature: str, limit_micros: int, period: str, resets_on: date
) -> BudgetUsedUp:
    """Return the error for a budget that leaves no room."""
    async with ctx.db.read() as session:
        name = feature if kind == "feature" else await subject_name(session, kind, subject_id)
        ask = await _whom_to_ask(session)
    begins = datetime(resets_on.year, resets_on.month, resets_on.day, tzinfo=UTC)
    return BudgetUsedUp(
        params={
            "kind": kind,
            "name": name,
            "limit": dollars(limit_micros),
            "period": period,
            "resets_on": resets_on.isoformat(),
            "ask": ask,
        },
        retry_after_s=max(1, int((begins - ctx.ports.clock.now()).total_seconds())),
    )


def dollars(micros: int) -> str:
    """Return an amount for a sentence: $12.50; fractions of a cent are kept."""
    whole = f"{micros / DOLLAR:,.6f}".rstrip("0")
    head, _, cents = whole.partition(".")
    return f"${head}.{cents:0<2}"


async def subject_name(session: AsyncSession, kind: str, subject_id: UUID) -> str:
    """Return what people call a team, a person or a key; a general word where it is gone or has no name."""
    name = ""
    if kind == "team" and (team := await session.get(Team, subject_id)):
        name = team.name
    elif kind == "api_key" and (key := await session.get(ApiKey, subject_id)):
        name = key.name
    elif kind == "user" and (user := await session.get(User, subject_id)):
        name = user.name or user.email or ""
    return name or NAMES[kind]


async def _whom_to_ask(session: AsyncSession) -> str:
    owners = [user for member, user in await people.members(session) if member.role == "owner"]
    return next((user.name or user.email or "" for user in owners), "") or "an owner of the workspace"
