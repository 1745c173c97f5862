"""How many texts a person or a key may ask for in a minute, whatever door they come through."""

from __future__ import annotations

from app.core.context import Context
from app.core.errors import TooMany

WINDOW_S = 60


async def count_run(ctx: Context) -> None:
    """Count one more.

    Raises:
        TooMany: that was one too many within a minute.
    """
    limit = ctx.ports.settings.runs_per_minute
    name = f"key:{ctx.api_key_id}" if ctx.api_key_id else f"person:{ctx.user_id}"
    allowance = await ctx.ports.limiter.hit(f"runs:{name}", limit=limit, window_s=WINDOW_S)
    if not allowance.allowed:
        seconds = max(1, allowance.reset_s)
        raise TooMany(
            "That is {limit} runs within a minute. Try again in {seconds} seconds.",
            code="runs.too_many",
            params={"limit": limit, "seconds": seconds},
            retry_after_s=seconds,
        )
