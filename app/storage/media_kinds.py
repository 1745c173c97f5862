"""What a picture, a sound or a clip is, told from its bytes alone; its name and its sender are never believed.

A file must be one thing: what a second reader would take for an archive, a page or a script (a polyglot) is refused,
and so is what goes on behind its own end.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import IO, Literal

from app.core.errors import AppError, InvalidInput

MediaKind = Literal["png", "jpeg", "webp", "gif", "mp3", "wav", "ogg", "mp4", "webm"]

MEDIA_KINDS: dict[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
ENDINGS: dict[str, str] = {"jpeg": "jpg"}
"""What a file of a kind is called where that is not the kind."""
HEAD_BYTES = 4096
TAIL_BYTES = 65_557  # the longest end of a ZIP archive: 22 bytes and a comment of 65,535 (APPNOTE 6.3.10, 4.3.16)
MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"M4A ", b"MSNV"}
)
_ACTIVE = re.compile(
    rb"%PDF-|%!PS|<!doctype\s+html|<html[\s>]|<svg[\s>]|<script[\s>]|<\?php|<\?xml|<iframe[\s>]|#!/", re.IGNORECASE
)
_ACTIVE_HEAD = re.compile(rb"^\s*(?:<!--|<!doctype|<html|<svg|<\?xml|<head|<body|<script)", re.IGNORECASE)
_ZIP_END = b"PK\x05\x06"
_MPEG_FRAMES = {0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3}
"""Second bytes of an MPEG audio frame of layer III: versions 1, 2 and 2.5, with and without a sum."""


def kind_of_bytes(head: bytes) -> MediaKind | None:
    """Return what the first bytes say a file is; None: nothing that is kept here."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])  # type: ignore[return-value]  # two of the kinds
    if head.startswith(b"OggS\x00"):
        return "ogg"
    if head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS:
        return "mp4"
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]:
        return "webm"
    is_frame = len(head) > 2 and head[0] == 0xFF and head[1] in _MPEG_FRAMES and head[2] >> 4 not in (0, 15)
    return "mp3" if head.startswith(b"ID3") or is_frame else None


class MediaSniffer:
    """Follows a file as it streams: one of the kinds, no larger than the limit."""

    def __init__(self, *, limit_bytes: int, refusal: AppError) -> None:
        self._limit_bytes = limit_bytes
        self._refusal = refusal
        self._digest = hashlib.sha256()
        self._head = b""
        self.size_bytes = 0
        self.sha256 = ""
        self.kind = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AppError: the refusal given at the start: the file is beyond the limit.
            InvalidInput: it is none of the kinds.
        """
        self.size_bytes += len(chunk)
        if self.size_bytes > self._limit_bytes:
            raise self._refusal
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
            if len(self._head) >= HEAD_BYTES:
                self._look_at_head()
        self._digest.update(chunk)

    def finish(self) -> None:
        """Take the end; `kind` and `sha256` are known from here on.

        Raises:
            InvalidInput: it is empty, or none of the kinds.
        """
        if self.size_bytes == 0:
            raise InvalidInput("This file is empty.", code="file.empty", field="file")
        self._look_at_head()
        self.sha256 = self._digest.hexdigest()

    def _look_at_head(self) -> None:
        found = kind_of_bytes(self._head)
        if found is None:
            raise InvalidInput(
                "Only PNG, JPEG, WebP, GIF, MP3, WAV, OGG, MP4 and WebM can be kept here; this file is none of them.",
                code="file.not_media",
                field="file",
            )
        self.kind = found


def refuse_second_face(file: IO[bytes], kind: str) -> None:
    """Refuse a file that is something else besides what it says, or goes on behind its own end.

    Raises:
        InvalidInput: it is two things at once.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(max(0, size_bytes - TAIL_BYTES))
    tail = file.read()
    file.seek(0)
    if _ACTIVE_HEAD.search(head) or _ACTIVE.search(head[:1024]) or _holds_archive(tail, size_bytes):
        raise _two_faced()
    end = _END_OF[kind](file, size_bytes) if kind in _END_OF else size_bytes
    file.seek(end)
    behind = file.read(TAIL_BYTES)
    file.seek(0)
    # Cameras put a second picture or zeros behind a JPEG's end; everything else there is a stranger.
    if behind.strip(b"\0") and not (kind == "jpeg" and not _ACTIVE.search(behind) and not behind.startswith(b"PK")):
        raise _two_faced()


