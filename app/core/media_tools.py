"""The port to what makes files from outside safe to keep and to show, and what crosses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.media_ports import Edges, SetLine


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour (`#rrggbb`) that a picture holds, and its share of the picture, from 0 to 1."""

    color: str
    share: float


@dataclass(frozen=True, slots=True)
class Source:
    """What a picture was made from and is held against. `mask` is transparent where another was wanted; empty where
    nothing was painted: then what the picture itself leaves transparent was taken away.
    """

    data: bytes = field(repr=False)
    mask: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of what was to stay as it was in the source.

    `share` of it (0 to 1) is as it was, None where there is nothing of it; `changed_px` is where the rest of it lies.
    """

    share: float | None
    changed_px: Edges | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture, sound or clip with nothing but itself in it. `preview` is a WebP: smaller, a waveform, or a frame.

    Of a picture, `came_px` is the width and height in which it came, and `colors` what it mostly consists of, the most
    first; of others both are empty. `contrasts` are those of the lines that were named with what is behind them, 1 to
    21 and in their order. `kept` is None where no source was named, or the two cannot be laid over each other.
    """

    data: bytes = field(repr=False)
    media_type: str
    width_px: int = 0
    height_px: int = 0
    duration_ms: int = 0
    preview: bytes = field(default=b"", repr=False)
    came_px: tuple[int, int] = (0, 0)
    colors: tuple[Swatch, ...] = ()
    contrasts: tuple[float, ...] = ()
    kept: Kept | None = None


class MediaTools(Protocol):
    """Files from outside made safe to keep and to show."""

    async def clean(
        self,
        data: bytes,
        *,
        kind: str,
        fit_px: tuple[int, int] | None = None,
        lines: Sequence[SetLine] = (),
        source: Source | None = None,
    ) -> Cleaned:
        """Return a picture, sound or clip of that kind (png, mp3 …) without places, names, covers and comments.

        A still picture is cut around its middle to the shape of `fit_px` (width, height) and scaled to that size; where
        it would have to grow so far that it blurs, it keeps the pixels that it has. As it is then, its `lines` are
        measured, and it is held against its `source`.

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
