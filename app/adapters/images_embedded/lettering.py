"""One run of letters, drawn. Small type is drawn larger and made smaller: else its letters stand on whole pixels, and
the gaps between them come out uneven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from app.adapters.images_embedded.faces import Faces
    from app.adapters.images_embedded.palette import RGB
    from app.adapters.images_embedded.runs import Run

SMALL_PX = 30
TIMES = 4


def draw_run(canvas: ImageDraw, faces: Faces, run: Run, *, size: int, x: float, baseline: float, color: RGB) -> None:
    """Draw a run that begins at `x` on a base line."""
    direction = "rtl" if run.rtl else None
    if size > SMALL_PX:
        font = faces.font(run.face, size)
        canvas.text((x, baseline), run.text, fill=color, font=font, anchor="ls", direction=direction)
        return
    from PIL import Image, ImageDraw

    left, top = math.floor(x) - size, math.floor(baseline) - 2 * size
    wide = math.ceil(faces.width(run.face, run.text, rtl=run.rtl) * size) + 2 * size + 1
    large = Image.new("L", (wide * TIMES, 3 * size * TIMES), 0)
    place = ((x - left) * TIMES, (baseline - top) * TIMES)
    font = faces.font(run.face, size * TIMES)
    ImageDraw.Draw(large).text(place, run.text, fill=255, font=font, anchor="ls", direction=direction)
    canvas.bitmap((left, top), large.reduce(TIMES), fill=color)
