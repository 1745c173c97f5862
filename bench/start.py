"""From the command to the first page: cold (fresh copy, empty home, registries), then warm, beside a bare server."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.stand import child, free_port, until_answering
from bench.table import Goal, Table
from bench.working_copy import copy_to

WARM_STARTS = 3
WITHIN_S = 600
BARE = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"bare"})
"""


def measure() -> Table:
    """Run the bench."""
    with tempfile.TemporaryDirectory(prefix="galley-start-") as folder:
        path = Path(folder)
        copy_to(path / "galley")
        (path / "home").mkdir()
        cold_s = galley(path)
        warm_s = [galley(path) for _ in range(WARM_STARTS)]
        bare_s = [bare(path) for _ in range(WARM_STARTS)]
    return Table(
        bench="start",
        columns=("from the command to the first page", "median s", "slowest s", "starts"),
        rows=(
            ("a bare page under the same server", statistics.median(bare_s), max(bare_s), len(bare_s)),
            ("Galley, cold: fresh copy, empty home", cold_s, cold_s, 1),
            ("Galley, warm", statistics.median(warm_s), max(warm_s), len(warm_s)),
        ),
        reference="a bare page under the same server",
        goals=(Goal("cold start", cold_s, 90, "s"), Goal("warm start", max(warm_s), 10, "s")),
        notes=("Cold includes downloading every package; it depends on the line to the registries.",),
    )


def galley(folder: Path) -> float:
    """Run `python3 -m app` in the copy, and return the seconds until the landing page answers."""
    python = getattr(sys, "_base_executable", None) or sys.executable
    return _timed([python, "-m", "app"], folder, cwd=folder / "galley")


def bare(folder: Path) -> float:
    """Start a server with one page and nothing else, and return the seconds until it answers."""
    return _timed(bare_server(folder), folder, cwd=folder, by_argument=True)


def bare_server(folder: Path) -> list[str]:
    """Write that page into `folder` and return the command that serves it from there; the port is yet to be named."""
    (folder / "bare.py").write_text(BARE)
    return [sys.executable, "-m", "uvicorn", "--http", "httptools", "--log-level", "error", "bare:app"]


def _timed(command: Sequence[str], folder: Path, *, cwd: Path, by_argument: bool = False) -> float:
    port, log = free_port(), folder / "start.log"
    more = ["--port", str(port)] if by_argument else []
    own = ("PYTHON", "VIRTUAL_ENV", "GALLEY_", "REFLEX_", "UV_", "NPM_CONFIG_")
    path = [part for part in os.environ["PATH"].split(os.pathsep) if part != str(Path(sys.prefix) / "bin")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environment |= {"PATH": os.pathsep.join(path), "HOME": str(folder / "home"), "GALLEY_PORT": str(port)}
    began_s = time.perf_counter()
    with child([*command, *more], log=log, cwd=cwd, environment=environment) as process:
        asyncio.run(until_answering(f"http://localhost:{port}/", process, log, within_s=WITHIN_S))
        return time.perf_counter() - began_s
