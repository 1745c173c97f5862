"""A short storm over the job ledger, and that its judge sees what would be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands import acceptance
from app.core.ids import new_id
from app.core.jobs.models import Job
from bench import jobs_storm, jobs_storm_judge
from bench.jobs_storm import Storm, weather
from bench.jobs_storm_judge import Emptied, Outcome, begun_s, rebuilt_s, report, reruns_s
from bench.jobs_storm_work import ASSET, NOTICE, Place, content, settings_of
from bench.own_database import own_database


@pytest.fixture
def place(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Somewhere for a storm to pass."""
    if engine == "sqlite":
        yield Place(tmp_path)
        return
    with own_database(request.getfixturevalue("postgres").url("postgres", "postgres")) as own:
        yield Place(tmp_path, own)


@pytest.mark.slow
def test_after_a_storm_no_job_is_lost_doubled_or_stuck(place: Place) -> None:
    outcome = weather(Storm(jobs=120, kill_every_s=1.5, seconds=40, seed=11), place)

    assert outcome.faults == ()
    assert (outcome.lost, outcome.doubled, outcome.stuck) == (0, 0, 0)
    assert outcome.asked >= 40
    assert sum(outcome.blows.values()) >= 5


def test_a_storm_takes_nothing_of_somebodys_own_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALLEY_DATABASE_URL", "postgresql+asyncpg://galley_app@db.example.com/galley")
    monkeypatch.setenv("GALLEY_REDIS_URL", "redis://redis.example.com")
    monkeypatch.setenv("GALLEY_BLOBS_URL", "s3://bucket")
    settings = settings_of(Place(tmp_path))

    assert (settings.database_url, settings.redis_url, settings.blobs_url) == ("", "", "")


def test_a_run_that_was_interrupted_is_timed_from_the_blow_to_its_next_start() -> None:
    a, b, c = (str(new_id()) for _ in range(3))
    told = [
        f"start {a} 1 100 10.0", f"start {a} 2 200 19.5", f"end {a} 2 200 20.0",
        f"start {b} 1 100 8.0", f"end {b} 1 100 9.0", f"start {b} 2 200 30.0",
        f"start {c} 1 300 10.0", f"start {c} 2 200 12.0",
        "asked 1 x y", "start cut",
    ]  # fmt: skip

    assert reruns_s(told, [(11.5, 100)]) == [8.0]


def test_a_lost_wake_up_is_timed_until_it_is_back_and_until_its_job_begins() -> None:
    a, b = new_id(), new_id()
    told = [f"start {a} 1 100 9.0", f"start {a} 2 100 12.0", f"start {b} 1 100 21.5", "start cut", "asked 1 x y"]

    emptied = [Emptied(10.0, [a, b], {b: 13.0, a: 14.0}), Emptied(20.0, [a]), Emptied(5.0, [])]

    assert begun_s(told, emptied) == [2.0, 11.5]
    assert rebuilt_s(told, emptied) == [2.0, 3.0]


def test_what_was_made_twice_and_what_was_never_made_is_told() -> None:
    job = Job(name="trial", queue="bulk", state="done", actor="user")
    jobs = {job.id: job}

    twice, never = jobs_storm_judge._counted(jobs, Counter({(ASSET, str(job.id)): 2}), Counter({job.id: 1}))
    assert twice == [f"job {job.id} was made 2 times"]
    assert never == [f"job {job.id} is done and was never told of"]
    whole = Counter({(ASSET, str(job.id)): 1, (NOTICE, str(job.id)): 1})
    assert jobs_storm_judge._counted(jobs, whole, Counter({job.id: 1})) == ([], [])


def test_a_file_is_known_by_the_job_that_wrote_it() -> None:
    one = new_id()

    assert content(one, 1000) == content(one, 1000)
    assert content(one, 1000) != content(new_id(), 1000)
    assert len(content(one, 1000)) == 1000


def outcome(*, asked: int, faults: tuple[str, ...] = (), rerun_s: float = 9.0, begun_s: float = 3.0) -> Outcome:
    blows = {"hand": 3, "frozen": 1}
    return Outcome(
        asked, {"done": asked}, blows, asked, [rerun_s], [2.0], [begun_s], 0, 0, 0, 0, 60.0, 50.0, 5.0, faults
    )


@pytest.mark.parametrize(
    ("left", "minutes", "code"),
    [
        (outcome(asked=10), [], 0),
        (outcome(asked=9), [], 1),
        (outcome(asked=9), ["--minutes", "1"], 0),
        (outcome(asked=10, faults=("wrong",)), [], 1),
        (outcome(asked=10, rerun_s=15.1), [], 1),
        (outcome(asked=10, begun_s=30.1), [], 1),
        (outcome(asked=9, rerun_s=15.1), ["--minutes", "1"], 1),
        (outcome(asked=9, rerun_s=15.1, begun_s=30.1), ["--minutes", "1", "--untimed"], 0),
        (outcome(asked=10, faults=("wrong",)), ["--untimed"], 1),
        (outcome(asked=9), ["--untimed"], 1),
    ],
)
def test_the_command_fails_when_something_is_wrong_slow_or_short(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, left: Outcome, minutes: list[str], code: int
) -> None:
    monkeypatch.setattr(jobs_storm, "weather", lambda storm, place: left)
    monkeypatch.setattr(jobs_storm, "lines_of", lambda folder: ["asked 1 2 3"] * left.asked)

    assert acceptance.main(["jobs", "--jobs", "10", "--seed", "1", *minutes]) == code
    assert report(left) in capsys.readouterr().out
