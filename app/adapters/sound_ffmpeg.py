"""Sound joined, levelled, converted and measured by ffmpeg, in a child with limits.

    part -> samples (16 bits, mono, 44.1 kHz) ┐
    silence                                   ├-> one file of samples -> measured -> levelled, limited, encoded
    part -> samples                           ┘

ffmpeg reads a file only as one of the forms below and opens nothing else: a playlist that names other files is refused.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from app.adapters.ffmpeg_program import ffmpeg_path, run_ffmpeg
from app.adapters.limited_child import ChildFailed, ChildMissing, ChildTooLoud, Finished
from app.adapters.sound_levels import EBUR128, SILENCE_LUFS, level_of, peaks_of, points_of, silence_share
from app.core.errors import InvalidInput, TooLarge, Unavailable
from app.core.media_ports import Media
from app.core.sound_ports import SPEECH_LUFS, JoinedSound, SoundForm, SoundMeasure
from app.core.telemetry import log

RATE_HZ = 44_100
MEASURED_RATE_HZ = 8_000
MAX_PARTS = 1_000
MAX_SAMPLES_MB = 1_024
"""Of decoded sound: 3.4 hours."""
TIMEOUT_S = 600.0
MEMORY_MB = 1_024
PEAK_DB = -1.5
LIMITER_DB = -1.8
"""Below the goal: encoding moves a peak by a little."""
MOST_CORRECTIONS = 2
CLOSE_DB = 0.3
LAME_TAKES_DB = 0.45
"""LAME multiplies by 0.95 below 192 kbit/s, against its own clipping; given back before."""
MOST_GAIN_DB = 30.0
"""More would only raise the noise of a room."""
CHUNK_BYTES = 262_144
MP3_KBPS = 128
VOICE_KBPS = 48
"""Half an hour of speech is 11 MB; transcribers take 25."""
MEDIA_TYPES: dict[SoundForm, str] = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_FORMS_READ = "aac,ac3,aiff,amr,asf,avi,caf,flac,flv,matroska,mov,mp3,mpegts,ogg,w64,wav,webm"
_SAMPLES = ("-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1")
_ENCODERS: dict[SoundForm, tuple[str, ...]] = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", f"{MP3_KBPS}k", "-write_xing", "1", "-f", "mp3"),
    "wav": ("-c:a", "pcm_s16le", "-f", "wav"),
}


class FfmpegSound:
    """The SoundTools port."""

    async def join(
        self,
        parts: Sequence[bytes],
        *,
        form: SoundForm,
        pause_ms: int = 0,
        loudness_lufs: float | None = SPEECH_LUFS,
    ) -> JoinedSound:
        """Return the parts one after the other, levelled and encoded.

        Raises:
            InvalidInput: a part holds no sound that can be read.
            Unavailable: ffmpeg is missing or ran into its limits.
        """
        if not 0 < len(parts) <= MAX_PARTS:
            raise InvalidInput("There is no sound to join.", code="sound.none", field="parts")
        pause = b"\0\0" * (RATE_HZ * pause_ms // 1000)
        with tempfile.TemporaryDirectory(prefix="galley-sound-") as folder:
            samples = Path(folder) / "joined"
            starts: list[int] = []
            for number, part in enumerate(parts):
                if number:
                    _append(samples, pause)
                starts.append(_milliseconds(_size(samples)))
                await _decode(part, into=samples, folder=Path(folder))
            filters = [] if loudness_lufs is None else await _levelling(samples, loudness_lufs)
            filters += [f"volume={LAME_TAKES_DB}dB"] if form == "mp3" else []
            encoded = await _encode(samples, form, filters, folder=Path(folder))
            duration_ms = _milliseconds(_size(samples))
        return JoinedSound(Media(encoded, MEDIA_TYPES[form], duration_ms=duration_ms), tuple(starts))

    async def voice_track(self, data: bytes) -> Media:
        """Return the sound of a recording or a clip as a small MP3.

        Raises:
            InvalidInput: it holds no sound that can be read.
            Unavailable: ffmpeg is missing or ran into its limits.
        """
        with tempfile.TemporaryDirectory(prefix="galley-sound-") as folder:
            samples, track = Path(folder) / "samples", Path(folder) / "track"
            await _decode(data, into=samples, folder=Path(folder))
            encoder = ("-ar", "16000", "-c:a", "libmp3lame", "-b:a", f"{VOICE_KBPS}k", "-f", "mp3")
            await _ffmpeg([*_SAMPLES, "-i", "pipe:0", *encoder, track], stdin=_chunks(samples), folder=Path(folder))
            return Media(track.read_bytes(), "audio/mpeg", duration_ms=_milliseconds(_size(samples)))

    async def measure(self, data: bytes, *, peaks: int = 0) -> SoundMeasure:
        """Return length and level, and `peaks` points of the waveform.

        Raises:
            InvalidInput: it holds no sound that can be read.
            Unavailable: ffmpeg is missing or ran into its limits.
        """
        with tempfile.TemporaryDirectory(prefix="galley-sound-") as folder:
            source, samples = Path(folder) / "source", Path(folder) / "samples"
            source.write_bytes(data)
            split = ("-filter_complex", "[0:a:0]asplit[a][b];[a]" + EBUR128 + "[level]")
            level = ("-map", "[level]", "-f", "null", "-")
            rate = ("-f", "s16le", "-ar", str(MEASURED_RATE_HZ), "-ac", "1")
            command = [*_reading(source), *split, *level, "-map", "[b]", *rate, samples]
            done = await _ffmpeg(command, folder=Path(folder), quiet=False)
            points = points_of(samples.read_bytes() if samples.exists() else b"")
        if done.code != 0 or not len(points):
            raise _unreadable()
        loudness_lufs, true_peak_db = level_of(done.stderr)
        return SoundMeasure(
            duration_ms=round(len(points) * 1000 / MEASURED_RATE_HZ),
            loudness_lufs=loudness_lufs,
            true_peak_db=true_peak_db,
            silence_share=silence_share(points, rate_hz=MEASURED_RATE_HZ),
            peaks=peaks_of(points, peaks),
        )

    async def ping(self) -> None:
        """Return when ffmpeg is there.

        Raises:
            Unavailable: it is not.
        """
        try:
            ffmpeg_path()
        except RuntimeError as error:
            raise _unavailable() from error


def _reading(source: Path) -> list[str | Path]:
    return ["-protocol_whitelist", "file", "-format_whitelist", _FORMS_READ, "-i", source]


async def _decode(data: bytes, *, into: Path, folder: Path) -> None:
    """Add the samples of a sound to a file of them."""
    source, part = folder / "source", folder / "part"
    source.write_bytes(data)
    done = await _ffmpeg([*_reading(source), "-map", "0:a:0", "-vn", *_SAMPLES, "-y", part], folder=folder)
    if done.code != 0 or not _size(part):
        raise _unreadable()
    with part.open("rb") as made, into.open("ab") as joined:
        while chunk := made.read(CHUNK_BYTES):
            joined.write(chunk)
    if _size(into) > MAX_SAMPLES_MB * 1_048_576:
        raise _too_long()
    part.unlink()


async def _levelling(samples: Path, wanted_lufs: float) -> list[str]:
    """Return the filters that bring the samples to a loudness: one gain for all, peaks held where they would clip.

    This is loudnorm's own linear second pass; where the peaks do not allow it loudnorm would ride the gain instead,
    which breathes in the pauses of speech, so a limiter takes the few peaks. What it takes is measured and given back.
    """
    loudness_lufs, true_peak_db = await _level_with(samples, [])
    if loudness_lufs <= SILENCE_LUFS:
        return []
    gain_db = min(wanted_lufs - loudness_lufs, MOST_GAIN_DB)
    filters = [f"volume={gain_db:.2f}dB"]
    for _ in range(MOST_CORRECTIONS if true_peak_db + gain_db > PEAK_DB else 0):
        filters = _limited(gain_db)
        lost_db = wanted_lufs - (await _level_with(samples, filters))[0]
        if abs(lost_db) <= CLOSE_DB:
            break
        gain_db = min(gain_db + lost_db, MOST_GAIN_DB)
        filters = _limited(gain_db)
    return filters


def _limited(gain_db: float) -> list[str]:
    # Four times the rate: a limiter sees true peaks only between the samples.
    limit = f"alimiter=limit={10 ** (LIMITER_DB / 20):.4f}:attack=3:release=60:level=0:latency=1"
    return [f"volume={gain_db:.2f}dB", f"aresample={4 * RATE_HZ}", limit, f"aresample={RATE_HZ}"]


async def _level_with(samples: Path, filters: list[str]) -> tuple[float, float]:
    """Return loudness in LUFS and true peak in dB of the samples after filters."""
    chain = ",".join([*filters, EBUR128])
    command: list[str | Path] = [*_SAMPLES, "-i", "pipe:0", "-af", chain, "-f", "null", "-"]
    return level_of((await _ffmpeg(command, stdin=_chunks(samples), folder=samples.parent, quiet=False)).stderr)


async def _encode(samples: Path, form: SoundForm, filters: list[str], *, folder: Path) -> bytes:
    made = folder / f"made.{form}"
    chain = ["-af", ",".join(filters)] if filters else []
    command: list[str | Path] = [*_SAMPLES, "-i", "pipe:0", *chain, "-ar", str(RATE_HZ), *_ENCODERS[form], made]
    done = await _ffmpeg(command, stdin=_chunks(samples), folder=folder)
    if done.code != 0:
        log.error("sound.encoding_failed", code=done.code)
        raise _unavailable()
    return made.read_bytes()


async def _ffmpeg(
    arguments: Sequence[str | Path], *, folder: Path, stdin: bytes | AsyncIterator[bytes] = b"", quiet: bool = True
) -> Finished:
    try:
        return await run_ffmpeg(
            ["-nostats", *arguments],
            stdin=stdin, timeout_s=TIMEOUT_S, output_mb=MAX_SAMPLES_MB, cwd=folder, quiet=quiet, memory_mb=MEMORY_MB,
        )  # fmt: skip
    except (ChildMissing, RuntimeError) as error:
        raise _unavailable() from error
    except ChildTooLoud as error:
        raise _too_long() from error
    except ChildFailed as error:
        log.warning("sound.child_failed", reason=type(error).__name__)
        raise _unavailable() from error


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as samples:
        while chunk := samples.read(CHUNK_BYTES):
            yield chunk


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _milliseconds(size_bytes: int) -> int:
    return round(size_bytes / 2 * 1000 / RATE_HZ)


def _unreadable() -> InvalidInput:
    return InvalidInput("This file holds no sound that can be read.", code="sound.unreadable", field="file")


def _too_long() -> TooLarge:
    return TooLarge("This sound is too long.", code="sound.too_long")


def _unavailable() -> Unavailable:
    return Unavailable("Sound cannot be converted right now.", code="sound.unavailable")
