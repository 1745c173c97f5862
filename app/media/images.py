"""Pictures: made, changed, varied and cut out; by a connected model, else by the built-in composer."""

from __future__ import annotations

import secrets
from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.jobs.names import JobName
from app.core.jobs.run import JobRun
from app.core.media_ports import Design, ImageCall, Media
from app.core.media_tools import Cleaned, Source
from app.llm.candidates import candidates
from app.llm.routing import Candidate
from app.media import asking, making, queries
from app.media.asking import Order
from app.media.aspects import shape_asked_for, size_of
from app.media.brands import branded
from app.media.making import Charge, Made
from app.media.outcomes import Outcome
from app.media.picture_checks import outcome_of, sought_of
from app.media.recipes import Look, Recipe
from app.media.schemas import Asked
from app.media.sources import bytes_of, order_of
from app.usage.media_prices import Amount

FEATURE = "images"
VERBS = ("generate", "edit", "vary", "cut_out")
KINDS = ("png", "jpeg", "webp")
ONE = Amount(images=1)
LONGEST_SEED = 2**31


async def ask(ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None) -> Asked:
    """Ask for a picture.

    Raises:
        InvalidInput: nothing says what is to be seen, or no picture to change is named; an unknown form.
        NoModel: nothing that is connected can do it.
        NotFound, NotReady: as for asking.ask; or there is no such brand.
    """
    return await ask_as_it_is(ctx, recipe=await branded(ctx, recipe), title=title, folder_id=folder_id)


async def ask_as_it_is(ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None) -> Asked:
    """Ask for a picture by a recipe that has what its brand gave; else as `ask`."""
    size_of(recipe.aspect)
    if recipe.verb != "generate" and not recipe.sources:
        raise InvalidInput("Name the picture to change.", code="media.source_missing", field="source_id")
    if recipe.verb in ("generate", "edit") and not (recipe.prompt.strip() or recipe.look.headline.strip()):
        raise InvalidInput("Say what is to be seen.", code="media.prompt_missing", field="prompt")
    if recipe.seed is None:
        recipe = recipe.model_copy(update={"seed": secrets.randbelow(LONGEST_SEED)})
    found = await who(ctx, recipe)
    name = title or recipe.look.headline or recipe.prompt or recipe.verb
    order = Order("image", JobName.IMAGE, recipe, name, folder_id, alt_text=recipe.look.headline or recipe.prompt)
    return await asking.ask(ctx, order, estimate=making.dearest(ctx, found, ONE))


async def who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    """Return who can make a picture, in the order in which they are asked.

    Raises:
        NoModel: nobody can.
    """
    images = ctx.ports.images
    redraws = recipe.verb == "generate" or await _is_redrawn(ctx, recipe)

    def can(one: Candidate) -> bool:
        if recipe.verb not in images.verbs(one.target) or (one.embedded and not redraws):
            return False
        return not recipe.mask_id or images.keeps_to_mask(one.target)

    return making.in_order(ctx, await candidates(ctx, kind="image"), recipe, can)


async def _is_redrawn(ctx: Context, recipe: Recipe) -> bool:
    """Return whether the built-in composer can do it: it changes its own pictures only, and by the words on them."""
    if recipe.verb == "edit" and recipe.look == Look():
        return False
    async with ctx.db.read() as session:
        source = await queries.live(session, recipe.sources[0]) if recipe.sources else None
    return source is not None and source.embedded


async def make(ctx: Context, run: JobRun) -> dict[str, object]:
    """Do the job: see making.py. A picture that was deleted meanwhile is not made."""
    order = await order_of(ctx, run)
    if order is None:
        return {"kept": False}
    recipe, size = order.recipe, size_of(order.recipe.aspect)
    found = await who(ctx, recipe)
    source = await bytes_of(ctx, recipe.sources[0]) if recipe.sources else b""
    mask = await bytes_of(ctx, recipe.mask_id) if recipe.mask_id else b""
    design = await design_of(ctx, recipe.look, recipe)
    bill = await making.hold(ctx, run, feature=FEATURE, micros=making.dearest(ctx, found, ONE).micros)

    async def draw(candidate: Candidate) -> tuple[tuple[Cleaned, Outcome], Charge]:
        media = await ctx.ports.images.make(
            ImageCall(
                target=candidate.target,
                verb=recipe.verb,  # type: ignore[arg-type]  # one of VERBS: asked for through `ask`
                prompt=recipe.prompt or recipe.look.headline,
                negative=recipe.negative,
                width_px=size.width_px,
                height_px=size.height_px,
                seed=recipe.seed,
                design=design,
                source=source,
                mask=mask,
            ),
            run.progress,
        )
        looked_at = await _looked_at(ctx, recipe, media, by=candidate, before=Source(source, mask))
        return looked_at, Charge(ONE, media.cost_micros)

    try:
        made = await making.first_that_delivers(ctx, run, bill, found, draw, estimate=ONE)
        await run.progress("keep", 0.95)
        cleaned, outcome = made.value
        result = Made(cleaned, made.by, seed=recipe.seed, outcome=outcome)
        return await making.keep(ctx, run, bill, asset_id=order.asset_id, title=order.title, made=result)
    except BaseException as why:
        await making.close_bill(ctx, run, bill, why)
        raise


async def _looked_at(
    ctx: Context, recipe: Recipe, media: Media, *, by: Candidate, before: Source
) -> tuple[Cleaned, Outcome]:
    """Return a picture as it is kept, and what was found when it was looked at."""
    wanted = size_of(recipe.aspect) if by.embedded else shape_asked_for(recipe)
    sought = sought_of(recipe, wanted)
    lines = [line for text in media.words or () for line in text.lines]
    source = (before if sought.painted else Source(before.data)) if sought.keeps_source else None
    cleaned = await making.checked(ctx, media.data, kinds=KINDS, by=by, fit=wanted, lines=lines, source=source)
    return cleaned, outcome_of(cleaned, sought, media.words)


async def design_of(ctx: Context, look: Look, recipe: Recipe) -> Design:
    """Return what the composer draws: words, colours and logo."""
    return Design(
        headline=look.headline or (recipe.prompt[:120] if recipe.verb == "generate" else ""),
        subline=look.subline,
        call_to_action=look.call_to_action,
        brand=look.brand,
        colors=look.colors,
        style=look.style,
        locale=recipe.locale,
        logo=await bytes_of(ctx, look.logo_id) if look.logo_id else b"",
    )
