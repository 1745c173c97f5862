"""The port to what makes files from outside safe to keep and to show, and what crosses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture, sound or clip with nothing but itself in it. `preview` is a WebP: smaller, a waveform, or a frame."""

    data: bytes = field(repr=False)
    media_type: str
    width_px: int = 0
    height_px: int = 0
    duration_ms: int = 0
    preview: bytes = field(default=b"", repr=False)


class MediaTools(Protocol):
    """Files from outside made safe to keep and to show."""

    async def clean(self, data: bytes, *, kind: str) -> Cleaned:
        """Return a picture, sound or clip of that kind (png, mp3 …) without places, names, covers and comments.

        Raises:
            InvalidInput: it cannot be read as that kind.
            TooLarge: it opens to more pixels, frames or bytes than allowed.
            Unavailable: a tool is missing or ran into its limits.
        """
        ...

    async def ping(self) -> None:
        """Return when files can be cleaned.

        Raises:
            Unavailable: they cannot.
        """
        ...
