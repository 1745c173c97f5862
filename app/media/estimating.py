"""What something may cost, before it is asked for: from the first that would be tried to the dearest that could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ports import ModelKind
from app.llm.candidates import candidates
from app.llm.routing import Candidate
from app.media import images, making, queries, speech, video
from app.media.recipes import Recipe, Shot, Verb
from app.media.scripts import shots_of
from app.usage.media_prices import Amount

_KINDS: dict[Verb, ModelKind] = {
    "generate": "image",
    "edit": "image",
    "vary": "image",
    "cut_out": "image",
    "say": "speech",
    "write_down": "transcription",
    "film": "video",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """From `low_micros` to `high_micros`; not `known` where a price had to be guessed."""

    low_micros: int
    high_micros: int
    known: bool


async def estimate(ctx: Context, *, recipe: Recipe, script: str = "", copies: int = 1) -> Estimate:
    """Return what `copies` of a recipe may cost; `script` is the text of a clip. Without words it costs nothing yet.

    Raises:
        NoModel: nothing that is connected, and nothing built in, can do it.
    """
    found = await _who(ctx, recipe)
    total = _between(ctx, found, await _amount(ctx, recipe, script, found))
    if recipe.verb == "film":
        said = speech.amount_of(" ".join(shot.narration for shot in _shots(recipe, script)))
        voices = await _who(ctx, Recipe(verb="say"))
        spoken = _between(ctx, voices, said if said.characters else Amount())
        # A voice is paid once for both cuts, unless what it said is gone when the second one is made.
        cuts = 2 if not recipe.draft and video.is_built_in(found) else 1
        total = Estimate(
            total.low_micros + spoken.low_micros,
            cuts * (total.high_micros + spoken.high_micros),
            total.known and spoken.known,
        )
    return Estimate(copies * total.low_micros, copies * total.high_micros, total.known)


async def _who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    if _KINDS[recipe.verb] == "image":
        return await images.who(ctx, recipe)
    if recipe.verb == "film":
        return await video.who(ctx, recipe)
    found = await candidates(ctx, kind=_KINDS[recipe.verb])
    return making.in_order(ctx, found, recipe, lambda one: recipe.verb != "write_down" or not one.embedded)


def _between(ctx: Context, found: Sequence[Candidate], amount: Amount) -> Estimate:
    first, dearest = making.dearest(ctx, found[:1], amount), making.dearest(ctx, found, amount)
    return Estimate(first.micros, dearest.micros, dearest.known)


async def _amount(ctx: Context, recipe: Recipe, script: str, found: Sequence[Candidate]) -> Amount:
    if recipe.verb == "say":
        return speech.amount_of(recipe.text) if recipe.text.strip() else Amount()
    if recipe.verb == "write_down":
        return Amount(seconds=await _length_s(ctx, recipe))
    if recipe.verb == "film":
        return video.amount_of(_shots(recipe, script), found)
    return Amount(images=1)


def _shots(recipe: Recipe, script: str) -> tuple[Shot, ...]:
    if recipe.shots:
        return recipe.shots
    try:
        return shots_of(script)
    except InvalidInput:
        return ()


async def _length_s(ctx: Context, recipe: Recipe) -> float:
    async with ctx.db.read() as session:
        asset = await queries.live(session, recipe.sources[0]) if recipe.sources else None
    return asset.duration_ms / 1000 if asset is not None else 0.0
