"""What is decided before anybody is asked: the policy, what of the prompt is hidden, what may be spent, and the plan.

Everything here comes from memory that is at most two seconds old; only money is held in the database (`hold`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from app.core.context import Context
from app.core.ports import Message
from app.llm import policies
from app.llm.candidates import candidates
from app.llm.classifier import score_of
from app.llm.errors import NoProviderEnabled
from app.llm.policy import GatewayPolicy
from app.llm.purse import Purse
from app.llm.redaction import Vault, shield
from app.llm.routing import Candidate, Plan, plan
from app.llm.task import Task
from app.llm.tiering import OVER_BUDGET
from app.usage import budgets, ledger
from app.usage.errors import BudgetUsedUp
from app.usage.estimates import assert_priced, is_priced
from app.usage.schemas import Reservation

HEAD_START_S = 0.005
"""How long a question without a budget goes first; what writes to the database would keep it on the loop meanwhile."""
LEGS_HELD = 2
"""Where there is a budget, so many texts' worth is held if it has room: one may break off and be gone on with."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task that can be begun. `messages` are as providers may see them; `left_micros` None: no budget.

    `used_up`: a hard budget is used up; then only what costs nothing may be asked.
    """

    policy: GatewayPolicy
    messages: tuple[Message, ...]
    vault: Vault | None
    plan: Plan
    purse: Purse
    left_micros: int | None
    used_up: BudgetUsedUp | None

    @property
    def score(self) -> float | None:
        """The classifier's score, for the ledger. Where a pin decides it is found only here, after the text."""
        return score_of(self.plan.task) if self.plan.task.pin else self.plan.score


async def prepare(ctx: Context, task: Task) -> Prepared:
    """Return what is decided about `task`.

    Raises:
        NoProviderEnabled: there is nobody to ask.
        PriceUnknown: the workspace blocks models without a known price, and there are no others.
    """
    policy = await policies.current(ctx)
    used_up, allowance = None, budgets.Allowance()
    try:
        allowance = await budgets.allowance(ctx, feature=task.feature)
    except BudgetUsedUp as error:
        used_up, allowance = error, budgets.Allowance(left_micros=0)
    found: Sequence[Candidate] = await candidates(ctx)
    priced = [one for one in found if policy.unknown_price == "flat" or is_priced(one)]
    score = None if task.pin else score_of(task)
    decided = plan(task, priced, policy=policy.routing, ceiling=allowance.ceiling, score=score)
    if not decided.order:
        for unpriced in [one for one in found if one not in priced]:
            assert_priced(unpriced)
        raise NoProviderEnabled
    messages, vault = task.messages, None
    if policy.redaction:
        messages, vault = shield(task.messages, language=task.language or ctx.locale)
    purse = Purse(ctx, messages, max_tokens=task.max_tokens)
    if used_up is not None:
        decided = _free_of_charge(decided, purse)
    return Prepared(policy, messages, vault, decided, purse, allowance.left_micros, used_up)


def _free_of_charge(decided: Plan, purse: Purse) -> Plan:
    """Return the plan with the models that cost nothing alone, where there are such: a used-up budget stops only money.

    The built-in writer does not count: what it writes is no answer to who asked for a model's.
    """
    free = tuple(one for one in decided.order if not one.embedded and not purse.most_of(one))
    if not free or decided.order[0] in free:
        return decided
    return replace(decided, order=free, tiering=decided.tiering.without_named(OVER_BUDGET))


class Holding:
    """Money on its way to being held.

    Where there is a budget it is waited for before anybody is asked. Where there is none nothing can refuse it, and it
    only has to stand before text is shown: it is written while the provider thinks, once the question has left.
    """

    def __init__(self, ctx: Context, ready: Prepared, task: Task, *, call_id: UUID) -> None:
        self._nothing = Reservation(call_id, task.feature, 0)
        self._wanted = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._hold(ctx, ready, task, call_id=call_id))

    async def _hold(self, ctx: Context, ready: Prepared, task: Task, *, call_id: UUID) -> Reservation:
        with suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START_S):
                await self._wanted.wait()
        return await hold(ctx, ready, task, call_id=call_id)

    async def reservation(self) -> Reservation:
        """Return when the money is held; who is cancelled here does not stop that.

        Raises:
            BudgetUsedUp: there is no room.
        """
        self._wanted.set()
        return await asyncio.shield(self._task)

    async def whatever_it_is(self) -> Reservation:
        """Return what is held once that is decided, nothing where it was refused; for the end of a call."""
        self._wanted.set()
        await asyncio.wait({self._task})
        return self._nothing if self._task.exception() else self._task.result()


async def hold(ctx: Context, ready: Prepared, task: Task, *, call_id: UUID) -> Reservation:
    """Hold the money for a call: the most that its first candidate can cost, and more where a budget has room.

    Raises:
        BudgetUsedUp: there is no room, and whoever comes first in the plan costs something.
    """
    *more, least = _amounts(ready)
    if least and ready.used_up is not None:
        raise ready.used_up
    for micros in more:
        try:
            return await _reserve(ctx, ready, task, call_id=call_id, micros=micros)
        except BudgetUsedUp:  # others were quicker: less may still fit
            continue
    return await _reserve(ctx, ready, task, call_id=call_id, micros=least)


async def _reserve(ctx: Context, ready: Prepared, task: Task, *, call_id: UUID, micros: int) -> Reservation:
    ready.purse.held_micros = None if ready.left_micros is None else micros
    return await ledger.reserve(ctx, call_id=call_id, feature=task.feature, micros=micros)


def _amounts(ready: Prepared) -> tuple[int, ...]:
    """Return what to try to hold, in micro-dollars, the most first; 0 where the first to be asked is free."""
    purse, left_micros, order = ready.purse, ready.left_micros, ready.plan.order
    first = purse.most_of(next((one for one in order if one.rest is None), order[0]))
    if left_micros is None or not first:
        return (first,)
    within = [most for one in order if 0 < (most := purse.most_of(one)) <= left_micros]
    if not within:
        return (first,)
    least = first if first <= left_micros else max(within)
    return tuple(dict.fromkeys((min(left_micros, max(LEGS_HELD * least, *within)), least)))
