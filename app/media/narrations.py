"""What a voice was paid to say for a draft, laid aside for the final cut: the same words are not paid for twice.

The sounds are files that no asset holds. The final cut removes them; those that it never takes up are swept up.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.core.context import Context
from app.core.errors import AppError
from app.core.ids import parse_id
from app.core.media_ports import VOICE_LEAD_MS, Scene, Segment
from app.core.telemetry import log
from app.media import captions as subtitles
from app.media import making, queries
from app.media.recipes import Recipe
from app.storage import service as storage

Laid = Sequence[tuple[str, int]]
"""For each scene the file with what is said, "" where nothing is, and the scene's length in ms; fits into a job."""


async def lay_aside(ctx: Context, *, title: str, scenes: Sequence[Scene]) -> Laid:
    """Keep what is said in scenes; nothing where there is no room for it: it is said anew then."""
    laid: list[tuple[str, int]] = []
    try:
        for scene in scenes:
            kept = await making.put(ctx, title, scene.sound, scene.sound_type, purpose="media") if scene.sound else ""
            laid.append((str(kept), scene.duration_ms))
    except AppError as error:
        log.warning("media.narration_left", code=error.code)
        await forget(ctx, laid)
        return ()
    return laid


async def take_up(ctx: Context, *, asset_id: UUID, recipe: Recipe, laid: Laid) -> list[Scene]:
    """Return the scenes of a recipe, without pictures, as they were said for its draft; none where a sound is gone.

    The captions are those of the draft, at the moments when they stood in it.
    """
    async with ctx.db.read() as session:
        asset = await queries.live(session, asset_id)
    cues = subtitles.read(asset.captions)[0] if asset and asset.captions and recipe.captions else ()
    scenes: list[Scene] = []
    at_ms = 0
    try:
        for shot, (file, length_ms) in zip(recipe.shots, laid, strict=False):
            file_id = parse_id(file) if file else None
            sound = await storage.read_all(ctx, file_id=file_id) if file_id else b""
            began_ms = at_ms + VOICE_LEAD_MS
            said = tuple(
                Segment(cue.start_ms - began_ms, cue.end_ms - began_ms, cue.text)
                for cue in cues
                if at_ms <= cue.start_ms < at_ms + length_ms
            )
            kind = "audio/wav" if sound else ""
            scenes.append(Scene(shot.heading, shot.narration, b"", sound, kind, said, length_ms))
            at_ms += length_ms
    except AppError as error:
        log.warning("media.narration_gone", code=error.code)
        return []
    return scenes


async def forget(ctx: Context, laid: Laid) -> None:
    """Remove what was laid aside."""
    await making.forget(ctx, *(parse_id(file) for file, _ in laid if file))
