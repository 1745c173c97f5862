"""A storm over the job ledger: thousands of jobs of eight workspaces, while workers, Redis and the app are killed.

parent ──starts──> workers (each a parent with a hand and a keeper), Redis, and the app that asks
       ──SIGKILL─> a hand, a worker's parent, a whole worker, Redis, the app; ──SIGSTOP──> a worker, for longer
                   than its leases; FLUSHALL
       ──at the end: waits for quiet, then holds the ledger, the books and the files against what was asked for
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

from app.bootstrap import build_ports
from app.commands.redis import find_program, options, own_folder
from app.core.context import Context
from app.core.ids import new_id
from app.core.migrating import migrate
from app.tenancy.models import Membership, Tenant, User
from bench.jobs_storm_judge import Emptied, Outcome, judge, report
from bench.jobs_storm_work import Place, be_app, be_worker, bells, lines_of, rung_for, settings_of, unfinished
from bench.own_database import own_database
from bench.processes import children, descendants

WORKERS = 4
TENANTS = 8
STILL_S = 90.0
"""When the number of unfinished jobs has not fallen for so long, what is left is stuck."""
FROZEN_S = 12.0
"""Longer than a lease lasts: what is frozen comes back as a zombie."""
WATCH_EVERY_S, WATCHED_S = 0.5, 120.0
"""How often Redis is looked at for lost wake-ups that came back, and for how long."""


@dataclass(frozen=True, slots=True)
class Storm:
    """How long and how wild: `kill_every_s` is the mean time between two blows; `seconds` ends it in any case."""

    jobs: int = 10_000
    kill_every_s: float = 2.0
    seconds: float = 3600.0
    seed: int = 1


@dataclass
class Stage:
    """Everything that runs, and what was done to it."""

    storm: Storm
    place: Place
    people: list[tuple[UUID, UUID]]
    workers: list[BaseProcess] = field(default_factory=list)
    app: BaseProcess | None = None
    redis: subprocess.Popen[bytes] | None = None
    blows: Counter[str] = field(default_factory=Counter)
    killed: list[tuple[float, int]] = field(default_factory=list)
    thaw: list[tuple[float, list[int]]] = field(default_factory=list)
    emptied: list[Emptied] = field(default_factory=list)
    redis_back_s: float = 0.0
    watch_s: float = 0.0

    def __post_init__(self) -> None:
        self.die = random.Random(self.storm.seed)
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["bench.jobs_storm_work"])

    def start_worker(self) -> BaseProcess:
        """Start a worker with one hand."""
        worker = self.processes.Process(target=be_worker, args=(self.place, 1))
        worker.start()
        return worker

    def start_app(self) -> None:
        """Start the app; it goes on with what was not answered."""
        seed = self.die.randrange(2**30)
        self.app = self.processes.Process(target=be_app, args=(self.place, self.people, self.storm.jobs, seed))
        self.app.start()

    def start_redis(self) -> None:
        """Start Redis with what it has kept."""
        settings = settings_of(self.place)
        program = find_program()
        assert program, "there is no Redis on this machine"
        folder = own_folder(settings.redis_socket.parent)
        settings.redis_socket.unlink(missing_ok=True)
        self.redis = subprocess.Popen([program, *options(settings, folder)], stdout=subprocess.DEVNULL, cwd=folder)

    def kill(self, process: int) -> None:
        """Kill a process, and note when."""
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            self.killed.append((time.time(), process))

    def strike(self) -> None:
        """Deal one blow, chosen by the die."""
        blows: dict[str, tuple[int, Callable[[], None]]] = {
            "hand": (32, self._kill_hand),
            "worker's parent": (18, lambda: self._kill_worker(whole=False)),
            "whole worker": (20, lambda: self._kill_worker(whole=True)),
            "app": (10, self._kill_app),
            "Redis": (8, self._kill_redis),
            "frozen": (8, self._freeze),
            "FLUSHALL": (4, self._empty_redis),
        }
        name = self.die.choices(list(blows), [weight for weight, _ in blows.values()])[0]
        blows[name][1]()
        self.blows[name] += 1

    def _kill_hand(self) -> None:
        worker = self.workers[self.die.randrange(WORKERS)].pid
        below = sorted(children(worker)) if worker else []
        if below:
            self.kill(below[-1])  # the keeper is forked first

    def _kill_worker(self, *, whole: bool) -> None:
        worker = self.workers[self.die.randrange(WORKERS)]
        assert worker.pid
        below = descendants(worker.pid) if whole else []
        for process in (worker.pid, *below):
            self.kill(process)

    def _kill_app(self) -> None:
        if self.app is not None and self.app.pid and self.app.is_alive():
            self.kill(self.app.pid)

    def _kill_redis(self) -> None:
        if self.redis is not None:
            self.redis.kill()
            self.redis.wait()
            self.redis = None
            self.redis_back_s = time.time() + self.die.uniform(0.2, 4.0)

    def _empty_redis(self) -> None:
        from redis import Redis
        from redis.exceptions import RedisError

        with suppress(RedisError), Redis.from_url(settings_of(self.place).bell_url, socket_timeout=1) as redis:
            redis.flushall()
            self.emptied.append(Emptied(time.time(), asyncio.run(rung_for(self.place))))

    def watch(self) -> None:
        """Note which of the wake-ups that were lost with all of Redis are there again."""
        missed = [one for one in self.emptied if time.time() - one.at_s < WATCHED_S and len(one.back_s) < len(one.held)]
        if not missed or time.monotonic() < self.watch_s:
            return
        self.watch_s = time.monotonic() + WATCH_EVERY_S
        there = bells(self.place)
        for one in missed:
            for job_id in there.intersection(one.held) - set(one.back_s):
                one.back_s[job_id] = time.time()

    def _freeze(self) -> None:
        worker = self.workers[self.die.randrange(WORKERS)].pid
        assert worker
        frozen = [worker, *descendants(worker)]
        for process in frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
                self.killed.append((time.time(), process))
        self.thaw.append((time.time() + FROZEN_S, frozen))

    def mend(self) -> None:
        """Start again what was killed, as a supervisor would, and thaw what was frozen long enough."""
        now_s = time.time()
        if self.redis is None and now_s >= self.redis_back_s:
            self.start_redis()
        for at, worker in enumerate(self.workers):
            if not worker.is_alive():
                worker.join()
                self.workers[at] = self.start_worker()
        if self.app is not None and not self.app.is_alive():
            gave_up = self.app.exitcode != 0
            self.app.join()
            self.app = None
            if gave_up:
                self.start_app()
        for until_s, frozen in [one for one in self.thaw if one[0] <= now_s]:
            self.thaw.remove((until_s, frozen))
            for process in frozen:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def end(self) -> None:
        """End everything."""
        for _, frozen in self.thaw:
            for process in frozen:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
        for child in [*self.workers, *([self.app] if self.app else [])]:
            below = descendants(child.pid) if child.pid else []
            child.kill()
            child.join()
            for process in below:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if self.redis is not None:
            self.redis.kill()
            self.redis.wait()


def weather(storm: Storm, place: Place) -> Outcome:
    """Let a storm pass over a fresh installation in `place`, and return what was left."""
    began_s = time.monotonic()
    stage = Stage(storm, place, asyncio.run(_prepare(place)))
    stage.start_redis()
    stage.workers = [stage.start_worker() for _ in range(WORKERS)]
    stage.start_app()
    try:
        raged_s = _rage(stage)
        quiet_s = _wait_for_quiet(stage)
    finally:
        stage.end()
    took_s = time.monotonic() - began_s
    return asyncio.run(
        judge(
            place,
            stage.people,
            stage.killed,
            stage.emptied,
            blows=stage.blows,
            took_s=took_s,
            raged_s=raged_s,
            quiet_s=quiet_s,
        )
    )


async def _prepare(place: Place) -> list[tuple[UUID, UUID]]:
    """Make the database and the workspaces; return each with the person who asks in it."""
    settings = settings_of(place)
    await migrate(settings)
    ports = build_ports(settings)
    people = []
    for number in range(TENANTS):
        user, tenant_id = User(name=f"Person {number}"), new_id()
        ctx = Context(ports=ports, request_id="storm", tenant_id=tenant_id, user_id=user.id, actor="user")
        async with ctx.db.write() as session:
            wrapped = ports.db.master_key.new_data_key(tenant=str(tenant_id))
            session.add_all([Tenant(id=tenant_id, name=f"Workspace {number}", wrapped_key=wrapped), user])
            await session.flush()
            session.add(Membership(user_id=user.id, role="owner"))
        people.append((tenant_id, user.id))
    await ports.db.close()
    return people


def _rage(stage: Stage) -> float:
    """Strike until every job was asked for and nearly all are done, or the time is over; return how long that was."""
    began_s = time.monotonic()
    storm = stage.storm
    next_s = began_s + storm.kill_every_s
    while time.monotonic() - began_s < storm.seconds and not _is_nearly_done(stage):
        time.sleep(0.05)
        stage.mend()
        stage.watch()
        if time.monotonic() >= next_s:
            stage.strike()
            next_s = time.monotonic() + stage.die.uniform(0.5, 1.5) * storm.kill_every_s
    return time.monotonic() - began_s


def _is_nearly_done(stage: Stage) -> bool:
    return stage.app is None and asyncio.run(unfinished(stage.place)) <= stage.storm.jobs // 50


def _wait_for_quiet(stage: Stage) -> float:
    """Stop asking and striking, mend what is broken, and wait until no job is unfinished; return how long it took."""
    began_s = time.monotonic()
    if stage.app is not None:
        stage.app.kill()
        stage.app.join()
        stage.app = None
    least, fell_s = asyncio.run(unfinished(stage.place)), began_s
    while least and time.monotonic() - fell_s < STILL_S:
        stage.mend()
        stage.watch()
        time.sleep(0.2)
        if (left := asyncio.run(unfinished(stage.place))) < least:
            least, fell_s = left, time.monotonic()
    return time.monotonic() - began_s


def main(*, minutes: float | None, seed: int | None, jobs: int, database: str = "", untimed: bool = False) -> int:
    """Run the storm in a folder of its own, print what was left, and return 1 where something is wrong.

    `database`: a PostgreSQL server, on which it makes a database of its own. A storm of some `minutes` may end before
    all is asked for. `untimed`: what was late is told and fails nothing, for machines that nobody knows.
    """
    storm = Storm(jobs=jobs, seconds=60 * (minutes or 60), seed=seed or int.from_bytes(os.urandom(3)))
    print(f"A storm of {storm.jobs:,} jobs over the job ledger, seed {storm.seed} …", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="galley-storm-") as name,
        own_database(database) if database else nullcontext() as own,
    ):
        folder = Path(name)
        outcome = weather(storm, Place(folder, own))
        print(report(outcome), flush=True)
        short = minutes is None and sum(line.startswith("asked ") for line in lines_of(folder)) < storm.jobs
    for missed in outcome.missed:
        print(f"LATE   {missed}", flush=True)
    return 1 if outcome.faults or short or (outcome.missed and not untimed) else 0
