"""Processor time per streamed token: the slope over runs of two lengths, so that the cost per run stands by itself."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from bench.processes import cpu_s
from bench.stand import Stand, stand
from bench.table import Goal, Table
from bench.texts import Work, directly, prepare, through_galley, work_of

SHORT, LONG = 4, 44  # sentences
STREAMS = 16
TOKENS_PER_S = 50.0  # paced as a provider would: tokens that come in one piece cost next to nothing
ROUNDS = 2


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    short, long = work_of(SHORT), work_of(LONG)
    async with stand() as here, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await prepare(session, here, short, long, first_token_ms=0, tokens_per_s=0)
        for work in (short, long) * 5:
            await through_galley(session, here, work)
        await prepare(session, here, tokens_per_s=TOKENS_PER_S)
        client = [await _client_cost(session, here, work) for work in (short, long) * ROUNDS]
        galley = [await _server_cost(session, here, work) for work in (short, long) * ROUNDS]
    ours, theirs = _line(galley, short, long), _line(client, short, long)
    return Table(
        bench="cpu-per-token",
        columns=("who", "us per token", "ms per run", "tokens/s per core"),
        rows=(
            ("a client of the stream, directly (aiohttp, orjson)", *theirs, 1e6 / theirs[0]),
            ("Galley's web process, REST", *ours, 1e6 / ours[0]),
        ),
        reference="a client of the stream, directly (aiohttp, orjson)",
        goals=(Goal("processor time per token over REST", ours[0], 120, "us"),),
        notes=(
            f"Slope and intercept over runs of {short.tokens} and {long.tokens} tokens, {STREAMS} streams of "
            f"{TOKENS_PER_S:.0f} tokens/s at once, {ROUNDS} rounds. Checks, ledger and saving are in both.",
        ),
    )


def _line(costs: list[float], short: Work, long: Work) -> tuple[float, float]:
    """Return (microseconds per token, milliseconds per run) from the best of alternating costs per run in seconds."""
    brief, lengthy = min(costs[0::2]), min(costs[1::2])
    slope_s = (lengthy - brief) / (long.tokens - short.tokens)
    return slope_s * 1e6, (brief - slope_s * short.tokens) * 1e3


async def _server_cost(session: aiohttp.ClientSession, here: Stand, work: Work) -> float:
    """Return the web process' processor seconds per run."""
    before_s = cpu_s(here.server_process)
    await asyncio.gather(*(through_galley(session, here, work) for _ in range(STREAMS)))
    return (cpu_s(here.server_process) - before_s) / STREAMS


async def _client_cost(session: aiohttp.ClientSession, here: Stand, work: Work) -> float:
    """Return our own processor seconds per request made directly: what reading the stream costs at the least."""
    before_s = time.process_time()
    await asyncio.gather(*(directly(session, here, work) for _ in range(STREAMS)))
    return (time.process_time() - before_s) / STREAMS
