"""The sound of a clip: each scene's voice at its place, the bed under it, written to a file piece by piece."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.ffmpeg_program import ONLY_FILES, run_ffmpeg
from app.adapters.video_embedded.music import RATE_HZ, bed, ducking
from app.adapters.video_embedded.timing import Slot
from app.core.media_ports import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VOICE_MAX_MS = 600_000
DECODING_S = 60.0
DEMUXERS = {
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav",
    "audio/ogg": "ogg", "audio/aac": "aac", "audio/mp4": "mov", "audio/flac": "flac",
}  # fmt: skip
PIECE_S = 5
FRAME_BYTES = 2  # one channel of 16 bits: a voice


class SoundUnreadable(Exception):
    """A scene's sound that is none, or of a kind that is not known."""


async def decode_voices(scenes: Sequence[Scene], folder: Path) -> list[int]:
    """Write each scene's voice into `folder` as plain samples and return how long each is, in milliseconds.

    Raises:
        SoundUnreadable: a sound cannot be decoded.
        ChildFailed: the decoder did not come to its end.
    """
    lengths: list[int] = []
    for number, scene in enumerate(scenes):
        if not scene.sound:
            lengths.append(0)
            continue
        demuxer = DEMUXERS.get(scene.sound_type.partition(";")[0].strip().lower())
        if demuxer is None:
            raise SoundUnreadable
        (folder / f"voice{number}.in").write_bytes(scene.sound)
        finished = await run_ffmpeg(
            [
                *ONLY_FILES, "-f", demuxer, "-t", str(VOICE_MAX_MS / 1000), "-i", f"voice{number}.in", "-map", "0:a:0",
                "-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le", f"voice{number}.pcm",
            ],
            timeout_s=DECODING_S, output_mb=VOICE_MAX_MS * RATE_HZ * FRAME_BYTES // 1_000_000_000 + 2, cwd=folder,
        )  # fmt: skip
        samples = _pcm(folder, number).stat().st_size // FRAME_BYTES if _pcm(folder, number).exists() else 0
        if finished.code != 0 or samples == 0:
            raise SoundUnreadable
        lengths.append(samples * 1000 // RATE_HZ)
    return lengths


def _pcm(folder: Path, number: int) -> Path:
    return folder / f"voice{number}.pcm"


def mix(slots: Sequence[Slot], folder: Path, *, music: bool) -> Path:
    """Write the whole sound as stereo WAV and return its path; a few seconds of it are held at a time."""
    import numpy as np

    total = slots[-1].end_ms * RATE_HZ // 1000
    path = folder / "sound.wav"
    with wave.open(str(path), "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        for start in range(0, total, PIECE_S * RATE_HZ):
            stop = min(start + PIECE_S * RATE_HZ, total)
            piece = np.zeros((stop - start, 2), dtype=np.float32)
            if music:
                piece += bed(start, stop, total) * ducking(slots, start, stop)[:, None]
            for number, slot in enumerate(slots):
                _add_voice(piece, start, slot, _pcm(folder, number))
            written.writeframes((np.clip(piece, -0.98, 0.98) * 32767).astype("<i2").tobytes())
    return path


def _add_voice(piece: NDArray[np.float32], start: int, slot: Slot, path: Path) -> None:
    import numpy as np

    if not slot.voice_length_ms:
        return
    begins = slot.voice_ms * RATE_HZ // 1000 - start
    first, last = max(begins, 0), min(begins + path.stat().st_size // FRAME_BYTES, len(piece))
    if first < last:
        voice = np.fromfile(path, dtype="<i2", count=last - first, offset=(first - begins) * FRAME_BYTES)
        piece[first:last] += voice[:, None].astype(np.float32) / 32768
