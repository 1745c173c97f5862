"""/media/brands: how each brand looks and sounds. Every change is kept when it is made."""

from __future__ import annotations

import reflex as rx

from components.brand_words import WordList, pronunciations
from components.controls import button, field, icon_button, select, text_input
from components.i18n import T
from components.media_parts import KeepText, PickFile
from components.notices import strip
from components.shell import crumb, shell
from components.states import empty
from state.brands import MOST_COLORS, BrandsState, PictureRow
from state.media_view import Choice
from state.session import SessionState
from state.studio_choices import SPEEDS, STYLE_WORDS
from state.workspace_words import WordsState

ROUTE = "/media/brands"
TITLE = "Brands"
ON_LOAD = [SessionState.enter, BrandsState.open, WordsState.open]
BRAND = BrandsState.brand
PICTURES_TAKEN = "image/png,image/jpeg,image/webp"


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.div(
            rx.el.h1(T("media.brands", "Brands")),
            rx.el.p(
                T(
                    "media.brands.lede",
                    "A brand chosen in the studio gives its colours, look, logo, voice and pronunciations to whatever "
                    "says nothing of its own.",
                ),
                class_name="muted lead",
            ),
            _choice(),
            rx.cond(BRAND.id != "", _brand(), _none()),
            _workspace(),
            class_name="brands-page",
        ),
        place="media",
        title=T("media.brands", "Brands"),
        crumbs=(crumb(T("nav.media", "Media"), "/media"),),
    )


def _option(row: rx.Var[Choice]) -> rx.Component:
    return rx.el.option(row.label, value=row.value)


def _choice() -> rx.Component:
    chooser = select(
        rx.foreach(BrandsState.brands, _option),
        id="brand-open",
        value=BRAND.id,
        on_change=BrandsState.choose,
    )
    new = text_input(id="brand-new", name="new_brand", max_length=80, dir="auto", auto_complete="off")
    return rx.el.div(
        rx.cond(
            BrandsState.brands.length() > 1,
            field(T("media.brand.open", "Which brand"), chooser, control_id="brand-open"),
        ),
        rx.el.form(
            field(T("media.brand.name", "Name of a new brand"), new, control_id="brand-new"),
            button(T("media.brand.make", "Add the brand"), type="submit"),
            on_submit=BrandsState.make,
            reset_on_submit=True,
            class_name="brand-new",
        ),
        class_name="brand-top",
    )


def _none() -> rx.Component:
    return empty(
        T("media.brand.empty", "There is no brand yet."),
        T("media.brand.empty.lede", "Give the first one a name; colours, logo and voice come after it."),
    )


def _brand() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.el.h2(T("media.brand.looks", "How it looks")),
            _name(),
            _colours(),
            _style(),
            _logo(),
        ),
        rx.el.section(
            rx.el.h2(T("media.brand.sounds", "How it sounds")),
            rx.el.div(_voice(), _speed(), class_name="brand-voice"),
            _words(),
        ),
        _away(),
        class_name="brand",
    )


def _words() -> rx.Component:
    words = WordList(
        name="brand",
        rows=BRAND.words,
        stamp=BrandsState.stamp,
        locale=BrandsState.locale,
        on_add=BrandsState.add_word,
        on_change=BrandsState.change_word,
        on_drop=BrandsState.drop_word,
    )
    lede = T(
        "media.brand.words.lede",
        "Names that a voice says wrong: write them as they sound. Spoken texts and narrations say them so; "
        "captions keep them as they are written.",
    )
    return pronunciations(words, T("media.brand.words", "Pronunciations"), lede)


def _workspace() -> rx.Component:
    words = WordList(
        name="workspace",
        rows=WordsState.words,
        stamp=WordsState.stamp,
        locale=BrandsState.locale,
        on_add=WordsState.add_word,
        on_change=WordsState.change_word,
        on_drop=WordsState.drop_word,
    )
    lede = T(
        "media.workspace.words.lede",
        "Every spoken text and every narration says these so, with any brand and with none. Where a brand has its own "
        "way for a word, that goes before.",
    )
    return rx.el.section(
        rx.el.h2(T("media.workspace", "For the whole workspace")),
        pronunciations(words, T("media.workspace.words", "Pronunciations for everything"), lede),
        class_name="brand-all",
    )


