"""Whether the books are right: what the ledger, the attempts, the reservations and the budgets say must agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.context import Context
from app.usage import queries, sums
from app.usage.budgeting import used_since
from app.usage.ledger import RESERVED, SPENT


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of a workspace in micro-dollars, and every disagreement as a sentence; none: the books are right."""

    balances: Mapping[str, int]
    open_calls: int
    faults: tuple[str, ...]


async def check(ctx: Context) -> Books:
    """Return the workspace's accounts and what is wrong with them."""
    async with ctx.db.read() as session:
        balances = await sums.balances(session)
        booked = await sums.booked_by_feature(session)
        open_calls, held = await sums.open_reservations(session)
        faults = []
        if unbalanced := await sums.unbalanced(session):
            faults.append(f"{unbalanced} transactions do not sum to zero")
        if total := sum(balances.values()):
            faults.append(f"all accounts together are {total}, not 0")
        if balances.get(RESERVED, 0) != held:
            faults.append(f"reserved is {balances.get(RESERVED, 0)}, open reservations hold {held}")
        for feature in sorted(booked | {a.removeprefix(SPENT): 0 for a in balances if a.startswith(SPENT)}):
            in_ledger, in_rows = balances.get(SPENT + feature, 0), booked.get(feature, 0)
            if in_ledger != in_rows:
                faults.append(f"{SPENT}{feature} is {in_ledger}, its attempts cost {in_rows}")
        for budget in await queries.budgets(session):
            counted, found = (budget.spent_micros, budget.reserved_micros), await used_since(session, budget)
            if counted != found:
                faults.append(f"the {budget.kind} budget counts (spent, held) {counted}, the rows say {found}")
    return Books(balances, open_calls, tuple(faults))
