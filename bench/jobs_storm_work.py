"""What runs inside the jobs' storm: stand-ins of real size for the product's jobs, the worker, and the app that asks.

A stand-in waits as for a provider, computes, writes a file, books what it cost in the real ledger, makes its thing and
tells of it. Every process appends what it did to a file of its own, a line at a time: SIGKILL takes none of it away.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import random
import sqlite3
import time
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RqList

from app.bootstrap import build_ports
from app.core.context import Context
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.jobs import service
from app.core.jobs.names import QUEUES, JobName, QueueName
from app.core.jobs.registry import HANDLERS, Handler
from app.core.jobs.run import JobRun
from app.core.settings import Settings
from app.tenancy.models import AuditEvent
from app.usage import ledger
from app.usage.schemas import Attempt
from bench.own_database import OwnDatabase
from bench.own_settings import own_settings
from jobs.worker import Worker, close

ASSET, NOTICE, FEATURE = "storm.asset", "storm.notice", "generation"
RESERVED_MICROS = 5_000
MOST_UNFINISHED = 400
UNFINISHED = "select job_id from outbox where state <> 'quarantined'"
RUNG_FOR = "select job_id from outbox where state = 'queued'"


@dataclass(frozen=True, slots=True)
class Kind:
    """A stand-in: how long its provider takes, how much it computes and writes."""

    queue: QueueName
    wait_ms: int
    compute_bytes: int
    file_bytes: int
    steps: int = 2


KINDS: Mapping[str, Kind] = {
    "text": Kind("bulk", wait_ms=20, compute_bytes=50_000, file_bytes=4_000),
    "image": Kind("image", wait_ms=30, compute_bytes=600_000, file_bytes=200_000),
    "audio": Kind("audio", wait_ms=20, compute_bytes=400_000, file_bytes=300_000),
    "ingest": Kind("ingest", wait_ms=0, compute_bytes=900_000, file_bytes=20_000, steps=3),
}


def tell(folder: Path, *words: object) -> None:
    """Append a line to this process's own file."""
    with (folder / f"told-{os.getpid()}").open("a", encoding="utf-8") as told:
        told.write(" ".join(map(str, words)) + "\n")


