"""What is kept in memory is never too old, is read anew before anybody has to wait, and is forgotten at a change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.core.clock import ManualClock
from app.core.kept import RENEW_AFTER_S, Kept
from app.core.ports import Ports

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


class Source:
    """Answers one, two, three …; waits where it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False

    async def read(self) -> int:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.fails:
            raise OSError("away")
        return number


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def ask(ports: Ports, source: Source) -> Callable[[], Awaitable[int]]:
    kept: Kept[str, int] = Kept(lasts_s=2.0)
    return lambda: kept.get(ports, "key", source.read)


async def _settle() -> None:
    await asyncio.sleep(RENEW_AFTER_S * 3)


async def test_a_young_answer_is_given_again_and_an_old_one_is_not(
    ask: Callable[[], Awaitable[int]], clock: ManualClock
) -> None:
    first = [await ask(), await ask()]
    clock.advance(timedelta(seconds=2))

    assert [*first, await ask()] == [1, 1, 2]


async def test_in_the_second_half_of_its_time_it_is_read_anew_once_and_nobody_waits(
    ask: Callable[[], Awaitable[int]], clock: ManualClock, source: Source
) -> None:
    await ask()
    clock.advance(timedelta(seconds=1.2))
    source.gate.clear()
    meanwhile = [await ask(), await ask()]
    await _settle()
    source.gate.set()
    await _settle()

    assert meanwhile == [1, 1]
    assert (await ask(), source.asked) == (2, 2)


async def test_a_reading_that_fails_is_told_only_to_whoever_has_nothing_else(
    ask: Callable[[], Awaitable[int]], clock: ManualClock, source: Source
) -> None:
    await ask()
    clock.advance(timedelta(seconds=1.2))
    source.fails = True
    kept = await ask()
    await _settle()
    clock.advance(timedelta(seconds=1))

    assert kept == 1
    with pytest.raises(OSError, match="away"):
        await ask()


async def test_what_was_read_before_a_change_is_not_kept(ports: Ports, source: Source) -> None:
    kept: Kept[str, int] = Kept()
    source.gate.clear()
    reading = asyncio.create_task(kept.get(ports, "key", source.read))
    await _settle()
    kept.forget(ports, "key")
    source.gate.set()

    assert await reading == 1
    assert kept.peek(ports, "key") is None


async def test_the_oldest_of_too_many_is_dropped(ports: Ports, source: Source) -> None:
    kept: Kept[str, int] = Kept(most=2)
    for key in ("a", "b", "c"):
        kept.put(ports, key, 1)

    assert [kept.peek(ports, key) for key in "abc"] == [None, 1, 1]


async def test_all_who_come_while_it_is_read_wait_for_that_reading(
    ask: Callable[[], Awaitable[int]], source: Source
) -> None:
    source.gate.clear()
    asking = [asyncio.create_task(ask()) for _ in range(50)]
    await _settle()
    asking[0].cancel()
    source.gate.set()

    assert await asyncio.gather(*asking[1:]) == [1] * 49
    assert source.asked == 1


async def test_who_comes_after_a_change_does_not_take_what_is_being_read_since_before(
    ports: Ports, source: Source
) -> None:
    kept: Kept[str, int] = Kept()
    source.gate.clear()
    before = asyncio.create_task(kept.get(ports, "key", source.read))
    await _settle()
    kept.forget(ports, "key")
    after = asyncio.create_task(kept.get(ports, "key", source.read))
    await _settle()
    source.gate.set()

    assert [await before, await after] == [1, 2]
    assert kept.peek(ports, "key") == 2


async def test_a_reading_that_fails_is_told_to_all_who_wait_and_tried_again_by_the_next(
    ask: Callable[[], Awaitable[int]], source: Source
) -> None:
    source.fails = True
    source.gate.clear()
    asking = [asyncio.create_task(ask()) for _ in range(3)]
    await _settle()
    source.gate.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    source.fails = False

    assert [type(error) for error in told] == [OSError] * 3
    assert await ask() == 2
