"""Waiting for a provider of pictures: progress is asked for meanwhile, and cancelling tells the provider to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

EVERY_S = 1.0
GOODBYE_S = 3.0


async def watched(
    work: Coroutine[Any, Any, T],  # Any: as Coroutine is written
    *,
    look: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[object]],
    every_s: float,
) -> T:
    """Return what `work` returns, looking meanwhile.

    Where looking raises (the job was cancelled) or the caller goes away, the work ends and the server is told so.
    """
    task = asyncio.ensure_future(work)
    try:
        while True:
            done, _ = await asyncio.wait({task}, timeout=every_s)
            if done:
                return task.result()
            await look()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await _told(stop)


async def _told(stop: Callable[[], Awaitable[object]]) -> None:
    """Tell the server to stop, even while being cancelled; whether it heard is its own affair."""

    async def tell() -> None:
        try:
            async with asyncio.timeout(GOODBYE_S):
                await stop()
        except Exception:  # a server that is gone works no longer either
            return

    await asyncio.shield(asyncio.ensure_future(tell()))
