"""A document said aloud or set as a clip, in one click; and the media that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state.document import DocumentState
from state.marks import needs, public
from state.media_view import AssetRow, asset_row
from state.money import about
from state.session import SessionState, ctx_for
from state.studio_orders import Wish, ask, estimate

if TYPE_CHECKING:
    from app.core.context import Context


class DocumentMediaState(rx.State):
    """What can be made of the open document, and what it may cost."""

    ready: bool = False
    is_script: bool = False
    speech_price: str = ""
    clip_price: str = ""
    rows: list[AssetRow] = []

    @rx.event
    @public
    async def open(self) -> None:
        """Read what can be made of the document, its price, and its media."""
        from app.media import in_documents

        ctx, document = await ctx_for(self), await self.get_state(DocumentState)
        wanted = parse_id(document.document_id)
        self.ready = False
        if wanted is None or document.missing or "media:read" not in ctx.scopes:
            return
        self.rows = [asset_row(view) for view in await in_documents.assets_of(ctx, document_id=wanted)]
        self.is_script = _is_script(document)
        self.speech_price = await _price(ctx, _wish(document, "speech"))
        self.clip_price = await _price(ctx, _wish(document, "clip")) if self.is_script else ""
        self.ready = True

    @rx.event
    @needs("media:write")
    async def say_aloud(self) -> None:
        """Have the text of the document said."""
        await self._make("speech")

    @rx.event
    @needs("media:write")
    async def make_clip(self) -> None:
        """Set the script as a captioned, narrated clip."""
        await self._make("clip")

    async def _make(self, tab: str) -> None:
        session, document = await self.get_state(SessionState), await self.get_state(DocumentState)
        try:
            await ask(await ctx_for(self), _wish(document, tab))
        except AppError as error:
            session._say_error(error)
            return
        session._say("media.begun", "It is being made. You are told when it is done.", href="/media")


def _wish(document: DocumentState, tab: str) -> Wish:
    """Return what the form of the studio would hold for this document, in the shape of a story."""
    from app.media.scripts import spoken_text

    return Wish(
        tab=tab,
        prompt=document.text if tab == "clip" else spoken_text(document.text),
        headline=document.title if tab == "clip" else "",
        network="story",
        style="editorial",
        locale=document.language,
        document_id=document.document_id,
    )


def _is_script(document: DocumentState) -> bool:
    from app.content.catalogue_files import load_catalogue
    from app.media.scripts import is_script

    try:
        output = load_catalogue().get(document.template_id).output
    except AppError:
        return False
    return is_script(output.form, [part.at for part in output.parts])


async def _price(ctx: Context, wish: Wish) -> str:
    """Return what it may cost at most, "" for nothing or where it cannot be told."""
    try:
        told = await estimate(ctx, wish)
    except AppError:
        return ""
    return about(told.high_micros) if told.high_micros else ""
