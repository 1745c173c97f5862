"""The bar that asks what should be made, and what hangs under it."""

from __future__ import annotations

import reflex as rx

from components.controls import button, link_button, segments
from components.i18n import T, isolated
from components.media_parts import MakeKeys
from components.media_wall import wall
from components.states import empty, example_link
from components.studio_fields import network_options, style_options, voice_options
from state.media import MediaState
from state.media_jobs import MediaJobsState
from state.studio import StudioState

TAB_WORDS = {"picture": "Picture", "speech": "Voice", "clip": "Clip"}
_ASK_WORDS = {
    "picture": "What should be made?",
    "speech": "What should be said?",
    "clip": "What should the clip say? An empty line begins a new scene.",
}


def say_bar() -> rx.Component:
    """Return the bar: one line, kind, place, look, price, and the button."""
    asked = rx.match(StudioState.tab, *[(tab, T(f"media.ask.{tab}", words)) for tab, words in _ASK_WORDS.items()], "")
    return rx.el.form(
        MakeKeys.create(),
        rx.el.div(
            rx.el.textarea(
                id="media-ask",
                name="prompt",
                rows="1",
                max_length=4000,
                placeholder=asked,
                aria_label=asked,
                default_value="",
                on_change=StudioState.weigh.debounce(400),
            ),
            button(
                make_words(),
                rx.el.kbd(T("key.run", "Ctrl Enter"), class_name="desk-only"),
                kind="primary",
                type="submit",
            ),
            class_name="say-bar",
        ),
        rx.el.div(
            _tabs(),
            rx.cond(StudioState.tab != "speech", _network()),
            rx.cond(StudioState.tab != "speech", _style()),
            rx.cond(StudioState.tab != "picture", _voice()),
            rx.el.span(class_name="grow"),
            price(),
            class_name="say-opts",
        ),
        on_submit=StudioState.make,
        class_name="makes",
    )


def make_words() -> rx.Var[str]:
    """Return the words of the button: how many pictures, or what."""
    many = T("media.make_pictures", {"one": "Make one", "other": "Make {n}"}, n=StudioState.count.to(int))
    return rx.match(
        StudioState.tab,
        ("picture", many),
        ("speech", T("media.make_speech", "Say it")),
        ("transcript", T("media.make_transcript", "Write it down")),
        T("media.make_clip", "Make the clip"),
    )


def price() -> rx.Component:
    """Return what it may cost, before the click."""
    low, high = isolated(StudioState.price_low), isolated(StudioState.price_high)
    between = T("media.price.between", "about {low} to {high}", low=low, high=high)
    about = T("media.price.about", "about {low}", low=low)
    guessed = T("run.price.flat", "about {low}: a flat estimate, the price is not known", low=low)
    known = rx.cond(StudioState.price_low == StudioState.price_high, about, between)
    words = rx.cond(
        StudioState.price_high == "", T("run.no_charge", "no charge"), rx.cond(StudioState.price_known, known, guessed)
    )
    return rx.el.span(rx.cond(StudioState.priced, words, ""), class_name="small muted num", aria_live="polite")


def _tabs() -> rx.Component:
    buttons = [
        rx.el.button(
            T(f"media.tab.{tab}", words),
            type="button",
            aria_pressed=rx.cond(StudioState.tab == tab, "true", "false"),
            on_click=StudioState.turn_to(tab),
        )
        for tab, words in TAB_WORDS.items()
    ]
    return segments(*buttons, label=T("media.kind", "Kind"))


def _pick(name: str, label: rx.Var[str], value: rx.Var[str], *options: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="vh"),
        rx.el.select(*options, value=value, on_change=lambda chosen: StudioState.set_to(name, chosen)),
        class_name="pick",
    )


def _network() -> rx.Component:
    return _pick("network", T("media.network", "Where it goes"), StudioState.network, *network_options())


def _style() -> rx.Component:
    return _pick("style", T("media.style", "Look"), StudioState.style, *style_options())


def _voice() -> rx.Component:
    return _pick("voice", T("media.voice", "Voice"), StudioState.voice, voice_options())


def state_of_wall() -> rx.Component:
    """Return the wall, or why it is empty."""
    bare = (MediaState.rows.length() == 0) & (MediaJobsState.jobs.length() == 0)
    return rx.cond(bare, rx.cond(MediaState.narrowed, _none_found(), _nothing_yet()), wall())


def _none_found() -> rx.Component:
    return empty(
        T("media.none_found", "Nothing here is like that."),
        T("media.none_found.lede", "Take one filter away, or try one word less."),
        ways=(button(T("media.widen", "Show all"), on_click=MediaState.widen),),
    )


def _nothing_yet() -> rx.Component:
    kinds = {
        "picture": T("media.tab.picture", "Picture"),
        "speech": T("media.tab.speech", "Voice"),
        "clip": T("media.tab.clip", "Clip"),
    }
    lines = {
        "picture": T("media.sample.picture", "A poster: Change the part. Keep the chair."),
        "speech": T("media.sample.speech", "Fourteen seconds of a spoken answer about a worn castor."),
        "clip": T("media.sample.clip", "A captioned clip in four scenes, with a voice."),
    }
    return empty(
        T("media.empty", "Nothing hangs here yet."),
        T("media.empty.lede", "Three to begin with; each is filled in and needs no key:"),
        *[
            example_link(kinds[tab], lines[tab], T("media.sample", "filled in"), href=f"/media/new?tab={tab}&sample=1")
            for tab in kinds
        ],
        ways=(link_button(T("media.studio", "Studio"), href="/media/new", kind="primary"),),
    )
