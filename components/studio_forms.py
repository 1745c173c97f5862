"""The four forms of the studio. Each is one form element; what it holds goes to the state when it is sent."""

from __future__ import annotations

import reflex as rx

from components import studio_fields as fields
from components.controls import button, field, select
from components.i18n import T
from components.media_maker import make_words, price
from components.media_parts import MakeKeys
from state.studio import StudioState

PICTURE_CHARACTERS = 4_000  # as in app/media/recipes.py
TEXT_CHARACTERS = 18_000  # an event carries no longer text, see state/payloads.py
TAB_WORDS = {"picture": "Picture", "speech": "Voice", "clip": "Clip", "transcript": "Transcript"}


def studio_form() -> rx.Component:
    """Return the form pane."""
    return rx.el.form(
        MakeKeys.create(),
        rx.el.div(
            rx.el.div(
                rx.el.h1(T("media.studio.title", "Make something")),
                rx.el.p(
                    T("media.studio.lede", "It is made in the background; you may leave."), class_name="muted lead"
                ),
                class_name="ttl",
            ),
            _tabs(),
            rx.el.div(
                rx.match(
                    StudioState.tab,
                    ("speech", _speech()),
                    ("clip", _clip()),
                    ("transcript", _transcript()),
                    _picture(),
                ),
                class_name="brief",
            ),
            rx.cond(
                StudioState.tab != "transcript",
                rx.el.div(
                    button(
                        T("run.sample", "Fill with sample"), kind="quiet", small=True, on_click=StudioState.fill_sample
                    ),
                    class_name="sample",
                ),
            ),
            class_name="form-in",
        ),
        rx.el.div(
            button(
                make_words(),
                rx.el.kbd(T("key.run", "Ctrl Enter"), class_name="desk-only"),
                kind="primary",
                type="submit",
            ),
            price(),
            class_name="go",
        ),
        class_name="form makes",
        aria_label=T("run.form", "Form"),
        no_validate=True,
        on_submit=StudioState.make,
        reset_on_submit=False,
    )


def _tabs() -> rx.Component:
    buttons = [
        rx.el.button(
            T(f"media.tab.{tab}", words),
            type="button",
            role="tab",
            aria_selected=rx.cond(StudioState.tab == tab, "true", "false"),
            on_click=StudioState.turn_to(tab),
        )
        for tab, words in TAB_WORDS.items()
    ]
    return rx.el.div(*buttons, class_name="tabs", role="tablist", aria_label=T("media.kind", "Kind"))


def _picture() -> rx.Component:
    return rx.fragment(
        fields.prompt_field(T("media.field.picture", "What it shows"), rows=3, most=PICTURE_CHARACTERS),
        fields.line_field("headline", T("media.field.headline", "Words on it"), StudioState.headline),
        fields.line_field("subline", T("media.field.subline", "Second line"), StudioState.subline),
        fields.line_field("call", T("media.field.call", "Call to action"), StudioState.call, most=60),
        fields.brands(),
        fields.networks(),
        fields.styles(),
        fields.colours(),
        rx.el.div(
            fields.counts(),
            fields.line_field("seed", T("media.seed", "Seed"), StudioState.seed, most=10),
            fields.languages(),
            class_name="pairs",
        ),
    )


def _speech() -> rx.Component:
    return rx.fragment(
        fields.prompt_field(T("media.field.speech", "What is said"), rows=8, most=TEXT_CHARACTERS),
        rx.el.div(fields.languages(), fields.voices(), class_name="pairs"),
        fields.brands(),
    )


def _clip() -> rx.Component:
    return rx.fragment(
        fields.prompt_field(
            T("media.field.clip", "Script"),
            rows=8,
            most=TEXT_CHARACTERS,
            help_text=T(
                "media.field.clip.help", "An empty line begins a new scene. What you write is spoken and captioned."
            ),
        ),
        fields.line_field("headline", T("media.field.title", "Title"), StudioState.headline, most=120),
        fields.brands(),
        fields.networks(),
        fields.styles(),
        fields.colours(),
        rx.el.div(fields.languages(), fields.voices(), class_name="pairs"),
        fields.tick_box("music", T("media.field.music", "A quiet bed of music under the voice")),
        fields.draft_box(),
    )


def _transcript() -> rx.Component:
    sources = select(
        rx.el.option(T("run.choose", "Choose"), value=""),
        rx.foreach(StudioState.recordings, lambda row: rx.el.option(row.label, value=row.value)),
        id="studio-source",
        name="source_id",
        value=StudioState.source_id,
        on_change=lambda chosen: StudioState.set_to("source_id", chosen),
    )
    return rx.fragment(
        field(T("media.field.recording", "Recording or clip"), sources, control_id="studio-source", required=True),
        fields.upload_note(),
        fields.languages(),
        fields.tick_box("translate", T("media.field.translate", "Translate into English")),
    )
