"""SQLite has one writer: units of work that write take turns, first come, first served."""

from __future__ import annotations

import asyncio

import pytest

from app.core.context import Context
from tests.databases import CtxOf

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def test_units_that_write_come_in_the_order_in_which_they_asked(ctx_of: CtxOf) -> None:
    ctx: Context = await ctx_of("ana")
    order: list[int] = []

    async def write(number: int) -> None:
        async with ctx.db.write():
            order.append(number)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(write(number) for number in range(100)))

    assert list(range(100)) == order


async def test_reading_goes_on_while_somebody_writes(ctx_of: CtxOf) -> None:
    ctx: Context = await ctx_of("ana")

    async with ctx.db.write():

        async def read() -> str:
            async with ctx.db.read():
                return "read"

        assert "read" == await asyncio.wait_for(asyncio.create_task(read()), 2)
