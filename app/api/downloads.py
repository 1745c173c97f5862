"""Headers of what is downloaded: always an attachment, never shown in our own origin, never kept by a shared cache."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from app.core.errors import AppError

_RANGE = re.compile(r"^bytes=(\d{0,15})-(\d{0,15})$")


class RangeNotSatisfiable(AppError):
    """A range that begins behind the end of the file."""

    status = 416
    code = "range"
    message = "This file has {size} bytes."


def attachment(name: str) -> dict[str, str]:
    """Return the headers of a download called `name` (RFC 6266; the file name itself is never a path)."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:] or "file"
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


INLINE = frozenset(
    {
        "image/png", "image/jpeg", "image/webp", "image/gif",
        "audio/mpeg", "audio/wav", "audio/ogg", "video/mp4", "video/webm",
    }
)  # fmt: skip
"""What a page of ours may show: nothing in it can run. SVG, HTML and everything else is a download."""


def inline(name: str, media_type: str) -> dict[str, str]:
    """Return the headers of what is shown in a page; those of a download where it is not one of INLINE."""
    headers = attachment(name)
    if media_type in INLINE:
        headers["Content-Disposition"] = headers["Content-Disposition"].replace("attachment", "inline", 1)
    return headers


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes [start, stop) of a file."""

    start: int
    stop: int


def range_of(header: str | None, *, size_bytes: int) -> ByteRange | None:
    """Return the range a request asks for (RFC 9110, 14.2), None for the whole; several ranges get the whole.

    Raises:
        RangeNotSatisfiable: it begins behind the end.
    """
    match = _RANGE.match(header.strip()) if header else None
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size_bytes - int(match[2])), size_bytes
    else:
        start, stop = int(match[1]), min(size_bytes, int(match[2]) + 1 if match[2] else size_bytes)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size_bytes or stop <= start:
        raise RangeNotSatisfiable(params={"size": size_bytes})
    return ByteRange(start, stop)