def _name() -> rx.Component:
    kept = KeepText.create(id="brand-name", value=BRAND.name, rows=1, max_length=80, on_keep=BrandsState.rename)
    return field(T("media.brand.its_name", "Its name"), kept, control_id="brand-name")


def _colours() -> rx.Component:
    def well(color: rx.Var[str], place: rx.Var[int]) -> rx.Component:
        return rx.el.span(
            rx.el.input(
                type="color",
                value=color,
                on_change=lambda value: BrandsState.set_colour(place, value).debounce(300),
                aria_label=T("media.colour_n", "Colour {n}", n=place + 1),
            ),
            icon_button(
                "x",
                T("media.brand.drop_colour", "Take colour {n} away", n=place + 1),
                on_click=BrandsState.drop_colour(place),
            ),
            class_name="brand-well",
        )

    return rx.el.fieldset(
        rx.el.legend(T("media.brand.colours", "Colours"), class_name="label"),
        rx.el.div(
            rx.foreach(BRAND.colors, well),
            rx.cond(
                BRAND.colors.length() < MOST_COLORS,
                button(
                    T("media.brand.add_colour", "Add a colour"),
                    small=True,
                    glyph="plus",
                    on_click=BrandsState.add_colour,
                ),
            ),
            class_name="brand-wells",
        ),
    )


def _style() -> rx.Component:
    chooser = select(
        rx.el.option(T("media.brand.any_style", "As chosen each time"), value=""),
        *[rx.el.option(T(f"media.style.{name}", words), value=name) for name, words in STYLE_WORDS.items()],
        id="brand-style",
        value=BRAND.style,
        on_change=lambda chosen: BrandsState.set_to("style", chosen),
    )
    return field(T("media.style", "Look"), chooser, control_id="brand-style")


def _logo() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(T("media.brand.logo", "Logo"), class_name="label"),
        rx.el.p(
            T(
                "media.brand.logo.help",
                "Drawn on posters, cards and the cards of clips that the built-in generator makes.",
            ),
            class_name="small muted",
        ),
        rx.el.div(_no_logo(), rx.foreach(BrandsState.pictures, _picture), class_name="brand-logos"),
        rx.el.div(
            PickFile.create(
                T("media.brand.logo.upload", "Upload a logo"), accept=PICTURES_TAKEN, on_done=BrandsState.set_logo
            ),
            class_name="row",
        ),
    )


def _no_logo() -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="brand-logo",
            value="",
            checked=BRAND.logo_id == "",
            on_change=lambda _: BrandsState.set_logo(""),
        ),
        rx.el.span(T("media.brand.no_logo", "No logo")),
    )


def _picture(row: rx.Var[PictureRow]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="brand-logo",
            value=row.id,
            checked=BRAND.logo_id == row.id,
            on_change=lambda _: BrandsState.set_logo(row.id),
            aria_label=row.title,
        ),
        rx.el.img(src=row.thumb, alt="", loading="lazy"),
        title=row.title,
        key=row.id,
    )


def _voice() -> rx.Component:
    chooser = select(
        rx.el.option(T("media.brand.any_voice", "As chosen each time"), value=""),
        rx.foreach(BrandsState.voices, _option),
        id="brand-voice",
        value=BRAND.voice,
        on_change=lambda chosen: BrandsState.set_to("voice", chosen),
    )
    return field(T("media.voice", "Voice"), chooser, control_id="brand-voice")


def _speed() -> rx.Component:
    chooser = select(
        *[rx.el.option(words, value=value) for value, words in SPEEDS.items()],
        id="brand-speed",
        value=BRAND.speed,
        on_change=lambda chosen: BrandsState.set_to("speed", chosen),
    )
    return field(T("media.speed", "Pace"), chooser, control_id="brand-speed")


def _away() -> rx.Component:
    asked = rx.el.div(
        strip(
            T("media.brand.away", "Forget this brand? What was made with it stays as it is."),
            " ",
            button(T("media.brand.forget", "Forget it"), small=True, kind="proof", on_click=BrandsState.throw_away),
            " ",
            button(T("media.spare", "Keep"), small=True, on_click=BrandsState.ask_away(False)),
            glyph="warn",
        ),
        role="alert",
        class_name="inline-strip",
    )
    ask = button(
        T("media.brand.ask_forget", "Forget this brand"),
        kind="quiet",
        small=True,
        on_click=BrandsState.ask_away(True),
    )
    return rx.el.div(rx.cond(BrandsState.asking, asked, ask))
