"""What a reader notices when a provider fails: fault by fault, in turn with the healthy provider, at the gateway.

Each pair is a healthy call and a broken one right after it; the gateway is told to forget the fault in between, so
that every call meets it. The second provider speaks another wire and is as quick as the first.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from app.bootstrap import build_ports
from app.core.context import Context
from app.core.ids import new_id
from app.core.migrating import migrate
from app.core.ports import Message
from app.core.telemetry import configure_logging
from app.llm import gateway, providers
from app.llm.candidates import breaker, vitals
from app.llm.events import Restarted, Text
from app.llm.schemas import ProviderForm
from app.llm.task import Task
from app.tenancy import accounts, sessions
from app.tenancy.principal import context_for
from app.tenancy.schemas import SignUp
from bench.first_token import percentile
from bench.own_settings import own_settings
from bench.stand import ORIGIN_PASSWORD, ROOT, child, free_port, until_answering
from bench.table import Cell, Goal, Table

FIRST_TOKEN_MS = 50.0
TOKENS_PER_S = 400.0
IDLE_S = 0.5
PAIRS, WARM_UPS = 12, 25
AFTER_TOKENS = 20
TEXT = " ".join(f"Sentence {n} of a text that is written, word by word, by whoever is well." for n in range(4))
TASK = Task("bench", "fast", (Message("user", "Write the text of the bench."),), reuse=False)
ERRORS = {
    "refuse": "connection refused",
    "reset": "reset before an answer",
    "unauthorized": "401",
    "rate_limited": "429, Retry-After 7",
    "server_error": "500",
    "unavailable": "503",
    "wrong_content_type": "a web page instead",
}
SILENCES = {"hang": "hangs", "slow_first_token": "first token after 5 s"}
BREAKS = {
    "cut": "cut after 20 tokens",
    "in_band_error": "error inside the stream",
    "malformed_line": "malformed line",
    "no_finish": "clean end without a finish",
    "stall": "stalls after 20 tokens",
}


@dataclass(slots=True)
class Seen:
    """What a reader saw of one call: times in milliseconds."""

    first_ms: float
    longest_gap_ms: float
    whole: bool


@dataclass(slots=True)
class Fault:
    """The pairs of one fault."""

    healthy: list[Seen] = field(default_factory=list)
    broken: list[Seen] = field(default_factory=list)

    @property
    def added_ms(self) -> list[float]:
        """How much later the first token came than in the healthy call before."""
        return [one.first_ms - other.first_ms for one, other in zip(self.broken, self.healthy, strict=True)]


def measure() -> Table:
    """Run the bench."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    configure_logging("error")
    async with _studio() as (ctx, control, first_id):
        for _ in range(WARM_UPS):
            await _ask(ctx)
        deadline_ms = 1000 * vitals.deadline_s(first_id, "first", start_s=ctx.ports.settings.hedge_after_ms / 1000)
        faults: dict[str, Fault] = {}
        for kind in (*ERRORS, *SILENCES, *BREAKS):
            faults[kind] = Fault()
            for _ in range(PAIRS):
                await control(None)
                breaker.succeeded(first_id)
                faults[kind].healthy.append(await _ask(ctx))
                known = list(vitals.pulse(first_id, "first").calls)
                await control(kind)
                faults[kind].broken.append(await _ask(ctx))
                pulse = vitals.pulse(first_id, "first").calls
                pulse.clear()
                pulse.extend(known)
        return _table(faults, deadline_ms)


def _table(faults: dict[str, Fault], deadline_ms: float) -> Table:
    healthy = [seen for fault in faults.values() for seen in fault.healthy]
    calls = [seen for fault in faults.values() for seen in (*fault.healthy, *fault.broken)]
    rows: list[tuple[Cell, ...]] = [_row("healthy", healthy, None)]
    rows += [_row(ERRORS[kind], faults[kind].broken, faults[kind].added_ms) for kind in ERRORS]
    rows += [_row(SILENCES[kind], faults[kind].broken, faults[kind].added_ms) for kind in SILENCES]
    rows += [_row(BREAKS[kind], faults[kind].broken, faults[kind].added_ms) for kind in BREAKS]
    errors = [added for kind in ERRORS for added in faults[kind].added_ms]
    silences = [seen.first_ms - deadline_ms for kind in SILENCES for seen in faults[kind].broken]
    gaps = [seen.longest_gap_ms for kind in BREAKS if kind != "stall" for seen in faults[kind].broken]
    stalls = [seen.longest_gap_ms - 1000 * IDLE_S for seen in faults["stall"].broken]
    return Table(
        bench="failover",
        columns=("first provider", "first token p50 ms", "p95 ms", "added p95 ms", "longest gap p95 ms", "whole texts"),
        rows=rows,
        reference="healthy",
        goals=(
            Goal("added first-token time after an error, p95", percentile(errors, 0.95), 20, "ms"),
            Goal("first token after the deadline of a silence, p95", percentile(silences, 0.95), 500, "ms"),
            Goal("gap where another goes on in mid-text, p95", percentile(gaps, 0.95), FIRST_TOKEN_MS + 100, "ms"),
            Goal("the same after a stall, beyond its limit, p95", percentile(stalls, 0.95), FIRST_TOKEN_MS + 100, "ms"),
            Goal("texts with a token lost or doubled", sum(not seen.whole for seen in calls), 0, "texts"),
        ),
        notes=(
            f"{PAIRS} pairs of a healthy and a broken call per fault; both providers: first token "
            f"{FIRST_TOKEN_MS:.0f} ms, then {TOKENS_PER_S:.0f} tokens/s. Learnt deadline of the first provider: "
            f"{deadline_ms:.0f} ms. Silence in mid-text is cut after {1000 * IDLE_S:.0f} ms here (15 s as shipped). "
            "A provider that hangs every other time uses up what may be asked of two at once: it is then given up "
            "at twice its deadline. Outside this bench the breaker remembers, and only the first callers wait.",
        ),
    )


