"""Another policy over what was already written: who would have written it, and at what price. Nobody is called."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.core.context import Context
from app.core.ports import Brief, Message, Quality, Tier
from app.llm import policies
from app.llm.candidates import candidates
from app.llm.policy import GatewayPolicy, RoutingPolicy
from app.llm.routing import Candidate, plan
from app.llm.task import Task
from app.llm.tiering import TIERS, tier_named
from app.usage import price_list
from app.usage import queries as usage
from app.usage.estimates import is_priced
from app.usage.prices import cost_of

MOST_KINDS = 20_000
"""Kinds of calls that are replayed, the most frequent first; a workspace has thousands at most."""
QUALITIES: tuple[Quality, ...] = ("saver", "balanced", "best")


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that look alike to a routing decision: what it looked at, who wrote, and what it took all told."""

    task: Task
    tier: Tier
    provider: str
    model: str
    score: float | None
    count: int
    tokens_in: int
    tokens_out: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class TierShare:
    """What part of the calls a tier gets, in per cent, and what they cost in micro-dollars: now and then."""

    tier: Tier
    now_percent: float
    then_percent: float
    now_micros: int
    then_micros: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Calls that another model would have written; costs in micro-dollars."""

    template_id: str
    from_model: str
    to_model: str
    calls: int
    now_micros: int
    then_micros: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The comparison. `known` False: for some model a flat estimate stands in for its price.

    `moved` names the largest movements; `moved_calls` counts all. Health, budgets and pins of single runs are not
    replayed; calls that failed or were stopped are left out on both sides.
    """

    since: datetime
    calls: int
    now_micros: int
    then_micros: int
    moved_calls: int
    known: bool
    tiers: tuple[TierShare, ...]
    moved: tuple[Moved, ...]


MOVES_SHOWN = 50


async def what_if(ctx: Context, policy: GatewayPolicy, *, days: int = 30) -> WhatIf:
    """Return what the calls of the last `days` would have cost under `policy`, with the models there are today.

    Raises:
        InvalidInput: the policy cannot work; `field` says where.
    """
    await price_list.refresh(ctx.ports)
    found = await candidates(ctx)
    policies.check(policy.routing, found)
    writers = [replace(one, rest=None) for one in found if policy.unknown_price == "flat" or is_priced(one)]
    since = ctx.ports.clock.now() - timedelta(days=days)
    async with ctx.db.read() as session:
        rows = await usage.decided_calls(session, since=since, limit=MOST_KINDS)
    done = [_calls(row) for row in rows]
    flat_micros = ctx.ports.settings.flat_price
    # Some thousand decisions are some tenths of a second: other requests of this process must not wait for them.
    return await asyncio.to_thread(replay, done, writers, policy.routing, since=since, flat_micros=flat_micros)


def replay(
    done: Sequence[Calls], writers: Sequence[Candidate], policy: RoutingPolicy, *, since: datetime, flat_micros: int
) -> WhatIf:
    """Decide every call again; pure."""
    now_calls: Counter[Tier] = Counter()
    then_calls: Counter[Tier] = Counter()
    now_micros: Counter[Tier] = Counter()
    then_micros: Counter[Tier] = Counter()
    moves: list[Moved] = []
    known = True
    for one in done:
        decided = plan(one.task, writers, policy=policy, score=one.score)
        now_calls[one.tier] += one.count
        now_micros[one.tier] += one.cost_micros
        if not decided.order:
            then_calls[one.tier] += one.count
            continue
        first = decided.order[0]
        cost, priced = _cost(one, first, flat_micros)
        known = known and priced
        then_calls[first.target.tier] += one.count
        then_micros[first.target.tier] += cost
        if (first.target.provider, first.target.model) != (one.provider, one.model):
            moves.append(Moved(one.task.template_id, one.model, first.target.model, one.count, one.cost_micros, cost))
    calls = sum(now_calls.values())
    return WhatIf(
        since=since,
        calls=calls,
        now_micros=sum(now_micros.values()),
        then_micros=sum(then_micros.values()),
        moved_calls=sum(move.calls for move in moves),
        known=known,
        tiers=tuple(
            TierShare(
                tier,
                _percent(now_calls[tier], calls),
                _percent(then_calls[tier], calls),
                now_micros[tier],
                then_micros[tier],
            )
            for tier in TIERS
        ),
        moved=tuple(_joined(moves)[:MOVES_SHOWN]),
    )


def _cost(one: Calls, writer: Candidate, flat_micros: int) -> tuple[int, bool]:
    """Return what these calls would cost with this writer, and whether its price is known."""
    if (writer.target.provider, writer.target.model) == (one.provider, one.model):
        return one.cost_micros, True
    cost = cost_of(
        writer.target.kind,
        writer.target.model,
        tokens_in=one.tokens_in,
        tokens_out=one.tokens_out,
        flat_micros=flat_micros * one.count,
        own=writer.own_price,
    )
    return cost.micros, cost.known


def _joined(moves: Sequence[Moved]) -> list[Moved]:
    """Join movements of one template between the same two models, the most frequent first."""
    joined: dict[tuple[str, str, str], Moved] = {}
    for move in moves:
        key = (move.template_id, move.from_model, move.to_model)
        before = joined.get(key)
        joined[key] = (
            move
            if before is None
            else replace(
                before,
                calls=before.calls + move.calls,
                now_micros=before.now_micros + move.now_micros,
                then_micros=before.then_micros + move.then_micros,
            )
        )
    return sorted(joined.values(), key=lambda move: -move.calls)


def _calls(row: Any) -> Calls:  # Any: a row of usage.decided_calls
    asked = tier_named(row.asked_tier) or tier_named(row.tier) or "fast"
    inputs: Mapping[str, object] = {}
    task = Task(
        feature="",
        tier=asked,
        messages=(Message("user", ""),),
        brief=Brief(row.template_id, row.language, inputs) if row.template_id else None,
        max_tokens=row.max_tokens,
        template_id=row.template_id,
        task_kind=row.task_kind,
        language=row.language,
        quality=next((one for one in QUALITIES if one == row.quality), "balanced"),
        failed_checks=row.failed_checks,
    )
    return Calls(
        task=task,
        tier=tier_named(row.tier) or asked,
        provider=row.provider,
        model=row.model,
        score=None if row.score_permille is None else row.score_permille / 1000,
        count=row.calls,
        tokens_in=int(row.tokens_in),
        tokens_out=int(row.tokens_out),
        cost_micros=int(row.cost_micros),
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
