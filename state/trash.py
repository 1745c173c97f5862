"""The trash of the media library: put back, deleted for good one by one, or emptied."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state.marks import needs, public
from state.media_view import ASSETS, weight
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.schemas import AssetView

PAGE = 40
MOST = 10 * PAGE
DAY_S = 86_400


@dataclass
class TrashRow:
    """One thing in the trash; `days_left` until it is deleted for good."""

    id: str = ""
    kind: str = "image"
    title: str = ""
    thumb: str = ""
    weight: str = ""
    thrown_at: str = ""
    days_left: int = 0


class TrashState(rx.State):
    """What was thrown away last; `asked` is what is to be deleted for good, if that is said once more."""

    rows: list[TrashRow] = []
    loaded: bool = False
    more: bool = False
    count: int = 0
    weight: str = ""
    days: int = 0
    asked: TrashRow = TrashRow()
    emptying: bool = False

    @rx.event
    @public
    async def open(self) -> None:
        """Read what lies there."""
        self.asked, self.emptying = TrashRow(), False
        await self._read(PAGE)

    @rx.event
    @needs("media:read")
    async def show_more(self) -> None:
        """Show the next page below."""
        await self._read(len(self.rows) + PAGE)

    @rx.event
    @needs("media:write")
    async def put_back(self, asset_id: str) -> None:
        """Put one back into the library."""
        from app.media import trash

        session, wanted = await self.get_state(SessionState), parse_id(asset_id)
        try:
            if wanted is not None:
                back = await trash.put_back(await ctx_for(self), asset_id=wanted)
                href = f"/media?asset={back.id}"
                session._say("trash.back", "“{title}” is back in the library.", title=back.title, href=href)
        except AppError as error:
            session._say_error(error)
        await self._again()

    @rx.event
    @needs("media:write")
    def ask_delete(self, asset_id: str) -> None:
        """Ask whether one is to be deleted for good."""
        self.asked = next((row for row in self.rows if row.id == asset_id), TrashRow())
        self.emptying = False

    @rx.event
    @needs("media:write")
    def ask_empty(self) -> None:
        """Ask whether everything is to be deleted for good."""
        self.asked, self.emptying = TrashRow(), True

    @rx.event
    @public
    def spare(self) -> None:
        """Delete nothing."""
        self.asked, self.emptying = TrashRow(), False

    @rx.event
    @needs("media:write")
    async def delete(self) -> None:
        """Delete what was asked about for good."""
        from app.media import trash

        ctx, wanted, everything = await ctx_for(self), parse_id(self.asked.id), self.emptying
        try:
            if everything:
                await trash.empty(ctx)
            elif wanted is not None:
                await trash.delete(ctx, asset_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._again()

    async def _again(self) -> None:
        self.asked, self.emptying = TrashRow(), False
        await self._read(max(PAGE, len(self.rows)))

    async def _read(self, count: int) -> None:
        from app.media import library, trash
        from app.media.schemas import Filters

        ctx = await ctx_for(self)
        if "media:read" not in ctx.scopes:
            return
        views, end = await library.list_assets(ctx, filters=Filters(in_trash=True), limit=min(count, MOST))
        held = await trash.contents(ctx)
        self.rows, self.more = [trash_row(ctx, view, days=held.days) for view in views], end is not None
        self.count, self.weight, self.days = held.assets, weight(held.size_bytes), held.days
        self.loaded = True


def trash_row(ctx: Context, view: AssetView, *, days: int) -> TrashRow:
    """Return a row of the trash, where things lie for so many days."""
    thrown_at = view.deleted_at or view.updated_at
    lain_s = (ctx.ports.clock.now() - thrown_at).total_seconds()
    return TrashRow(
        id=str(view.id),
        kind=view.kind,
        title=view.title,
        thumb=f"{ASSETS}/{view.id}/preview?trash=true" if view.has_preview else "",
        weight=weight(view.size_bytes),
        thrown_at=thrown_at.isoformat(),
        days_left=max(0, math.ceil(days - lain_s / DAY_S)),
    )
