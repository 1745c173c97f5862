"""Clips: a script becomes scenes, each is said and captioned, and all are set as one clip; or a model films a prompt.

    script -> shots -> [a voice says each] -> captions -> scenes -> composer or model -> MP4

The built-in composer sets the scenes with narration and captions, as a draft first, see cuts.py. A model gets the
prompt, and the first shot's picture to start from; what it films has the sound that it gives it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.jobs import service as jobs
from app.core.jobs.names import JobName
from app.core.jobs.run import JobRun
from app.core.media_ports import VOICE_LEAD_MS, VOICE_TAIL_MS, Scene, Segment, VideoCall
from app.core.media_tools import Cleaned
from app.llm.candidates import candidates
from app.llm.routing import Candidate
from app.media import asking, cuts, making, narrations, speech
from app.media.asking import Order
from app.media.aspects import even, size_of
from app.media.brands import branded
from app.media.captions import write_vtt
from app.media.cuts import Cuts
from app.media.images import design_of
from app.media.making import Bill, Charge, Made
from app.media.models import Asset
from app.media.recipes import Recipe, Shot
from app.media.schemas import Asked
from app.media.scripts import shots_of
from app.media.sources import ToMake, bytes_of, order_of
from app.usage.media_prices import Amount
from app.usage.prices import Cost

FEATURE = "video"
KINDS = ("mp4",)
SHOT_S = 4.0
"""Of a scene in which nothing is said."""
MODEL_S = 8.0
"""What models of clips make at most in one go (Veo 3.1 and Sora 2 in their shortest common form)."""
NOTED = "task"


async def ask(
    ctx: Context,
    *,
    recipe: Recipe,
    title: str,
    script: str = "",
    folder_id: UUID | None = None,
    which: Cuts = "both",
) -> Asked:
    """Ask for a clip of `script` (a template's output, or any text), or of the recipe's own shots.

    A recipe of a draft makes a draft alone. A model has no drafts: what it makes is final at once.

    Raises:
        InvalidInput: nothing is said or shown; an unknown form.
        NoModel: nothing can make it.
        NotFound, NotReady: as for asking.ask; or there is no such brand.
    """
    recipe = await branded(ctx, recipe)
    if not recipe.shots:
        recipe = recipe.model_copy(update={"shots": shots_of(script or recipe.prompt)})
    return await ask_as_it_is(ctx, recipe=recipe, title=title, folder_id=folder_id, which=which)


async def ask_as_it_is(
    ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None, which: Cuts = "both"
) -> Asked:
    """Ask for a clip by a recipe that has its shots, and what its brand and the workspace gave; else as `ask`."""
    size_of(recipe.aspect)
    which = "draft" if recipe.draft else which
    is_drafted = which == "draft" or (which == "both" and is_built_in(await who(ctx, recipe)))
    recipe = recipe.model_copy(update={"draft": is_drafted})
    cost = await cost_of(ctx, recipe)
    name = title or recipe.look.headline or recipe.shots[0].heading or recipe.shots[0].narration[:80]
    then_final = is_drafted and which == "both"
    order = Order("video", JobName.VIDEO, recipe, name, folder_id, then_final=then_final)
    asked = await asking.ask(ctx, order, estimate=cost)
    return replace(asked, estimate_micros=2 * asked.estimate_micros) if then_final else asked


async def who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    """Return who may make a clip, in the order in which they are asked; a draft only what is built in.

    Raises:
        NoModel: nobody can.
    """
    found = await candidates(ctx, kind="video")
    return making.in_order(ctx, found, recipe, (lambda one: one.embedded) if recipe.draft else lambda _: True)


def is_built_in(found: Sequence[Candidate]) -> bool:
    """Whether what is built in goes first: it makes a draft before the final cut, unless only one is asked for."""
    return found[0].embedded


async def cost_of(ctx: Context, recipe: Recipe) -> Cost:
    """Return the most that one cut of a clip may cost.

    Raises:
        NoModel: nothing can make it.
    """
    found, voices = await who(ctx, recipe), await _voices(ctx, recipe)
    film = making.dearest(ctx, found, amount_of(recipe.shots, found))
    said = " ".join(shot.narration for shot in recipe.shots)
    spoken = making.dearest(ctx, voices, speech.amount_of(said)) if said.strip() else Cost(0, known=True)
    return Cost(film.micros + spoken.micros, film.known and spoken.known)


async def _voices(ctx: Context, recipe: Recipe) -> list[Candidate]:
    return making.in_order(ctx, await candidates(ctx, kind="speech"), recipe.model_copy(update={"model": ""}))


def amount_of(shots: Sequence[Shot], found: Sequence[Candidate]) -> Amount:
    """Return what a clip of these shots is charged by, if the first of `found` makes it."""
    seconds = sum(shot.seconds or SHOT_S for shot in shots)
    return Amount(seconds=seconds if found[0].embedded else min(seconds, MODEL_S))


async def make(ctx: Context, run: JobRun) -> dict[str, object]:
    """Do the job: see making.py. A provider's task that an earlier run began is asked after, not begun anew."""
    order = await order_of(ctx, run)
    if order is None:
        return {"kept": False}
    recipe = order.recipe
    found, voices = await who(ctx, recipe), await _voices(ctx, recipe)
    estimate = amount_of(recipe.shots, found)
    cost = await cost_of(ctx, recipe)
    bill = await making.hold(ctx, run, feature=FEATURE, micros=cost.micros)
    narrated: list[Scene] = []
    laid: narrations.Laid = ()

    async def film(candidate: Candidate) -> tuple[Cleaned, Charge]:
        if candidate.embedded and not narrated:
            narrated.extend(await _said_before(ctx, order) or await _narrated(ctx, run, bill, recipe, voices))
        call = await _call(ctx, run, candidate, recipe, tuple(narrated) if candidate.embedded else ())
        began, whole = (0.5, 0.45) if candidate.embedded else (0.05, 0.9)

        async def told(step: str, share: float) -> None:
            await run.progress(step, began + whole * share)

        async def started(task: Mapping[str, str]) -> None:
            await run.note({NOTED: {"by": candidate.key, "model": candidate.target.model, **task}})

        media = await ctx.ports.video.make(call, told, started=started)
        cleaned = await making.checked(ctx, media.data, kinds=KINDS, by=candidate)
        amount = Amount(seconds=(media.duration_ms or cleaned.duration_ms) / 1000)
        return cleaned, Charge(amount, media.cost_micros)

    async def also(session: AsyncSession, asset: Asset) -> None:
        asset.recipe = recipe.model_dump_json()  # a final cut is no draft any more
        if order.then_final:
            await cuts.ask_final(ctx, session, asset, after=run.id, reserved_micros=cost.micros, narration=laid)

    try:
        made = await making.first_that_delivers(ctx, run, bill, found, film, estimate=estimate)
        await run.progress("keep", 0.97)
        captions = captions_of(narrated) if made.by.embedded and recipe.captions else ""
        result = Made(made.value, made.by, seed=recipe.seed, captions=captions)
        if order.then_final and bill.is_charged:
            laid = await narrations.lay_aside(ctx, title=order.title, scenes=narrated)
        kept = await making.keep(ctx, run, bill, asset_id=order.asset_id, title=order.title, made=result, also=also)
        await narrations.forget(ctx, order.narration)
        return kept
    except BaseException as why:
        await making.close_bill(ctx, run, bill, why)
        await asyncio.shield(_end_at_provider(ctx, run, found))
        raise


async def _pictures(ctx: Context, recipe: Recipe) -> dict[UUID | None, bytes]:
    """Return the picture of each shot that has one, by its id."""
    return {shot.image_id: await bytes_of(ctx, shot.image_id) for shot in recipe.shots if shot.image_id}


async def _said_before(ctx: Context, order: ToMake) -> list[Scene]:
    """Return the scenes as they were said for the draft of a final cut; none where they have to be said now."""
    if not order.narration:
        return []
    recipe = order.recipe
    said = await narrations.take_up(ctx, asset_id=order.asset_id, recipe=recipe, laid=order.narration)
    pictures = await _pictures(ctx, recipe)
    return [
        replace(scene, image=pictures.get(shot.image_id, b"")) for scene, shot in zip(said, recipe.shots, strict=False)
    ]


async def _end_at_provider(ctx: Context, run: JobRun, found: Sequence[Candidate]) -> None:
    """Let the provider end its task where somebody cancelled the job.

    After a pause, or on a worker that leaves, the task goes on: the next run asks after it.
    """
    noted = run.noted.get(NOTED)
    if not noted or (await jobs.show(ctx, job_id=run.id)).asked != "cancel":
        return
    for candidate in found:
        if (candidate.key, candidate.target.model) == (noted.get("by"), noted.get("model")):
            await ctx.ports.video.give_up(candidate.target, noted)


async def _call(
    ctx: Context, run: JobRun, candidate: Candidate, recipe: Recipe, scenes: tuple[Scene, ...]
) -> VideoCall:
    size = even(size_of(recipe.aspect))
    seconds = sum(shot.seconds for shot in recipe.shots)
    noted = run.noted.get(NOTED) or {}
    is_its_own = noted.get("by") == candidate.key and noted.get("model") == candidate.target.model
    first = next((shot.image_id for shot in recipe.shots if shot.image_id), None)
    return VideoCall(
        target=candidate.target,
        prompt=recipe.prompt or _as_prompt(recipe.shots),
        width_px=size.width_px,
        height_px=size.height_px,
        duration_s=0.0 if candidate.embedded else min(seconds or SHOT_S * len(recipe.shots), MODEL_S),
        scenes=scenes,
        design=await design_of(ctx, recipe.look, recipe),
        draft=recipe.draft,
        music=recipe.music,
        first_frame=await bytes_of(ctx, first) if first and not candidate.embedded else b"",
        resume={key: str(value) for key, value in noted.items() if key not in ("by", "model")} if is_its_own else {},
    )


def _as_prompt(shots: tuple[Shot, ...]) -> str:
    return "\n".join(f"{place}. {shot.heading}: {shot.narration}" for place, shot in enumerate(shots, 1))[:4_000]


async def _narrated(ctx: Context, run: JobRun, bill: Bill, recipe: Recipe, voices: list[Candidate]) -> list[Scene]:
    """Return the scenes with what is said in them; one voice says all of them, or the next one does."""
    said = speech.amount_of(" ".join(shot.narration for shot in recipe.shots))
    pictures = await _pictures(ctx, recipe)

    async def narrate(candidate: Candidate) -> tuple[list[Scene], Charge]:
        scenes, duration_ms = [], 0
        for place, shot in enumerate(recipe.shots):
            share = 0.45 * place / len(recipe.shots)
            scene = await _scene(ctx, run, candidate, recipe, shot, share=share)
            picture = pictures.get(shot.image_id, b"")
            scenes.append(scene if not picture else _with_picture(scene, picture))
            duration_ms += scene.duration_ms if scene.sound else 0
        characters = sum(len(shot.narration) for shot in recipe.shots)
        return scenes, Charge(Amount(seconds=duration_ms / 1000, characters=characters))

    if not any(shot.narration for shot in recipe.shots):
        return [_silent(shot, pictures.get(shot.image_id, b"")) for shot in recipe.shots]
    return (await making.first_that_delivers(ctx, run, bill, voices, narrate, estimate=said)).value


def _silent(shot: Shot, picture: bytes) -> Scene:
    return Scene(shot.heading, image=picture, duration_ms=round((shot.seconds or SHOT_S) * 1000))


def _with_picture(scene: Scene, picture: bytes) -> Scene:
    return Scene(
        scene.heading, scene.narration, picture, scene.sound, scene.sound_type, scene.captions, scene.duration_ms
    )


async def _scene(ctx: Context, run: JobRun, candidate: Candidate, recipe: Recipe, shot: Shot, *, share: float) -> Scene:
    if not shot.narration.strip():
        return _silent(shot, b"")
    wav = recipe.model_copy(update={"form": "wav"})
    voiced = await speech.speak(ctx, run, candidate.target, wav, shot.narration, shares=(share, share))
    return Scene(
        heading=shot.heading,
        narration=shot.narration,
        sound=voiced.sound.data,
        sound_type=voiced.sound.media_type,
        captions=voiced.captions if recipe.captions else (),
        duration_ms=max(round(shot.seconds * 1000), VOICE_LEAD_MS + voiced.sound.duration_ms + VOICE_TAIL_MS),
    )


def captions_of(scenes: list[Scene]) -> str:
    """Return the captions of a whole clip as WebVTT, at the moments when they stand in it."""
    found: list[Segment] = []
    at_ms = 0
    for scene in scenes:
        began_ms = at_ms + VOICE_LEAD_MS
        found += [Segment(began_ms + one.start_ms, began_ms + one.end_ms, one.text) for one in scene.captions]
        at_ms += scene.duration_ms
    return write_vtt(found)
