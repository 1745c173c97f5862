"""The media library: what hangs on the wall, what is chosen there, and what is done with several at once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import reflex as rx

from app.core.errors import AppError
from app.core.ids import new_id, parse_id
from state.marks import needs, public
from state.media_filing import file_all
from state.media_reading import maker_of, read_choices, read_page, read_print
from state.media_view import AssetRow, Choice, Narrowing
from state.session import SessionState, ctx_for
from state.trash import TrashState

if TYPE_CHECKING:
    from app.media.schemas import AssetView

PAGE = 40
MOST = 10 * PAGE
UNDOABLE = 3  # as many notices as are shown at once
FILTERS = ("kind", "provider", "rights", "since", "folder", "tag")


class MediaState(rx.State):
    """One page of the library, as it was asked for."""

    rows: list[AssetRow] = []
    loaded: bool = False
    more: bool = False
    narrowed: bool = False
    query: str = ""
    kind: str = ""
    provider: str = ""
    rights: str = ""
    since: str = ""
    folder: str = ""
    tag: str = ""
    folders: list[Choice] = []
    tags: list[Choice] = []
    providers: list[Choice] = []
    picked: list[str] = []

    _thrown: dict[str, tuple[UUID, ...]] = {}

    @rx.event
    @public
    async def open(self) -> None:
        """Read the wall anew."""
        await self._read(max(PAGE, min(len(self.rows), MOST)))

    @rx.event
    @needs("media:read")
    async def search(self, query: str) -> None:
        """Show what has these words in its name, its recipe or its tags."""
        self.query = query[:200]
        await self._read(PAGE)

    @rx.event
    @needs("media:read")
    async def narrow(self, name: str, value: str) -> None:
        """Show only one kind, provider, right, time, folder or tag; "" shows all again."""
        if name in FILTERS:
            setattr(self, name, value[:100])
            await self._read(PAGE)

    @rx.event
    @needs("media:read")
    async def widen(self) -> None:
        """Take the search and every filter away."""
        self.query = ""
        for name in FILTERS:
            setattr(self, name, "")
        await self._read(PAGE)

    @rx.event
    @needs("media:read")
    async def show_more(self) -> None:
        """Show the next page below."""
        await self._read(min(len(self.rows) + PAGE, MOST))

    @rx.event
    @public
    def pick(self, asset_id: str, chosen: bool) -> None:
        """Choose one for what is done with several at once, or take it out of the choice."""
        kept = [one for one in self.picked if one != asset_id]
        known = any(row.id == asset_id for row in self.rows)
        self.picked = [*kept, asset_id] if chosen and known else kept

    @rx.event
    @public
    def pick_none(self) -> None:
        """Choose none."""
        self.picked = []

    @rx.event
    @needs("media:write")
    async def file_picked(self, form: dict[str, str]) -> None:
        """Put all that are chosen into a folder, give them a tag, or both."""
        ctx = await ctx_for(self)
        ids = [found for one in self.picked if (found := parse_id(one))]
        try:
            await file_all(ctx, asset_ids=ids, folder=form.get("folder", ""), tag=form.get("tag", ""))
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        self.picked = []
        await self._again()

    @rx.event
    @needs("media:write")
    async def throw_picked(self) -> None:
        """Put all that are chosen into the trash."""
        wanted, self.picked = list(self.picked), []
        await self._throw(wanted)

    @rx.event
    @needs("media:write")
    async def throw_away(self, asset_id: str) -> None:
        """Put one into the trash."""
        self.picked = [one for one in self.picked if one != asset_id]
        await self._throw([asset_id])

    @rx.event
    @needs("media:write")
    async def undo(self, thrown: str) -> None:
        """Put back what was thrown away together; a notice names it."""
        from app.media import trash

        ctx = await ctx_for(self)
        try:
            for asset_id in self._thrown.pop(thrown, ()):
                await trash.put_back(ctx, asset_id=asset_id)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._again()
        if (trash_shown := await self.get_state(TrashState)).loaded:
            await trash_shown._again()

    async def _throw(self, asset_ids: list[str]) -> None:
        """Throw away, and tell in a notice that can undo it."""
        from app.media import trash

        ctx, session = await ctx_for(self), await self.get_state(SessionState)
        try:
            gone = [
                view
                for one in asset_ids
                if (found := parse_id(one)) and (view := await trash.throw_away(ctx, asset_id=found))
            ]
        except AppError as error:
            session._say_error(error)
        else:
            self._note_thrown(session, gone)
        await self._again()

    def _note_thrown(self, session: SessionState, gone: list[AssetView]) -> None:
        name = str(new_id())
        kept = list(self._thrown.items())[1 - UNDOABLE :]
        self._thrown = {**dict(kept), name: tuple(view.id for view in gone)}
        if len(gone) == 1:
            session._say("media.thrown", "“{title}” is in the trash.", title=gone[0].title, undo=name)
        elif gone:
            session._say("media.thrown.several", "In the trash now: {n}", n=len(gone), undo=name)

    async def _again(self) -> None:
        """Read as much as is shown."""
        await self._read(max(PAGE, len(self.rows)))

    async def _hang(self, asset_ids: list[str]) -> None:
        """Hang finished ones in their places, and read nothing anew that hangs already."""
        ctx = await ctx_for(self)
        hanging = {row.id for row in self.rows}
        found = []
        for one in asset_ids:
            with suppress(AppError):  # it was thrown away meanwhile
                if one not in hanging and (hung := await read_print(ctx, asset_id=parse_id(one))):
                    found.append(hung)
        room = max(PAGE, len(self.rows))
        rows = sorted([*(row for row, _ in found), *self.rows], key=lambda row: row.id, reverse=True)
        self.rows, self.more = rows[:room], self.more or len(rows) > room
        makers = Counter({one.value: one.count for one in self.providers})
        makers.update(maker for _, view in found if (maker := maker_of(view)))
        self.providers = [Choice(name, name, count) for name, count in makers.items()]
        if any(view.folder_id for _, view in found):
            self.folders = (await read_choices(ctx)).folders

    async def _read(self, count: int) -> None:
        ctx = await ctx_for(self)
        if "media:read" not in ctx.scopes:
            return
        asked = Narrowing(self.query, *(getattr(self, name) for name in FILTERS))
        self.rows, self.more, makers = await read_page(ctx, asked, limit=min(count, MOST))
        self.narrowed = asked != Narrowing()
        choices = await read_choices(ctx)
        self.folders, self.tags = choices.folders, choices.tags
        if not asked.provider:
            self.providers = makers
        self.loaded = True
