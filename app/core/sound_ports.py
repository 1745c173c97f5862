"""Sound joined, levelled, converted and measured: the port, and what crosses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from app.core.media_ports import Media

SoundForm = Literal["mp3", "wav"]


@dataclass(frozen=True, slots=True)
class SoundMeasure:
    """How a sound measures, after EBU R 128: loudness in LUFS, peak in dBTP; silence is -70 and below.

    `silence_share` is the part of it below -50 dBFS. `peaks` are the loudest points of equal stretches, from 0 to 1.
    """

    duration_ms: int
    loudness_lufs: float
    true_peak_db: float
    silence_share: float
    peaks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinedSound:
    """One sound made of parts; `starts_ms` says where each part begins in it."""

    media: Media
    starts_ms: tuple[int, ...]


SPEECH_LUFS = -16.0
"""What podcasts and clips are levelled to (AES TD1008, 2021: -16 for mono speech on phones)."""


class SoundTools(Protocol):
    """Sound joined, levelled, converted and measured. Files are read as sound by their content, whatever they claim."""

    async def join(
        self,
        parts: Sequence[bytes],
        *,
        form: SoundForm,
        pause_ms: int = 0,
        loudness_lufs: float | None = SPEECH_LUFS,
    ) -> JoinedSound:
        """Return the parts one after the other with silence between, mono; no true peak is above -1.5 dB once levelled.

        One part: it is levelled and converted. `loudness_lufs` None: the level stays.

        Raises:
            InvalidInput: a part holds no sound that can be read.
            Unavailable: the converter is missing or ran into its limits.
        """
        ...

    async def voice_track(self, data: bytes) -> Media:
        """Return the sound of a recording or a clip as a small MP3, mono, as a transcriber wants it.

        Raises:
            InvalidInput, Unavailable: as `join`.
        """
        ...

    async def measure(self, data: bytes, *, peaks: int = 0) -> SoundMeasure:
        """Return length and level, and `peaks` points of the waveform.

        Raises:
            InvalidInput, Unavailable: as `join`.
        """
        ...

    async def ping(self) -> None:
        """Return when sound can be converted.

        Raises:
            Unavailable: it cannot.
        """
        ...