def _holds_archive(tail: bytes, size_bytes: int) -> bool:
    """Whether a ZIP reader, which begins at the end, would find its directory here."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or at + 22 > len(tail):
        return False
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    return 0 < directory <= size_bytes and entries > 0 and b"PK\x01\x02" in tail[max(0, at - directory) : at]


def _end_of_png(file: IO[bytes], size_bytes: int) -> int:
    at = 8
    while at + 12 <= size_bytes:
        file.seek(at)
        head = file.read(8)
        at += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return min(at, size_bytes)
    raise _broken()


def _end_of_riff(file: IO[bytes], size_bytes: int) -> int:
    file.seek(4)
    said = int.from_bytes(file.read(4), "little")
    if said >= 0xFFFFFF00:  # written as it came, by a program that could not go back to fill it in
        return size_bytes
    return min(8 + said + said % 2, size_bytes)


def _end_of_gif(file: IO[bytes], size_bytes: int) -> int:
    file.seek(10)
    flags = file.read(3)[0]
    file.seek(13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))
    while block := file.read(1):
        if block == b";":
            return file.tell()
        if block == b"!":
            file.read(1)
        elif block == b",":
            local = file.read(9)[8:]
            if local and local[0] & 0x80:
                file.seek(3 << (local[0] & 7) + 1, os.SEEK_CUR)
            file.read(1)
        elif block != b"\0":
            raise _broken()
        else:
            continue
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], os.SEEK_CUR)
    raise _broken()


def _end_of_jpeg(file: IO[bytes], size_bytes: int) -> int:
    """Walk the segments to the picture's data, then on to the mark of its end."""
    at = 2
    while at + 2 <= size_bytes:
        file.seek(at)
        head = file.read(4)
        if head[0] != 0xFF:
            raise _broken()
        if head[1] == 0xD9:
            return at + 2
        at += 2 + max(2, int.from_bytes(head[2:], "big"))
        if head[1] == 0xDA:
            at = _next_mark(file, at)
    raise _broken()


def _next_mark(file: IO[bytes], at: int) -> int:
    """Return where the next segment begins behind a picture's data, in which 0xFF is followed by 0 or a restart."""
    while True:
        file.seek(at)
        if not (piece := file.read(65_536)):
            raise _broken()
        for found in re.finditer(rb"\xff[^\x00\xff\xd0-\xd7]", piece):
            return at + found.start()
        at += len(piece) - (1 if piece.endswith(b"\xff") and len(piece) > 1 else 0)


def _end_of_mp4(file: IO[bytes], size_bytes: int) -> int:
    at = 0
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(16)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if not name.isascii() or not name.decode("ascii").isprintable():
            return at
        if length == 1:
            length = int.from_bytes(head[8:], "big")
        if length == 0:
            return size_bytes
        if length < 8:
            raise _broken()
        at += length
    return min(at, size_bytes)


_END_OF = {
    "png": _end_of_png,
    "webp": _end_of_riff,
    "wav": _end_of_riff,
    "gif": _end_of_gif,
    "jpeg": _end_of_jpeg,
    "mp4": _end_of_mp4,
}


def _two_faced() -> InvalidInput:
    return InvalidInput(
        "This file holds something else besides a picture, a sound or a clip. Save it anew and try again.",
        code="file.two_faced",
        field="file",
    )


def _broken() -> InvalidInput:
    return InvalidInput("This file is broken: it ends too early.", code="file.broken", field="file")
