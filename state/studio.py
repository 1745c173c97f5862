"""The studio: what is to be made, what it may cost, and what came of it in this visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx

from app.content.profiles import LANGUAGES
from app.core.errors import AppError
from app.core.ids import parse_id
from state import money
from state.marks import needs, public
from state.media_jobs import MediaJobsState
from state.media_reading import read_recordings, read_result
from state.media_view import AssetRow, Choice
from state.session import SessionState, ctx_for
from state.studio_brands import brands_of, fields_of_brand, keep_brand
from state.studio_choices import BRAND, TABS
from state.studio_filling import Filling, filling_of, sample_of
from state.studio_orders import Wish, ask, estimate, voices_for, wish_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.context import Context
    from app.media.schemas import Asked

RESULTS_SHOWN = 12
BAR = "/media"
FOLLOWED = ("network", "style", "voice", "speed", "locale", "count", "source_id", "brand_id")
"""What the price depends on, or what is drawn from it: the state knows it before the form is sent."""


class StudioState(rx.State):
    """One form with four faces."""

    tab: str = "picture"
    prompt: str = ""
    headline: str = ""
    subline: str = ""
    call: str = ""
    seed: str = ""
    network: str = "instagram"
    style: str = "editorial"
    voice: str = ""
    speed: str = "1.0"
    locale: str = "en"
    count: str = "4"
    source_id: str = ""
    brand_id: str = ""
    brands: list[Choice] = []
    branded: bool = False
    draft: bool = False
    colors: list[str] = list(BRAND)
    voices: list[Choice] = []
    recordings: list[Choice] = []
    results: list[AssetRow] = []
    stamp: int = 0
    priced: bool = False
    price_low: str = ""
    price_high: str = ""
    price_known: bool = True

    _document_id: str = ""
    _typed: str = ""
    _brand_name: str = ""
    _waiting: list[str] = []

    @rx.event
    @public
    async def open(self) -> None:
        """Read what can be chosen; `?tab=`, `?sample=`, `?from=` and `?document=` fill the form."""
        ctx = await ctx_for(self)
        if "media:read" not in ctx.scopes:
            return
        asked = self.router.url.query_parameters
        self._turn(str(asked.get("tab") or self.tab))
        session = await self.get_state(SessionState)
        self.locale = session.locale if session.locale in LANGUAGES else self.locale
        if asked.get("sample"):
            self._fill(sample_of(self.tab, self.locale))
        elif found := await filling_of(
            ctx, asset=str(asked.get("from") or ""), document=str(asked.get("document") or "")
        ):
            self._fill(found)
        self.draft = False
        self._forget()
        await self._look(ctx)

    @rx.event
    @public
    async def turn_to(self, tab: str) -> None:
        """Show another form."""
        self._turn(tab)
        await self._look(await ctx_for(self))

    @rx.event
    @public
    async def set_to(self, name: str, value: str) -> None:
        """Choose a place, a look, a voice."""
        if name in FOLLOWED:
            setattr(self, name, value[:160])
            ctx = await ctx_for(self)
            if name == "brand_id" and "media:read" in ctx.scopes:
                for field, found in (await fields_of_brand(ctx, value[:40], voices=self.voices)).items():
                    setattr(self, field, found)
            await self._look(ctx)

    @rx.event
    @public
    async def weigh(self, text: str) -> None:
        """Reckon the price anew for what is written."""
        self._typed = text
        await self._reckon(await ctx_for(self))

    @rx.event
    @public
    def use_brand(self, on: bool) -> None:
        """Use the colours of the brand, or leave them to the look."""
        self.branded = on

    @rx.event
    @public
    async def draft_only(self, on: bool) -> None:
        """Have only the draft of a clip made, or the final cut after it."""
        self.draft = on
        await self._reckon(await ctx_for(self))

    @rx.event
    @public
    async def fill_sample(self) -> None:
        """Put a working sample into the form."""
        self._fill(sample_of(self.tab, self.locale))
        await self._reckon(await ctx_for(self))

    @rx.event
    @needs("media:write")
    async def make(self, form: dict[str, str | None]) -> None:
        """Ask for it; the jobs do the rest. Fields of the other forms come as None."""
        session = await self.get_state(SessionState)
        written = {name: value for name, value in form.items() if value is not None}
        colors = tuple(self.colors) if self.branded else ()
        wish = wish_of(written, **self._chosen(), colors=colors, draft=self.draft)
        try:
            self._await(await ask(await ctx_for(self), wish))
        except AppError as error:
            session._say_error(error)
        await (await self.get_state(MediaJobsState))._read()

    @rx.event
    @public
    def name_brand(self, name: str) -> None:
        """Note how the brand is to be called."""
        self._brand_name = name[:80]

    @rx.event
    @public
    def set_colour(self, place: int, value: str) -> None:
        """Choose one of the colours."""
        self.colors = [value[:7] if at == place else one for at, one in enumerate(self.colors)]

    @rx.event
    @needs("media:write")
    async def keep_brand(self) -> None:
        """Keep the colours, the look and the voice that are chosen as a brand."""
        session, ctx = await self.get_state(SessionState), await ctx_for(self)
        wish = Wish(**self._chosen(), colors=tuple(self.colors) if self.branded else ())
        try:
            self.brand_id = await keep_brand(ctx, wish, name=self._brand_name)
            session._say("media.brand.kept", "The brand is kept.")
        except AppError as error:
            session._say_error(error)
        self.brands = await brands_of(ctx)

    def _forget(self) -> None:
        """Show nothing of what was made before this visit."""
        self.results, self._waiting = [], []

    def _await(self, asked: Sequence[Asked]) -> None:
        """Show what was asked for here once it is finished."""
        self._waiting = [*self._waiting, *(str(one.asset.id) for one in asked)]

    async def _collect(self) -> None:
        """Show what was asked for here and is finished now; a draft gives way to its final cut."""
        ctx = await ctx_for(self)
        for one in list(self._waiting):
            try:
                row = await read_result(ctx, asset_id=parse_id(one))
            except AppError:
                self._waiting.remove(one)
                continue
            if row is not None:
                if not row.draft:
                    self._waiting.remove(one)
                self.results = [row, *(old for old in self.results if old.id != row.id)][:RESULTS_SHOWN]

    def _turn(self, tab: str) -> None:
        """Show a form; the bar of the library has no transcripts."""
        is_bar = str(self.router.url.path).rstrip("/") == BAR
        self.tab = tab if tab in TABS and not (is_bar and tab == "transcript") else "picture"
        self.network = {"picture": "instagram", "clip": "youtube"}.get(self.tab, self.network)

    def _chosen(self) -> dict[str, str]:
        chosen = {name: getattr(self, name) for name in ("tab", *FOLLOWED)}
        return {**chosen, "document_id": self._document_id}

    def _fill(self, found: Filling) -> None:
        for name, value in found.fields.items():
            setattr(self, name, value)
        self._document_id, self._typed = found.document_id, self.prompt
        self.stamp += 1

    async def _look(self, ctx: Context) -> None:
        """Read what there is to choose from for the present form, and the price."""
        if "media:read" not in ctx.scopes:
            return
        self.brands = await brands_of(ctx)
        if self.tab in ("speech", "clip"):
            self.voices = await voices_for(ctx, self.locale)
            if self.voice not in {one.value for one in self.voices}:
                self.voice = self.voices[0].value if self.voices else ""
        if self.tab == "transcript":
            self.recordings = await read_recordings(ctx)
        await self._reckon(ctx)

    async def _reckon(self, ctx: Context) -> None:
        try:
            told = await estimate(ctx, Wish(prompt=self._typed, **self._chosen(), draft=self.draft))
        except AppError:
            self.priced = False
            return
        self.priced, self.price_known = True, told.known
        self.price_low = money.about(told.low_micros) if told.high_micros else ""
        self.price_high = money.about(told.high_micros) if told.high_micros else ""
