"""The test stand: a provider simulator and a Galley in front of it, processes of their own with data of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 90
LITELLM_MODEL = "installation:Reference/simulated-reference"
ORIGIN_PASSWORD = "bench plum harbour violin"  # an account that lives as long as the stand


@dataclass(frozen=True, slots=True)
class Stand:
    """A running pair."""

    address: str
    simulator: str
    key: str
    server_process: int

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends with each request."""
        return {"authorization": f"Bearer {self.key}"}


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def child(
    command: list[str], *, log: Path, cwd: Path = ROOT, environment: dict[str, str] | None = None, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` beside us, its output in `log`, and end it with all it started.

    `environment` replaces ours, of which no setting of Galley's is taken: it names somebody's database. `settings` come
    on top.
    """
    environment = {**(environment or _without_settings()), **settings}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=output, stderr=subprocess.STDOUT, process_group=0
        )
        try:
            yield process
        finally:
            for sent in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, sent)
                    process.wait(10)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
                break


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GALLEY_")}


async def until_answering(url: str, process: subprocess.Popen[bytes], log: Path, *, within_s: float) -> None:
    """Wait until `url` answers 200; fails with the log's end when the process ends or takes too long."""
    deadline_s = time.monotonic() + within_s
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url, timeout=aiohttp.ClientTimeout(2)) as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"{url} does not answer; the end of the log:\n{log.read_text('utf-8')[-2000:]}")
            await asyncio.sleep(0.05)


@asynccontextmanager
async def stand(*, with_litellm: bool = False, hands: int = 0, **settings: str) -> AsyncIterator[Stand]:
    """Start the pair, sign somebody up and make a key; `settings` are Galley's, in addition.

    `with_litellm` adds LITELLM_MODEL, the simulator again, reached through LiteLLM. With `hands` there is a worker of
    so many, and the Redis that runs along.
    """
    with tempfile.TemporaryDirectory(prefix="galley-bench-") as folder:
        path = Path(folder)
        ports = {"simulator": free_port(), "web": free_port()}
        simulator, address = f"http://127.0.0.1:{ports['simulator']}", f"http://localhost:{ports['web']}"
        galley = {
            "GALLEY_PORT": str(ports["web"]),
            "GALLEY_DATA_DIR": str(path / "data"),
            "GALLEY_PROVIDERS_FILE": str(providers_file(path, simulator, with_litellm=with_litellm)),
            "GALLEY_ALLOW_LOCAL_PROVIDERS": "true",
            "GALLEY_REQUESTS_PER_MINUTE": "1000000",
            "GALLEY_RUNS_PER_MINUTE": "1000000",
            "GALLEY_LOG_LEVEL": "warning",
            "GALLEY_SUPERVISOR_PID": str(os.getpid()),
            **settings,
        }
        python = [sys.executable, "-m"]
        subprocess.run(
            [*python, "app.cli", "migrate"],
            cwd=ROOT,
            env={**_without_settings(), **galley},
            check=True,
            capture_output=True,
        )
        sim_log, web_log = path / "simulator.log", path / "web.log"
        with (
            child([*python, "bench.simulator", "--port", str(ports["simulator"])], log=sim_log) as sim,
            _workers(path, galley, hands),
            child([*python, "app.cli", "web"], log=web_log, **galley) as web,
        ):
            await until_answering(f"{simulator}/_control", sim, sim_log, within_s=20)
            await until_answering(f"{address}/readyz", web, web_log, within_s=READY_WITHIN_S)
            yield Stand(address, simulator, await make_key(address), web.pid)


@contextmanager
def _workers(folder: Path, galley: dict[str, str], hands: int) -> Iterator[None]:
    if not hands:
        yield
        return
    python = [sys.executable, "-m", "app.cli"]
    with (
        child([*python, "redis"], log=folder / "redis.log", **galley),
        child([*python, "worker", "--hands", str(hands)], log=folder / "worker.log", **galley),
    ):
        yield


def providers_file(folder: Path, simulator: str, *, with_litellm: bool = False) -> Path:
    """Write the installation's providers: the simulator, as a local OpenAI-compatible server."""
    path = folder / "providers.toml"
    reference = f'[[provider]]\nname = "Reference"\nkind = "openai-compatible"\nbase_url = "{simulator}/local/v1"\n'
    reference += 'options = {lane = "litellm"}\n'
    reference += '[[provider.model]]\nid = "simulated-reference"\ntier = "critical"\n'
    provider = f'[[provider]]\nname = "Simulator"\nkind = "openai-compatible"\nbase_url = "{simulator}/local/v1"\n'
    prices = "input_price = 100000\noutput_price = 400000\n"
    models = [
        f'[[provider.model]]\nid = "simulated-{tier}"\ntier = "{tier}"\n{prices}'
        for tier in ("fast", "strong", "critical")
    ]
    path.write_text("\n".join([provider, *models, reference if with_litellm else ""]), "utf-8")
    path.chmod(0o600)
    return path


async def make_key(address: str) -> str:
    """Sign up and return an API key that may write texts."""
    async with aiohttp.ClientSession(headers={"origin": address}) as session:
        person = {"email": "bench@example.org", "password": ORIGIN_PASSWORD, "name": "Bench", "organisation": "Bench"}
        async with session.post(f"{address}/api/v1/auth/signup", json=person) as answer:
            answer.raise_for_status()
        scopes = ["generations:write", "documents:read", "templates:read", "media:read", "media:write"]
        wanted = {"name": "bench", "scopes": scopes}
        async with session.post(f"{address}/api/v1/api-keys", json=wanted) as answer:
            answer.raise_for_status()
            return str((await answer.json())["key"])
