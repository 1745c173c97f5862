"""Media: how soon an order is accepted while every worker is busy, and begun and made while one is free.

    saturated   clips keep all hands busy; 50 callers order pictures, each the next one as soon as the last is accepted
    paced       and then, with all those accepted and not made, ten more a second
    reference   in the same minutes, signed-in reads of a list at the same pace: what the door costs by itself
    idle        one order after the other of each kind: from its acceptance to its start, from its start to its end

Everything is made by what is built in: no provider's time is in these figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.first_token import percentile
from bench.stand import Stand, stand
from bench.table import Goal, Table

HANDS = 2
IN_FLIGHT, ORDERS_EACH = 50, 8
PACE_S, PACED = 0.1, 150
EACH = 5
REFERENCE = "read a list (reference)"
LOOKED_EVERY_S = 0.02
PATIENCE_S = 300.0
SUBMIT_GOAL_MS, START_GOAL_MS = 100.0, 1_000.0
MADE_GOAL_S = {"picture": 5.0, "speech": 5.0, "clip (draft)": 30.0}

PICTURE: dict[str, Any] = {
    "kind": "image",
    "prompt": "A chair",
    "look": {"headline": "Whole again"},
    "aspect": "square",
}
SPEECH: dict[str, Any] = {"kind": "speech", "text": "The kettle is on, and this chair pulls to the left. " * 4}
CLIP: dict[str, Any] = {
    "kind": "video",
    "aspect": "square",
    "draft": True,
    "shots": [
        {"heading": "Kettle on", "narration": "The kettle is on and this chair pulls to the left."},
        {"heading": "Straight out", "narration": "Take hold of it and pull it straight out."},
    ],
}
KINDS = {"picture": PICTURE, "speech": SPEECH, "clip (draft)": CLIP}


@dataclass(slots=True)
class Times:
    """From acceptance to start, and from start to end, of several orders."""

    start_ms: list[float] = field(default_factory=list)
    made_s: list[float] = field(default_factory=list)


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    async with (
        stand(hands=HANDS, GALLEY_STORAGE_QUOTA_MB="20000") as place,
        aiohttp.ClientSession(headers=place.headers, connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        for order in KINDS.values():  # what is loaded at the first use is loaded
            await _until_made(session, place, order, Times())
        idle = {name: await _one_by_one(session, place, order) for name, order in KINDS.items()}
        busy = [await _ask(session, place, CLIP) for _ in range(IN_FLIGHT)]
        await _until_busy(session, place, busy)
        reads = await _paced(lambda: _read(session, place))
        taken: list[str] = []
        at_once = await _in_flight(session, place, taken)
        submits = await _paced(lambda: _order_and_take_back(session, place))
        clips = [await _show(session, place, asset_id) for asset_id in busy]
        if sum(clip["state"] == "making" for clip in clips) < HANDS:
            raise RuntimeError("the workers ran out of clips before the orders were in")
        await _clear(session, place, [*taken, *busy])
    return _table(reads, submits, at_once, idle)


async def _one_by_one(session: aiohttp.ClientSession, place: Stand, order: dict[str, Any]) -> Times:
    times = Times()
    for _ in range(EACH):
        await _until_made(session, place, order, times)
    return times


async def _until_made(session: aiohttp.ClientSession, place: Stand, order: dict[str, Any], times: Times) -> None:
    """Order one, and look until it is there."""
    asset_id = await _ask(session, place, order)
    accepted_s = time.perf_counter()
    began_s = 0.0
    while time.perf_counter() - accepted_s < PATIENCE_S:
        asset = await _show(session, place, asset_id)
        if not began_s and asset["job_state"] not in ("waiting", "queued"):
            began_s = time.perf_counter()
            times.start_ms.append((began_s - accepted_s) * 1000)
        if asset["state"] != "making":
            break
        await asyncio.sleep(LOOKED_EVERY_S)
    if asset["state"] != "ready":
        raise RuntimeError(f"it was not made: {asset['state']} {asset['error_code']}")
    times.made_s.append(time.perf_counter() - began_s)


async def _until_busy(session: aiohttp.ClientSession, place: Stand, asset_ids: list[str]) -> None:
    """Wait until every hand has a clip."""
    deadline_s = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline_s:
        shown = [await _show(session, place, asset_id) for asset_id in asset_ids]
        if sum(asset["job_state"] == "running" for asset in shown) >= HANDS:
            return
        await asyncio.sleep(LOOKED_EVERY_S)
    raise RuntimeError("the hands did not all begin")


async def _in_flight(session: aiohttp.ClientSession, place: Stand, into: list[str]) -> list[float]:
    """Return the times in milliseconds of orders of which IN_FLIGHT are always under way."""

    async def one() -> list[float]:
        return [await _order(session, place, into) for _ in range(ORDERS_EACH)]

    return [took_ms for times in await asyncio.gather(*(one() for _ in range(IN_FLIGHT))) for took_ms in times]


async def _paced(do: Callable[[], Awaitable[float]]) -> list[float]:
    """Return the times in milliseconds of PACED requests that begin PACE_S apart, whenever the ones before end."""
    begun = []
    for _ in range(PACED):
        begun.append(asyncio.ensure_future(do()))
        await asyncio.sleep(PACE_S)
    return [await one for one in begun]


async def _order_and_take_back(session: aiohttp.ClientSession, place: Stand) -> float:
    """Order, and take it back once it is accepted, so that as many stay in flight."""
    taken: list[str] = []
    took_ms = await _order(session, place, taken)
    await _clear(session, place, taken)
    return took_ms


async def _order(session: aiohttp.ClientSession, place: Stand, into: list[str]) -> float:
    began_s = time.perf_counter()
    into.append(await _ask(session, place, PICTURE))
    return (time.perf_counter() - began_s) * 1000


async def _read(session: aiohttp.ClientSession, place: Stand) -> float:
    began_s = time.perf_counter()
    async with session.get(f"{place.address}/api/v1/asset-folders") as answer:
        answer.raise_for_status()
        await answer.read()
    return (time.perf_counter() - began_s) * 1000


async def _ask(session: aiohttp.ClientSession, place: Stand, order: dict[str, Any]) -> str:
    async with session.post(f"{place.address}/api/v1/assets", json=order) as answer:
        if answer.status != 202:
            raise RuntimeError(f"not accepted: {answer.status} {await answer.text()}")
        return str((await answer.json())["asset"]["id"])


async def _show(session: aiohttp.ClientSession, place: Stand, asset_id: str) -> dict[str, Any]:
    async with session.get(f"{place.address}/api/v1/assets/{asset_id}") as answer:
        answer.raise_for_status()
        shown: dict[str, Any] = (await answer.json())["asset"]
        return shown


async def _clear(session: aiohttp.ClientSession, place: Stand, asset_ids: list[str]) -> None:
    """Take the orders back: nobody waits for their making."""
    for asset_id in asset_ids:
        async with session.delete(f"{place.address}/api/v1/assets/{asset_id}") as answer:
            answer.raise_for_status()


def _table(reads: list[float], submits: list[float], at_once: list[float], idle: dict[str, Times]) -> Table:
    rows: list[tuple[str | float | None, ...]] = [
        (REFERENCE, percentile(reads, 0.5), percentile(reads, 0.95), None, None, None),
        ("order a picture, ten a second", percentile(submits, 0.5), percentile(submits, 0.95), None, None, None),
        (
            f"order a picture, {IN_FLIGHT} in flight",
            percentile(at_once, 0.5),
            percentile(at_once, 0.95),
            None,
            None,
            None,
        ),
    ]
    rows += [
        (name, None, None, percentile(one.start_ms, 0.95), percentile(one.made_s, 0.5), percentile(one.made_s, 0.95))
        for name, one in idle.items()
    ]
    goals = [
        Goal(
            f"order accepted, p95, {IN_FLIGHT} in flight, all hands busy",
            percentile(at_once, 0.95),
            SUBMIT_GOAL_MS,
            "ms",
        ),
        Goal("order accepted, p95, ten a second", percentile(submits, 0.95), SUBMIT_GOAL_MS, "ms"),
        *(
            Goal(f"{name} begun, p95", percentile(one.start_ms, 0.95), START_GOAL_MS, "ms")
            for name, one in idle.items()
        ),
        *(
            Goal(f"{name} made, p95", percentile(one.made_s, 0.95), MADE_GOAL_S[name], "s")
            for name, one in idle.items()
        ),
    ]
    return Table(
        "media",
        ("", "p50 ms", "p95 ms", "to start p95 ms", "made p50 s", "made p95 s"),
        rows,
        reference=REFERENCE,
        goals=goals,
        notes=[
            f"{HANDS} hands, all busy with clips: {IN_FLIGHT} callers order {ORDERS_EACH} pictures each, the next one"
            f" as soon as the last is accepted; then {PACED} more, {1 / PACE_S:.0f} a second. Before that {EACH} of"
            " each kind, one after the other, by what is built in."
        ],
    )
