"""Pictures, sounds and clips made safe to keep, and pictures of them to show; every parser runs in a limited child.

A picture is drawn anew from its pixels. Sounds and clips are put into a new container, first picture and first sound
track only: titles, places, covers, chapters, subtitles and attachments stay behind, the media themselves are untouched.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.adapters.clip_ffmpeg import LOOKING, FfmpegClips
from app.adapters.ffmpeg_program import run_ffmpeg
from app.adapters.limited_child import ChildFailed, ChildOutOfMemory, ChildTooLoud, Finished, run_limited
from app.adapters.picture_child import TOO_LARGE, UNREADABLE
from app.adapters.sound_ffmpeg import FfmpegSound
from app.core.errors import InvalidInput, TooLarge, Unavailable
from app.core.media_ports import SetLine
from app.core.media_tools import Cleaned, Kept, Source, Swatch
from app.core.telemetry import log

PICTURE_CHILD = Path(__file__).with_name("picture_child.py")
MOST_PIXELS = 50_000_000
"""A camera's 48 megapixels and a little."""
PREVIEW_PX = 640
WAVE_PX = (640, 160)
PEAKS = 96
POSTER_MS = 1_000
"""A first frame is often black."""
TIMEOUT_S = 120.0
CPU_S = 60
MEMORY_MB = 1_536
OUTPUT_MB = 512
_MEDIA = {
    "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip
_SOUNDS = frozenset({"mp3", "wav", "ogg"})
_PICTURES = frozenset({"png", "jpeg", "webp", "gif"})


class LimitedMediaTools:
    """The MediaTools port: Pillow and ffmpeg behind limits."""

    def __init__(self) -> None:
        self._sound = FfmpegSound()
        self._clips = FfmpegClips()

    async def clean(
        self,
        data: bytes,
        *,
        kind: str,
        fit_px: tuple[int, int] | None = None,
        lines: Sequence[SetLine] = (),
        source: Source | None = None,
    ) -> Cleaned:
        """Return a picture, sound or clip with nothing but itself in it, and a preview; see the port.

        Raises:
            InvalidInput: it cannot be read as that kind.
            TooLarge: it opens to more pixels, frames or bytes than allowed.
            Unavailable: a tool is missing or ran into its limits.
        """
        if kind in _PICTURES:
            return await _clean_picture(data, fit_px=fit_px, lines=lines, source=source)
        with tempfile.TemporaryDirectory(prefix="galley-media-") as folder:
            given, made = Path(folder) / f"source.{kind}", Path(folder) / f"made.{kind}"
            await asyncio.to_thread(given.write_bytes, data)
            tracks = ("-map", "0:a:0", "-vn") if kind in _SOUNDS else ("-map", "0:v:0", "-map", "0:a:0?")
            faststart = ("-movflags", "+faststart") if kind == "mp4" else ()
            strip = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
            await _ffmpeg([*LOOKING, "-i", given, *tracks, *strip, "-c", "copy", *faststart, made], Path(folder))
            try:
                facts = await self._clips.facts(made)
                cleaned = await asyncio.to_thread(made.read_bytes)
                if kind in _SOUNDS:
                    return Cleaned(cleaned, _MEDIA[kind], 0, 0, facts.duration_ms, preview=await self._wave(cleaned))
                poster = await self._clips.poster(made, at_ms=POSTER_MS, longest_side_px=PREVIEW_PX)
            except InvalidInput as error:
                raise _unreadable() from error
            preview = (await _clean_picture(poster.data)).preview
            return Cleaned(cleaned, _MEDIA[kind], facts.width_px, facts.height_px, facts.duration_ms, preview=preview)

    async def _wave(self, data: bytes) -> bytes:
        measured = await self._sound.measure(data, peaks=PEAKS)
        return await draw_wave(measured.peaks)

    async def ping(self) -> None:
        """Return when the tools are there.

        Raises:
            Unavailable: one is not.
        """
        await self._sound.ping()


async def draw_wave(peaks: Sequence[float]) -> bytes:
    """Return a WebP of a waveform's points, each from 0 to 1."""
    done = await _child("wave", *WAVE_PX, stdin=json.dumps(list(peaks)).encode())
    if done.code != 0:
        raise _unavailable()
    return done.stdout


async def _clean_picture(
    data: bytes,
    *,
    fit_px: tuple[int, int] | None = None,
    lines: Sequence[SetLine] = (),
    source: Source | None = None,
) -> Cleaned:
    before, mask = (source.data, source.mask) if source else (b"", b"")
    wanted = {
        "fit": fit_px or (),
        "lines": [(*one.place_px, one.color) for one in lines],
        "source": len(before),
        "mask": len(mask),
    }
    stdin = b"".join((json.dumps(wanted).encode(), b"\n", before, mask, data))
    done = await _child("clean", MOST_PIXELS, PREVIEW_PX, stdin=stdin)
    if done.code == TOO_LARGE:
        raise _too_large()
    if done.code == UNREADABLE:
        raise _unreadable()
    if done.code != 0:
        log.error("media.picture_child", code=done.code)
        raise _unavailable()
    line, _, rest = done.stdout.partition(b"\n")
    head = json.loads(line)
    size_bytes = head["size"]
    media_type = _MEDIA[head["form"].lower()]
    return Cleaned(
        rest[:size_bytes],
        media_type,
        head["width"],
        head["height"],
        preview=rest[size_bytes:],
        came_px=tuple(head["came"]),
        colors=tuple(Swatch(*one) for one in head["colors"]),
        contrasts=tuple(head["contrasts"]),
        kept=_kept(head["kept"]),
    )


def _kept(told: dict[str, Any] | None) -> Kept | None:  # Any: JSON of the child
    if told is None:
        return None
    return Kept(told["share"], tuple(told["changed"]) if told["changed"] else None)


async def _child(verb: str, *numbers: int, stdin: bytes) -> Finished:
    command: list[str | Path] = [sys.executable, "-I", PICTURE_CHILD, verb, *map(str, numbers)]
    try:
        return await run_limited(
            command, stdin=stdin, timeout_s=TIMEOUT_S, memory_mb=MEMORY_MB, cpu_s=CPU_S, output_mb=OUTPUT_MB
        )
    except (ChildOutOfMemory, ChildTooLoud) as error:
        raise _too_large() from error
    except ChildFailed as error:
        log.warning("media.child_failed", reason=type(error).__name__)
        raise _unavailable() from error


async def _ffmpeg(arguments: Sequence[str | Path], folder: Path) -> None:
    try:
        done = await run_ffmpeg(["-y", *arguments], timeout_s=TIMEOUT_S, output_mb=OUTPUT_MB, cwd=folder)
    except RuntimeError as error:  # no program for this machine
        raise _unavailable() from error
    except (ChildOutOfMemory, ChildTooLoud) as error:
        raise _too_large() from error
    except ChildFailed as error:
        log.warning("media.child_failed", reason=type(error).__name__)
        raise _unavailable() from error
    if done.code != 0:
        raise _unreadable()


def _unreadable() -> InvalidInput:
    return InvalidInput("This file cannot be read; it may be damaged.", code="file.unreadable", field="file")


def _too_large() -> TooLarge:
    limit = f"{MOST_PIXELS // 1_000_000} megapixels"
    return TooLarge("This picture is larger than {limit}.", code="file.pixels", field="file", params={"limit": limit})


def _unavailable() -> Unavailable:
    return Unavailable("Media cannot be read right now.", code="media.tools")
