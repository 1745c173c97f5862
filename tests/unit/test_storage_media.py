"""What counts as a picture, a sound or a clip, told from the bytes; and what is refused for being two things."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.core.errors import AppError, InvalidInput, TooLarge
from app.storage import service as storage
from app.storage.media_kinds import MEDIA_KINDS, MediaSniffer, kind_of_bytes, refuse_second_face
from tests.databases import CtxOf
from tests.media_samples import clip, photo_with_place, picture, sound

SAMPLES = {
    "png": picture("PNG"),
    "jpeg": picture("JPEG"),
    "webp": picture("WEBP"),
    "gif": picture("GIF"),
    "mp3": sound("mp3"),
    "wav": sound("wav"),
    "ogg": sound("ogg"),
    "mp4": clip("mp4"),
    "webm": clip("webm"),
}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.class", b"x" * 100)
    return out.getvalue()


def _sniff(raw: bytes, *, limit_bytes: int = 10_000_000) -> str:
    sniffer = MediaSniffer(limit_bytes=limit_bytes, refusal=TooLarge(code="file.too_large"))
    for at in range(0, len(raw), 1000):
        sniffer.feed(raw[at : at + 1000])
    sniffer.finish()
    refuse_second_face(io.BytesIO(raw), sniffer.kind)
    return sniffer.kind


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(MEDIA_KINDS)


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_kind_is_told_from_its_bytes(kind: str) -> None:
    assert _sniff(SAMPLES[kind]) == kind


def test_a_photo_with_exif_is_a_jpeg() -> None:
    assert _sniff(photo_with_place()) == "jpeg"


NONE = {
    "svg": SVG,
    "svg with a head": b"<?xml version='1.0'?>" + SVG,
    "html": b"<!doctype html><h1>502 Bad Gateway</h1>",
    "text": b"hello",
    "pdf": b"%PDF-1.7\n",
    "zip": _archive(),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "ico": picture("ICO"),
    "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 50,
    "heic": b"\0\0\0\x18ftypheic" + b"\0" * 40,
    "quicktime": b"\0\0\0\x14ftypqt  " + b"\0" * 40,
    "matroska": b"\x1aE\xdf\xa3\x93B\x82\x88matroska" + b"\0" * 40,
    "avi": b"RIFF\x24\0\0\0AVI LIST",
}


@pytest.mark.parametrize("name", NONE)
def test_everything_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(NONE[name])

    assert refused.value.code == "file.not_media"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(b"")

    assert refused.value.code == "file.empty"


def test_the_limit_holds_over_all_pieces() -> None:
    raw = SAMPLES["png"]

    assert _sniff(raw, limit_bytes=len(raw)) == "png"
    with pytest.raises(AppError) as refused:
        _sniff(raw, limit_bytes=len(raw) - 1)
    assert refused.value.code == "file.too_large"


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_with_an_archive_behind_it_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(SAMPLES[kind] + _archive())

    assert refused.value.code == "file.two_faced"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif", "wav"])
def test_a_picture_or_sound_with_a_page_behind_it_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(SAMPLES[kind] + b"<html><script>alert(1)</script>")

    assert refused.value.code == "file.two_faced"


def test_a_gif_that_is_a_script_is_refused() -> None:
    with pytest.raises(InvalidInput):
        _sniff(b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//")


def test_a_page_or_document_at_the_beginning_is_refused() -> None:
    page = SAMPLES["jpeg"][:2] + b"\xff\xfe\x00\x40<html><script>alert(1)</script>-->".ljust(68, b" ")
    document = SAMPLES["mp3"][:10] + b"%PDF-1.4" + SAMPLES["mp3"][10:]
    for raw in (page + SAMPLES["jpeg"][2:], document):
        with pytest.raises(InvalidInput) as refused:
            _sniff(raw)
        assert refused.value.code == "file.two_faced"


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg"])
def test_a_picture_that_ends_too_early_is_broken(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(SAMPLES[kind][:-4])

    assert refused.value.code == "file.broken"


@pytest.mark.parametrize("more", [b"\0" * 100, picture("JPEG")])
def test_zeros_and_a_second_picture_behind_a_photo_are_fine(more: bytes) -> None:
    assert _sniff(SAMPLES["jpeg"] + more) == "jpeg"


def test_nothing_is_told_from_too_few_bytes() -> None:
    assert {kind_of_bytes(raw[:2]) for raw in SAMPLES.values()} == {None}


async def _bytes(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_name_of_a_file_says_nothing_of_what_it_is(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    file = await storage.store(ana, name="holiday.mp4", chunks=_bytes(SAMPLES["png"]), purpose="media")
    with pytest.raises(InvalidInput) as refused:
        await storage.store(ana, name="holiday.png", chunks=_bytes(SVG), purpose="media")

    assert (file.kind, file.media_type) == ("png", "image/png")
    assert refused.value.code == "file.not_media"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_huge_upload_is_refused_before_it_is_read_and_while(ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    settings = ana.ports.settings.model_copy(update={"max_media_mb": 1})
    small = replace(ana, ports=replace(ana.ports, settings=settings))
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield SAMPLES["mp3"]
        while True:
            read += 100_000
            yield b"\0" * 100_000

    for declared_bytes in (2 * 2**30, None):
        with pytest.raises(TooLarge) as refused:
            await storage.store(small, name="x.mp3", chunks=endless(), declared_bytes=declared_bytes, purpose="media")
        assert refused.value.code == "file.too_large"
        assert read <= (0 if declared_bytes else 1_200_000)
