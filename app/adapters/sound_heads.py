"""The first bytes of sound files: the head of a WAV file, and what a file is by its beginning."""

from __future__ import annotations

import struct


def wav_head(size_bytes: int, *, rate_hz: int) -> bytes:
    """Return the head before so many bytes of samples, 16 bits each, one channel."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", size_bytes)


def sound_type(beginning: bytes) -> str:
    """Return the media type of what begins so (MP3 or WAV, which every caller can take), empty for anything else."""
    if beginning.startswith(b"RIFF"):
        return "audio/wav"
    is_frame = len(beginning) > 1 and beginning[0] == 0xFF and beginning[1] & 0xE0 == 0xE0  # ISO 11172-3: sync word
    return "audio/mpeg" if beginning.startswith(b"ID3") or is_frame else ""
