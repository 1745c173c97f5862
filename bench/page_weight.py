"""The first page: what is moved and how soon it can be used, read from the built files and seen in real Chromium."""

from __future__ import annotations

import asyncio
import gzip
import re
import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Response, async_playwright

from bench.stand import stand
from bench.table import Goal, Table
from bench.working_copy import ROOT

BUNDLE = ROOT / ".web" / "build" / "client"
LOADS = 3
ASKED_FOR = re.compile(r'(?:src|href)="(/[^"]+\.(?:js|css))"|import\(?\s*"(/assets/[^"]+\.js)"')
# What any page of the framework loads, whatever is on it: the floor under the first page.
FRAMEWORK = re.compile(
    r"/(react-dom|entry\.client|components|errorBoundaries|emotion|manifest|jsx|chunk|reflex-env)[-.]"
)
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
WATCH_TASKS = """
window.__lastLongTask = 0;
new PerformanceObserver(list => {
  for (const task of list.getEntries()) window.__lastLongTask = task.startTime + task.duration;
}).observe({type: 'longtask', buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One cold load in Chromium."""

    requests: int
    script_kib: float
    moved_kib: float
    painted_ms: float
    settled_ms: float


def find_chromium() -> str:
    """Return the Chromium of this machine.

    Raises:
        SystemExit: there is none.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("This bench needs Chromium (Debian and Ubuntu: apt install chromium).")


def measure() -> Table:
    """Run the bench.

    Raises:
        SystemExit: there is no Chromium.
    """
    loads = asyncio.run(_loads(find_chromium()))
    named = {path: packed_kib(BUNDLE / path.lstrip("/")) for path in named_files(BUNDLE / "index.html")}
    scripts = {path: kib for path, kib in named.items() if path.endswith(".js")}
    styles = {path: kib for path, kib in named.items() if path.endswith(".css")}
    floor = {path: kib for path, kib in scripts.items() if FRAMEWORK.search(path)}
    seen = {name: statistics.median(getattr(load, name) for load in loads) for name in Load.__slots__}
    return Table(
        bench="page-weight",
        columns=("the landing page", "JS KiB gz", "all KiB", "requests", "first paint ms", "last long task ms"),
        rows=(
            (
                "of it the framework alone, in the built files",
                sum(floor.values()),
                sum(floor.values()),
                len(floor),
                None,
                None,
            ),
            (
                "named by the page, in the built files",
                sum(scripts.values()),
                sum(named.values()),
                len(scripts) + len(styles) + 1,
                None,
                None,
            ),
            (
                f"moved in Chromium, cold, median of {LOADS}",
                seen["script_kib"],
                seen["moved_kib"],
                seen["requests"],
                seen["painted_ms"],
                seen["settled_ms"],
            ),
        ),
        reference="of it the framework alone, in the built files",
        goals=(
            Goal("JavaScript of the first page, compressed", seen["script_kib"], 350, "KiB"),
            Goal("requests of the first page", seen["requests"], 25, ""),
            Goal("first paint", seen["painted_ms"], 1000, "ms"),
            Goal("end of the last long task", seen["settled_ms"], 1500, "ms"),
        ),
        notes=("Loopback, so time on the line is not in it.",),
    )


def named_files(page: Path) -> list[str]:
    """Return the scripts and style sheets that a built page names, each once."""
    return sorted({first or second for first, second in ASKED_FOR.findall(page.read_text("utf-8"))})


def packed_kib(path: Path) -> float:
    """Return the size of a file as gzip moves it."""
    return len(gzip.compress(path.read_bytes(), 6)) / 1024


async def _loads(chromium: str) -> list[Load]:
    async with stand() as here, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        loads = [await _load(browser, here.address) for _ in range(LOADS)]
        await browser.close()
        return loads


async def _load(browser: Browser, address: str) -> Load:
    """Load the landing page once, with nothing kept from before."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # a bound builtin cannot be wrapped
    await page.add_init_script(WATCH_TASKS)
    await page.goto(address, wait_until="networkidle")
    sizes = [(answer.request.resource_type, await _moved(answer)) for answer in answers]
    painted_ms = float(await page.evaluate(PAINTED))
    settled_ms = float(await page.evaluate("() => window.__lastLongTask"))
    await context.close()
    return Load(
        requests=len(sizes),
        script_kib=sum(size for kind, size in sizes if kind == "script") / 1024,
        moved_kib=sum(size for _, size in sizes) / 1024,
        painted_ms=painted_ms,
        settled_ms=settled_ms,
    )


async def _moved(answer: Response) -> int:
    return int((await answer.request.sizes())["responseBodySize"])
