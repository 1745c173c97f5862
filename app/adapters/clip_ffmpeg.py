"""The Clips port over ffmpeg, in a limited child each time: a file that somebody sent is read nowhere else.

Only the listed forms and codecs are tried at all: the rarely used parsers are where the holes are. ffmpeg is asked to
read from the file alone, so that a playlist inside it leads nowhere.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.adapters.ffmpeg_program import ONLY_FILES, ffmpeg_path, run_ffmpeg
from app.adapters.limited_child import ChildFailed, ChildMissing, Finished
from app.core.errors import InvalidInput, Unavailable
from app.core.media_ports import ClipFacts, Media

FORMS = "mov,mp4,matroska,webm,avi,mp3,wav,ogg,flac,aac"
CODECS = (
    "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,mjpeg,"
    "aac,aac_latm,mp3,mp3float,opus,vorbis,flac,alac,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_u8"
)
SIDE_MAX_PX = 8192
LENGTH_MAX_MS = 4 * 3_600_000
LOOKING_S = 20.0
CONVERTING_S = 600.0
LOOKING_MB = 1024  # address space for one frame of 8K with its references
PICTURE_MAX_MB = 16
CLIP_MAX_MB = 1024
STRIP_MAX = 60
CLOSER = 0.96  # a head often promises a little more than there is; the last cell would be black
KEY_FRAMES_DO_S = 10.0  # between two cells of a strip there is a key frame by then
LOOKING = ("-format_whitelist", FORMS, "-codec_whitelist", CODECS, *ONLY_FILES)

_INPUT = re.compile(r"^Input #0, ([\w,]+), from ", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d)\.(\d\d)", re.MULTILINE)
_VIDEO = re.compile(r"^  Stream #0:\d+.*?: Video: (\w+).*?, (\w+)(?:\([^)]*\))?, (\d+)x(\d+)[ ,]", re.MULTILINE)
_AUDIO = re.compile(r"^  Stream #0:\d+.*?: Audio: (\w+)", re.MULTILINE)


class FfmpegClips:
    """Reads clips with ffmpeg."""

    async def ping(self) -> None:
        """Return when clips can be read.

        Raises:
            Unavailable: there is no ffmpeg for this machine.
        """
        try:
            ffmpeg_path()
        except RuntimeError as missing:
            raise Unavailable from missing

    async def facts(self, path: Path) -> ClipFacts:
        """Return what the file's head says.

        Raises:
            InvalidInput: nothing that is known here, or more than is accepted.
        """
        looked = await _run([*LOOKING, "-i", path], quiet=False, output_mb=1)  # without an output: it only looks
        found = _read(looked.stderr.decode("utf-8", "replace"))
        if found is None:
            raise _unreadable()
        if max(found.width_px, found.height_px) > SIDE_MAX_PX or found.duration_ms > LENGTH_MAX_MS:
            raise InvalidInput("The clip is larger or longer than is accepted.", code="clip.too_large")
        return found

    async def poster(self, path: Path, *, at_ms: int = 0, longest_side_px: int = 1280) -> Media:
        """Return one frame as JPEG.

        Raises:
            InvalidInput: there is none that can be read.
        """
        facts = await self._seen(path)
        at_s = max(min(at_ms, facts.duration_ms - 100), 0) / 1000
        side = min(longest_side_px, SIDE_MAX_PX)
        fit = f"scale='min({side},iw)':'min({side},ih)':force_original_aspect_ratio=decrease"
        seeks: tuple[tuple[str, ...], ...] = (("-ss", f"{at_s:.3f}"), ())
        for seek in seeks:  # what the head says of the length may not be so
            made = await _picture([*LOOKING, *seek, *_from(path)], fit)
            if made:
                return _jpeg(made)
        raise _unreadable()

    async def strip(self, path: Path, *, count: int, height_px: int = 90) -> Media:
        """Return frames from all over the clip, side by side.

        Raises:
            InvalidInput: there is none that can be read.
        """
        facts = await self._seen(path)
        count = min(max(count, 1), STRIP_MAX)
        every_s = max(facts.duration_ms / 1000 / count * CLOSER, 0.001)
        width = max(round(height_px * facts.width_px / max(facts.height_px, 1)), 1)
        cells = f"fps=1/{every_s:.6f}:round=down:start_time=0,scale={width}:{height_px},tile={count}x1:color=black"
        keys_only = ("-skip_frame", "nokey") if every_s > KEY_FRAMES_DO_S else ()
        made = await _picture([*LOOKING, *keys_only, *_from(path)], cells, timeout_s=CONVERTING_S)
        if not made:
            raise _unreadable()
        return _jpeg(made)

    async def playable(self, path: Path, into: Path) -> ClipFacts:
        """Write a clip that plays anywhere: repacked where its codecs already do, else encoded anew.

        Raises:
            InvalidInput: it cannot be read to its end within the limits.
        """
        facts = await self._seen(path)
        keeps = (facts.video_codec, facts.pixel_format) == ("h264", "yuv420p")
        video = ("copy",) if keeps else ("libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")
        even = () if keeps else ("-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2")
        done = await _run(
            [
                *LOOKING, "-i", path, "-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-threads", "2",
                "-c:v", *video, *even, "-c:a", "copy" if facts.audio_codec == "aac" else "aac",
                "-movflags", "+faststart", "-f", "mp4", "-y", into,
            ],
            timeout_s=CONVERTING_S, output_mb=CLIP_MAX_MB, memory_mb=2 * LOOKING_MB,
        )  # fmt: skip
        if done.code != 0:
            raise _unreadable()
        return await self.facts(into)

    async def _seen(self, path: Path) -> ClipFacts:
        facts = await self.facts(path)
        if not facts.video_codec:
            raise InvalidInput("This is a sound: there is nothing to be seen in it.", code="clip.no_picture")
        return facts


def _from(path: Path) -> tuple[str, ...]:
    return ("-i", str(path), "-map", "0:v:0")


async def _picture(reading: Sequence[str | Path], filters: str, *, timeout_s: float = LOOKING_S) -> bytes:
    """Return the first frame that comes out of the filters; nothing where none does."""
    with tempfile.TemporaryDirectory(prefix="galley-still-") as folder:
        still = Path(folder) / "still.jpg"
        await _run(
            [
                *reading, "-an", "-sn", "-dn", "-vf", filters, "-frames:v", "1", "-pix_fmt", "yuvj420p", "-q:v", "3",
                "-strict", "unofficial", "-f", "image2", "-update", "1", "-y", still,
            ],
            timeout_s=timeout_s, output_mb=PICTURE_MAX_MB,
        )  # fmt: skip
        return still.read_bytes() if still.exists() else b""


async def _run(
    arguments: Sequence[str | Path], *, output_mb: int, timeout_s: float = LOOKING_S, memory_mb: int = LOOKING_MB,
    quiet: bool = True,
) -> Finished:  # fmt: skip
    try:
        return await run_ffmpeg(
            arguments, timeout_s=timeout_s, output_mb=output_mb, memory_mb=memory_mb, quiet=quiet
        )  # fmt: skip
    except ChildMissing as missing:
        raise Unavailable from missing
    except ChildFailed as failure:
        raise _unreadable() from failure


def _read(said: str) -> ClipFacts | None:
    form = _INPUT.search(said)
    video, audio, length = _VIDEO.search(said), _AUDIO.search(said), _DURATION.search(said)
    if form is None or not (video or audio):
        return None
    hours, minutes, seconds, hundredths = map(int, length.groups()) if length else (0, 0, 0, 0)
    names = form[1].split(",")
    return ClipFacts(
        form="mp4" if "mp4" in names else names[0],
        duration_ms=((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10,
        width_px=int(video[3]) if video else 0,
        height_px=int(video[4]) if video else 0,
        video_codec=video[1] if video else "",
        pixel_format=video[2] if video else "",
        audio_codec=audio[1] if audio else "",
    )


def _jpeg(data: bytes) -> Media:
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
        return Media(data, "image/jpeg", picture.width, picture.height)


def _unreadable() -> InvalidInput:
    return InvalidInput("This is no clip that can be read here.", code="clip.unreadable")
