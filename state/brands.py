"""The brands of the studio, one of them open: its colours, look, logo, voice, and how its words are said.

Each change is kept at once, on what the brand is then: two people may work on one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import reflex as rx

from app.content.profiles import LANGUAGES
from app.core.errors import AppError, InvalidInput, NotFound
from app.core.ids import parse_id
from state.marks import needs, public
from state.media_view import ASSETS, Choice
from state.session import SessionState, ctx_for
from state.studio_choices import BRAND, SPEEDS, STYLE_WORDS
from state.studio_orders import OWN, number_of, voices_for
from state.word_rows import WordRow, added, as_said, dropped, respoken, rows_of

if TYPE_CHECKING:
    from app.core.context import Context
    from app.media.brands import BrandView
    from app.media.recipes import Kit

PICTURES_OFFERED = 24
MOST_COLORS = 5  # as in app/media/recipes.py


@dataclass
class PictureRow:
    """A picture that could be the logo."""

    id: str = ""
    title: str = ""
    thumb: str = ""


@dataclass
class BrandRow:
    """A brand as the page shows it; `logo` is the link to its picture."""

    id: str = ""
    name: str = ""
    colors: list[str] = field(default_factory=list)
    style: str = ""
    logo_id: str = ""
    logo: str = ""
    voice: str = ""
    speed: str = "1.0"
    words: list[WordRow] = field(default_factory=list)


class BrandsState(rx.State):
    """All of them by name, and the open one."""

    brands: list[Choice] = []
    brand: BrandRow = BrandRow()
    pictures: list[PictureRow] = []
    voices: list[Choice] = []
    locale: str = "en"
    stamp: int = 0
    asking: bool = False

    @rx.event
    @public
    async def open(self) -> None:
        """Read the brands, and open the one that `?brand=` names, else the first."""
        ctx = await ctx_for(self)
        if "media:read" not in ctx.scopes:
            return
        session = await self.get_state(SessionState)
        self.locale = session.locale if session.locale in LANGUAGES else "en"
        self.voices = await _voices(ctx, self.locale)
        self.pictures = await _pictures(ctx)
        await self._show(ctx, str(self.router.url.query_parameters.get("brand") or self.brand.id))

    @rx.event
    @needs("media:read")
    async def choose(self, brand_id: str) -> None:
        """Open another one."""
        await self._show(await ctx_for(self), brand_id)

    @rx.event
    @needs("media:write")
    async def make(self, form: dict[str, str]) -> None:
        """Keep a new brand of this name, and open it."""
        from app.media import brands
        from app.media.recipes import Kit

        ctx, made = await ctx_for(self), ""
        try:
            made = str((await brands.make(ctx, name=form.get("new_brand", ""), kit=Kit())).id)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._show(ctx, made or self.brand.id)

    @rx.event
    @needs("media:write")
    async def rename(self, name: str) -> None:
        """Give it another name."""
        await self._keep(name=name)

    @rx.event
    @needs("media:write")
    async def set_to(self, name: str, value: str) -> None:
        """Choose its look, its voice or its pace; "" leaves the look and the voice open."""
        if name == "style" and value in ("", *STYLE_WORDS):
            await self._keep(style=value)
        elif name == "voice":
            await self._keep(voice=value.rpartition(OWN)[2])
        elif name == "speed" and value in SPEEDS:
            await self._keep(speed=number_of(value))

    @rx.event
    @needs("media:write")
    async def set_logo(self, asset_id: str) -> None:
        """Choose a picture as its logo; "" takes it away."""
        await self._keep(logo_id=asset_id or None)
        if asset_id and asset_id not in {row.id for row in self.pictures}:
            self.pictures = await _pictures(await ctx_for(self))

    @rx.event
    @needs("media:write")
    async def set_colour(self, place: int, value: str) -> None:
        """Choose one of its colours."""
        await self._keep(colors=[value if at == place else one for at, one in enumerate(self.brand.colors)])

    @rx.event
    @needs("media:write")
    async def add_colour(self) -> None:
        """Give it one more colour."""
        colors = self.brand.colors
        await self._keep(colors=[*colors, BRAND[len(colors) % len(BRAND)]][:MOST_COLORS])

    @rx.event
    @needs("media:write")
    async def drop_colour(self, place: int) -> None:
        """Take one of its colours away."""
        await self._keep(colors=[one for at, one in enumerate(self.brand.colors) if at != place])

    @rx.event
    @needs("media:write")
    async def add_word(self, form: dict[str, str]) -> None:
        """Say how a word is said; the same word in the same language is said anew."""
        if await self._keep(said=added(self.brand.words, form)):
            self.stamp += 1

    @rx.event
    @needs("media:write")
    async def change_word(self, place: int, spoken: str) -> None:
        """Have a word said in another way; nothing to say leaves it as it was."""
        await self._keep(said=respoken(self.brand.words, place, spoken))

    @rx.event
    @needs("media:write")
    async def drop_word(self, place: int) -> None:
        """Have a word said as it is written."""
        await self._keep(said=dropped(self.brand.words, place))

    @rx.event
    @public
    def ask_away(self, asking: bool) -> None:
        """Ask whether the brand is to go, or let it be."""
        self.asking = asking

    @rx.event
    @needs("media:write")
    async def throw_away(self) -> None:
        """Forget the brand; what was made with it stays as it is."""
        from app.media import brands

        ctx, wanted = await ctx_for(self), parse_id(self.brand.id)
        try:
            if wanted is not None:
                await brands.delete(ctx, brand_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._show(ctx, "")

    async def _keep(self, *, name: str = "", **of_kit: object) -> bool:
        """Keep a change of the open brand, and show what it is now; False for a refusal, which is said."""
        ctx, kept = await ctx_for(self), True
        try:
            await _change(ctx, self.brand.id, name=name, of_kit=of_kit)
        except AppError as error:
            kept = False
            (await self.get_state(SessionState))._say_error(error)
        await self._show(ctx, self.brand.id)
        return kept

    async def _show(self, ctx: Context, brand_id: str) -> None:
        from app.media import brands

        found = {str(one.id): one for one in await brands.list_brands(ctx)}
        self.brands = [Choice(key, one.name) for key, one in found.items()]
        first = next(iter(found.values()), None)
        chosen = found.get(brand_id, first)
        self.brand, self.asking = brand_row(chosen) if chosen else BrandRow(), False
        if self.brand.voice and self.brand.voice not in {one.value for one in self.voices}:
            self.voices = [*self.voices, Choice(self.brand.voice, self.brand.voice)]


def brand_row(view: BrandView) -> BrandRow:
    """Return a brand as the page shows it."""
    kit = view.kit
    logo = str(kit.logo_id) if kit.logo_id else ""
    return BrandRow(
        id=str(view.id),
        name=view.name,
        colors=list(kit.colors),
        style=kit.style,
        logo_id=logo,
        logo=f"{ASSETS}/{logo}/preview" if logo else "",
        voice=kit.voice,
        speed=f"{kit.speed:g}" if kit.speed != 1 else "1.0",
        words=rows_of(kit.said),
    )


def changed_kit(kit: Kit, of_kit: dict[str, Any]) -> Kit:  # Any: fields of a kit
    """Return a kit with some of its fields changed.

    Raises:
        InvalidInput: a value that a kit does not take.
    """
    from pydantic import ValidationError

    from app.media.recipes import Kit

    if "said" in of_kit:
        of_kit = {**of_kit, "said": as_said(of_kit["said"])}
    try:
        return Kit.model_validate({**kit.model_dump(), **of_kit})
    except ValidationError as error:
        raise InvalidInput("This value cannot be used.", field=str(error.errors()[0]["loc"][0])) from error


async def _change(ctx: Context, brand_id: str, *, name: str, of_kit: dict[str, Any]) -> None:  # Any: as above
    from app.media import brands

    wanted = parse_id(brand_id)
    brand = next((one for one in await brands.list_brands(ctx) if one.id == wanted), None)
    if brand is None:
        raise NotFound
    await brands.change(ctx, brand_id=brand.id, name=name or brand.name, kit=changed_kit(brand.kit, of_kit))


async def _voices(ctx: Context, locale: str) -> list[Choice]:
    """Return the voices of a language by the id that a kit keeps."""
    try:
        found = await voices_for(ctx, locale)
    except AppError:
        return []
    labels = {one.value.rpartition(OWN)[2]: one.label for one in found}
    return [Choice(voice, label) for voice, label in labels.items()]


async def _pictures(ctx: Context) -> list[PictureRow]:
    """Return the newest pictures."""
    from app.media import library
    from app.media.schemas import Filters

    views, _ = await library.list_assets(ctx, filters=Filters(kind="image"), limit=PICTURES_OFFERED)
    return [
        PictureRow(str(one.id), one.title, f"{ASSETS}/{one.id}/preview")
        for one in views
        if one.state == "ready" and one.has_preview
    ]
