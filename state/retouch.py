"""A picture that is to be changed: edited in words and through a mask, varied, or cut out of its background."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import reflex as rx

from app.core.errors import AppError, InvalidInput, NotFound
from app.core.ids import parse_id
from state import money
from state.marks import needs, public
from state.media_jobs import MediaJobsState
from state.media_reading import read_detail
from state.media_view import Detail
from state.session import SessionState, ctx_for
from state.studio import StudioState
from state.studio_choices import COUNTS

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.changing import Way

TABS = ("edit", "vary", "cut_out")
PROMPT_CHARACTERS = 4_000  # as in app/media/recipes.py


class RetouchState(rx.State):
    """One picture, and what is to become of it."""

    picture: Detail = Detail()
    tab: str = "edit"
    count: str = "1"
    priced: bool = False
    price: str = ""
    price_known: bool = True

    @rx.event
    @public
    async def open(self) -> None:
        """Show the picture that `?asset=` names, and what `?way=` asks for."""
        ctx = await ctx_for(self)
        if "media:read" not in ctx.scopes:
            return
        asked = self.router.url.query_parameters
        self.tab = str(asked.get("way")) if asked.get("way") in TABS else "edit"
        (await self.get_state(StudioState))._forget()
        try:
            self.picture = await _picture(ctx, str(asked.get("asset") or ""))
        except AppError as error:
            self.picture = Detail()
            (await self.get_state(SessionState))._say_error(error)
        await self._reckon(ctx)

    @rx.event
    @public
    async def turn_to(self, tab: str) -> None:
        """Show another way to change it."""
        self.tab = tab if tab in TABS else "edit"
        await self._reckon(await ctx_for(self))

    @rx.event
    @public
    async def set_count(self, count: str) -> None:
        """Choose how many are made."""
        self.count = count if count in COUNTS else "1"
        await self._reckon(await ctx_for(self))

    @rx.event
    @needs("media:write")
    async def make(self, form: dict[str, str | None]) -> None:
        """Ask for it; the jobs do the rest. `mask_id` is the mask that the browser has uploaded, if any."""
        from app.media import changing

        prompt = (form.get("prompt") or "")[:PROMPT_CHARACTERS]
        mask = form.get("mask_id") or ""
        try:
            asset_id, mask_id = parse_id(self.picture.id), parse_id(mask) if self.tab == "edit" and mask else None
            if asset_id is None:
                raise InvalidInput(field="asset_id")
            way, copies = cast("Way", self.tab), self._copies()
            asked = await changing.ask(
                await ctx_for(self), asset_id=asset_id, way=way, prompt=prompt, mask_id=mask_id, copies=copies
            )
            (await self.get_state(StudioState))._await(asked)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await (await self.get_state(MediaJobsState))._read()

    def _copies(self) -> int:
        return 1 if self.tab == "cut_out" else int(self.count)

    async def _reckon(self, ctx: Context) -> None:
        """Reckon what it may cost at most; nothing is said where nobody can do it."""
        from app.media import changing, estimating, library

        self.priced = False
        asset_id = parse_id(self.picture.id)
        if asset_id is None or "media:read" not in ctx.scopes:
            return
        try:
            recipe = changing.recipe_of(await library.show(ctx, asset_id=asset_id), cast("Way", self.tab))
            told = await estimating.estimate(ctx, recipe=recipe, copies=self._copies())
        except AppError:
            return
        self.priced, self.price_known = True, told.known
        self.price = money.about(told.high_micros) if told.high_micros else ""


async def _picture(ctx: Context, asset_id: str) -> Detail:
    wanted = parse_id(asset_id)
    found = await read_detail(ctx, asset_id=wanted) if wanted else None
    if found is None or found.kind != "image":
        raise NotFound
    return found
