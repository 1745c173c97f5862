"""From the studio's form to recipes, and to the services that make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.core.errors import InvalidInput
from app.core.ids import parse_id
from state.media_view import Choice
from state.studio_choices import NETWORK_ASPECTS

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.estimating import Estimate
    from app.media.recipes import Recipe
    from app.media.schemas import Asked

MOST_AT_ONCE = 4
OWN = "|"
"""Between the provider and the id of a voice."""


@dataclass(frozen=True)
class Wish:
    """What the form holds."""

    tab: str = "picture"
    prompt: str = ""
    headline: str = ""
    subline: str = ""
    call: str = ""
    seed: str = ""
    network: str = ""
    style: str = ""
    voice: str = ""
    speed: str = "1.0"
    locale: str = "en"
    count: str = "1"
    source_id: str = ""
    document_id: str = ""
    brand_id: str = ""
    colors: tuple[str, ...] = ()
    music: bool = False
    translate: bool = False
    draft: bool = False

    @property
    def copies(self) -> int:
        """How many are made."""
        if self.tab != "picture" or not self.count.isdigit():
            return 1
        return min(MOST_AT_ONCE, max(1, int(self.count)))


def recipe_of(wish: Wish, *, copy: int = 0) -> Recipe:
    """Return what goes in; `copy` counts the pictures of one wish, which differ by their seed.

    Raises:
        InvalidInput: a value that the library does not take.
    """
    from pydantic import ValidationError

    from app.media.recipes import Recipe

    try:
        return Recipe.model_validate({**_common(wish), **_OF_TAB[wish.tab](wish, copy)})
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise InvalidInput("This value cannot be used.", field=field) from error


def _common(wish: Wish) -> dict[str, Any]:
    model, _, voice = wish.voice.rpartition(OWN)
    document = parse_id(wish.document_id) if wish.document_id else None
    spoken = {"voice": voice, "speed": number_of(wish.speed)} if wish.tab in ("speech", "clip") else {}
    brand = parse_id(wish.brand_id) if wish.brand_id else None
    asked = model if wish.tab == "speech" else ""
    return {"locale": wish.locale, "document_id": document, "brand_id": brand, "model": asked, **spoken}


def number_of(words: str) -> float:
    """Return a pace as it is chosen, 1.0 for what is none."""
    try:
        return float(words)
    except ValueError:
        return 1.0


def _look(wish: Wish) -> dict[str, Any]:
    return {
        "headline": wish.headline,
        "subline": wish.subline,
        "call_to_action": wish.call,
        "colors": wish.colors,
        "style": wish.style,
    }


def _picture(wish: Wish, copy: int) -> dict[str, Any]:
    seed = int(wish.seed) + copy if wish.seed.isdigit() else None
    aspect = NETWORK_ASPECTS.get(wish.network, "square")
    return {"verb": "generate", "prompt": wish.prompt, "aspect": aspect, "seed": seed, "look": _look(wish)}


def _speech(wish: Wish, _: int) -> dict[str, Any]:
    return {"verb": "say", "text": wish.prompt}


def _clip(wish: Wish, _: int) -> dict[str, Any]:
    return {
        "verb": "film",
        "aspect": NETWORK_ASPECTS.get(wish.network, "wide"),
        "look": _look(wish),
        "music": wish.music,
        "draft": wish.draft,
    }


def _transcript(wish: Wish, _: int) -> dict[str, Any]:
    source = parse_id(wish.source_id) if wish.source_id else None
    return {
        "verb": "write_down",
        "sources": [source] if source else [],
        "translate_to": "en" if wish.translate else "",
    }


_OF_TAB = {"picture": _picture, "speech": _speech, "clip": _clip, "transcript": _transcript}


async def ask(ctx: Context, wish: Wish) -> list[Asked]:
    """Ask for everything a form wishes; each is a job of its own.

    Raises:
        AppError: what the services refuse.
    """
    from app.media import images, speech, transcription, video

    if wish.tab == "clip":
        return [await video.ask(ctx, recipe=recipe_of(wish), title=wish.headline, script=wish.prompt)]
    ask_one = {"picture": images.ask, "speech": speech.ask, "transcript": transcription.ask}[wish.tab]
    return [await ask_one(ctx, recipe=recipe_of(wish, copy=copy), title="") for copy in range(wish.copies)]


async def ask_in_shape(ctx: Context, *, asset_id: UUID, network: str) -> Asked:
    """Ask for the same picture in the shape of another network.

    Raises:
        AppError: what the services refuse.
    """
    from app.media import images, library

    found = await library.show(ctx, asset_id=asset_id)
    recipe = found.recipe.model_copy(update={"aspect": NETWORK_ASPECTS.get(network, "square")})
    return await images.ask_as_it_is(ctx, recipe=recipe, title=found.asset.title, folder_id=found.asset.folder_id)


async def estimate(ctx: Context, wish: Wish) -> Estimate:
    """Return what a wish may cost.

    Raises:
        AppError: nothing can do it, or a value cannot be used.
    """
    from app.media import estimating

    return await estimating.estimate(ctx, recipe=recipe_of(wish), script=wish.prompt, copies=wish.copies)


async def voices_for(ctx: Context, locale: str) -> list[Choice]:
    """Return the voices that speak a language; the provider is named where there are several."""
    from app.media import speech

    found = await speech.voices(ctx)
    several = len({candidate.target.provider for candidate, _ in found}) > 1
    language = locale.split("-")[0].casefold()
    return [
        Choice(f"{one.key}{OWN}{voice.id}", f"{voice.name}, {one.label}" if several else voice.name)
        for one, voices in found
        for voice in voices
        if not voice.locales or any(spoken.split("-")[0].casefold() == language for spoken in voice.locales)
    ]


def wish_of(form: Mapping[str, str], **chosen: Any) -> Wish:  # Any: what the state follows
    """Return the wish of a form that was sent; `chosen` is what the state has followed already."""
    written = {name: form.get(name, "").strip() for name in ("prompt", "headline", "subline", "call", "seed")}
    return Wish(
        **written,
        **chosen,
        music=form.get("music") == "on",
        translate=form.get("translate") == "on",
    )
