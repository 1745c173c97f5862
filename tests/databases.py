"""Databases for tests: SQLite and PostgreSQL, migrated by Alembic once per session, empty at the start of each test.

`engine` says which; a test that asks for `database`, `ports`, `ctx_of` or `two_tenants` runs on both, unless it is
marked `@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)`.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from app.adapters.blobs_disk import DiskBlobs
from app.adapters.bus_memory import MemoryBus
from app.adapters.embeddings_wordllama import WordLlamaEmbeddings
from app.adapters.limiter_memory import MemoryLimiter
from app.adapters.media_tools import LimitedMediaTools
from app.adapters.passwords_argon2 import Argon2Passwords
from app.adapters.queue_memory import MemoryQueue
from app.adapters.reach_http import HttpReach
from app.adapters.sound_ffmpeg import FfmpegSound
from app.core.clock import ManualClock
from app.core.context import Context
from app.core.crypto import load_master_key
from app.core.db import Database
from app.core.ids import new_id
from app.core.migrating import migrate
from app.core.migrations.draft import import_tables
from app.core.ports import ModelCall, ModelEvent, Ports
from app.core.settings import Settings
from app.tenancy import accounts, invitations, sessions
from app.tenancy.principal import SignedIn, context_for
from app.tenancy.schemas import Invite, SignUp
from tests.studio import CardVideo, DrawnImages, ReadTranscription, ToneSpeech

GOOD_PASSWORD = "plum harbour violin kettle"
ENGINES = ("sqlite", "postgresql")


class Broom:
    """Runs statements through one connection that stays open between tests, in a loop of its own: to open one for each
    test costs fifteen times what there is to do.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._engine: AsyncEngine | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="broom", daemon=True)
        self._thread.start()

    async def sweep(self, url: str, statements: Sequence[str]) -> None:
        """Run `statements` in one transaction."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._sweep(url, statements), self._loop))

    async def _sweep(self, url: str, statements: Sequence[str]) -> None:
        self._engine = self._engine or create_async_engine(url, pool_size=1, pool_pre_ping=True)
        async with self._engine.begin() as connection:
            await connection.execute(sa.text(f"do $$ begin {'; '.join(statements)}; end $$"))

    def close(self) -> None:
        """Close the connection and end the loop."""
        if self._engine is not None:
            asyncio.run_coroutine_threadsafe(self._engine.dispose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on a unix socket; `migrated` is the database that every test empties after use."""

    folder: str
    broom: Broom
    migrated: str = "galley"

    def url(self, user: str, database: str) -> str:
        """Return the SQLAlchemy URL of a role in a database."""
        return f"postgresql+asyncpg://{user}@/{database}?host={self.folder}"

    def settings(self, data_dir: Path, database: str) -> Settings:
        """Return settings with the two roles of a real installation."""
        return Settings(
            data_dir=data_dir,
            database_url=self.url("galley_app", database),
            database_owner_url=self.url("galley_owner", database),
        )

    async def empty(self) -> None:
        """Delete every row: what belongs to no tenant is deleted, and what belongs to one goes with it."""
        import_tables()
        roots = [table.name for table in SQLModel.metadata.sorted_tables if "tenant_id" not in table.c]
        await self.broom.sweep(self.url("postgres", self.migrated), [f"delete from {name}" for name in reversed(roots)])

    async def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as superuser, outside a transaction."""
        engine = create_async_engine(self.url("postgres", database), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))
        await engine.dispose()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end in a loop of its own, whatever loop the caller may be in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this session's own, with the roles of a real installation and a migrated template."""
    pgserver = pytest.importorskip("pgserver")
    folder = Path(tempfile.mkdtemp(prefix="galley-pg-"))
    running, broom = pgserver.get_server(folder, cleanup_mode="delete"), Broom()
    try:
        server = PostgresServer(parse_qs(urlsplit(running.get_uri()).query)["host"][0], broom)
        _run(_prepare(server))
        yield server
    finally:
        broom.close()
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _prepare(server: PostgresServer) -> None:
    await server.run(
        "alter system set fsync = off",
        "select pg_reload_conf()",
        "create role galley_owner login nosuperuser nobypassrls",
        "create role galley_app login nosuperuser nobypassrls",
        f"create database {server.migrated} owner galley_owner",
    )
    await migrate(server.settings(Path(), server.migrated))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    folder = tmp_path_factory.mktemp("sqlite")
    _run(migrate(Settings(data_dir=folder)))
    return folder / "galley.db"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The kind of database under test."""
    return str(request.param)


@pytest.fixture
async def settings(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Settings]:
    """Settings that lead to an empty, migrated database of this test's own."""
    folder = tmp_path / "galley"
    folder.mkdir(mode=0o700)
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "galley.db")
        yield Settings(data_dir=folder)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.settings(folder, server.migrated)
    await server.empty()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The application's database, as its own role sees it."""
    database = Database(settings.sql_url, master_key=load_master_key(settings.data_dir / "master.key"))
    yield database
    await database.close()


class NoModels:
    """A Models port for tests that never ask for text."""

    def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        raise AssertionError("this test does not expect a call to a model")

    async def ping(self) -> None:
        return


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only when told to."""
    return ManualClock()


@pytest.fixture
def ports(settings: Settings, database: Database, clock: ManualClock) -> Ports:
    """The real adapters on an empty database; argon2 with the least work it allows."""
    return Ports(
        settings=settings,
        db=database,
        models=NoModels(),
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        clock=clock,
        passwords=Argon2Passwords(memory_kib=8, passes=1),
        limiter=MemoryLimiter(clock),
        embeddings=WordLlamaEmbeddings(),
        reach=HttpReach(),
        queue=MemoryQueue(),
        bus=MemoryBus(),
        images=DrawnImages(),
        speech=ToneSpeech(),
        transcription=ReadTranscription(),
        video=CardVideo(),
        sound_tools=FfmpegSound(),
        media_tools=LimitedMediaTools(),
    )


@pytest.fixture
def nobody(ports: Ports) -> Context:
    """The context of a request without a session."""
    return context_for(ports, None, "test")


SignUpAs = Callable[..., Awaitable[SignedIn]]


@pytest.fixture
def sign_up(nobody: Context) -> SignUpAs:
    """Sign somebody up: `await sign_up("ana@example.org", organisation="Ana's")`."""

    async def make(email: str, *, address: str = "192.0.2.1", **more: str) -> SignedIn:
        return await accounts.sign_up(nobody, form=SignUp(email=email, password=GOOD_PASSWORD, **more), address=address)

    return make


CtxOf = Callable[..., Awaitable[Context]]


@pytest.fixture
def ctx_of(ports: Ports, sign_up: SignUpAs) -> CtxOf:
    """A context by name: `ctx_of("ana")` owns an organisation, `ctx_of("bo", role="editor", of=ana)` joins hers."""

    async def make(name: str, *, role: str = "owner", of: Context | None = None) -> Context:
        token = ""
        if of is not None:
            token = (await invitations.create(of, form=Invite(role=role))).token
        signed_in = await sign_up(f"{name}@{name}.example.org", name=name, organisation=name.title(), invitation=token)
        principal = await sessions.resolve(ports, token=signed_in.token)
        return context_for(ports, principal, str(new_id()))

    return make


@pytest.fixture
async def two_tenants(ctx_of: CtxOf) -> tuple[Context, Context]:
    """Two owners of two organisations that know nothing of each other."""
    return await ctx_of("ana"), await ctx_of("bo")
