"""Jobs of media that move while a page is open: the wall follows them, and who is elsewhere is told where to look."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state import live
from state.marks import needs, public
from state.media import MediaState
from state.media_jobs import MediaJobsState
from state.media_reading import read_result
from state.media_recipe import RecipeState
from state.media_view import AssetRow, JobRow
from state.session import SessionState, ctx_for
from state.studio import StudioState

if TYPE_CHECKING:
    from uuid import UUID

    from app.core.context import Context

MEDIA = "media."
PLACE = "/media"
LIVELY = ("waiting", "queued", "running")
ENDED = ("done", "failed", "cancelled", "quarantined")
BROKE = ("failed", "quarantined")


class MediaLiveState(rx.State):
    """Keeps nothing: what has moved goes to the states that show it."""

    @rx.event
    @public
    async def follow(self) -> None:
        """Follow the workspace's jobs from this tab; every page does, so that news reach it anywhere."""
        if "media:read" in (await ctx_for(self)).scopes:
            await live.follow(self, MediaLiveState.told)

    @rx.event
    @needs("media:read")
    async def told(self, changes: list[dict[str, str | int]]) -> AsyncGenerator[None]:
        """Show where jobs stand; see state/live.py for what a change holds."""
        ours = [one for one in changes if not one["id"] or str(one["name"]).startswith(MEDIA)]
        is_here = str(self.router.url.path).rstrip("/").startswith(PLACE)
        if ours and is_here:
            await self._show(ours)
            yield  # the wall first, then what was asked for in its bar
            if any(not one["id"] or one["state"] in ENDED for one in ours):
                await (await self.get_state(StudioState))._collect()
                await (await self.get_state(RecipeState))._follow()
        elif not is_here:
            ctx = await ctx_for(self)
            for one in ours:
                if one["id"] and one["state"] in ENDED and one["user_id"] == str(ctx.user_id):
                    await self._tell(ctx, one)

    async def _show(self, changes: list[dict[str, str | int]]) -> None:
        """Move what moves and hang what is done; where anything else has happened, read both anew."""
        jobs, wall = await self.get_state(MediaJobsState), await self.get_state(MediaState)
        moved = {str(one["id"]): one for one in changes}
        done = {name for name, one in moved.items() if one["id"] and one["state"] == "done"}
        if not (moved.keys() <= jobs._going() and all(one["state"] in (*LIVELY, "done") for one in changes)):
            await jobs._read()
            if any(not one["id"] or one["state"] in ENDED for one in changes):
                await wall._again()
            return
        if done and (wall.narrowed or any(row.id in done and row.cut == "final" for row in jobs.jobs)):
            await wall._again()  # a final cut takes the place of a draft that hangs there
        elif done:
            await wall._hang([row.asset_id for row in jobs.jobs if row.id in done])
        jobs.jobs = [_moved(row, moved.get(row.id)) for row in jobs.jobs if row.id not in done]

    async def _tell(self, ctx: Context, change: dict[str, str | int]) -> None:
        """Tell who asked for it that it is done, and where it hangs; or that it was not made."""
        session = await self.get_state(SessionState)
        if change["state"] in BROKE:
            session._say("media.broke", "Something was not made.", tone="bad", href=PLACE)
        elif change["state"] == "done" and (made := await _made(ctx, parse_id(str(change["id"])))):
            href = f"{PLACE}?asset={made.id}"
            if made.draft:
                session._say("media.draft.done", "The draft of “{title}” is there.", title=made.title, href=href)
            else:
                session._say("media.done", "“{title}” is done.", title=made.title, href=href)


def _moved(row: JobRow, change: live.Change | None) -> JobRow:
    """Return a job's row as it stands after a change."""
    if change is None:
        return row
    if change["state"] != "running":
        return replace(row, step="queued", permille=0, eta_s=0)
    return replace(row, step=str(change["step"]), permille=int(change["done_permille"]))


async def _made(ctx: Context, job_id: UUID | None) -> AssetRow | None:
    """Return what a job has made, None for what is gone meanwhile."""
    from app.core.jobs import service as jobs

    try:
        job = await jobs.show(ctx, job_id=job_id) if job_id else None
        made = parse_id(str(job.result.get("asset_id", ""))) if job else None
        return await read_result(ctx, asset_id=made) if made else None
    except AppError:
        return None
