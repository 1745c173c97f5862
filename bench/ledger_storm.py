"""A storm over the ledger: thousands of calls through the gateway with random faults, cancels and killed processes.

    parent ──starts──> children: calls through the real gateway, over providers that fail at random
           ──SIGKILL─> one of them, again and again, and starts another in its place
           ──at the end: sweeps, then holds the books against themselves and against what the children saw

Each child appends what it saw to a file of its own: `begun`, `done <run> <micros>`, `refused`, `left`, `bug <what>`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import col

from app.bootstrap import build_ports
from app.core.context import Context
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.migrating import migrate
from app.core.ports import (
    Message,
    ModelCall,
    ModelEvent,
    ModelFinished,
    Ports,
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    TextDelta,
)
from app.core.settings import Settings
from app.llm import gateway
from app.llm.events import Settled
from app.llm.models import ProviderConnection
from app.llm.task import Task
from app.tenancy.models import Membership, Tenant, User
from app.usage import budgeting, checking, ledger
from app.usage.budgeting import BudgetForm
from app.usage.models import LedgerLine, Reservation, UsageEvent
from bench.own_settings import own_settings

CHILDREN = 2
AT_ONCE = 8
TIGHT = "tight"
"""A feature whose budget is too small for the storm: it must refuse, and never be overspent."""
TIGHT_MICROS = 300_000
FEATURES = ("chat", "generation", "repair", TIGHT)
WORDS = 12


@dataclass(frozen=True, slots=True)
class Storm:
    """How long and how wild: `kill_every_s` is the mean time between two kills; `seconds` ends it in any case."""

    calls: int = 10_000
    kill_every_s: float = 3.0
    seconds: float = 1800.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was left when it was over; `faults` are what is wrong, as sentences."""

    begun: int
    seen: dict[str, int]
    kills: int
    swept: int
    attempts: int
    lines: int
    spent_micros: int
    took_s: float
    faults: tuple[str, ...]


def weather(storm: Storm, folder: Path) -> Outcome:
    """Let a storm pass over a fresh SQLite database in `folder`, and return what was left."""
    began_s = time.monotonic()
    tenant_id, user_id = asyncio.run(_prepare(folder))
    kills = _rage(storm, folder, tenant_id, user_id)
    seen, runs = _told(folder)
    found = asyncio.run(_judge(folder, tenant_id, user_id, runs))
    bugs = tuple(f"a child met a bug: {what}" for what in sorted({k for k in seen if k.startswith("bug")}))
    return replace(
        found,
        begun=seen["begun"],
        seen={name: seen[name] for name in ("done", "refused", "left")},
        kills=kills,
        took_s=round(time.monotonic() - began_s, 1),
        faults=(*bugs, *found.faults),
    )


class StormyModels:
    """A Models port whose providers answer, refuse, break off, stall or count nonsense, by a seeded die."""

    def __init__(self, die: random.Random) -> None:
        self._die = die

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Yield some words, or fail in one of the ways in which providers fail."""
        who = {"provider": call.target.provider, "reason": "the storm"}
        fate = self._die.random()
        if fate < 0.08:
            raise ProviderDown(params=who)
        if fate < 0.11:
            raise ProviderBusy(params=who, retry_after_s=1)
        breaks_at = self._die.randrange(WORDS) if fate < 0.20 else -1
        for number in range(WORDS):
            await asyncio.sleep(self._die.choice((0, 0, 0.001, 0.003)))
            if number == breaks_at:
                raise ProviderBadAnswer(params=who)
            yield TextDelta(f"word{number} ")
        if fate < 0.24:
            return  # a clean end without a finish
        absurd = {0: -5, 1: 2**62, 2: None}.get(self._die.randrange(30), 40 + self._die.randrange(200))
        yield ModelFinished("stop", absurd, absurd if absurd is None else min(absurd, 60))

    async def warm(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to end."""

    async def ping(self) -> None:
        """Always there."""


def settings_of(folder: Path) -> Settings:
    """Return the storm's settings: no call is hedged, for each attempt is to be of the die's making."""
    return own_settings(folder, hedge_after_ms=60_000)


def _ports(folder: Path, die: random.Random) -> Ports:
    return replace(build_ports(settings_of(folder)), models=StormyModels(die))


def _context(ports: Ports, tenant_id: UUID, user_id: UUID) -> Context:
    return Context(ports=ports, request_id="storm", tenant_id=tenant_id, user_id=user_id, actor="user")


