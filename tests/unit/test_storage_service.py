"""Files: stored whole or not at all, inside their tenant and its quota."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.adapters.blobs_disk import DiskBlobs
from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import AppError, InvalidInput, NotFound, TooLarge, Unavailable
from app.core.ids import new_id
from app.core.settings import Settings
from app.storage import service as storage
from app.storage.errors import QuotaFull
from app.storage.models import FileRecord
from tests.databases import CtxOf

MIB = 2**20
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def _bytes(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _rows(ctx: Context) -> list[str]:
    async with ctx.db.read() as session:
        return list((await session.execute(select(FileRecord.state))).scalars())


def _blobs(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()]


def _with(ctx: Context, *, blobs: object = None, **settings: object) -> Context:
    ports = dataclasses.replace(
        ctx.ports,
        settings=ctx.ports.settings.model_copy(update=settings),
        blobs=blobs or ctx.ports.blobs,
    )
    return dataclasses.replace(ctx, ports=ports)


async def _read(ctx: Context, file_id: object, **part: int) -> bytes:
    _, chunks = await storage.read(ctx, file_id=file_id, **part)  # type: ignore[arg-type]
    return b"".join([chunk async for chunk in chunks])


async def test_a_file_is_kept_and_read_back(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    file = await storage.store(ana, name="Notes.md", chunks=_bytes(b"# One\n", "zwölf".encode()))

    assert (file.name, file.kind, file.media_type, file.size_bytes) == (
        "Notes.md",
        "markdown",
        "text/markdown; charset=utf-8",
        12,
    )
    assert await storage.describe(ana, file_id=file.id) == file
    assert await _read(ana, file.id) == "# One\nzwölf".encode()
    assert await _read(ana, file.id, start=2, stop=5) == b"One"


@on_sqlite
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", ".. .. etc passwd"),
        ("C:\\notes.txt", "C: notes.txt"),
        ("a\x00b\nc.txt", "ab c.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
async def test_a_name_is_only_a_name(name: str, kept: str, ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")
    file = await storage.store(ana, name=name, chunks=_bytes(b"x"))

    assert file.name == kept
    assert [path.relative_to(settings.data_dir / "blobs").as_posix() for path in _blobs(settings)] == [
        f"{ana.tenant_id}/sha256/{file.sha256[:2]}/{file.sha256}"
    ]


@on_sqlite
async def test_a_file_has_a_name(ctx_of: CtxOf) -> None:
    with pytest.raises(InvalidInput) as refused:
        await storage.store(await ctx_of("ana"), name=" / ", chunks=_bytes(b"x"))

    assert refused.value.code == "file.name_missing"


@on_sqlite
@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        ((b"%PDF-1.7",), "file.not_text"),
        ((b"text", b"\x00"), "file.not_text"),
        ((), "file.empty"),
        ((b"x" * MIB, b"x"), "file.too_large"),
    ],
)
async def test_a_refused_file_leaves_nothing_behind(
    chunks: tuple[bytes, ...], code: str, ctx_of: CtxOf, settings: Settings
) -> None:
    ana = _with(await ctx_of("ana"), max_upload_mb=1)
    with pytest.raises(AppError) as refused:
        await storage.store(ana, name="notes.txt", chunks=_bytes(*chunks))

    assert refused.value.code == code
    assert (await _rows(ana), _blobs(settings)) == ([], [])


@on_sqlite
async def test_a_size_beyond_the_limit_is_refused_before_anything_is_sent(ctx_of: CtxOf) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("was read")
        yield b""

    with pytest.raises(TooLarge):
        ana = _with(await ctx_of("ana"), max_upload_mb=1)
        await storage.store(ana, name="notes.txt", chunks=never(), declared_bytes=MIB + 1)


@on_sqlite
async def test_a_size_that_was_a_lie_is_noticed(ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")
    with pytest.raises(TooLarge):
        await storage.store(ana, name="notes.txt", chunks=_bytes(b"x" * 20), declared_bytes=10)

    assert (await _rows(ana), _blobs(settings)) == ([], [])


@on_sqlite
async def test_a_sender_that_goes_away_leaves_nothing_behind(ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    task = asyncio.create_task(storage.store(ana, name="notes.txt", chunks=endless()))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await _rows(ana), _blobs(settings)) == ([], [])


async def test_the_quota_is_for_the_workspace(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = (_with(ctx, storage_quota_mb=2, max_upload_mb=2) for ctx in two_tenants)
    await storage.store(ana, name="one.txt", chunks=_bytes(b"x" * MIB), declared_bytes=MIB)
    with pytest.raises(QuotaFull) as refused:
        await storage.store(ana, name="two.txt", chunks=_bytes(b"x" * MIB, b"x"), declared_bytes=MIB + 1)

    assert refused.value.code == "storage.quota"
    assert (await storage.store(bo, name="two.txt", chunks=_bytes(b"x" * MIB, b"x"))).size_bytes == MIB + 1


@on_sqlite
async def test_a_file_of_unknown_size_may_take_what_is_left(ctx_of: CtxOf) -> None:
    ana = _with(await ctx_of("ana"), storage_quota_mb=1, max_upload_mb=2)
    await storage.store(ana, name="one.txt", chunks=_bytes(b"x" * (MIB - 10)))
    with pytest.raises(QuotaFull) as refused:
        await storage.store(ana, name="two.txt", chunks=_bytes(b"x" * 11))
    await storage.store(ana, name="two.txt", chunks=_bytes(b"x" * 10))
    with pytest.raises(QuotaFull):
        await storage.store(ana, name="three.txt", chunks=_bytes(b"x"))

    assert refused.value.code == "storage.quota"


async def test_many_uploads_at_once_do_not_pass_the_quota_together(ctx_of: CtxOf) -> None:
    ana = _with(await ctx_of("ana"), storage_quota_mb=1, max_upload_mb=1)
    uploads = (
        storage.store(ana, name="x.txt", chunks=_bytes(b"x" * 300_000), declared_bytes=300_000) for _ in range(8)
    )
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)

    assert sum(isinstance(outcome, storage.FileView) for outcome in outcomes) == 3
    assert {type(outcome) for outcome in outcomes} == {storage.FileView, QuotaFull}


@on_sqlite
async def test_a_deleted_file_gives_its_room_back(ctx_of: CtxOf, settings: Settings) -> None:
    ana = _with(await ctx_of("ana"), storage_quota_mb=1, max_upload_mb=1)
    for _ in range(3):
        file = await storage.store(ana, name="x.txt", chunks=_bytes(b"x" * MIB))
        await storage.delete(ana, file_id=file.id)

    assert (await _rows(ana), _blobs(settings)) == ([], [])
    with pytest.raises(NotFound):
        await storage.delete(ana, file_id=file.id)


async def test_a_foreign_file_is_like_an_absent_one(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    file = await storage.store(ana, name="x.txt", chunks=_bytes(b"hers"))
    for file_id in (file.id, new_id()):
        for attempt in (
            storage.describe(bo, file_id=file_id),
            storage.read(bo, file_id=file_id),
            storage.delete(bo, file_id=file_id),
        ):
            with pytest.raises(NotFound):
                await attempt

    assert await storage.list_files(bo) == []
    assert await _read(ana, file.id) == b"hers"


async def test_files_are_listed_newest_first_by_page(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    for number in range(5):
        await storage.store(ana, name=f"{number}.txt", chunks=_bytes(b"x"))
    first = await storage.list_files(ana, limit=2)
    rest = await storage.list_files(ana, limit=500, before=first[-1].id)

    assert [file.name for file in (*first, *rest)] == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]


class Failing(DiskBlobs):
    """A disk that fails in one verb."""

    def __init__(self, folder: Path, *, verb: str) -> None:
        super().__init__(folder)
        self._verb = verb

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, media_type: str = "") -> int:
        if self._verb == "put":
            raise Unavailable(code="storage.full")
        return await super().put(key, chunks, media_type=media_type)

    async def delete(self, key: str) -> None:
        if self._verb in {"delete", "put"}:
            raise Unavailable(code="storage.unavailable")
        await super().delete(key)


@on_sqlite
async def test_on_a_full_disk_the_reason_is_told_and_swept_up_later(
    ctx_of: CtxOf, settings: Settings, clock: ManualClock
) -> None:
    ana = await ctx_of("ana")
    full = _with(ana, blobs=Failing(settings.data_dir / "blobs", verb="put"))
    with pytest.raises(Unavailable) as refused:
        await storage.store(full, name="x.txt", chunks=_bytes(b"x"))
    at_once = await storage.sweep(ana)
    clock.advance(timedelta(hours=2))

    assert refused.value.code == "storage.full"
    assert (at_once, await storage.sweep(ana), await _rows(ana)) == (0, 1, [])


@on_sqlite
async def test_a_deletion_that_was_cut_short_is_finished_later(
    ctx_of: CtxOf, settings: Settings, clock: ManualClock
) -> None:
    ana = await ctx_of("ana")
    file = await storage.store(ana, name="x.txt", chunks=_bytes(b"x"))
    broken = _with(ana, blobs=Failing(settings.data_dir / "blobs", verb="delete"))
    with pytest.raises(Unavailable):
        await storage.delete(broken, file_id=file.id)
    listed, left = await storage.list_files(ana), len(_blobs(settings))
    clock.advance(timedelta(hours=2))

    assert (listed, left) == ([], 1)
    assert (await storage.sweep(ana), await _rows(ana), _blobs(settings)) == (1, [], [])


@on_sqlite
async def test_an_upload_slower_than_the_sweeper_is_told(ctx_of: CtxOf, clock: ManualClock, settings: Settings) -> None:
    ana = await ctx_of("ana")

    async def slowly() -> AsyncIterator[bytes]:
        yield b"x"
        clock.advance(timedelta(hours=2))
        await storage.sweep(ana)
        yield b"y"

    with pytest.raises(NotFound):
        await storage.store(ana, name="x.txt", chunks=slowly())

    assert (await _rows(ana), _blobs(settings)) == ([], [])


@on_sqlite
async def test_erasing_takes_every_file_in_every_state(ctx_of: CtxOf, settings: Settings) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    await storage.store(ana, name="x.txt", chunks=_bytes(b"x"))
    await storage.store(bo, name="x.txt", chunks=_bytes(b"x"))
    async with ana.db.write() as session:
        session.add(FileRecord(name="y", size_bytes=1, state="writing", changed_at=ana.ports.clock.now()))

    assert await storage.erase(ana) == 2
    assert (await _rows(ana), await _rows(bo), len(_blobs(settings))) == ([], ["ready"], 1)
