"""What happens to a workspace's jobs, as a stream: `ready` when it begins (and whenever something may have been
missed: list the jobs then), `job` for each change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import Request

from app.api.credentials import identify
from app.api.event_stream import frame
from app.core.context import Context
from app.core.errors import AppError
from app.core.jobs.placing import EVENT
from app.core.signals import MISSED, BusEvent

ASK_AGAIN_S = 3.0
"""So often is looked whether the caller may still know: a key that was deleted hears no more."""

LONGEST_S = 3600.0
"""Then a stream ends, and who wants to hear more asks again: no connection is for ever."""


async def frames(ctx: Context, request: Request) -> AsyncGenerator[bytes]:
    """Yield the stream until the caller leaves, may not know any more, or has listened for LONGEST_S."""
    number = 1
    async with aclosing(ctx.ports.bus.listen()) as heard:
        following = asyncio.ensure_future(anext(heard))
        try:
            await asyncio.sleep(0)  # from here on it listens
            yield frame("ready", number, {})
            known_s = time.monotonic()
            end_s = known_s + LONGEST_S
            while (left_s := end_s - time.monotonic()) > 0:
                done, _ = await asyncio.wait({following}, timeout=min(left_s, ASK_AGAIN_S))
                if time.monotonic() - known_s >= ASK_AGAIN_S:
                    if not await _may_know(ctx, request):
                        return
                    known_s = time.monotonic()
                if not done:
                    continue
                event = following.result()
                following = asyncio.ensure_future(anext(heard))
                if told := _told(ctx, event):
                    number += 1
                    yield frame(told, number, dict(event.data))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _told(ctx: Context, event: BusEvent) -> str:
    """Return under what name this caller is told of an event; "" for what is not theirs."""
    if event.name == MISSED:
        return "ready"
    return "job" if event.name == EVENT and event.tenant_id == ctx.tenant_id else ""


async def _may_know(ctx: Context, request: Request) -> bool:
    try:
        principal = (await identify(ctx.ports, request, key_allowed=True)).principal
    except AppError:
        return False
    return principal is not None and principal.tenant_id == ctx.tenant_id and "jobs:read" in principal.scopes