async def _prepare(folder: Path) -> tuple[UUID, UUID]:
    """Make the database, a workspace with two providers, and budgets of every kind."""
    await migrate(settings_of(folder))
    ports = _ports(folder, random.Random(0))
    user = User(name="Storm")
    tenant_id = new_id()
    ctx = _context(ports, tenant_id, user.id)
    async with ctx.db.write() as session:
        wrapped = ports.db.master_key.new_data_key(tenant=str(tenant_id))
        session.add_all([Tenant(id=tenant_id, name="Storm", wrapped_key=wrapped), user])
        await session.flush()
        session.add(Membership(user_id=user.id, role="owner"))
    async with ctx.db.write() as session:
        session.add_all(
            ProviderConnection(name=name, kind=kind, api_key="sk-storm", position=at, models=[{"id": model}])
            for at, (name, kind, model) in enumerate(
                [("One", "openai", "gpt-5-mini"), ("Two", "anthropic", "claude-haiku-4-5")]
            )
        )
    for form in (
        BudgetForm(kind="tenant", limit_micros=10**12, soft_micros=10**11),
        BudgetForm(kind="user", subject_id=user.id, limit_micros=10**12, period="day"),
        BudgetForm(kind="feature", feature="chat", limit_micros=10**12),
        BudgetForm(kind="feature", feature=TIGHT, limit_micros=TIGHT_MICROS),
    ):
        await budgeting.create(ctx, form=form)
    await ports.db.close()
    return tenant_id, user.id


def _rage(storm: Storm, folder: Path, tenant_id: UUID, user_id: UUID) -> int:
    """Run children until enough calls have begun, killing one of them now and then; return how many were killed."""
    die = random.Random(storm.seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["bench.ledger_storm"])
    names = iter(range(10**6))

    def start() -> multiprocessing.process.BaseProcess:
        name = next(names)
        child = processes.Process(
            target=_child, args=(str(folder), tenant_id, user_id, storm.seed * 10**6 + name, name)
        )
        child.start()
        return child

    children = [start() for _ in range(CHILDREN)]
    kills, until_s = 0, time.monotonic() + storm.seconds
    next_kill_s = time.monotonic() + storm.kill_every_s
    while _begun(folder) < storm.calls and time.monotonic() < until_s:
        time.sleep(0.05)
        if time.monotonic() >= next_kill_s:
            at = die.randrange(CHILDREN)
            children[at].kill()  # SIGKILL: nothing of it is cleaned up
            children[at].join()
            children[at] = start()
            kills += 1
            next_kill_s = time.monotonic() + die.uniform(0.5, 1.5) * storm.kill_every_s
    for child in children:
        child.kill()
        child.join()
    return kills + CHILDREN


def _begun(folder: Path) -> int:
    return sum(path.read_text("utf-8").count("begun\n") for path in folder.glob("seen-*"))


def _told(folder: Path) -> tuple[Counter[str], dict[UUID, int]]:
    """Return how often the children saw what, and what every run that ended had cost."""
    seen: Counter[str] = Counter()
    runs: dict[UUID, int] = {}
    for path in folder.glob("seen-*"):
        for line in path.read_text("utf-8").splitlines():
            kind, *more = line.split()
            if kind == "done" and len(more) == 2:
                runs[UUID(more[0])] = int(more[1])
            seen[line if kind == "bug" else kind] += 1
    return seen, runs


