"""The frames of a clip, one after the other: never more than a few pictures are held, however long it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from app.adapters.video_embedded.cards import Card, Place
from app.adapters.video_embedded.layout import Layout
from app.adapters.video_embedded.lettering import Lettering, Setting, tidy
from app.adapters.video_embedded.palette import Palette
from app.adapters.video_embedded.timing import FADE_MS, Slot, caption_at
from app.core.media_ports import Design, Scene, Segment

if TYPE_CHECKING:
    from PIL.Image import Image


class Film:
    """All scenes of one clip on their time line. Used by one thread at a time."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        slots: Sequence[Slot],
        *,
        design: Design,
        layout: Layout,
        palette: Palette,
        fps: int,
    ) -> None:
        self._scenes = scenes
        self._slots = slots
        self._design = design
        self._layout = layout
        self._palette = palette
        self._fps = fps
        self._letters = Lettering(design.locale)
        self._current = 0
        self._card = self._made(0)
        self._before: Image | None = None
        self._caption: tuple[Segment, Setting] | None = None

    @property
    def count(self) -> int:
        """How many frames there are."""
        return round(self._slots[-1].end_ms * self._fps / 1000)

    def _made(self, number: int) -> Card:
        place = Place(number + 1, len(self._scenes))
        return Card(self._scenes[number], self._design, self._layout, self._palette, self._letters, place)

    def frame(self, number: int) -> Image:
        """Return one frame; numbers must not go down."""
        at_ms = number * 1000 / self._fps
        slot = self._slots[self._current]
        while at_ms >= slot.end_ms and self._current + 1 < len(self._slots):
            self._before = self._card.at(slot.length_ms, slot.length_ms)
            self._current += 1
            self._card = self._made(self._current)
            slot = self._slots[self._current]
        since_ms = at_ms - slot.start_ms
        picture = self._card.at(since_ms, slot.length_ms)
        if self._before is not None:
            picture = self._faded(picture, since_ms)
        self._rule(picture, number + 1)
        self._say(picture, caption_at(slot, at_ms))
        return picture

    def _faded(self, picture: Image, since_ms: float) -> Image:
        from PIL import Image

        if since_ms >= FADE_MS or self._before is None:
            self._before = None
            return picture
        share = since_ms / FADE_MS
        return Image.blend(self._before, picture, share * share * (3 - 2 * share))

    def _rule(self, picture: Image, done: int) -> None:
        """Fill the rule under the folio as the clip goes on, from the side that reading starts at."""
        from PIL import ImageDraw

        box, unit = self._layout.folio, self._layout.unit
        long = max(round(box.width * done / max(self.count, 1)), 1)
        left = box.right - long if self._letters.is_rtl else box.left
        top = box.bottom + round(1.2 * unit)
        color = self._palette.band
        ImageDraw.Draw(picture).rectangle(
            (left, top, left + long - 1, top + max(round(unit * 0.44), 2) - 1), fill=color
        )

    def _say(self, picture: Image, segment: Segment | None) -> None:
        box = self._layout.captions
        if segment is None or box is None:
            return
        if self._caption is None or self._caption[0] is not segment:
            unit = self._layout.unit
            largest = 5.2 if self._layout.is_wide else 5.8
            setting = self._letters.fit(
                tidy(segment.text), kind="caption", width=box.width, height=box.height, largest_px=largest * unit,
                smallest_px=2.6 * unit, align="center",
            )  # fmt: skip
            self._caption = (segment, setting)
        setting = self._caption[1]
        top = box.top + (box.height - setting.height) // 2
        for line in setting.lines:
            picture.paste(self._palette.on_band, (box.left + line.left, top + line.top), line.mask)

    async def raw(self) -> AsyncIterator[bytes]:
        """Yield each frame as rows of red, green and blue bytes; drawn in a thread, as fast as they are taken."""
        for number in range(self.count):
            yield await asyncio.to_thread(self._drawn, number)

    def _drawn(self, number: int) -> bytes:
        return self.frame(number).tobytes()
