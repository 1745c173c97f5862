"""Entries of one workspace that come together are written together; one at fault is refused alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.core.context import Context
from app.core.group_commit import MOST_AT_ONCE, GroupCommit
from tests.databases import CtxOf
from tests.patience import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


class Book:
    """Notes which entries came together; refuses negative ones."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, ctx: Context, entries: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(entries))
        await self.gate.wait()
        if min(entries) < 0:
            raise ValueError("negative")
        return [entry * 10 for entry in entries]


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


async def test_who_comes_while_one_is_written_goes_along_with_the_next(ana: Context, book: Book) -> None:
    group = GroupCommit(book.write)
    book.gate.clear()
    first = asyncio.create_task(group.submit(ana, 1))
    await until(lambda: book.groups)
    others = [asyncio.create_task(group.submit(ana, number)) for number in (2, 3, 4)]
    await asyncio.sleep(0.01)
    book.gate.set()

    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert book.groups == [[1], [2, 3, 4]]


async def test_one_at_fault_is_refused_alone(ana: Context, book: Book) -> None:
    group = GroupCommit(book.write)

    results = await asyncio.gather(*(group.submit(ana, number) for number in (1, -2, 3)), return_exceptions=True)

    assert [results[0], results[2]] == [10, 30]
    assert isinstance(results[1], ValueError)


async def test_two_workspaces_never_go_together(ctx_of: CtxOf, ana: Context, book: Book) -> None:
    bo = await ctx_of("bo")
    group = GroupCommit(book.write)

    await asyncio.gather(*(group.submit(ctx, number) for number, ctx in enumerate((ana, bo, ana, bo), 1)))

    assert sorted(book.groups) == [[1, 3], [2, 4]]


async def test_who_leaves_stops_nothing(ana: Context, book: Book) -> None:
    group = GroupCommit(book.write)
    book.gate.clear()
    leaving = asyncio.create_task(group.submit(ana, 1))
    await until(lambda: book.groups)
    leaving.cancel()
    staying = asyncio.create_task(group.submit(ana, 2))
    book.gate.set()

    assert await staying == 20
    assert book.groups == [[1], [2]]


async def test_a_crowd_is_written_in_parts(ana: Context, book: Book) -> None:
    group = GroupCommit(book.write)

    await asyncio.gather(*(group.submit(ana, number) for number in range(MOST_AT_ONCE + 1)))

    assert [len(one) for one in book.groups] == [MOST_AT_ONCE, 1]
