"""What every Blobs adapter does; a new adapter joins by a line in `blobs`."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters import blobs_disk
from app.adapters.blobs_copied import CopiedBlobs
from app.adapters.blobs_disk import DiskBlobs
from app.core.errors import NotFound, Unavailable
from app.core.ports import Blobs
from tests.contracts.aws import Bucket


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _all(blobs: Blobs, key: str, *, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start=start, stop=stop)])


@pytest.fixture(params=["disk", "object", "copied"])
def blobs(tmp_path: Path, request: pytest.FixtureRequest) -> Blobs:
    """An empty adapter."""
    if request.param == "disk":
        return DiskBlobs(tmp_path / "blobs")
    bucket: Bucket = request.getfixturevalue("bucket")
    if request.param == "object":
        return bucket.blobs()
    return CopiedBlobs(DiskBlobs(tmp_path / "blobs"), bucket.blobs())


async def test_what_was_put_is_read_back(blobs: Blobs) -> None:
    size_bytes = await blobs.put("t/files/a", _chunks(b"one ", b"", b"two"))

    assert (size_bytes, await _all(blobs, "t/files/a")) == (7, b"one two")


async def test_an_empty_object_is_an_object(blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks())

    assert await _all(blobs, "t/a") == b""


@pytest.mark.parametrize(
    ("start", "stop", "found"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (0, 4, b"0123"),
        (3, 5, b"34"),
        (5, 5, b""),
        (6, 2, b""),
        (8, 100, b"89"),
        (100, None, b""),
        (100, 200, b""),
    ],
)
async def test_a_range_is_read(start: int, stop: int | None, found: bytes, blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"01234", b"56789"))

    assert await _all(blobs, "t/a", start=start, stop=stop) == found


async def test_a_large_object_comes_in_pieces(blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"x" * 2_000_000))
    pieces = [len(chunk) async for chunk in blobs.read("t/a")]

    assert sum(pieces) == 2_000_000
    assert len(pieces) > 1


@pytest.mark.parametrize("key", ["t/none", "t", "none/none", "t/a/below"])
async def test_what_is_not_there_is_not_found(key: str, blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"x"))

    with pytest.raises(NotFound):
        await _all(blobs, key)


async def test_what_was_deleted_is_not_found(blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"x"))
    await blobs.delete("t/a")
    await blobs.delete("t/a")

    with pytest.raises(NotFound):
        await _all(blobs, "t/a")


async def test_an_object_is_replaced_whole(blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"long before"))
    await blobs.put("t/a", _chunks(b"after"))

    assert await _all(blobs, "t/a") == b"after"


async def test_a_sender_that_breaks_off_leaves_what_was_there(blobs: Blobs) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    await blobs.put("t/a", _chunks(b"before"))
    with pytest.raises(ConnectionError):
        await blobs.put("t/a", broken())

    assert await _all(blobs, "t/a") == b"before"


async def test_a_reader_keeps_what_it_began_to_read(blobs: Blobs) -> None:
    await blobs.put("t/a", _chunks(b"x" * 600_000))
    reading = blobs.read("t/a")
    first = await anext(reading)
    await blobs.put("t/a", _chunks(b"y"))
    rest = b"".join([chunk async for chunk in reading])

    assert set(first + rest) == {ord("x")}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../a",
        "t/../../a",
        "t//a",
        "t/./a",
        "t/.hidden",
        "t\\..\\a",
        "t/a\x00b",
        "t/a\nb",
        " t/a",
        "C:/a",
        "t/a ",
        "t/",
    ],
)
async def test_a_key_leads_nowhere_else(key: str, blobs: Blobs) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        await blobs.put(key, _chunks(b"x"))
    with pytest.raises(ValueError, match="not a blob key"):
        await _all(blobs, key)
    with pytest.raises(ValueError, match="not a blob key"):
        await blobs.delete(key)


async def test_many_at_once_do_not_mix(blobs: Blobs) -> None:
    async def slowly(letter: bytes) -> AsyncIterator[bytes]:
        for _ in range(5):
            await asyncio.sleep(0)
            yield letter * 1000

    await asyncio.gather(*(blobs.put("t/a", slowly(letter)) for letter in (b"a", b"b", b"c")))

    assert len(set(await _all(blobs, "t/a"))) == 1


async def test_what_lies_below_a_key_is_found(blobs: Blobs) -> None:
    await blobs.put("t/files/a", _chunks(b"one"))
    await blobs.put("t/files/b", _chunks(b"four"))
    await blobs.put("t2/files/c", _chunks(b"other"))
    found = {(one.key, one.size_bytes) async for one in blobs.find("t")}

    assert found == {("t/files/a", 3), ("t/files/b", 4)}
    assert [one async for one in blobs.find("none")] == []


async def test_a_writable_place_passes_the_ping(blobs: Blobs) -> None:
    await blobs.ping()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_on_disk_only_the_owner_reads(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        await DiskBlobs(tmp_path / "blobs").put("t/files/a", _chunks(b"x"))
    finally:
        os.umask(old)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "blobs").rglob("*")}

    assert modes == {"t": 0o700, "files": 0o700, "a": 0o600}
    assert (tmp_path / "blobs").stat().st_mode & 0o777 == 0o700


async def test_on_disk_nothing_half_written_stays(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await DiskBlobs(tmp_path).put("t/a", broken())
    await DiskBlobs(tmp_path).ping()

    assert _files(tmp_path) == []


async def test_on_disk_a_cancelled_put_leaves_nothing(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    task = asyncio.create_task(DiskBlobs(tmp_path).put("t/a", endless()))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert _files(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_on_a_full_disk_nothing_is_stored_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = blobs_disk._open_new

    def full(root: Path, part: Path) -> object:
        opened(root, part).close()
        return open("/dev/full", "wb", buffering=0)  # noqa: PTH123 - the device that is always full

    monkeypatch.setattr(blobs_disk, "_open_new", full)
    with pytest.raises(Unavailable) as refused:
        await DiskBlobs(tmp_path).put("t/a", _chunks(b"x"))
    with pytest.raises(Unavailable) as no_ping:
        await DiskBlobs(tmp_path).ping()

    assert (refused.value.code, no_ping.value.code) == ("storage.full", "storage.full")
    assert _files(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_disk_that_is_full_at_the_last_moment_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = blobs_disk._open_new

    def full(root: Path, part: Path) -> object:
        opened(root, part).close()
        return open("/dev/full", "wb")  # noqa: PTH123 - buffered: fails when it is flushed

    monkeypatch.setattr(blobs_disk, "_open_new", full)
    with pytest.raises(Unavailable) as refused:
        await DiskBlobs(tmp_path).put("t/a", _chunks(b"x"))

    assert refused.value.code == "storage.full"
    assert _files(tmp_path) == []


async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(Unavailable) as refused:
        await DiskBlobs(tmp_path / "blobs").put("t/a", _chunks(b"x"))

    assert refused.value.code == "storage.unavailable"


def test_every_sign_of_a_full_disk_is_known() -> None:
    codes = [blobs_disk._as_unavailable(OSError(number, "x")).code for number in (errno.ENOSPC, errno.EDQUOT)]

    assert codes == ["storage.full", "storage.full"]
