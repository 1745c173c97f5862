"""News: how soon a job's end is seen by everybody who follows it, and that nobody else hears of it.

    hand ──commit──> bus ──> web process ──> tab 1, tab 2: the picture hangs on the wall (a change of the DOM)
                                        ──> a program that follows GET /api/v1/jobs/events
    another workspace's tab and program, which must hear nothing

The clock starts at the job's `ended_at`, which its hand writes before it commits: the commit is in these figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import orjson
from playwright.async_api import Browser, Page, WebSocket, async_playwright

from bench.first_token import percentile
from bench.media import HANDS, PICTURE
from bench.page_weight import find_chromium
from bench.stand import ORIGIN_PASSWORD, stand
from bench.table import Goal, Table

ONE_BY_ONE, AT_ONCE, ROUNDS = 60, 8, 6
GOAL_MS = 200.0
PATIENCE_S = 60.0
LOOKED_EVERY_S = 0.02
REFERENCE = "program, GET /api/v1/jobs/events"
SCOPES = ["jobs:read", "media:read", "media:write"]
WATCH = """
window.__hung = {};
new MutationObserver(() => {
  for (const one of document.querySelectorAll('.wall [data-asset]')) window.__hung[one.dataset.asset] ??= Date.now();
}).observe(document, {childList: true, subtree: true, attributeFilter: ['data-asset']});
"""


@dataclass
class Tab:
    """An open media library, and what its socket was sent."""

    page: Page
    frames: list[str] = field(default_factory=list)

    async def hung_ms(self) -> dict[str, float]:
        """Return when each picture came to hang on the wall, by its id, in milliseconds since 1970."""
        found: dict[str, float] = await self.page.evaluate("() => window.__hung")
        return found


@dataclass
class Workspace:
    """A person's workspace with tabs, and a program that follows its jobs."""

    address: str
    program: aiohttp.ClientSession
    tabs: list[Tab]
    ended_ms: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    async def follow(self, listening: asyncio.Event) -> None:
        """Note when the program hears of each job's end, by the job's id."""
        endless = aiohttp.ClientTimeout(total=None)
        async with self.program.get(f"{self.address}/api/v1/jobs/events", timeout=endless) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"event: ready"):
                    listening.set()
                if line.startswith(b"data: ") and (told := orjson.loads(line[6:])):
                    self.told.append(told["id"])
                    if told["state"] == "done":
                        self.ended_ms.setdefault(told["id"], time.time() * 1000)


@dataclass(frozen=True)
class Made:
    """A picture that was made: when its job ended, in milliseconds since 1970."""

    asset_id: str
    job_id: str
    ended_ms: float


def measure() -> Table:
    """Run the bench.

    Raises:
        SystemExit: there is no Chromium.
    """
    return asyncio.run(_measure(find_chromium()))


async def _measure(chromium: str) -> Table:
    async with stand(hands=HANDS) as place, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        async with (
            _workspace(browser, place.address, "ana", tabs=2) as ours,
            _workspace(browser, place.address, "bo", tabs=1) as theirs,
        ):
            await _made(ours, 1)  # what is loaded at the first use is loaded
            singly = [one for _ in range(ONE_BY_ONE) for one in await _made(ours, 1)]
            together = [one for _ in range(ROUNDS) for one in await _made(ours, AT_ONCE)]
            rows = [*await _rows(ours, singly, ""), *await _rows(ours, together, f", {AT_ONCE} at once")]
            strangers = await _heard_by_strangers(theirs, [*singly, *together])
        await browser.close()
    return _table(rows, strangers)


@asynccontextmanager
async def _workspace(browser: Browser, address: str, name: str, *, tabs: int) -> AsyncIterator[Workspace]:
    """Sign somebody up with a workspace of their own, open its library, and let a program follow its jobs."""
    async with AsyncExitStack() as stack:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        stack.push_async_callback(context.close)
        await context.add_init_script(WATCH)
        form = {"email": f"{name}@example.org", "password": ORIGIN_PASSWORD, "name": name, "organisation": name}
        api, origin = f"{address}/api/v1", {"origin": address}
        signed_up = await context.request.post(f"{api}/auth/signup", data=form, headers=origin)
        key = await context.request.post(f"{api}/api-keys", data={"name": "news", "scopes": SCOPES}, headers=origin)
        if not (signed_up.ok and key.ok):
            raise RuntimeError(f"{await signed_up.text()} {await key.text()}")
        bearer = {"authorization": f"Bearer {(await key.json())['key']}"}
        program = await stack.enter_async_context(aiohttp.ClientSession(headers=bearer))
        place = Workspace(address, program, [await _tab(await context.new_page(), address) for _ in range(tabs)])
        listening = asyncio.Event()
        following = asyncio.ensure_future(place.follow(listening))
        stack.callback(following.cancel)
        await asyncio.wait_for(listening.wait(), PATIENCE_S)
        yield place


