"""One run of letters, drawn from their outlines: at any size and between whole pixels, so that gaps come out even."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from app.adapters.images_embedded.faces import Faces
    from app.adapters.images_embedded.palette import RGB
    from app.adapters.images_embedded.runs import Run


def draw_run(canvas: ImageDraw, faces: Faces, run: Run, *, size: int, x: float, baseline: float, color: RGB) -> None:
    """Draw a run that begins at `x` on a base line."""
    from PIL import Image
    from uharfbuzz import RasterDraw

    font = faces.font(run.face)
    left, foot = math.floor(x), math.ceil(baseline)
    scale = size / font.face.upem
    outlines = RasterDraw()
    for glyph in faces.shaped(run.face, run.text, rtl=run.rtl).glyphs:
        place = (x - left + glyph.x * size, foot - baseline + glyph.y * size)
        outlines.transform = (scale, 0.0, 0.0, scale, *place)
        outlines.draw_glyph(font, glyph.number)
    drawn = outlines.render()
    area = drawn.extents
    if not area.width or not area.height:
        return  # spaces
    # HarfBuzz counts rows from the foot, Pillow from the top.
    mask = Image.frombuffer("L", (area.width, area.height), drawn.buffer, "raw", "L", area.stride, -1)
    canvas.bitmap((left + area.x_origin, foot - area.y_origin - area.height), mask, fill=color)
