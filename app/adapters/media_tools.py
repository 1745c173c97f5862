"""Pictures, sounds and clips made safe to keep, and pictures of them to show; every parser runs in a limited child.

A picture is drawn anew from its pixels. Sounds and clips are put into a new container, first picture and first sound
track only: titles, places, covers, chapters, subtitles and attachments stay behind, the media themselves are untouched.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.adapters.ffmpeg_program import run_ffmpeg
from app.adapters.limited_child import ChildFailed, ChildOutOfMemory, ChildTooLoud, Finished, run_limited
from app.adapters.picture_child import TOO_LARGE, UNREADABLE
from app.adapters.sound_ffmpeg import FfmpegSound
from app.core.errors import InvalidInput, TooLarge, Unavailable
from app.core.media_tools import Cleaned
from app.core.telemetry import log

PICTURE_CHILD = Path(__file__).with_name("picture_child.py")
MOST_PIXELS = 50_000_000
"""A camera's 48 megapixels and a little."""
PREVIEW_PX = 640
WAVE_PX = (640, 160)
PEAKS = 96
TIMEOUT_S = 120.0
CPU_S = 60
MEMORY_MB = 1_536
OUTPUT_MB = 512
_FORMS_READ = "mov,matroska,webm,mp3,ogg,wav"
_DURATION = re.compile(rb"Duration: (\d+):(\d\d):(\d\d)\.(\d\d)")
_TIME = re.compile(rb"time=(\d+):(\d\d):(\d\d)\.(\d\d)")
_SIZE = re.compile(rb"Stream #0:\d+.*?: Video: .*?\s(\d{1,5})x(\d{1,5})[\s,]")
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

    async def clean(self, data: bytes, *, kind: str) -> Cleaned:
        """Return a picture, sound or clip with nothing but itself in it, and a preview.

        Raises:
            InvalidInput: it cannot be read as that kind.
            TooLarge: it opens to more pixels, frames or bytes than allowed.
            Unavailable: a tool is missing or ran into its limits.
        """
        if kind in _PICTURES:
            return await _clean_picture(data)
        with tempfile.TemporaryDirectory(prefix="galley-media-") as folder:
            source, made = Path(folder) / f"source.{kind}", Path(folder) / f"made.{kind}"
            await asyncio.to_thread(source.write_bytes, data)
            tracks = ("-map", "0:a:0", "-vn") if kind in _SOUNDS else ("-map", "0:v:0", "-map", "0:a:0?")
            faststart = ("-movflags", "+faststart") if kind == "mp4" else ()
            strip = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
            done = await _ffmpeg([*_reading(source), *tracks, *strip, "-c", "copy", *faststart, made], Path(folder))
            if done.code != 0 or not made.is_file() or not made.stat().st_size:
                raise _unreadable()
            width_px, height_px = (0, 0) if kind in _SOUNDS else _size_of(done.stderr)
            cleaned = await asyncio.to_thread(made.read_bytes)
            show = self._wave(cleaned) if kind in _SOUNDS else _frame(made, Path(folder))
            return Cleaned(
                cleaned, _MEDIA[kind], width_px, height_px, _duration_ms(done.stderr), preview=await show
            )  # fmt: skip

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


async def _clean_picture(data: bytes) -> Cleaned:
    done = await _child("clean", MOST_PIXELS, PREVIEW_PX, stdin=data)
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
    return Cleaned(rest[:size_bytes], media_type, head["width"], head["height"], preview=rest[size_bytes:])


async def _frame(clip: Path, folder: Path) -> bytes:
    """Return a WebP of a frame from a second into the clip, of its first where it is shorter."""
    for moment in ("1", "0"):
        still = folder / "frame.png"
        scale = f"scale='min({PREVIEW_PX},iw)':-2"
        command = ["-ss", moment, *_reading(clip), "-frames:v", "1", "-vf", scale, still]
        done = await _ffmpeg(command, folder)
        if done.code == 0 and still.is_file():
            return (await _clean_picture(await asyncio.to_thread(still.read_bytes))).preview
    raise _unreadable()


def _reading(source: Path) -> list[str | Path]:
    return ["-protocol_whitelist", "file", "-format_whitelist", _FORMS_READ, "-i", source]


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


async def _ffmpeg(arguments: Sequence[str | Path], folder: Path) -> Finished:
    try:
        return await run_ffmpeg(
            ["-stats", "-loglevel", "info", "-threads", "1", "-y", *arguments],
            timeout_s=TIMEOUT_S, output_mb=OUTPUT_MB, cwd=folder, quiet=False,
        )  # fmt: skip
    except RuntimeError as error:  # no program for this machine
        raise _unavailable() from error
    except (ChildOutOfMemory, ChildTooLoud) as error:
        raise _too_large() from error
    except ChildFailed as error:
        log.warning("media.child_failed", reason=type(error).__name__)
        raise _unavailable() from error


def _size_of(told: bytes) -> tuple[int, int]:
    found = _SIZE.search(told)
    if found is None:
        raise _unreadable()
    width_px, height_px = int(found[1]), int(found[2])
    if not 0 < width_px * height_px <= MOST_PIXELS:
        raise _too_large()
    return width_px, height_px


def _duration_ms(told: bytes) -> int:
    found = _DURATION.search(told) or next(iter(reversed(list(_TIME.finditer(told)))), None)
    if found is None:
        return 0
    hours, minutes, seconds, hundredths = (int(part) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10


def _unreadable() -> InvalidInput:
    return InvalidInput("This file cannot be read; it may be damaged.", code="file.unreadable", field="file")


def _too_large() -> TooLarge:
    limit = f"{MOST_PIXELS // 1_000_000} megapixels"
    return TooLarge("This picture is larger than {limit}.", code="file.pixels", field="file", params={"limit": limit})


def _unavailable() -> Unavailable:
    return Unavailable("Media cannot be read right now.", code="media.tools")
