"""What is left after the jobs' storm: every job that was asked for, what it made, booked and told, and how fast an
interrupted one ran again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from app.bootstrap import build_ports
from app.core.context import Context
from app.core.errors import AppError
from app.core.jobs import ledger
from app.core.jobs.models import Job
from app.tenancy.models import AuditEvent
from app.usage import checking
from app.usage.models import UsageEvent
from bench.jobs_storm_work import ASSET, KINDS, NOTICE, Place, content, lines_of, settings_of
from jobs.worker import close

RERUN_GOAL_S = 15.0
REBUILT_GOAL_S = 30.0


@dataclass(frozen=True, slots=True)
class Emptied:
    """Redis was emptied while it held wake-ups for these jobs; `back_s`: when it was seen to hold one's again."""

    at_s: float
    held: Sequence[UUID]
    back_s: dict[UUID, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was left when it was over; `faults` are what is wrong, as sentences. Times are sorted.

    `rebuilt_s`: from the emptying of Redis until it held a job's wake-up again, or the job began. `begun_s`: until it
    began, which is also how long it had to wait for those before it.
    """

    asked: int
    states: Mapping[str, int]
    blows: Mapping[str, int]
    starts: int
    reruns_s: Sequence[float]
    rebuilt_s: Sequence[float]
    begun_s: Sequence[float]
    innocent: int
    lost: int
    doubled: int
    stuck: int
    took_s: float
    raged_s: float
    quiet_s: float
    faults: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Goals of time that were missed: nothing is wrong, but it took too long."""
        rerun_s, begun_s = percentile(self.reruns_s, 0.95), max(self.begun_s, default=0.0)
        missed = []
        if rerun_s > RERUN_GOAL_S:
            missed.append(f"an interrupted job ran again after {rerun_s:.1f} s (p95)")
        if begun_s > REBUILT_GOAL_S:
            missed.append(f"a job whose wake-up was lost with all of Redis began after {begun_s:.1f} s")
        return tuple(missed)


async def judge(
    place: Place,
    people: Sequence[tuple[UUID, UUID]],
    killed: Sequence[tuple[float, int]],
    emptied: Sequence[Emptied],
    *,
    blows: Mapping[str, int],
    took_s: float,
    raged_s: float,
    quiet_s: float,
) -> Outcome:
    """Hold the ledger, the books and the files against what was asked for and what the processes told."""
    told = lines_of(place.folder)
    asked = {UUID(words[2]): UUID(words[3]) for words in map(str.split, told) if words[0] == "asked"}
    ports = build_ports(settings_of(place))
    states: Counter[str] = Counter()
    faults: list[str] = []
    lost = doubled = stuck = innocent = 0
    for tenant_id, _ in people:
        ctx = ledger.system(ports, tenant_id, "judge")
        jobs, made, booked, keys = await _kept(ctx)
        states.update(job.state for job in jobs.values())
        mine = {job_id for job_id, whose in asked.items() if whose == tenant_id}
        missing = mine - set(jobs)
        left = [job for job in jobs.values() if job.state not in ("done", "quarantined")]
        quarantined = [job for job in jobs.values() if job.state == "quarantined"]
        innocent += len(quarantined)
        failed = [job for job in left if job.state in ("failed", "cancelled")]
        lost += len(missing) + len(failed)
        stuck += len(left) - len(failed)
        faults += [f"job {job.id} failed: {job.error_code}" for job in failed]
        twice, never = _counted(jobs, made, booked)
        doubled += len(twice)
        lost += len(never)
        faults += [*twice, *never, *(await checking.check(ctx)).faults]
        faults += await _wrong_files(ctx, jobs, keys)
        faults += [f"job {job_id} was acknowledged and is gone" for job_id in missing]
        faults += [f"job {job.id} was quarantined after {job.deaths} deaths" for job in quarantined if job.deaths < 3]
    await close(ports)
    times = reruns_s(told, killed), rebuilt_s(told, emptied), begun_s(told, emptied)
    faults += _bugs(place.folder)
    if stuck:
        faults.append(f"{stuck} jobs are stuck")
    starts = sum(line.startswith("start ") for line in told)
    return Outcome(
        len(asked),
        states,
        blows,
        starts,
        *times,
        innocent,
        lost,
        doubled,
        stuck,
        took_s,
        raged_s,
        quiet_s,
        tuple(faults),
    )


async def _kept(
    ctx: Context,
) -> tuple[dict[UUID, Job], Counter[tuple[str, str]], Counter[UUID], dict[str, str]]:
    """Return a workspace's jobs, how often each was made, told of and booked, and the files of what was made."""
    async with ctx.db.read() as session:
        jobs = {job.id: job for job in (await session.execute(sa.select(Job))).scalars()}
        query = sa.select(col(AuditEvent.action), col(AuditEvent.target), col(AuditEvent.detail))
        rows = (await session.execute(query)).all()
        booked = Counter((await session.execute(sa.select(col(UsageEvent.call_id)))).scalars())
    made = Counter((row.action, row.target) for row in rows)
    return jobs, made, booked, {row.target: row.detail["key"] for row in rows if row.action == ASSET}


def _counted(
    jobs: Mapping[UUID, Job], made: Mapping[tuple[str, str], int], booked: Mapping[UUID, int]
) -> tuple[list[str], list[str]]:
    """Return what happened more than once, and what a done job has not done."""
    twice, never = [], []
    for job in jobs.values():
        counts = {
            "made": made.get((ASSET, str(job.id)), 0),
            "told of": made.get((NOTICE, str(job.id)), 0),
            "booked": booked.get(job.id, 0),
        }
        twice += [f"job {job.id} was {what} {count} times" for what, count in counts.items() if count > 1]
        if job.state == "done":
            never += [f"job {job.id} is done and was never {what}" for what, count in counts.items() if not count]
    return twice, never


async def _wrong_files(ctx: Context, jobs: Mapping[UUID, Job], keys: Mapping[str, str]) -> list[str]:
    from app.core.jobs.views import as_object

    wrong = []
    for job in jobs.values():
        if job.state == "done":
            size = KINDS[as_object(job.args)["kind"]].file_bytes
            try:
                found = hashlib.sha256()
                async for chunk in ctx.ports.blobs.read(keys.get(str(job.id), "")):
                    found.update(chunk)
            except AppError:
                wrong.append(f"the file of job {job.id} is gone")
                continue
            if found.digest() != hashlib.sha256(content(job.id, size)).digest():
                wrong.append(f"the file of job {job.id} is not whole")
    return wrong


def reruns_s(told: Sequence[str], killed: Sequence[tuple[float, int]]) -> list[float]:
    """Return, sorted, how long after its process was killed or frozen each interrupted run began anew elsewhere."""
    starts: dict[str, list[tuple[int, int, float]]] = {}
    ended = set()
    for line in told:
        kind, job_id, *more = line.split()
        if kind == "start" and len(more) == 3:
            starts.setdefault(job_id, []).append((int(more[0]), int(more[1]), float(more[2])))
        elif kind == "end" and len(more) == 3:
            ended.add((job_id, int(more[0])))
    struck = {process: at_s for at_s, process in sorted(killed, reverse=True)}
    found = []
    for job_id, runs in starts.items():
        runs.sort()
        for (fence, process, began_s), (_, _, again_s) in pairwise(runs):
            struck_s = struck.get(process)
            if struck_s is not None and began_s <= struck_s <= again_s and (job_id, fence) not in ended:
                found.append(again_s - struck_s)
    return sorted(found)


def rebuilt_s(told: Sequence[str], emptied: Sequence[Emptied]) -> list[float]:
    """Return, sorted, how long after Redis was emptied it held each wake-up again; less where the job began before."""
    starts = _starts(told)
    found = []
    for one in emptied:
        for job_id in one.held:
            seen = [*_after(starts, job_id, one.at_s), *([one.back_s[job_id]] if job_id in one.back_s else [])]
            found += [min(seen) - one.at_s] if seen else []
    return sorted(found)


def begun_s(told: Sequence[str], emptied: Sequence[Emptied]) -> list[float]:
    """Return, sorted, how long after Redis was emptied each job began that it held a wake-up for."""
    starts = _starts(told)
    later = ((one.at_s, _after(starts, job_id, one.at_s)) for one in emptied for job_id in one.held)
    return sorted(min(begun) - at_s for at_s, begun in later if begun)


def _starts(told: Sequence[str]) -> Mapping[str, Sequence[float]]:
    starts: dict[str, list[float]] = {}
    for words in map(str.split, told):
        if words[0] == "start" and len(words) == 5:
            starts.setdefault(words[1], []).append(float(words[4]))
    return starts


def _after(starts: Mapping[str, Sequence[float]], job_id: UUID, at_s: float) -> list[float]:
    return [one for one in starts.get(str(job_id), ()) if one >= at_s]


def _bugs(folder: Path) -> list[str]:
    """Return what workers logged as errors, which only a bug does."""
    lines = [line for path in folder.glob("log-*") for line in path.read_text("utf-8").splitlines()]
    return [f"a process met a bug: {line[-600:]}" for line in lines[:5]]


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed; 0 for none."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))] if sorted_values else 0.0


def report(outcome: Outcome) -> str:
    """Return what was left, as a table for a person."""
    kills = sum(count for name, count in outcome.blows.items() if name not in ("frozen", "FLUSHALL"))
    reruns = outcome.reruns_s
    rows = [
        ("jobs asked for and acknowledged", f"{outcome.asked:,}", ""),
        ("ended", ", ".join(f"{count:,} {state}" for state, count in sorted(outcome.states.items())), ""),
        ("processes killed", f"{kills:,}", ", ".join(f"{count} {name}" for name, count in outcome.blows.items())),
        ("runs begun", f"{outcome.starts:,}", f"{len(reruns)} interrupted and run again"),
        ("lost", f"{outcome.lost}", "goal 0"),
        ("visible doubles (things, charges, news)", f"{outcome.doubled}", "goal 0"),
        ("stuck", f"{outcome.stuck}", "goal 0"),
        ("in quarantine, hit by three kills each", f"{outcome.innocent}", ""),
        ("re-run after a blow, p50", f"{percentile(reruns, 0.5):.1f} s", ""),
        ("re-run after a blow, p95", f"{percentile(reruns, 0.95):.1f} s", f"goal {RERUN_GOAL_S:.0f} s"),
        ("re-run after a blow, longest", f"{reruns[-1] if reruns else 0:.1f} s", ""),
        (
            "a lost wake-up, until it was there again, longest",
            f"{max(outcome.rebuilt_s, default=0.0):.1f} s",
            f"{len(outcome.rebuilt_s)}, p95 {percentile(outcome.rebuilt_s, 0.95):.1f} s",
        ),
        (
            "the same, until its job began, longest",
            f"{max(outcome.begun_s, default=0.0):.1f} s",
            f"goal {REBUILT_GOAL_S:.0f} s; p95 {percentile(outcome.begun_s, 0.95):.1f} s",
        ),
        ("storm, then until all was quiet", f"{outcome.raged_s:,.0f} s, {outcome.quiet_s:,.0f} s", ""),
    ]
    wide = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
    table = "\n".join(f"{name:<{wide[0]}}  {value:>{wide[1]}}  {note}".rstrip() for name, value, note in rows)
    verdict = (
        "\n".join(f"WRONG  {fault}" for fault in outcome.faults[:20]) or "Nothing was lost and nothing came twice."
    )
    return f"{table}\n{verdict}"
