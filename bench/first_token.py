"""Added first-token time over REST, with key, tenant, quota and ledger, beside the provider itself."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from bench.stand import Stand, stand
from bench.table import Goal, Table
from bench.texts import Timing, Work, directly, prepare, through_galley, work_of

FIRST_TOKEN_MS = 50.0
TOKENS_PER_S = 50.0
WARM_UPS, PAIRS = 10, 80
STREAMS, ROUNDS = 64, 3
Ask = Callable[[aiohttp.ClientSession, Stand, Work], Awaitable[Timing]]


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of `values` lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


async def _measure() -> Table:
    work = work_of(4)
    connector = aiohttp.TCPConnector(limit=0)
    async with stand() as here, aiohttp.ClientSession(connector=connector) as session:
        await prepare(session, here, work, first_token_ms=FIRST_TOKEN_MS, tokens_per_s=TOKENS_PER_S)
        for _ in range(WARM_UPS):
            await through_galley(session, here, work)
            await directly(session, here, work)
        alone = await _alternating(session, here, work)
        together = await _together(session, here, work)
    direct, galley = ([timing.first_ms for timing in side] for side in alone)
    added = [ours - theirs for ours, theirs in zip(galley, direct, strict=True)]
    many_direct, many_galley = ([timing.first_ms for timing in side] for side in together)
    ratio = percentile(many_galley, 0.95) / percentile(many_direct, 0.95)
    return Table(
        bench="first-token",
        columns=("request to first token", "p50 ms", "p95 ms", "requests"),
        rows=(
            ("directly to the simulator", percentile(direct, 0.5), percentile(direct, 0.95), len(direct)),
            ("through Galley", percentile(galley, 0.5), percentile(galley, 0.95), len(galley)),
            ("added by Galley, pair by pair", percentile(added, 0.5), percentile(added, 0.95), len(added)),
            (
                f"{STREAMS} at once, directly",
                percentile(many_direct, 0.5),
                percentile(many_direct, 0.95),
                len(many_direct),
            ),
            (
                f"{STREAMS} at once, through Galley",
                percentile(many_galley, 0.5),
                percentile(many_galley, 0.95),
                len(many_galley),
            ),
        ),
        reference="directly to the simulator",
        goals=(
            Goal("added first-token time, p50", percentile(added, 0.5), 6, "ms"),
            Goal("added first-token time, p95", percentile(added, 0.95), 15, "ms"),
            Goal(f"p95 at {STREAMS} streams against direct", ratio, 1.2, "times"),
        ),
        notes=(
            f"The simulator's first token comes after {FIRST_TOKEN_MS:.0f} ms, then {TOKENS_PER_S:.0f} tokens/s. "
            "Client, simulator and Galley share the machine.",
        ),
    )


async def _alternating(session: aiohttp.ClientSession, here: Stand, work: Work) -> tuple[list[Timing], list[Timing]]:
    """Return (direct, through Galley), one request in flight, in turn, so that both see the same machine."""
    direct, galley = [], []
    for _ in range(PAIRS):
        direct.append(await directly(session, here, work))
        galley.append(await through_galley(session, here, work))
    return direct, galley


async def _together(session: aiohttp.ClientSession, here: Stand, work: Work) -> tuple[list[Timing], list[Timing]]:
    """Return (direct, through Galley) with many streams at once, all started within half a second."""
    sides: tuple[list[Timing], list[Timing]] = ([], [])
    for _ in range(ROUNDS):
        for side, ask in zip(sides, (directly, through_galley), strict=True):
            side.extend(await asyncio.gather(*(_later(ask, session, here, work, n) for n in range(STREAMS))))
    return sides


async def _later(ask: Ask, session: aiohttp.ClientSession, here: Stand, work: Work, number: int) -> Timing:
    await asyncio.sleep(number * 0.5 / STREAMS)
    return await ask(session, here, work)
