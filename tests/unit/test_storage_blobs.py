"""The same bytes are kept once; links open one file for a time; what is astray is found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.core.settings import Settings
from app.storage import links, queries, reconciling
from app.storage import service as storage
from app.storage.models import FileRecord
from tests.databases import CtxOf

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def _bytes(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _blobs(settings: Settings) -> list[Path]:
    return sorted(path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file())


async def _keep(ctx: Context, raw: bytes = b"the same", name: str = "a.txt") -> storage.FileView:
    return await storage.store(ctx, name=name, chunks=_bytes(raw))


async def test_the_same_bytes_are_kept_once_and_go_with_the_last_file(ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")
    one, two = await _keep(ana), await _keep(ana, name="b.txt")
    kept = len(_blobs(settings))
    await storage.delete(ana, file_id=one.id)

    assert kept == 1
    assert await storage.read_all(ana, file_id=two.id) == b"the same"
    await storage.delete(ana, file_id=two.id)
    assert _blobs(settings) == []


async def test_the_same_bytes_of_two_workspaces_are_kept_apart(ctx_of: CtxOf, settings: Settings) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    one, two = await _keep(ana), await _keep(bo)
    await storage.delete(ana, file_id=one.id)

    assert len(_blobs(settings)) == 1
    assert await storage.read_all(bo, file_id=two.id) == b"the same"


async def test_files_of_the_same_bytes_that_come_and_go_at_once_lose_nothing(ctx_of: CtxOf, settings: Settings) -> None:
    ana = await ctx_of("ana")

    async def come_and_go(number: int) -> storage.FileView | None:
        file = await _keep(ana, name=f"{number}.txt")
        if number % 2:
            return file
        await storage.delete(ana, file_id=file.id)
        return None

    left = [file for file in await asyncio.gather(*(come_and_go(n) for n in range(12))) if file]

    assert [await storage.read_all(ana, file_id=file.id) for file in left] == [b"the same"] * 6
    for file in left:
        await storage.delete(ana, file_id=file.id)
    assert _blobs(settings) == []


@on_sqlite
async def test_bytes_that_are_about_to_go_are_not_shared(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    first = await _keep(ana)
    async with ana.db.write() as session:
        await queries.mark(session, first.id, state="deleting", now=ana.ports.clock.now())
    second = await _keep(ana)
    await storage.undo(ana, first.id)

    assert await storage.read_all(ana, file_id=second.id) == b"the same"


@on_sqlite
async def test_a_file_from_before_blobs_were_named_by_sums_is_read_and_deleted(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    row = FileRecord(
        name="old.txt", kind="text", size_bytes=3, sha256="0" * 64, state="ready", changed_at=ana.ports.clock.now()
    )
    async with ana.db.write() as session:
        session.add(row)
    await ana.ports.blobs.put(f"{ana.tenant_id}/files/{row.id}", _bytes(b"old"))

    assert await storage.read_all(ana, file_id=row.id) == b"old"
    await storage.delete(ana, file_id=row.id)
    with pytest.raises(NotFound):
        await storage.read_all(ana, file_id=row.id)


async def test_a_link_leads_to_its_file_until_its_end(ctx_of: CtxOf, clock: ManualClock) -> None:
    ana = await ctx_of("ana")
    file = await _keep(ana)
    link = await links.make(ana, file_id=file.id, minutes=10)
    found = await links.follow(ana.ports, link.token)
    clock.advance(timedelta(minutes=10))

    assert (found.tenant_id, found.file_id, found.until) == (ana.tenant_id, file.id, link.until)
    with pytest.raises(links.LinkEnded):
        await links.follow(ana.ports, link.token)


@on_sqlite
async def test_a_link_that_was_changed_anywhere_leads_nowhere(ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    token = (await links.make(ana, file_id=new_id())).token
    await links.make(bo, file_id=new_id())
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token) - 1)]
    for other in (*changed, token[:-4], token + "AAAA", "", "=", "é", "x" * 500):
        with pytest.raises(NotFound) as refused:
            await links.follow(ana.ports, other)
        assert refused.value.code == "not_found"


@on_sqlite
async def test_a_link_is_bound_to_the_workspace_that_made_it(ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    file = await _keep(ana)
    forged = await links.make(bo, file_id=file.id)
    found = await links.follow(ana.ports, forged.token)

    assert found.tenant_id == bo.tenant_id  # where there is no such file


async def test_a_new_key_ends_every_link(ctx_of: CtxOf) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    hers, his = await links.make(ana, file_id=new_id()), await links.make(bo, file_id=new_id())
    await links.revoke_all(ana)
    again = await links.make(ana, file_id=new_id())

    with pytest.raises(NotFound):
        await links.follow(ana.ports, hers.token)
    assert await links.follow(ana.ports, again.token)
    assert await links.follow(ana.ports, his.token)


@on_sqlite
async def test_links_that_are_made_at_once_share_one_key(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    made = await asyncio.gather(*(links.make(ana, file_id=new_id()) for _ in range(8)))

    assert len([await links.follow(ana.ports, link.token) for link in made]) == 8


@on_sqlite
@pytest.mark.parametrize("minutes", [0, -1, 24 * 60 + 1])
async def test_a_link_lives_no_longer_than_the_operator_allows(minutes: int, ctx_of: CtxOf) -> None:
    with pytest.raises(InvalidInput):
        await links.make(await ctx_of("ana"), file_id=new_id(), minutes=minutes)


def _age(path: Path, clock: ManualClock, days: float) -> None:
    moment = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))


async def test_blobs_without_a_row_are_removed_when_they_are_old(
    ctx_of: CtxOf, settings: Settings, clock: ManualClock
) -> None:
    ana = await ctx_of("ana")
    kept = await _keep(ana)
    for name in ("sha256/aa/old", "sha256/aa/new"):
        await ana.ports.blobs.put(f"{ana.tenant_id}/{name}", _bytes(b"x"))
    for path in _blobs(settings):
        _age(path, clock, 0.5 if path.name == "new" else 2)

    assert await reconciling.reconcile(ana) == reconciling.Reconciled(blobs_removed=1, rows_lost=0)
    assert sorted(path.name for path in _blobs(settings)) == sorted(["new", kept.sha256])
    assert await storage.read_all(ana, file_id=kept.id) == b"the same"


async def test_rows_without_a_blob_are_lost_and_can_be_deleted(
    ctx_of: CtxOf, settings: Settings, clock: ManualClock
) -> None:
    ana, bo = await ctx_of("ana"), await ctx_of("bo")
    gone, kept, his = await _keep(ana), await _keep(ana, b"other"), await _keep(bo)
    (settings.data_dir / "blobs" / f"{ana.tenant_id}/sha256/{gone.sha256[:2]}/{gone.sha256}").unlink()
    at_once = await reconciling.reconcile(ana)
    clock.advance(timedelta(hours=2))

    assert at_once.rows_lost == 0
    assert (await reconciling.reconcile(ana)).rows_lost == 1
    assert (await reconciling.reconcile(ana)).rows_lost == 0
    assert [file.id for file in await storage.list_files(ana)] == [kept.id]
    assert await storage.read_all(bo, file_id=his.id) == b"the same"
    await storage.delete(ana, file_id=gone.id)
    assert (await _keep(ana)).sha256 == gone.sha256  # stored anew, not shared with what is lost
