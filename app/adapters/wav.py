"""The head of a WAV file."""

from __future__ import annotations

import struct


def wav_head(size_bytes: int, *, rate_hz: int) -> bytes:
    """Return the head before so many bytes of samples, 16 bits each, one channel."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + size_bytes, b"WAVE", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16
    )
    return head + struct.pack("<4sI", b"data", size_bytes)
