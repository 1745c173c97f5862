"""The two cuts of a clip: a draft that is quickly made, then the final one, which takes its place in the library.

    asked ──> [job: draft] ──> one unit of work { draft kept, job of the final cut asked for }
                                  └──> [job: final] ──> one unit of work { final kept, no draft any more }

A final cut that fails, is cancelled or has no money leaves the draft as it is. A worker that is killed between the two
leaves the second job to the next one. Only what is built in makes drafts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import NotFound
from app.core.jobs import service as jobs
from app.core.jobs.errors import JobEnded
from app.core.jobs.names import JobName
from app.media import queries
from app.media.errors import NoDraft
from app.media.models import Asset
from app.media.recipes import read_recipe

Cuts = Literal["both", "draft", "final"]
FINAL = "final"


def is_draft(asset: Asset | SimpleNamespace) -> bool:
    """Whether an asset is the draft of a clip, or a draft is what is being made of it first."""
    return asset.kind == "video" and read_recipe(asset.recipe).draft


async def ask_final(
    ctx: Context,
    session: AsyncSession,
    asset: Asset,
    *,
    after: UUID | None,
    reserved_micros: int,
    narration: Sequence[tuple[str, int]] = (),
) -> None:
    """Ask for the final cut of a draft inside the caller's unit of work; `after`: the job that still ends.

    `narration`: what was laid aside of the draft, see narrations.py.
    """
    asset.job_id = await jobs.ask(
        ctx,
        session,
        name=JobName.VIDEO,
        args={"asset_id": str(asset.id), "cut": FINAL, "narration": list(narration)},
        after=(after,) if after else (),
        reserved_micros=reserved_micros,
    )


async def keep_draft(ctx: Context, *, asset_id: UUID) -> None:
    """Let a draft be all that there is: its final cut is stopped, and a failed one no longer spoken of.

    Raises:
        NotFound: there is no such asset.
        NoDraft: it is none, or is not made yet.
    """
    async with ctx.db.write() as session:
        asset = await queries.locked(session, asset_id)
        if asset is None:
            raise NotFound
        if asset.state != "ready" or not is_draft(asset):
            raise NoDraft
        job_id, asset.job_id = asset.job_id, None
    if job_id is not None:
        with suppress(NotFound, JobEnded):
            await jobs.cancel(ctx, job_id=job_id)
