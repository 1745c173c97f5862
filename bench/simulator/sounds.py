"""The simulator's voice: a melody as long as the text would take to say. Nobody takes it for speech."""

from __future__ import annotations

import math
import struct
import subprocess
from functools import lru_cache

from bench.simulator.wire import BadRequest

RATE_HZ = 44_100
FRAME_MS = 1152 * 1000 / RATE_HZ
"""One frame of MPEG-1 Layer III."""
FRAMES_PER_PIECE = 10
MS_PER_CHAR = 66
SHORTEST_MS = 600
_NOTES_HZ = (220.0, 277.2, 329.6, 277.2, 246.9, 293.7, 349.2, 293.7)
_NOTE_S = 0.25
_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # ISO 11172-3, 2.4.2.3
_KBPS_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # ISO 13818-3, 2.4.2.3
_SOUNDS = (b"RIFF", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"OggS", b"fLaC", b"\x1aE\xdf\xa3")


def duration_ms(text: str) -> int:
    """Return how long the melody for a text is."""
    return max(SHORTEST_MS, len(text) * MS_PER_CHAR)


def mp3_pieces(text: str) -> list[bytes]:
    """Return the melody for a text as MP3, a quarter of a second to a piece."""
    frames = _frames()
    count = math.ceil(duration_ms(text) / FRAME_MS)
    said = [frames[at % len(frames)] for at in range(count)]
    return [b"".join(said[at : at + FRAMES_PER_PIECE]) for at in range(0, count, FRAMES_PER_PIECE)]


def wav(text: str) -> bytes:
    """Return the melody for a text as a WAV file."""
    samples = _samples(duration_ms(text) / 1000)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    data = struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(data), b"WAVE") + head + data


def length_s(data: bytes) -> float:
    """Return about how long a recording is: exactly for a plain WAV file, else by its bit rate as MP3.

    Raises:
        BadRequest: it is no sound.
    """
    if not data.startswith(_SOUNDS) and data[4:8] != b"ftyp":
        raise BadRequest("Invalid file format. The file is no sound.")
    if data.startswith(b"RIFF") and len(data) > 44:
        return (len(data) - 44) / struct.unpack("<I", data[28:32])[0]
    return len(data) / (_kbps(data) * 125)


def _kbps(data: bytes) -> int:
    """Return the bit rate of an MP3 file's first frame; 128 where it has none."""
    start = 10 + int("".join(f"{part:07b}" for part in data[6:10]), 2) if data.startswith(b"ID3") else 0
    head = data[start : start + 4]
    if len(head) < 4 or head[0] != 0xFF:
        return 128
    rates = _KBPS if head[1] & 0x08 else _KBPS_LOW
    return rates[min(head[2] >> 4, 14)] or 128


def _samples(seconds: float) -> bytes:
    count = int(seconds * RATE_HZ)
    values = bytearray()
    for at in range(count):
        note_s = at / RATE_HZ % _NOTE_S
        pitch_hz = _NOTES_HZ[int(at / RATE_HZ / _NOTE_S) % len(_NOTES_HZ)]
        swell = min(1.0, note_s * 50, (_NOTE_S - note_s) * 50)
        values += struct.pack("<h", int(9_000 * swell * math.sin(math.tau * pitch_hz * note_s)))
    return bytes(values)


@lru_cache(maxsize=1)
def _frames() -> list[bytes]:
    """Return two seconds of the melody as MP3 frames, which can be put together to any length."""
    import imageio_ffmpeg

    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1", "-i", "pipe:0",
        "-c:a", "libmp3lame", "-b:a", "128k", "-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3",
        "pipe:1",
    ]  # fmt: skip
    melody = len(_NOTES_HZ) * _NOTE_S
    data = subprocess.run(command, input=_samples(melody), capture_output=True, check=True).stdout
    frames = []
    at = 0
    while at + 4 <= len(data):
        size = 144 * 128_000 // RATE_HZ + (data[at + 2] >> 1 & 1)  # ISO 11172-3, 2.4.3.1
        frames.append(data[at : at + size])
        at += size
    return frames[2:-2]  # the encoder's own delay is silence
