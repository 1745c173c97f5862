"""What a picture of ours says about itself: that no model made it (in words and as IPTC's source type), and how to make
it again. Words can so be changed later without the layout moving.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app.core.media_ports import Design

if TYPE_CHECKING:
    from PIL.Image import Image

KEY = "galley:design"
SOFTWARE = "Galley, built-in composer"
DESCRIPTION = "Drawn by rules from words, colours and shapes. No AI model made this picture."
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
"""IPTC's word for media made by an algorithm without training data (cv.iptc.org, Digital Source Type NewsCodes)."""
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="{tool}" '
    'Iptc4xmpExt:DigitalSourceType="{source}"/></rdf:RDF></x:xmpmeta>'
)
MAX_RECIPE_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a picture was made; the logo is not kept."""

    design: Design
    seed: int
    variation: int
    layout: str


def as_png(image: Image, recipe: Recipe) -> bytes:
    """Return the finished file."""
    from PIL.PngImagePlugin import PngInfo

    told = {name: value for name, value in asdict(recipe.design).items() if name != "logo"}
    info = PngInfo()
    info.add_text("Software", SOFTWARE)
    info.add_text("Description", DESCRIPTION)
    info.add_itxt("XML:com.adobe.xmp", _XMP.format(tool=SOFTWARE, source=SOURCE_TYPE))
    kept = {"design": told, "seed": recipe.seed, "variation": recipe.variation, "layout": recipe.layout}
    info.add_itxt(KEY, json.dumps(kept, ensure_ascii=False))
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=info, compress_level=6)
    return out.getvalue()


def of_png(data: bytes) -> Recipe | None:
    """Return the recipe of a picture of ours, None of any other."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as found:
            raw = found.info.get(KEY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if not isinstance(raw, str) or len(raw) > MAX_RECIPE_CHARS:
        return None
    try:
        return _recipe(json.loads(raw))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _recipe(told: dict[str, Any]) -> Recipe:  # Any: JSON from a file that anybody may have written
    design = told["design"]
    made = Design(
        headline=str(design.get("headline", "")),
        subline=str(design.get("subline", "")),
        call_to_action=str(design.get("call_to_action", "")),
        brand=str(design.get("brand", "")),
        colors=tuple(str(one) for one in design.get("colors", ())[:8]),
        style=str(design.get("style", "")),
        locale=str(design.get("locale", "en")),
    )
    return Recipe(made, int(told["seed"]), int(told["variation"]), str(told["layout"]))