def content(job_id: UUID, size: int) -> bytes:
    """Return what a job's file must hold, in whichever run it was written."""
    seed = hashlib.sha256(job_id.bytes).digest()
    return (seed * (size // len(seed) + 1))[:size]


async def stand_in(ctx: Context, run: JobRun) -> Mapping[str, Any]:
    """Do a job as a feature would: provider, computing, file, money, thing, news."""
    folder = ctx.ports.settings.data_dir
    tell(folder, "start", run.id, run.fence, os.getpid(), time.time())
    kind = KINDS[run.args["kind"]]
    held = await ledger.reserve(ctx, call_id=run.id, feature=FEATURE, micros=RESERVED_MICROS)
    for step in range(kind.steps):
        await run.progress("working", step / kind.steps)
        await asyncio.sleep(kind.wait_ms / 1000 / kind.steps)
        zlib.compress(os.urandom(kind.compute_bytes // kind.steps), 1)
    key = f"{ctx.tenant}/storm/{new_id()}"  # as of every product's file: no other run can touch it
    size = await ctx.ports.blobs.put(key, _chunks(content(run.id, kind.file_bytes)))
    await ledger.settle(ctx, held, attempts=(_attempt(run.id),))
    await _once(ctx, run, ASSET, key=key)
    await run.progress("telling", 0.95)
    await _once(ctx, run, NOTICE)
    tell(folder, "end", run.id, run.fence, os.getpid(), time.time())
    return {"bytes": size}


async def _chunks(whole: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(whole), 65_536):
        yield whole[at : at + 65_536]


def _attempt(call_id: UUID) -> Attempt:
    return Attempt(
        FEATURE,
        "Storm",
        "openai",
        "gpt-5-mini",
        "ok",
        total_ms=50,
        call_id=call_id,
        attempt_no=1,
        tokens_in=400,
        tokens_out=200,
    )


async def _once(ctx: Context, run: JobRun, action: str, **detail: str) -> None:
    async with run.effect(ctx, action) as session:
        if session is not None:
            session.add(AuditEvent(action=action, target=str(run.id), detail=detail))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a storm passes: a folder, and a database of PostgreSQL, or SQLite in the folder where there is none."""

    folder: Path
    database: OwnDatabase | None = None


def settings_of(place: Place) -> Settings:
    """Return the storm's settings: short draining, for nothing in it ends gently."""
    return own_settings(
        place.folder,
        drain_s=1,
        database_url=place.database.url if place.database else "",
        database_owner_url=place.database.owner_url if place.database else "",
    )


def quiet(folder: Path) -> None:
    """Write what is worse than a warning to a file, and nothing else anywhere."""
    logging.getLogger("sqlalchemy").setLevel(logging.CRITICAL)  # it tells of each connection that was cut in mid-word
    log = (folder / f"log-{os.getpid()}").open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.WriteLoggerFactory(log),
    )


def be_worker(place: Place, hands: int) -> None:
    """Be a worker of every queue until killed."""
    quiet(place.folder)
    HANDLERS[JobName.TRIAL] = Handler(JobName.TRIAL, "default", "jobs:write", 60.0, stand_in)
    settings = settings_of(place)
    Worker(lambda: build_ports(settings), queues=QUEUES, hands=hands, drain_s=settings.drain_s, follows=True).run()


def be_app(place: Place, people: Sequence[tuple[UUID, UUID]], wanted: int, seed: int) -> None:
    """Be the app: ask for jobs until every key has one. A key that was not answered is asked for again."""
    quiet(place.folder)
    asyncio.run(_ask_all(place, people, wanted, random.Random(seed)))


async def _ask_all(place: Place, people: Sequence[tuple[UUID, UUID]], wanted: int, die: random.Random) -> None:
    answered = {int(line.split()[1]) for line in lines_of(place.folder) if line.startswith("asked ")}
    ports = build_ports(settings_of(place))
    for number in range(wanted):
        if number in answered:
            continue
        while await unfinished(place) >= MOST_UNFINISHED:
            await asyncio.sleep(0.2)
        tenant_id, user_id = people[number % len(people)]
        ctx = Context(ports=ports, request_id="storm", tenant_id=tenant_id, user_id=user_id, actor="user")
        while True:
            try:
                await _ask_one(ctx, place.folder, number)
                break
            except AppError:  # the database is busy
                await asyncio.sleep(die.random())
        await asyncio.sleep(die.random() * 0.02)
    await close(ports)


async def _ask_one(ctx: Context, folder: Path, number: int) -> None:
    name = tuple(KINDS)[number // 8 % len(KINDS)]
    async with ctx.db.write() as session:
        job_id = await service.ask(
            ctx,
            session,
            name=JobName.TRIAL,
            args={"kind": name},
            key=f"storm-{number}",
            queue=KINDS[name].queue,
            reserved_micros=RESERVED_MICROS,
        )
    tell(folder, "asked", number, job_id, ctx.tenant_id)


async def unfinished(place: Place) -> int:
    """Return how many jobs are unfinished, without the machinery that is being stormed."""
    return len(await _ids(place, UNFINISHED))


async def rung_for(place: Place) -> list[UUID]:
    """Return the jobs that Redis is to hold a wake-up for."""
    return await _ids(place, RUNG_FOR)


def bells(place: Place) -> set[UUID]:
    """Return the jobs that Redis holds a wake-up for now; none while it is away."""
    with suppress(RedisError), Redis.from_url(settings_of(place).bell_url, socket_timeout=1) as redis:
        return {UUID(job_id) for queue in QUEUES for job_id in RqList(queue, connection=redis).get_job_ids()}
    return set()


async def _ids(place: Place, query: str) -> list[UUID]:
    if place.database is not None:
        there = await asyncpg.connect(place.database.plain_url)
        found = [row[0] for row in await there.fetch(query)]
        await there.close()
        return found
    with sqlite3.connect(place.folder / "galley.db", timeout=10) as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return [UUID(row[0]) for row in rows]


def lines_of(folder: Path) -> list[str]:
    """Return every whole line that any process of the storm has told."""
    return [line for path in sorted(folder.glob("told-*")) for line in path.read_text("utf-8").splitlines()]
