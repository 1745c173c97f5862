"""The recipe beside the wall: one asset with everything that is known of it, and what one keeps with it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError, InvalidInput
from app.core.ids import parse_id
from state.marks import needs, public
from state.media import MediaState
from state.media_filing import into_folder
from state.media_jobs import MediaJobsState
from state.media_reading import read_detail, read_documents
from state.media_view import Choice, Detail
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.media.library import Change
    from app.media.schemas import Asked

KEPT = frozenset({"title", "alt_text", "licence_note"})
DOCUMENTS_OFFERED = 50


class RecipeState(rx.State):
    """The chosen one."""

    detail: Detail = Detail()
    offering: bool = False
    documents: list[Choice] = []

    @rx.event
    @public
    async def open(self) -> None:
        """Show the one that the address names with `?asset=`."""
        wanted = str(self.router.url.query_parameters.get("asset") or "")
        if wanted and "media:read" in (await ctx_for(self)).scopes:
            await self._show(wanted)

    @rx.event
    @needs("media:read")
    async def choose(self, asset_id: str) -> None:
        """Show the recipe of one."""
        await self._show(asset_id)

    @rx.event
    @public
    def let_go(self) -> None:
        """Close the recipe."""
        self.detail, self.offering = Detail(), False

    @rx.event
    @needs("media:write")
    async def keep(self, name: str, text: str) -> None:
        """Keep a name, what it shows, or a note on its licence."""
        from app.media.library import Change

        if name in KEPT:
            await self._change(Change(**{name: text}))

    @rx.event
    @needs("media:write")
    async def keep_rights(self, value: str) -> None:
        """Say whose it is."""
        from app.media.library import RIGHTS, Change

        if value in RIGHTS:
            await self._change(Change(rights=value))

    @rx.event
    @needs("media:write")
    async def keep_folder(self, name: str) -> None:
        """Put it into a folder, which is made where there is none of that name; "" takes it out."""
        try:
            await self._change(await into_folder(await ctx_for(self), name))
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)

    @rx.event
    @needs("media:write")
    async def put_tag(self, form: dict[str, str]) -> None:
        """Put a tag on."""
        from app.media.library import Change

        if word := form.get("tag", "").strip():
            await self._change(Change(tags=(*self.detail.tags, word)))

    @rx.event
    @needs("media:write")
    async def untag(self, word: str) -> None:
        """Take a tag off."""
        from app.media.library import Change

        await self._change(Change(tags=tuple(one for one in self.detail.tags if one != word)))

    @rx.event
    @needs("media:write")
    async def run_again(self, vary: bool) -> None:
        """Make another by the same recipe; `vary` takes a new seed, or has a model make one like it."""
        from app.media.again import run_again

        if wanted := parse_id(self.detail.id):
            how = "variation" if vary else "same"
            await self._ask(run_again(await ctx_for(self), asset_id=wanted, how=how))

    @rx.event
    @needs("media:write")
    async def finish(self) -> None:
        """Make the final cut of a draft; it takes the draft's place."""
        from app.media.again import finish

        if wanted := parse_id(self.detail.id):
            await self._ask(finish(await ctx_for(self), asset_id=wanted))
            await self._show(self.detail.id)

    @rx.event
    @needs("media:write")
    async def reshape(self, network: str) -> None:
        """Make the same picture in the shape of another network."""
        from state.studio_orders import ask_in_shape

        if wanted := parse_id(self.detail.id):
            await self._ask(ask_in_shape(await ctx_for(self), asset_id=wanted, network=network))

    @rx.event
    @needs("media:write")
    async def offer_documents(self) -> None:
        """Show in which documents it could be used, or hide them."""
        self.offering = not self.offering
        if self.offering:
            self.documents = await read_documents(await ctx_for(self), limit=DOCUMENTS_OFFERED)

    @rx.event
    @needs("media:write")
    async def use_in(self, form: dict[str, str]) -> None:
        """Put it into a document."""
        from app.content import documents
        from app.media import library

        ctx, session = await ctx_for(self), await self.get_state(SessionState)
        document, asset = parse_id(form.get("document", "")), parse_id(self.detail.id)
        try:
            if document is None or asset is None:
                raise InvalidInput(field="document")
            await documents.get(ctx, document_id=document)
            await library.use_in_document(ctx, asset_id=asset, document_id=document)
            session._say("media.used", "It is in the document now.", href=f"/documents/{document}")
        except AppError as error:
            session._say_error(error)
        self.offering = False
        await self._show(self.detail.id)

    async def _ask(self, asked: Awaitable[Asked]) -> None:
        try:
            await asked
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await (await self.get_state(MediaJobsState))._read()

    async def _change(self, to: Change) -> None:
        from app.media import library

        wanted = parse_id(self.detail.id)
        try:
            if wanted is not None:
                await library.change(await ctx_for(self), asset_id=wanted, to=to)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._show(self.detail.id)
        await (await self.get_state(MediaState))._again()

    async def _follow(self) -> None:
        """Show a draft anew: its final cut may have taken its place."""
        if self.detail.draft:
            await self._show(self.detail.id)

    async def _show(self, asset_id: str) -> None:
        wanted = parse_id(asset_id)
        self.offering = False
        try:
            self.detail = await read_detail(await ctx_for(self), asset_id=wanted) if wanted else Detail()
        except AppError as error:
            self.detail = Detail()
            (await self.get_state(SessionState))._say_error(error)