async def _tab(page: Page, address: str) -> Tab:
    tab = Tab(page)

    def hear(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: tab.frames.append(str(frame)))

    page.on("websocket", hear)
    await page.goto(f"{address}/media", wait_until="networkidle")
    await page.wait_for_function("() => !document.documentElement.classList.contains('words-wait')")
    return tab


async def _made(ours: Workspace, count: int) -> list[Made]:
    """Order so many pictures at once, and return them when everybody has heard of each."""
    orders = await asyncio.gather(*(_order(ours) for _ in range(count)))
    deadline_s = time.monotonic() + PATIENCE_S
    while not await _all_heard(ours, orders):
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"not everybody heard of the end of {orders}")
        await asyncio.sleep(LOOKED_EVERY_S)
    return [Made(asset_id, job_id, await _ended_ms(ours, job_id)) for asset_id, job_id in orders]


async def _all_heard(ours: Workspace, orders: list[tuple[str, str]]) -> bool:
    if any(job_id not in ours.ended_ms for _, job_id in orders):
        return False
    walls = [await tab.hung_ms() for tab in ours.tabs]
    return all(asset_id in wall for asset_id, _ in orders for wall in walls)


async def _order(ours: Workspace) -> tuple[str, str]:
    async with ours.program.post(f"{ours.address}/api/v1/assets", json=PICTURE) as answer:
        answer.raise_for_status()
        told: dict[str, Any] = await answer.json()
        return str(told["asset"]["id"]), str(told["job_id"])


async def _ended_ms(ours: Workspace, job_id: str) -> float:
    async with ours.program.get(f"{ours.address}/api/v1/jobs/{job_id}") as answer:
        answer.raise_for_status()
        return datetime.fromisoformat((await answer.json())["ended_at"]).timestamp() * 1000


async def _rows(ours: Workspace, made: list[Made], suffix: str) -> list[tuple[str, list[float]]]:
    """Return for everybody who follows how long after its end they heard of each job, in milliseconds."""
    rows = [(REFERENCE + suffix, [ours.ended_ms[one.job_id] - one.ended_ms for one in made])]
    for number, tab in enumerate(ours.tabs, 1):
        hung_ms = await tab.hung_ms()
        rows.append((f"tab {number} of the workspace{suffix}", [hung_ms[one.asset_id] - one.ended_ms for one in made]))
    return rows


async def _heard_by_strangers(theirs: Workspace, made: list[Made]) -> int:
    """Return how much another workspace was told: pictures on its wall, jobs in its stream, ids in its socket."""
    [tab] = theirs.tabs
    ids = [name for one in made for name in (one.asset_id, one.job_id)]
    leaked = sum(name in frame for frame in tab.frames for name in ids)
    return len(await tab.hung_ms()) + len(theirs.told) + leaked


def _table(rows: list[tuple[str, list[float]]], strangers: int) -> Table:
    return Table(
        "told",
        ("from a job's end until it is seen", "p50 ms", "p95 ms", "longest ms", "jobs"),
        [
            *((name, percentile(ms, 0.5), percentile(ms, 0.95), max(ms), len(ms)) for name, ms in rows),
            ("another workspace's tab and program", None, None, None, strangers),
        ],
        reference=REFERENCE,
        goals=[
            *(Goal(f"{name}, p95", percentile(ms, 0.95), GOAL_MS, "ms") for name, ms in rows),
            Goal("heard by another workspace", strangers, 0, "jobs"),
        ],
        notes=[
            f"{ONE_BY_ONE} pictures one after the other, then {ROUNDS} times {AT_ONCE} at once; {HANDS} hands, a web"
            " process and Chromium on the same machine."
        ],
    )
