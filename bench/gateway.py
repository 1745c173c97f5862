"""The gateway's own door for programs, held against the provider itself: first token, throughput, processor time.

All rows come from one run, the direct one among them. The third is a template's run over REST, with its checks, its
ledger and its saving; the last asks the same provider through LiteLLM, which is what the lane is there to spare.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import orjson

from bench.first_token import percentile
from bench.processes import cpu_s
from bench.stand import LITELLM_MODEL, Stand, stand
from bench.table import Goal, Table
from bench.texts import Timing, Work, directly, prepare, through_galley, work_of

FIRST_TOKEN_MS, TOKENS_PER_S = 100.0, 50.0  # many streams
ALONE_FIRST_TOKEN_MS, ALONE_TOKENS_PER_S = 50.0, 100.0  # one in flight
RESTS, REST_S = 8, 2.2  # what is kept in memory is read anew after two seconds
WARM_UPS, PAIRS = 10, 60
STREAMS, REQUESTS_EACH = 64, 4
SHORT, LONG, CPU_ROUNDS = 4, 44, 4
CPU_STREAMS = 32
"""The fewer of the two numbers (32 and 64) at which the figures of other gateways, which the goal beats, were taken."""
Ask = Callable[[aiohttp.ClientSession, Stand, Work], Awaitable[Timing]]


@dataclass(frozen=True, slots=True)
class Side:
    """What was measured of one way to the provider; times in milliseconds."""

    added_ms: list[float]
    per_s: float
    first_ms: list[float]
    token_us: float | None
    request_ms: float | None

    @property
    def row(self) -> tuple[float | None, ...]:
        """The cells after the name."""
        added = (percentile(self.added_ms, 0.5), percentile(self.added_ms, 0.95)) if self.added_ms else (None, None)
        many = (percentile(self.first_ms, 0.5), percentile(self.first_ms, 0.95))
        return (*added, self.per_s, *many, self.token_us, self.request_ms)


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


async def through_door(session: aiohttp.ClientSession, stand: Stand, work: Work, model: str = "galley/fast") -> Timing:
    """Ask over /v1/chat/completions, streamed; the first token is the first piece of content.

    Raises:
        RuntimeError: the stream was not whole.
    """
    began_s = time.perf_counter()
    first_s = 0.0
    pieces: list[str] = []
    body = {**work.completion, "model": model, "max_tokens": 4096}
    async with session.post(f"{stand.address}/v1/chat/completions", json=body, headers=stand.headers) as answer:
        async for line in answer.content:
            if not line.startswith(b"data: {"):
                continue
            for choice in orjson.loads(line[6:]).get("choices", ()):
                if text := choice["delta"].get("content"):
                    pieces.append(text)
                    first_s = first_s or time.perf_counter()
    if "".join(pieces) != work.answer:
        raise RuntimeError(f"the stream was not whole ({answer.status}): {''.join(pieces)[-300:]!r}")
    return Timing((first_s - began_s) * 1000, (time.perf_counter() - began_s) * 1000)


async def through_litellm(session: aiohttp.ClientSession, stand: Stand, work: Work) -> Timing:
    """Ask over the same door for a model that is reached through LiteLLM."""
    return await through_door(session, stand, work, LITELLM_MODEL)


WAYS: dict[str, Ask] = {
    "directly to the simulator": directly,
    "/v1/chat/completions": through_door,
    "/api/v1/generations, a template's run": through_galley,
}


async def _measure() -> Table:
    works = work, short, long = work_of(3), work_of(SHORT), work_of(LONG)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async with stand() as here:
            sides = await _sides(session, here, works, WAYS)
            await prepare(session, here, first_token_ms=ALONE_FIRST_TOKEN_MS, tokens_per_s=ALONE_TOKENS_PER_S)
            rested = await _added(session, here, work, through_door, pairs=RESTS, rest_s=REST_S)
        async with stand(with_litellm=True) as here:
            sides |= await _sides(session, here, works, {"/v1/chat/completions over LiteLLM": through_litellm})
    direct, door = list(sides.values())[:2]
    return Table(
        bench="gateway",
        columns=(
            "way to the provider",
            "added first token, p50 ms",
            "p95 ms",
            f"{STREAMS} streams: answers/s",
            "first token p50 ms",
            "p95 ms",
            "us per token",
            "ms per request",
        ),
        rows=tuple((name, *side.row) for name, side in sides.items()),
        reference="directly to the simulator",
        goals=(
            Goal("added first-token time, p50", percentile(door.added_ms, 0.5), 6, "ms"),
            Goal("added first-token time, p95", percentile(door.added_ms, 0.95), 15, "ms"),
            Goal("processor time per streamed token", door.token_us or 0.0, 120, "us"),
            Goal(f"answers missing at {STREAMS} streams", 1 - door.per_s / direct.per_s, 0.05, "of direct"),
            Goal(
                f"first token p95 at {STREAMS} streams",
                percentile(door.first_ms, 0.95) / percentile(direct.first_ms, 0.95),
                1.2,
                "times direct",
            ),
        ),
        notes=(
            f"{work.tokens} tokens an answer. Key, tenant, limits and ledger are in every row but the first. Added: "
            f"{PAIRS} requests, one in flight, each beside a direct one, first token after "
            f"{ALONE_FIRST_TOKEN_MS:.0f} ms, then {ALONE_TOKENS_PER_S:.0f} tokens/s; after {REST_S} s without one, "
            f"when what is kept in memory is read anew, p50 is {percentile(rested, 0.5):.1f} ms. {STREAMS} streams, "
            f"{FIRST_TOKEN_MS:.0f} ms and {TOKENS_PER_S:.0f} tokens/s: each asks again at once, "
            f"{REQUESTS_EACH} times. Processor time is the web process', slope and intercept over {short.tokens} and "
            f"{long.tokens} tokens, {CPU_STREAMS} streams. "
            "LiteLLM's row has a server of its own. Client, simulator and Galley share the machine.",
        ),
    )


async def _sides(
    session: aiohttp.ClientSession, here: Stand, works: tuple[Work, Work, Work], ways: dict[str, Ask]
) -> dict[str, Side]:
    sides = {}
    work, *lengths = works
    await prepare(session, here, *works, first_token_ms=0, tokens_per_s=0)
    for ask in (*ways.values(), directly) * WARM_UPS:
        await ask(session, here, work)
    for name, ask in ways.items():
        await prepare(session, here, first_token_ms=ALONE_FIRST_TOKEN_MS, tokens_per_s=ALONE_TOKENS_PER_S)
        added = [] if ask is directly else await _added(session, here, work, ask)
        await prepare(session, here, first_token_ms=FIRST_TOKEN_MS, tokens_per_s=TOKENS_PER_S)
        per_s, first_ms = await _many(session, here, work, ask)
        token_us = request_ms = None
        if ask is not directly:
            token_us, request_ms = await _cost(session, here, (lengths[0], lengths[1]), ask)
        sides[name] = Side(added, per_s, first_ms, token_us, request_ms)
    return sides


async def _added(
    session: aiohttp.ClientSession, here: Stand, work: Work, ask: Ask, *, pairs: int = PAIRS, rest_s: float = 0
) -> list[float]:
    """Return by how many milliseconds the first token came later than directly, pair by pair, one in flight."""
    added = []
    for _ in range(pairs):
        await asyncio.sleep(rest_s)
        direct = await directly(session, here, work)
        added.append((await ask(session, here, work)).first_ms - direct.first_ms)
    return added


async def _many(session: aiohttp.ClientSession, here: Stand, work: Work, ask: Ask) -> tuple[float, list[float]]:
    """Return answers per second and first-token times with many streams, each asking again as soon as it is told."""
    timings: list[Timing] = []

    async def one(number: int) -> None:
        await asyncio.sleep(number * 0.5 / STREAMS)
        timings.extend([await ask(session, here, work) for _ in range(REQUESTS_EACH)])

    began_s = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(STREAMS)))
    return len(timings) / (time.perf_counter() - began_s), [timing.first_ms for timing in timings]


async def _cost(session: aiohttp.ClientSession, here: Stand, works: tuple[Work, Work], ask: Ask) -> tuple[float, float]:
    """Return the web process' microseconds per token and milliseconds per request."""
    costs_s: list[list[float]] = [[], []]
    for _ in range(CPU_ROUNDS):
        for side, work in zip(costs_s, works, strict=True):
            before_s = cpu_s(here.server_process)
            await asyncio.gather(*(ask(session, here, work) for _ in range(CPU_STREAMS)))
            side.append((cpu_s(here.server_process) - before_s) / CPU_STREAMS)
    brief_s, lengthy_s = map(min, costs_s)
    short, long = works
    slope_s = (lengthy_s - brief_s) / (long.tokens - short.tokens)
    return slope_s * 1e6, (brief_s - slope_s * short.tokens) * 1e3