def _row(name: str, seen: list[Seen], added_ms: list[float] | None) -> tuple[Cell, ...]:
    firsts = [one.first_ms for one in seen]
    whole = f"{sum(one.whole for one in seen)} of {len(seen)}"
    added = percentile(added_ms, 0.95) if added_ms else None
    gap = percentile([one.longest_gap_ms for one in seen], 0.95)
    return (name, percentile(firsts, 0.5), percentile(firsts, 0.95), added, gap, whole)


async def _ask(ctx: Context) -> Seen:
    """Have the text written once, as a reader sees it."""
    began_s = last_s = time.monotonic()
    first_s: float | None = None
    gap_s = 0.0
    pieces: list[str] = []
    async for event in gateway.stream(ctx, TASK):
        if isinstance(event, Restarted):
            pieces.clear()
        if isinstance(event, Text):
            now_s = time.monotonic()
            gap_s = max(gap_s, now_s - last_s) if first_s is not None else 0.0
            first_s = first_s if first_s is not None else now_s
            last_s = now_s
            pieces.append(event.text)
    return Seen(1000 * ((first_s or last_s) - began_s), 1000 * gap_s, "".join(pieces) == TEXT)


class _Control:
    """Sets the first provider's fault on the simulator."""

    def __init__(self, session: aiohttp.ClientSession, simulator: str) -> None:
        self._session = session
        self._simulator = simulator

    async def __call__(self, kind: str | None) -> None:
        fault = {"kind": kind, "after_tokens": AFTER_TOKENS, "delay_ms": 5000} if kind else None
        await self.post("", {"provider": "openai", "fault": fault})

    async def post(self, path: str, body: object) -> None:
        async with self._session.post(f"{self._simulator}/_control{path}", json=body) as answer:
            answer.raise_for_status()

    async def own_address(self, provider: str) -> str:
        """Return the address whose listener closes when the provider refuses connections."""
        async with self._session.get(f"{self._simulator}/_control") as answer:
            return str((await answer.json())[provider]["own_base_url"])


@asynccontextmanager
async def _studio() -> AsyncIterator[tuple[Context, _Control, str]]:
    """A workspace with two providers on a simulator of its own process; the first one's id comes last."""
    with tempfile.TemporaryDirectory(prefix="galley-bench-") as folder:
        log = Path(folder) / "simulator.log"
        simulator = f"http://127.0.0.1:{(port := free_port())}"
        with child([sys.executable, "-m", "bench.simulator", "--port", str(port)], log=log, cwd=ROOT) as process:
            await until_answering(f"{simulator}/_control", process, log, within_s=20)
            async with aiohttp.ClientSession() as session:
                control = _Control(session, simulator)
                await control.post("", {"first_token_ms": FIRST_TOKEN_MS, "tokens_per_s": TOKENS_PER_S})
                await control.post("/answers", [{"match": "text of the bench", "text": TEXT}])
                settings = own_settings(Path(folder) / "data", idle_timeout_s=IDLE_S)
                ports = build_ports(settings)
                await migrate(settings)
                await ports.models.warm()
                nobody = context_for(ports, None, "bench")
                form = SignUp(email="bench@example.org", password=ORIGIN_PASSWORD, name="Bench", organisation="Bench")
                signed_in = await accounts.sign_up(nobody, form=form, address="127.0.0.1")
                ctx = context_for(ports, await sessions.resolve(ports, token=signed_in.token), str(new_id()))
                first_id = await _connect(ctx, "openai", "first", await control.own_address("openai"))
                await _connect(ctx, "anthropic", "claude-haiku-4-5", f"{simulator}/anthropic")
                yield ctx, control, first_id
                await ports.models.close()
                await ports.db.close()


async def _connect(ctx: Context, kind: str, model: str, base_url: str) -> str:
    form = ProviderForm.model_validate(
        {"kind": kind, "base_url": base_url, "api_key": "sk-any", "models": [{"id": model}]}
    )
    return (await providers.create(ctx, form=form)).id
