"""Memory of the web process: ready and idle, with many streams open, and after them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import aiohttp

from bench.processes import Memory, memory
from bench.stand import Stand, child, free_port, stand, until_answering
from bench.start import bare_server
from bench.table import Goal, Table
from bench.texts import Timing, prepare, through_galley, work_of

STREAMS = 100
TOKENS_PER_S = 30.0
LOOK_EVERY_S = 0.5
BARE = "a bare page under the same server"


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    work = work_of(20)
    async with stand() as here, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await prepare(session, here, work, first_token_ms=0, tokens_per_s=TOKENS_PER_S)
        await asyncio.sleep(2)
        idle = memory(here.server_process)
        streams = asyncio.gather(*(through_galley(session, here, work) for _ in range(STREAMS)))
        busy = await _highest(here, streams)
        await asyncio.sleep(2)
        after = memory(here.server_process)
    return Table(
        bench="memory",
        columns=("process", "resident MiB", "proportional MiB"),
        rows=(
            (BARE, *_cells(await _bare())),
            ("web process, ready and idle", *_cells(idle)),
            (f"web process, highest with {STREAMS} streams", *_cells(busy)),
            ("web process, after them", *_cells(after)),
        ),
        reference=BARE,
        goals=(
            Goal("web process, idle", idle.resident_mib, 300, "MiB"),
            Goal(f"web process, {STREAMS} streams", busy.resident_mib, 400, "MiB"),
        ),
        notes=(
            "No provider here needs LiteLLM. The reference is the same Python and server with one page and no more.",
        ),
    )


def _cells(used: Memory) -> tuple[float, float]:
    return used.resident_mib, used.proportional_mib


async def _bare() -> Memory:
    with tempfile.TemporaryDirectory(prefix="galley-bare-") as folder:
        place, port = Path(folder), free_port()
        log = place / "server.log"
        with child([*bare_server(place), "--port", str(port)], log=log, cwd=place) as process:
            await until_answering(f"http://127.0.0.1:{port}/", process, log, within_s=20)
            return memory(process.pid)


async def _highest(here: Stand, streams: asyncio.Future[list[Timing]]) -> Memory:
    """Return the most that was seen until all streams have ended."""
    seen = []
    while not streams.done():
        await asyncio.wait({streams}, timeout=LOOK_EVERY_S)
        seen.append(memory(here.server_process))
    streams.result()
    return max(seen, key=lambda used: used.resident_mib)
