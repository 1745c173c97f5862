"""Speech written down, with captions that can be read in the time they stand. There is no built-in recogniser."""

from __future__ import annotations

from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.jobs.names import JobName
from app.core.jobs.run import JobRun
from app.core.media_ports import Segment, Transcript, TranscriptionCall
from app.llm.candidates import candidates
from app.llm.routing import Candidate
from app.media import asking, captions, making, queries
from app.media.asking import Order
from app.media.errors import NotReady
from app.media.making import Charge, Made
from app.media.recipes import Recipe
from app.media.schemas import Asked
from app.media.sources import bytes_of, order_of
from app.usage.media_prices import Amount

FEATURE = "transcription"
MEDIA_TYPE = "text/vtt"


async def ask(ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None) -> Asked:
    """Ask for a recording or a clip to be written down, or to be translated while it is.

    Raises:
        InvalidInput: no recording is named, or it is a picture.
        NoModel: no provider that can is connected.
        NotFound, NotReady: the recording is not there, or not finished.
    """
    if not recipe.sources:
        raise InvalidInput("Name the recording to write down.", code="media.recording_missing", field="source_id")
    async with ctx.db.read() as session:
        asset = await queries.live(session, recipe.sources[0])
    if asset is None:
        raise NotFound
    if asset.kind not in ("speech", "video"):
        raise InvalidInput("Only a recording or a clip can be written down.", code="media.no_sound", field="source_id")
    if asset.state != "ready":
        raise NotReady
    found = await _who(ctx, recipe)
    order = Order("transcript", JobName.TRANSCRIPTION, recipe, title or asset.title, folder_id)
    return await asking.ask(
        ctx, order, estimate=making.dearest(ctx, found, Amount(seconds=asset.duration_ms / 1000))
    )  # fmt: skip


async def _who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    found = await candidates(ctx, kind="transcription")
    return making.in_order(ctx, found, recipe, lambda one: not one.embedded)


async def make(ctx: Context, run: JobRun) -> dict[str, object]:
    """Do the job: see making.py."""
    order = await order_of(ctx, run)
    if order is None:
        return {"kept": False}
    recipe = order.recipe
    found = await _who(ctx, recipe)
    source = await bytes_of(ctx, recipe.sources[0])
    await run.progress("listen", 0.05)
    track = await ctx.ports.sound_tools.voice_track(source)
    estimate = Amount(seconds=track.duration_ms / 1000)
    bill = await making.hold(ctx, run, feature=FEATURE, micros=making.dearest(ctx, found, estimate).micros)

    async def write_down(candidate: Candidate) -> tuple[Transcript, Charge]:
        await run.progress("write", 0.2)
        transcript = await ctx.ports.transcription.write_down(
            TranscriptionCall(
                target=candidate.target,
                data=track.data,
                media_type=track.media_type,
                locale="" if recipe.locale == "auto" else recipe.locale,
                translate_to=recipe.translate_to,
            )
        )
        return transcript, Charge(estimate, transcript.cost_micros)

    try:
        made = await making.first_that_delivers(ctx, run, bill, found, write_down, estimate=estimate)
        await run.progress("keep", 0.95)
        transcript = made.value
        locale = recipe.translate_to or transcript.locale or recipe.locale
        said = transcript.segments or (Segment(0, transcript.duration_ms or track.duration_ms, transcript.text),)
        result = Made(
            None,
            made.by,
            captions=captions.write_vtt(captions.from_segments(said, locale=locale)),
            media_type=MEDIA_TYPE,
            duration_ms=transcript.duration_ms or track.duration_ms,
        )
        return await making.keep(ctx, run, bill, asset_id=order.asset_id, title=order.title, made=result)
    except BaseException as why:
        await making.close_bill(ctx, run, bill, why)
        raise