def _child(folder: str, tenant_id: UUID, user_id: UUID, seed: int, name: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with (Path(folder) / f"seen-{name}").open("a", encoding="utf-8", buffering=1) as told:
        asyncio.run(_calls(Path(folder), tenant_id, user_id, random.Random(seed), told))


async def _calls(folder: Path, tenant_id: UUID, user_id: UUID, die: random.Random, told: IO[str]) -> None:
    """Make calls without an end: the parent ends this process."""
    ctx = _context(_ports(folder, die), tenant_id, user_id)

    async def forever() -> None:
        while True:
            await _one(ctx, die, told)

    await asyncio.gather(*(forever() for _ in range(AT_ONCE)))


async def _one(ctx: Context, die: random.Random, told: IO[str]) -> None:
    """Make one call; sometimes leave it, sometimes be cancelled in its midst."""
    run = new_id()
    told.write("begun\n")
    patience = die.randrange(WORDS) if die.random() < 0.15 else 10**6
    work = asyncio.create_task(_listen(ctx, die, run, patience))
    if die.random() < 0.05:
        asyncio.get_running_loop().call_later(die.random() * 0.05, work.cancel)
    try:
        cost = await work
        told.write("left\n" if cost is None else f"done {run} {cost}\n")
    except asyncio.CancelledError:
        told.write("left\n")
    except AppError:
        told.write("refused\n")
    except Exception as error:  # whatever it is, the storm is to tell it
        told.write(f"bug {type(error).__name__}\n")


async def _listen(ctx: Context, die: random.Random, run: UUID, patience: int) -> int | None:
    feature = die.choice(FEATURES)
    messages = (Message("user", json.dumps({"ask": "x" * die.randrange(400), "run": str(run)})),)
    task = Task(feature, "fast", messages, generation_id=run, max_tokens=64, reuse=False)
    stream = gateway.stream(ctx, task)
    async with aclosing(stream) as events:  # type: ignore[type-var]  # a generator; its type says less
        async for event in events:
            if isinstance(event, Settled):
                return event.cost_micros
            patience -= 1
            if patience < 0:
                return None
    return None


async def _judge(folder: Path, tenant_id: UUID, user_id: UUID, runs: dict[UUID, int]) -> Outcome:
    """Sweep, and hold the books against themselves and against what the children saw."""
    ports = _ports(folder, random.Random(0))
    ctx = _context(ports, tenant_id, user_id)
    swept = 0
    while found := await ledger.sweep(ports, older_than=timedelta(0)):
        swept += found
    books = await checking.check(ctx)
    faults = list(books.faults)
    if books.open_calls:
        faults.append(f"{books.open_calls} calls are still open after the sweep")
    if left := books.balances.get("reserved", 0):
        faults.append(f"{left} micro-dollars are still reserved")
    async with ctx.db.read() as session:
        events = list((await session.execute(sa.select(UsageEvent))).scalars())
        lines = list((await session.execute(sa.select(LedgerLine))).scalars())
        states = Counter((await session.execute(sa.select(col(Reservation.state)))).scalars())
    await ports.db.close()
    faults += _twice(events, lines) + _against_children(events, runs)
    closed = sum(one.kind in ("settle", "sweep") and one.account == "reserved" for one in lines)
    if closed != sum(states.values()):
        faults.append(f"{sum(states.values())} reservations were closed {closed} times")
    tight = sum(one.cost_micros for one in events if one.feature == TIGHT)
    if tight > TIGHT_MICROS:
        faults.append(f"the budget of {TIGHT_MICROS} was overspent: {tight}")
    spent = sum(one.cost_micros for one in events)
    return Outcome(0, {}, 0, swept, len(events), len(lines), spent, 0, tuple(faults))


def _twice(events: list[UsageEvent], lines: list[LedgerLine]) -> list[str]:
    attempts = Counter((one.call_id, one.attempt_no) for one in events)
    spent = Counter((one.call_id, one.attempt_no) for one in lines if one.account.startswith(ledger.SPENT))
    found = [f"attempt {no} of {call} is booked {n} times" for (call, no), n in attempts.items() if n > 1]
    return found + [f"attempt {no} of {call} is spent {n} times" for (call, no), n in spent.items() if n > 1]


def _against_children(events: list[UsageEvent], runs: dict[UUID, int]) -> list[str]:
    """Compare what the children were told that a run cost with what its attempts are booked at."""
    booked: Counter[UUID] = Counter()
    for one in events:
        if one.generation_id is not None:
            booked[one.generation_id] += one.cost_micros
    return [f"run {run} cost {cost}, booked is {booked[run]}" for run, cost in runs.items() if booked[run] != cost]


def main(*, minutes: float | None, seed: int | None, calls: int) -> int:
    """Run the storm in a folder of its own, print what was left, and return 1 where the books are wrong."""
    storm = Storm(calls=calls, seconds=60 * (minutes or 30), seed=seed or int.from_bytes(os.urandom(3)))
    print(f"A storm of {storm.calls:,} calls over the ledger, seed {storm.seed} …", flush=True)
    with tempfile.TemporaryDirectory(prefix="galley-storm-") as folder:
        outcome = weather(storm, Path(folder))
    print(report(outcome))
    short = minutes is None and outcome.begun < storm.calls
    return 1 if outcome.faults or short else 0


def report(outcome: Outcome) -> str:
    """Return what was left, for a person."""
    seen = outcome.seen
    verdict = "\n".join(f"WRONG  {fault}" for fault in outcome.faults[:20]) or (
        "The ledger balances to the micro-dollar; no reservation is open; nothing is booked twice."
    )
    return (
        f"{outcome.begun:,} calls in {outcome.took_s:,.0f} s: {seen['done']:,} done, {seen['left']:,} left,"
        f" {seen['refused']:,} refused; {outcome.kills} processes killed, {outcome.swept} calls swept.\n"
        f"{outcome.attempts:,} attempts, {outcome.lines:,} ledger lines, {outcome.spent_micros:,} micro-dollars.\n"
        f"{verdict}"
    )
