"""What the ledger refuses.

AppError
 ├─ BudgetUsedUp (402)     a budget leaves no room for what this may cost
 └─ PriceUnknown (409)     the workspace blocks models without a known price
"""

from __future__ import annotations

from app.core.errors import AppError, Conflict


class BudgetUsedUp(AppError):
    """A hard budget leaves no room. `params` name it: kind, name, limit, period, resets_on, ask."""

    status = 402
    code = "budget.used_up"
    message = (
        "The budget of {limit} for {name} does not allow this. It begins anew on {resets_on};"
        " {ask} can raise it. What costs nothing still works."
    )


class PriceUnknown(Conflict):
    """A model without a known price, where the workspace has ruled those out."""

    code = "price.unknown"
    message = (
        "The price of {model} ({provider}) is not known, and this workspace does not use such models. Set its price at"
        " the provider, or let unknown prices be booked as a flat estimate in the routing policy."
    )
