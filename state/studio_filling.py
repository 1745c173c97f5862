"""What the studio's form is filled with: a working sample, an earlier recipe, or the text of a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.core.ids import parse_id
from state.media_reading import asked_for
from state.studio_choices import NETWORK_ASPECTS

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.recipes import Recipe

TAB_OF = {"generate": "picture", "say": "speech", "film": "clip", "write_down": "transcript"}


@dataclass(frozen=True)
class Filling:
    """Values of the form's fields, and the document they come from."""

    fields: Mapping[str, object] = field(default_factory=dict)
    document_id: str = ""


_SAMPLES: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "picture": {
            "prompt": "An office chair on ochre paper, low sun, no people",
            "headline": "Change the part. Keep the chair.",
            "subline": "Every castor, arm and lift of an Aldersay chair can be ordered for twelve years.",
            "call": "See the parts",
        },
        "speech": {
            "prompt": "A chair that rocks is rarely broken. It is only a castor. Turn the chair over, pull the worn "
            "one straight out, and push the new one in until it clicks. It takes two minutes and no tool."
        },
        "clip": {
            "headline": "It is only a castor",
            "prompt": "Your chair pulls to the left. It is only a castor.\n\n"
            "Turn it over. Find the wheel that will not turn.\n\n"
            "Take hold of it and pull it straight out.\n\n"
            "Push the new one in until it clicks. Sit down, and roll.",
        },
    },
    "ar": {
        "picture": {
            "prompt": "كرسي مكتب على ورق بلون المغرة، شمس منخفضة، بلا أشخاص",
            "headline": "غيّر القطعة. أبقِ الكرسي.",
            "subline": "كل عجلة وذراع ورافعة لكراسي ألدرسي متاحة للطلب اثني عشر عامًا.",
            "call": "شاهد القطع",
        },
        "speech": {
            "prompt": "الكرسي الذي يتأرجح نادرًا ما يكون مكسورًا. إنها عجلة فقط. اقلب الكرسي، واسحب العجلة البالية "
            "مباشرة، ثم ادفع الجديدة حتى تسمع نقرة. يستغرق ذلك دقيقتين، بلا أدوات."
        },
        "clip": {
            "headline": "إنها عجلة فقط",
            "prompt": "كرسيك يميل إلى اليسار. إنها عجلة فقط.\n\n"
            "اقلبه. ابحث عن العجلة التي لا تدور.\n\n"
            "أمسكها واسحبها مباشرة.\n\n"
            "ادفع الجديدة حتى تسمع نقرة. اجلس وتحرّك.",
        },
    },
}
"""Of the company that all of Galley's samples speak of; what is said in another language is said in English."""

_BLANK = {"prompt": "", "headline": "", "subline": "", "call": "", "seed": ""}


def sample_of(tab: str, locale: str) -> Filling:
    """Return a working sample in the language of what is made; English where there is none."""
    samples = _SAMPLES.get(locale, _SAMPLES["en"])
    language = locale if locale in _SAMPLES else "en"
    return Filling({**_BLANK, **samples.get(tab, {}), "locale": language})


async def filling_of(ctx: Context, *, asset: str, document: str) -> Filling | None:
    """Return what an address asks for: the recipe of an asset, the text of a document; None for neither."""
    from app.content import documents
    from app.media import library

    try:
        if (wanted := parse_id(asset)) is not None:
            return of_recipe((await library.show(ctx, asset_id=wanted)).recipe)
        if (wanted := parse_id(document)) is not None:
            found = await documents.get(ctx, document_id=wanted)
            fields = {**_BLANK, "prompt": found.text, "headline": found.document.title}
            return Filling({**fields, "locale": found.document.language}, document)
    except AppError:
        return None
    return None


def of_recipe(recipe: Recipe) -> Filling:
    """Return a form that would make the same again; a form goes by the name of a network of its pixels."""
    from app.media.aspects import size_of

    look, size = recipe.look, size_of(recipe.aspect)
    pixels = {name: size_of(aspect) for name, aspect in NETWORK_ASPECTS.items()}
    same = [name for name, one in pixels.items() if (one.width_px, one.height_px) == (size.width_px, size.height_px)]
    network = same[0] if same else "square"
    fields: dict[str, object] = {
        "tab": TAB_OF.get(recipe.verb, "picture"),
        "prompt": asked_for(recipe),
        "headline": look.headline,
        "subline": look.subline,
        "call": look.call_to_action,
        "seed": "" if recipe.seed is None else str(recipe.seed),
        "network": network,
        "locale": recipe.locale,
        "speed": f"{recipe.speed:g}" if recipe.speed != 1 else "1.0",
        "source_id": str(recipe.sources[0]) if recipe.sources else "",
    }
    if look.style:
        fields["style"] = look.style
    if look.colors:
        fields |= {"branded": True, "colors": list(look.colors)}
    return Filling(fields, str(recipe.document_id or ""))
