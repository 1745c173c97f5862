"""One scene as pictures: a sheet of paper with its heading, its picture and its marks, at any moment of its time.

The heading is set line by line, a proof mark is drawn under it, and a picture moves slowly behind its frame. What no
longer changes is drawn once and copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from app.adapters.video_embedded.layout import Box, Layout
from app.adapters.video_embedded.lettering import Lettering, Setting, tidy
from app.adapters.video_embedded.palette import FAINT, INK, MUTED, PAPER, Palette
from app.core.media_ports import Design, Scene

if TYPE_CHECKING:
    from PIL.Image import Image

LINE_STEP_MS = 130
LINE_MS = 420
FIRST_LINE_MS = (180, 420)  # of the first scene, and of those that the scene before fades away under
MARK_MS = 380
ZOOM = 0.07
COVER_RATIO = 1.3  # a picture whose shape is this close to its frame's fills it; another is shown whole
PICTURE_MAX_PX = 40_000_000


class PictureUnreadable(Exception):
    """A scene's picture, or the logo, that is none or too large."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the clip a scene stands."""

    number: int
    count: int

    @property
    def is_last(self) -> bool:
        """Whether it is the last one."""
        return self.number == self.count


class Card:
    """One scene, ready to be drawn at any moment."""

    def __init__(
        self, scene: Scene, design: Design, layout: Layout, palette: Palette, letters: Lettering, place: Place
    ) -> None:
        self._layout = layout
        self._palette = palette
        self._letters = letters
        self._place = place
        self._picture = opened(scene.image) if scene.image else None
        text = tidy(scene.heading or ("" if self._picture else design.headline or design.brand))
        action = tidy(design.call_to_action) if place.is_last else ""
        self._text_box, self._picture_box = self._boxes(bool(text or action))
        self._heading = self._fitted(text, action)
        self._base = self._sheet(design)
        self._action(action)
        if self._picture is not None:
            self._picture, self._picture_box = _framed(self._picture, self._picture_box)
            self._crop_marks(self._picture_box)
        self._settled: Image | None = None

    def _boxes(self, has_text: bool) -> tuple[Box, Box]:
        stage, unit = self._layout.stage, self._layout.unit
        if self._picture is None:
            return stage, stage
        if not has_text:
            return stage, stage
        gap = round(5 * unit)
        if self._layout.is_wide:
            middle = stage.left + round(stage.width * 0.42)
            text = Box(stage.left, stage.top, middle, stage.bottom)
            picture = Box(middle + gap, stage.top, stage.right, stage.bottom)
            if self._letters.is_rtl:
                return text.mirrored(self._layout.width), picture.mirrored(self._layout.width)
            return text, picture
        middle = stage.top + round(stage.height * 0.30)
        return Box(stage.left, stage.top, stage.right, middle), Box(
            stage.left, middle + gap // 2, stage.right, stage.bottom
        )

    def _fitted(self, text: str, action: str) -> Setting:
        box, unit = self._text_box, self._layout.unit
        room = box.height - (round(14 * unit) if action else round(3 * unit))
        return self._letters.fit(
            text, kind="heading", width=box.width, height=max(room, 1), smallest_px=3 * unit,
            largest_px=(14 if self._picture is None else 9) * unit,
        )  # fmt: skip

    @property
    def _heading_top(self) -> int:
        """Centred on a card, and beside a picture; above a picture it stands on it."""
        box, unit = self._text_box, self._layout.unit
        block = self._heading.height + round(3 * unit)
        return box.top + max((box.height - block) // 2, 0)

    def _sheet(self, design: Design) -> Image:
        from PIL import Image, ImageDraw

        layout, palette, unit = self._layout, self._palette, self._layout.unit
        sheet = Image.new("RGB", (layout.width, layout.height), PAPER)
        draw = ImageDraw.Draw(sheet)
        if layout.band is not None:
            draw.rectangle((0, layout.band.top, layout.width, layout.height), fill=palette.band)
            if palette.edge != palette.band:
                draw.rectangle((0, layout.band.top, layout.width, layout.band.top + round(unit)), fill=palette.edge)
        rule = layout.folio.bottom + round(1.2 * unit)
        draw.rectangle((layout.folio.left, rule, layout.folio.right - 1, rule + self._hair - 1), fill=FAINT)
        self._folio(sheet, tidy(design.brand), INK, at_end=False, logo=design.logo)
        if self._place.count > 1:
            self._folio(sheet, f"{self._place.number} / {self._place.count}", MUTED, at_end=True)
        return sheet

    @property
    def _hair(self) -> int:
        return max(round(self._layout.unit * 0.22), 1)

    def _folio(self, sheet: Image, text: str, color: tuple[int, int, int], *, at_end: bool, logo: bytes = b"") -> None:
        from PIL import Image

        box = self._layout.folio
        at_right = at_end != self._letters.is_rtl
        picture = opened(logo, mode="RGBA") if logo else None
        if picture is not None:
            picture.thumbnail((box.width // 3, box.height), Image.Resampling.LANCZOS)
            sheet.paste(picture, (box.right - picture.width if at_right else box.left, box.top), picture)
            return
        setting = self._letters.fit(
            text, kind="folio", width=box.width, height=box.height, largest_px=2.9 * self._layout.unit,
            smallest_px=2 * self._layout.unit, align="end" if at_end else "start",
        )  # fmt: skip
        for line in setting.lines:
            sheet.paste(color, (box.left + line.left, box.bottom - setting.height + line.top), line.mask)

    def _action(self, text: str) -> None:
        """Draw the call to action as a plate under the heading."""
        if not text:
            return
        from PIL import ImageDraw

        unit, box = self._layout.unit, self._text_box
        setting = self._letters.fit(
            text, kind="caption", width=round(box.width - 6 * unit), height=round(6 * unit), largest_px=4 * unit,
            smallest_px=2.4 * unit,
        )  # fmt: skip
        width, height = setting.width + round(6 * unit), setting.height + round(3 * unit)
        top = min(self._heading_top + self._heading.height + round(6 * unit), box.bottom - height)
        left = box.right - width if self._letters.is_rtl else box.left
        draw = ImageDraw.Draw(self._base)
        draw.rounded_rectangle(
            (left, top, left + width, top + height), radius=round(0.8 * unit), fill=self._palette.band
        )
        for line in setting.lines:
            at = left + (width - line.mask.width) // 2
            self._base.paste(self._palette.on_band, (at, top + round(1.5 * unit) + line.top), line.mask)

    def _crop_marks(self, box: Box) -> None:
        from PIL import ImageDraw

        draw, long, gap = ImageDraw.Draw(self._base), round(2 * self._layout.unit), round(0.8 * self._layout.unit)
        for x, way in ((box.left, -1), (box.right - self._hair, 1)):
            for y, up in ((box.top, -1), (box.bottom - self._hair, 1)):
                h, v = sorted((x + way * gap, x + way * (gap + long))), sorted((y + up * gap, y + up * (gap + long)))
                draw.rectangle((h[0], y, h[1], y + self._hair - 1), fill=MUTED)
                draw.rectangle((x, v[0], x + self._hair - 1, v[1]), fill=MUTED)

    @property
    def _first_ms(self) -> int:
        return FIRST_LINE_MS[self._place.number > 1]

    @property
    def build_ms(self) -> int:
        """How long the heading takes to be set."""
        return self._first_ms + LINE_STEP_MS * len(self._heading.lines) + LINE_MS + MARK_MS

    def at(self, at_ms: float, length_ms: int) -> Image:
        """Return the frame `at_ms` after the scene's start, as a picture of its own."""
        if at_ms < self.build_ms:
            frame = self._base.copy()
            self._set_heading(frame, at_ms)
        else:
            if self._settled is None:
                self._settled = self._base.copy()
                self._set_heading(self._settled, self.build_ms)
            frame = self._settled.copy()
        if self._picture is not None:
            moved = _moved(self._picture, self._picture_box, at_ms / max(length_ms, 1), self._place.number)
            frame.paste(moved, (self._picture_box.left, self._picture_box.top))
        return frame

    def _set_heading(self, frame: Image, at_ms: float) -> None:
        top, unit = self._heading_top, self._layout.unit
        lines = self._heading.lines
        for number, line in enumerate(lines):
            share = _eased((at_ms - self._first_ms - LINE_STEP_MS * number) / LINE_MS)
            if share > 0:
                mask = line.mask if share == 1 else line.mask.point([round(level * share) for level in range(256)])
                frame.paste(
                    INK, (self._text_box.left + line.left, top + line.top + round((1 - share) * 1.8 * unit)), mask
                )
        share = _eased((at_ms - self.build_ms + MARK_MS) / MARK_MS)
        if lines and share > 0:
            self._underline(frame, share, top + self._heading.height + round(1.6 * unit))

    def _underline(self, frame: Image, share: float, top: int) -> None:
        from PIL import ImageDraw

        unit = self._layout.unit
        long = round(max(min(self._heading.width * 0.4, 22 * unit), 8 * unit) * share)
        left = self._text_box.right - long if self._letters.is_rtl else self._text_box.left
        ImageDraw.Draw(frame).rectangle(
            (left, top, left + long, top + max(round(0.7 * unit), 2)), fill=self._palette.mark
        )


def opened(data: bytes, *, mode: str = "RGB") -> Image:
    """Return a picture, upright; transparent parts lie on paper unless `mode` keeps them.

    Raises:
        PictureUnreadable: it is none, or larger than a picture of this clip may be.
    """
    from PIL import Image, ImageOps

    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > PICTURE_MAX_PX:
            raise PictureUnreadable("the picture of a scene has too many pixels")
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as failure:
        raise PictureUnreadable("the picture of a scene cannot be read") from failure
    if mode == "RGBA":
        return upright
    paper = Image.new("RGB", upright.size, PAPER)
    paper.paste(upright, mask=upright)
    return paper


def _framed(picture: Image, box: Box) -> tuple[Image, Box]:
    """Return the picture at the size that its motion needs, and the frame that it is seen through."""
    from PIL import Image, ImageOps

    ratio = (picture.width / picture.height) / (box.width / box.height)
    if not 1 / COVER_RATIO <= ratio <= COVER_RATIO:
        width = min(box.width, round(box.height * picture.width / picture.height))
        height = min(box.height, round(box.width * picture.height / picture.width))
        left, top = box.left + (box.width - width) // 2, box.top + (box.height - height) // 2
        box = Box(left, top, left + width, top + height)
    large = (round(box.width * (1 + ZOOM)), round(box.height * (1 + ZOOM)))
    return ImageOps.fit(picture, large, Image.Resampling.LANCZOS), box


def _moved(picture: Image, box: Box, share: float, number: int) -> Image:
    """Return what the frame shows: every other scene comes closer, the ones between go back, drifting sideways."""
    from PIL import Image

    share = min(max(share, 0.0), 1.0)
    closer = share if number % 2 else 1 - share
    zoom = 1 + ZOOM * closer
    width, height = picture.width / zoom, picture.height / zoom
    drift = closer if number % 4 < 2 else 1 - closer
    left, top = (picture.width - width) * drift, (picture.height - height) * 0.5
    return picture.resize(
        (box.width, box.height), Image.Resampling.BILINEAR, box=(left, top, left + width, top + height)
    )


def _eased(share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return 1 - (1 - share) ** 3
