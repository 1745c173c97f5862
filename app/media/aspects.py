"""How large a picture or a clip is, by form or by the network it is for; a test holds these against the limits of the
catalogue, where their sources stand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from app.media.errors import BadAspect
from app.media.recipes import UNSAID, Recipe


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels, and the id of the limit in the catalogue that says so; empty: a form of our own.

    `most_kb`: how many KiB a still of it may have, as the catalogue says beside the limit. `most_words`: how many words
    may stand on it, None where nobody says so.
    """

    width_px: int
    height_px: int
    limit: str = ""
    most_kb: int = 5_120
    most_words: int | None = None


_SQUARE = Size(1080, 1080)
_PORTRAIT = Size(1080, 1350, "image.instagram_portrait")
_STORY = Size(1080, 1920, "image.story")
_WIDE = Size(1280, 720, "image.youtube_thumb", most_kb=2_048)
_LINK = Size(1200, 630, "image.og")
MOST_WORDS = {"youtube-thumbnail": 4}
"""How many words may stand on a picture, by the template that planned it."""
_THUMBNAIL = replace(_WIDE, most_words=MOST_WORDS["youtube-thumbnail"])

ASPECTS: dict[str, Size] = {
    "square": _SQUARE,
    "portrait": _PORTRAIT,
    "story": _STORY,
    "landscape": Size(1200, 628, "image.google_landscape"),
    "wide": _WIDE,
    "link": _LINK,
    "instagram": _PORTRAIT,
    "instagram.square": _SQUARE,
    "instagram.story": _STORY,
    "instagram.reel": _STORY,
    "facebook": _LINK,
    "facebook.story": _STORY,
    "linkedin": Size(1200, 627, "image.linkedin"),
    "google_ads": Size(1200, 628, "image.google_landscape"),
    "youtube": _THUMBNAIL,
    "youtube.shorts": _STORY,
    "tiktok": _STORY,
}

_FORMS = ("square", "portrait", "story", "wide", "link")

_RATIOS: dict[str, str] = {"1:1": "square", "4:5": "portrait", "9:16": "story", "16:9": "wide", "1.91:1": "landscape"}
"""What the template for picture prompts calls them."""


def size_of(aspect: str) -> Size:
    """Return the pixels of a form, a network or a ratio.

    Raises:
        BadAspect: there is none of that name.
    """
    found = ASPECTS.get(_RATIOS.get(aspect, aspect))
    if found is None:
        raise BadAspect(field="aspect", params={"aspect": aspect})
    return found


def nearest_aspect(width_px: int, height_px: int) -> str:
    """Return the form whose shape is nearest to a picture's; square for what has no size."""
    if not (width_px and height_px):
        return "square"
    ratio = math.log(width_px / height_px)
    return min(_FORMS, key=lambda name: abs(math.log(ASPECTS[name].width_px / ASPECTS[name].height_px) - ratio))


def shape_asked_for(recipe: Recipe) -> Size | None:
    """Return the size that a picture is to have, None where it keeps the shape of what it is made from."""
    keeps = recipe.verb == "cut_out" or (recipe.verb != "generate" and recipe.aspect == UNSAID)
    return None if keeps else size_of(recipe.aspect)


def even(size: Size) -> Size:
    """Return the size with even sides, which the form of every clip (yuv420p) needs."""
    return replace(size, width_px=size.width_px // 2 * 2, height_px=size.height_px // 2 * 2)
