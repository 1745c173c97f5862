"""What every RateLimiter does: in this process, and in a Redis where there is one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.adapters import limiter_memory
from app.adapters.limiter_memory import MemoryLimiter
from app.adapters.limiter_redis import RedisLimiter
from app.core.clock import ManualClock
from app.core.errors import Unavailable
from app.core.ports import RateLimiter

WINDOW: dict[str, Any] = {"limit": 3, "window_s": 60}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own on loopback; skipped where the machine has none."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("no redis-server or valkey-server on PATH")
    port, folder = _free_port(), tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(5)


@pytest.fixture(params=["memory", "away", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    """An adapter that has counted nothing; "away" is Redis that does not answer."""
    here = MemoryLimiter(ManualClock())
    if request.param == "memory":
        yield here
        return
    url = request.getfixturevalue("redis_url") if request.param == "redis" else f"redis://127.0.0.1:{_free_port()}"
    limiter = RedisLimiter(url, meanwhile=here)
    yield limiter
    await limiter.close()


async def test_so_many_fit_and_no_more(limiter: RateLimiter) -> None:
    answers = [await limiter.hit("a", **WINDOW) for _ in range(5)]

    assert [answer.allowed for answer in answers] == [True, True, True, False, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert all(0 < answer.reset_s <= 60 for answer in answers)


async def test_asking_does_not_count(limiter: RateLimiter) -> None:
    answers = [await limiter.peek("b", **WINDOW) for _ in range(5)]

    assert {(answer.allowed, answer.remaining) for answer in answers} == {(True, 3)}


async def test_keys_are_counted_apart(limiter: RateLimiter) -> None:
    for _ in range(3):
        await limiter.hit("c", **WINDOW)

    assert not (await limiter.peek("c", **WINDOW)).allowed
    assert (await limiter.peek("d", **WINDOW)).allowed


async def test_what_was_cleared_is_forgotten(limiter: RateLimiter) -> None:
    for _ in range(3):
        await limiter.hit("e", **WINDOW)
    await limiter.clear("e", **WINDOW)

    assert (await limiter.hit("e", **WINDOW)).remaining == 2


async def test_the_window_moves_with_the_clock() -> None:
    clock = ManualClock()
    limiter = MemoryLimiter(clock)
    for _ in range(3):
        await limiter.hit("a", **WINDOW)
        clock.advance(timedelta(seconds=25))
    answers = [(await limiter.hit("a", **WINDOW)).allowed for _ in range(2)]

    assert answers == [True, False]
    assert (await limiter.peek("a", **WINDOW)).reset_s == 10


async def test_what_is_over_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter_memory, "PRUNE_EVERY", 10)
    clock = ManualClock()
    limiter = MemoryLimiter(clock)
    for number in range(25):
        await limiter.hit(f"key {number}", **WINDOW)
        clock.advance(timedelta(seconds=61))

    assert len(limiter._windows) <= 10


async def test_counting_here_always_works() -> None:
    await MemoryLimiter(ManualClock()).ping()


async def test_a_redis_that_is_away_fails_the_ping() -> None:
    limiter = RedisLimiter(f"redis://127.0.0.1:{_free_port()}", meanwhile=MemoryLimiter(ManualClock()))

    with pytest.raises(Unavailable):
        await limiter.ping()


async def test_a_redis_that_is_there_passes_the_ping(redis_url: str) -> None:
    limiter = RedisLimiter(redis_url, meanwhile=MemoryLimiter(ManualClock()))
    await limiter.ping()
    await limiter.close()
