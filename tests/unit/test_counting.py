"""Who may read figures, and that a worker's figures outlive its processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.counting import may_read_counts, tell_counts
from tests.conftest import pick_port
from tests.patience import PATIENCE_S
from tests.working import ask
from tests.working_processes import Shop, open_shop


def headers(**given: str) -> Callable[[str], str | None]:
    return {name.replace("_", "-"): value for name, value in given.items()}.get


@pytest.mark.parametrize(
    ("token", "caller", "given", "may"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "::1", {}, True),
        ("", "192.0.2.1", {}, False),
        ("", "", {}, False),
        ("", "127.0.0.1", {"x_forwarded_for": "192.0.2.1"}, False),
        ("", "127.0.0.1", {"forwarded": ""}, False),
        ("word", "127.0.0.1", {}, False),
        ("word", "192.0.2.1", {"authorization": "Bearer word"}, True),
        ("word", "192.0.2.1", {"authorization": "Bearer wörd"}, False),
    ],
)
def test_figures_are_for_this_machine_or_the_token(token: str, caller: str, given: dict[str, str], may: bool) -> None:
    assert may == may_read_counts(token=token, caller=caller, header=headers(**given))


def ask_port(port: int, *, token: str = "", host: str = "127.0.0.1") -> str:
    request = urllib.request.Request(f"http://{host}:{port}/metrics")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return str(answer.read(), "utf-8")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_port_asks_for_the_token_where_there_is_one(tmp_path: Path, host: str) -> None:
    port = pick_port()
    server = tell_counts(tmp_path, host=host, port=port, token="word")
    try:
        at = f"[{host}]" if ":" in host else host
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask_port(port, host=at)
        refused.value.close()
        answered = ask_port(port, token="word", host=at)
    finally:
        server.shutdown()
        server.server_close()

    assert (refused.value.code, answered) == (403, "")


async def counted(port: int, name: str) -> float:
    """Return a figure as the port tells it; 0 where it has none or does not answer yet."""
    try:
        text = await asyncio.to_thread(ask_port, port)
    except OSError:
        return 0.0
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)


async def until(port: int, name: str, count: float, shop: Shop) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while (found := await counted(port, name)) != count:
        assert time.monotonic() < deadline_s, f"{name} is {found}, not {count}\n{shop.told()}"
        await asyncio.sleep(0.05)


DONE = 'galley_jobs_total{job="trial",outcome="done"}'


@pytest.mark.slow
async def test_what_a_workers_processes_have_counted_outlives_them() -> None:
    port = pick_port()
    async with open_shop() as shop:
        worker = await shop.started(GALLEY_WORKER_METRICS_PORT=str(port))
        await shop.until(await ask(shop.ctx), "done")
        await until(port, DONE, 1, shop)
        hand = shop.hand()
        os.kill(hand, signal.SIGKILL)
        await shop.until(await ask(shop.ctx), "done")
        await until(port, DONE, 2, shop)
        [keeper] = shop.below(worker) - {shop.hand()}
        os.kill(keeper, signal.SIGKILL)
        await shop.until(await ask(shop.ctx), "done")
        await until(port, DONE, 3, shop)
