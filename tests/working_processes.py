"""Workers as processes, on a database and a Redis of a test's own: to be killed, frozen and drained."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from app.bootstrap import build_ports
from app.core.context import Context
from app.core.ids import new_id
from app.core.jobs import service
from app.core.jobs.schemas import JobView
from app.core.migrating import migrate
from app.core.settings import Settings
from app.setup import places
from app.tenancy.models import Membership, Tenant, User
from jobs.worker import close
from tests.patience import PATIENCE_S
from tests.redis_server import RedisServer, running_redis
from tests.running import ROOT, gone, is_alive, process_tree


@dataclass
class Shop:
    """Somebody who asks for jobs, and the workers that run them."""

    ctx: Context
    folder: Path
    redis: RedisServer
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        environment = {**places.child_environment(), "PYTHONPATH": str(ROOT), "GALLEY_DATA_DIR": str(self.folder)}
        if database_url := self.ctx.ports.settings.database_url:
            environment["GALLEY_DATABASE_URL"] = database_url
        log = (self.folder / f"worker-{len(self.workers)}.log").open("wb")
        with log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "worker", *arguments],
                cwd=ROOT,
                env={**environment, **settings},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    async def started(self, *arguments: str, hands: int = 1, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until its hands and its keeper are there."""
        worker = self.start("--hands", str(hands), *arguments, **settings)
        deadline_s = time.monotonic() + 2 * PATIENCE_S
        while len(process_tree(worker.pid)) < hands + 1:
            assert worker.poll() is None and time.monotonic() < deadline_s, self.told()
            await asyncio.sleep(0.05)
        return worker

    async def show(self, job_id: UUID) -> JobView:
        """Return the job."""
        return await service.show(self.ctx, job_id=job_id)

    async def until(self, job_id: UUID, *states: str, within_s: float = 45, attempt: int = 0) -> float:
        """Wait until the job stands in one of these states, and return how many seconds that took."""
        began_s = time.monotonic()
        while (job := await self.show(job_id)).state not in states or job.attempt < attempt:
            if time.monotonic() - began_s > within_s:
                raise AssertionError(f"{job}\n{self.told()}")
            await asyncio.sleep(0.05)
        return time.monotonic() - began_s

    async def comes_along(self, job_id: UUID) -> None:
        """Wait until a part of the job is done, and noted."""
        async with asyncio.timeout(PATIENCE_S):
            while not (await self.show(job_id)).done_permille:
                await asyncio.sleep(0.05)

    def below(self, worker: subprocess.Popen[bytes]) -> set[int]:
        """Return a worker's hands and keeper."""
        return process_tree(worker.pid)

    def hand(self) -> int:
        """Return the only hand of the only worker: its keeper is forked first and lives on."""
        [worker] = [one for one in self.workers if one.poll() is None]
        return max(process_tree(worker.pid), key=lambda process: (_began(process), process))

    def told(self) -> str:
        """Return the workers' logs."""
        return "\n".join(path.read_text("utf-8", "replace")[-4000:] for path in self.folder.glob("worker-*.log"))

    def end(self) -> None:
        """End every process."""
        left = {worker.pid for worker in self.workers} | {
            process for worker in self.workers for process in process_tree(worker.pid)
        }
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(12)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        for process in gone(left, within_s=3):
            if is_alive(process):
                os.kill(process, signal.SIGKILL)


def _began(process: int) -> int:
    """Return when a process began, in ticks; numbers of processes begin anew some day."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])


def on_sqlite(folder: Path) -> Settings:
    """Return the settings of a data folder that holds its database too."""
    return Settings(data_dir=folder)


@asynccontextmanager
async def open_shop(settings_of: Callable[[Path], Settings] = on_sqlite) -> AsyncIterator[Shop]:
    """Make a database, a Redis and a workspace; end whatever was started on the way out."""
    with tempfile.TemporaryDirectory(prefix="galley-") as name, running_redis(Path(name)) as redis:
        folder = Path(name)
        settings = settings_of(folder)
        await migrate(settings)
        ports = build_ports(settings)
        user, tenant_id = User(name="Ana"), new_id()
        ctx = Context(ports=ports, request_id="test", tenant_id=tenant_id, user_id=user.id, actor="user")
        async with ctx.db.write() as session:
            wrapped = ports.db.master_key.new_data_key(tenant=str(tenant_id))
            session.add_all([Tenant(id=tenant_id, name="Ana", wrapped_key=wrapped), user])
            await session.flush()
            session.add(Membership(user_id=user.id, role="owner"))
        shop = Shop(ctx, folder, redis)
        try:
            yield shop
        finally:
            shop.end()
            await close(ports)
