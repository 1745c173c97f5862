"""The fields of the studio: place, look, voice, words on the picture, colours."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, select, text_area, text_input
from components.i18n import T
from components.icons import icon
from components.run_form import LANGUAGE_NAMES
from state.media_view import Choice
from state.studio import StudioState
from state.studio_choices import COUNTS, NETWORK_ASPECTS, NETWORK_WORDS, SPEEDS, STYLE_WORDS


def network_options() -> list[rx.Component]:
    """Return the places a picture or clip can go to, each with its shape."""
    return [rx.el.option(T(f"media.net.{name}", words), value=name) for name, words in NETWORK_WORDS.items()]


def style_options() -> list[rx.Component]:
    """Return the looks."""
    return [rx.el.option(T(f"media.style.{name}", words), value=name) for name, words in STYLE_WORDS.items()]


def voice_options() -> rx.Component:
    """Return the voices of the model that would speak."""

    def option(row: rx.Var[Choice]) -> rx.Component:
        return rx.el.option(row.label, value=row.value)

    return rx.foreach(StudioState.voices, option)


def prompt_field(label: rx.Var[str], *, rows: int, most: int, help_text: rx.Var[str] | None = None) -> rx.Component:
    """Return the large field: what is shown, said or told."""
    return field(
        label,
        text_area(
            id="studio-prompt",
            name="prompt",
            rows=str(rows),
            max_length=most,
            dir="auto",
            default_value=StudioState.prompt,
            key="prompt-" + StudioState.stamp.to_string(),
            on_change=StudioState.weigh.debounce(400),
        ),
        control_id="studio-prompt",
        required=True,
        help_text=help_text,
    )


def line_field(name: str, label: rx.Var[str], value: rx.Var[str], *, most: int = 160) -> rx.Component:
    """Return a field of one line that the form carries under `name`."""
    control_id = f"studio-{name}"
    return field(
        label,
        text_input(
            id=control_id,
            name=name,
            default_value=value,
            key=f"{name}-" + StudioState.stamp.to_string(),
            max_length=most,
            dir="auto",
        ),
        control_id=control_id,
    )


def choice_field(name: str, label: rx.Var[str], value: rx.Var[str], *options: rx.Component) -> rx.Component:
    """Return a select that the state follows."""
    control_id = f"studio-{name}"
    chooser = select(
        *options, id=control_id, name=name, value=value, on_change=lambda chosen: StudioState.set_to(name, chosen)
    )
    return field(label, chooser, control_id=control_id)


def networks() -> rx.Component:
    """Return the places as chips, each with a frame in its shape."""
    chips = [
        _radio(
            "network",
            name,
            StudioState.network == name,
            rx.el.span(class_name=f"net-frame of-{NETWORK_ASPECTS[name]}", aria_hidden=True),
            rx.el.span(T(f"media.net.{name}", words)),
        )
        for name, words in NETWORK_WORDS.items()
    ]
    return _group(T("media.network", "Where it goes"), *chips, class_name="chips-shape")


def styles() -> rx.Component:
    """Return the looks as tiles, each drawn small."""
    tiles = [
        _radio(
            "style",
            name,
            StudioState.style == name,
            rx.el.span(rx.el.b(), rx.el.i(), rx.el.u(), class_name=f"look {name}", aria_hidden=True),
            rx.el.span(T(f"media.style.{name}", words)),
        )
        for name, words in STYLE_WORDS.items()
    ]
    return _group(T("media.style", "Look"), *tiles, class_name="looks")


def _radio(name: str, value: str, chosen: rx.Var[bool], *drawn: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=value,
            checked=chosen,
            on_change=lambda _: StudioState.set_to(name, value),
        ),
        *drawn,
    )


def _group(label: rx.Var[str], *members: rx.Component, class_name: str) -> rx.Component:
    return rx.el.fieldset(rx.el.legend(label, class_name="label"), rx.el.div(*members, class_name=class_name))


def colours() -> rx.Component:
    """Return the colours of the brand: off, or three of them."""
    wells = [
        rx.el.input(
            type="color",
            value=StudioState.colors[n - 1],
            on_change=lambda value, place=n - 1: StudioState.set_colour(place, value).debounce(150),
            aria_label=T("media.colour_n", "Colour {n}", n=n),
        )
        for n in (1, 2, 3)
    ]
    return rx.el.fieldset(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=StudioState.branded,
                on_change=StudioState.use_brand,
            ),
            T("media.colours", "Use these colours"),
            class_name="tick",
        ),
        rx.cond(StudioState.branded, rx.el.div(*wells, class_name="wells")),
    )


def brands() -> rx.Component:
    """Return the brands to choose from, and the way to keep what is chosen as one."""

    def option(row: rx.Var[Choice]) -> rx.Component:
        return rx.el.option(row.label, value=row.value)

    name = T("media.brand.name", "Name of a new brand")
    return rx.el.div(
        choice_field(
            "brand_id",
            T("media.brand", "Brand"),
            StudioState.brand_id,
            rx.el.option(T("media.brand.none", "None"), value=""),
            rx.foreach(StudioState.brands, option),
        ),
        rx.el.a(
            T("media.brand.edit", "Edit brands: logo, voice, pronunciations"), href="/media/brands", class_name="small"
        ),
        rx.el.details(
            rx.el.summary(T("media.brand.keep", "Keep this look as a brand"), class_name="small"),
            rx.el.div(
                text_input(max_length=80, placeholder=name, aria_label=name, on_blur=StudioState.name_brand),
                button(T("media.brand.save", "Keep"), small=True, on_click=StudioState.keep_brand),
                class_name="row",
            ),
        ),
        class_name="brand-choice",
    )


def counts() -> rx.Component:
    """Return how many pictures."""
    return choice_field(
        "count",
        T("media.count", "How many"),
        StudioState.count,
        *[rx.el.option(n, value=n) for n in COUNTS],
    )


def voices() -> rx.Component:
    """Return the voice and its pace."""
    return rx.fragment(
        choice_field("voice", T("media.voice", "Voice"), StudioState.voice, voice_options()),
        choice_field(
            "speed",
            T("media.speed", "Pace"),
            StudioState.speed,
            *[rx.el.option(words, value=value) for value, words in SPEEDS.items()],
        ),
    )


def languages() -> rx.Component:
    """Return the language of what is said or written on it."""
    return choice_field(
        "locale",
        T("media.language", "Language"),
        StudioState.locale,
        *[rx.el.option(words, value=code, lang=code) for code, words in LANGUAGE_NAMES.items()],
    )


def tick_box(name: str, label: rx.Var[str]) -> rx.Component:
    """Return a box that the form carries as "on" when it is ticked."""
    return rx.el.label(rx.el.input(type="checkbox", name=name), label, class_name="tick")


def draft_box() -> rx.Component:
    """Return the box that has only the draft of a clip made."""
    return rx.el.label(
        rx.el.input(type="checkbox", checked=StudioState.draft, on_change=StudioState.draft_only),
        T("media.field.draft", "Only a draft: small, and quickly made"),
        class_name="tick",
    )


def upload_note() -> rx.Component:
    """Return the hint to where a recording comes from."""
    return rx.el.p(
        icon("upload", small=True),
        rx.el.a(T("media.transcript.upload", "Upload a recording to the library first"), href="/media"),
        class_name="small row",
    )
