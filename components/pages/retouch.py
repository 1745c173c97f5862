"""/media/edit: one picture, the ways to change it on one side, the picture and what came of it on the other."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, select, text_area
from components.i18n import T, isolated
from components.media_change import cut_could, edit_could
from components.media_parts import BrushStage, BrushTools, MakeKeys
from components.media_results import made
from components.shell import crumb, shell
from state.media_jobs import MediaJobsState
from state.retouch import PROMPT_CHARACTERS, RetouchState
from state.session import SessionState
from state.studio import StudioState
from state.studio_choices import COUNTS

ROUTE = "/media/edit"
TITLE = "Change the picture"
ON_LOAD = [SessionState.enter, RetouchState.open, MediaJobsState.open]
PICTURE = RetouchState.picture
_TAB_WORDS = {"edit": "Edit", "vary": "Variations", "cut_out": "Cut out"}


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.cond(PICTURE.id != "", rx.el.div(_form(), _picture(), class_name="run studio retouch"), _nothing()),
        place="media",
        title=T("media.edit.title", "Change the picture"),
        crumbs=(crumb(T("nav.media", "Media"), "/media"),),
        class_name="run-screen",
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.h1(T("media.edit.title", "Change the picture")),
        rx.el.p(T("media.edit.none", "Choose a picture in the library, then “Edit” in its recipe."), class_name="lede"),
        rx.el.a(T("media.library", "Library"), href="/media"),
        class_name="before retouch-none",
    )


def _form() -> rx.Component:
    return rx.el.form(
        MakeKeys.create(),
        rx.el.div(
            rx.el.div(
                rx.el.h1(T("media.edit.title", "Change the picture")),
                rx.el.p(
                    T("media.edit.lede", "A new picture is made; this one stays as it is."), class_name="muted lead"
                ),
                class_name="ttl",
            ),
            _tabs(),
            rx.el.div(
                rx.match(RetouchState.tab, ("vary", _vary()), ("cut_out", _cut_out()), _edit()), class_name="brief"
            ),
            class_name="form-in",
        ),
        rx.cond(_able(), rx.el.div(_make(), _price(), class_name="go")),
        class_name="form makes",
        aria_label=T("run.form", "Form"),
        no_validate=True,
        on_submit=RetouchState.make,
        reset_on_submit=False,
    )


def _able() -> rx.Var[bool]:
    by = rx.match(RetouchState.tab, ("vary", PICTURE.vary_by), ("cut_out", PICTURE.cut_by), PICTURE.edit_by)
    return by != ""


def _tabs() -> rx.Component:
    buttons = [
        rx.el.button(
            T(f"media.edit.tab.{tab}", words),
            type="button",
            role="tab",
            aria_selected=rx.cond(RetouchState.tab == tab, "true", "false"),
            on_click=RetouchState.turn_to(tab),
        )
        for tab, words in _TAB_WORDS.items()
    ]
    return rx.el.div(
        *buttons, class_name="tabs", role="tablist", aria_label=T("media.edit.title", "Change the picture")
    )


def _edit() -> rx.Component:
    prompt = text_area(id="retouch-prompt", name="prompt", rows="3", max_length=PROMPT_CHARACTERS, dir="auto")
    no_mask = rx.el.p(
        T("media.edit.no_mask", "What is connected edits the whole picture; it keeps to no painted part."),
        class_name="small muted",
    )
    offered = rx.fragment(
        field(
            T("media.edit.prompt", "What should be another way?"), prompt, control_id="retouch-prompt", required=True
        ),
        rx.cond(PICTURE.edit_masked, BrushTools.create(), no_mask),
        _counts(),
        _by(PICTURE.edit_by),
    )
    return rx.cond(PICTURE.edit_by != "", offered, edit_could(PICTURE.edit_could))


def _vary() -> rx.Component:
    by = rx.cond(PICTURE.vary_embedded, T("media.embedded", "built-in generator"), PICTURE.vary_by)
    return rx.cond(PICTURE.vary_by != "", rx.fragment(_counts(), _by(by)), edit_could(PICTURE.edit_could))


def _cut_out() -> rx.Component:
    offered = rx.fragment(
        rx.el.p(T("media.cut_out.lede", "What stands in front is kept; the rest becomes transparent.")),
        _by(PICTURE.cut_by),
    )
    return rx.cond(PICTURE.cut_by != "", offered, cut_could(PICTURE.cut_could))


def _by(name: rx.Var[str]) -> rx.Component:
    return rx.el.p(T("media.edit.by", "Asked first: {name}", name=isolated(name)), class_name="small muted")


def _counts() -> rx.Component:
    options = [rx.el.option(count, value=count) for count in COUNTS]
    chooser = select(*options, id="retouch-count", value=RetouchState.count, on_change=RetouchState.set_count)
    return field(T("media.count", "How many"), chooser, control_id="retouch-count")


def _make() -> rx.Component:
    words = rx.match(
        RetouchState.tab,
        ("vary", T("media.variations", "Make variations")),
        ("cut_out", T("media.cut_out", "Cut out the background")),
        T("media.edit", "Edit"),
    )
    return button(words, rx.el.kbd(T("key.run", "Ctrl Enter"), class_name="desk-only"), kind="primary", type="submit")


def _price() -> rx.Component:
    low = isolated(RetouchState.price)
    about = T("media.price.about", "about {low}", low=low)
    guessed = T("run.price.flat", "about {low}: a flat estimate, the price is not known", low=low)
    words = rx.cond(
        RetouchState.price == "",
        T("run.no_charge", "no charge"),
        rx.cond(RetouchState.price_known, about, guessed),
    )
    return rx.el.span(rx.cond(RetouchState.priced, words, ""), class_name="small muted num", aria_live="polite")


def _picture() -> rx.Component:
    return rx.el.section(
        rx.el.figure(
            BrushStage.create(
                src=PICTURE.src,
                alt=rx.cond(PICTURE.alt != "", PICTURE.alt, PICTURE.title),
                painting=(RetouchState.tab == "edit") & PICTURE.edit_masked,
            ),
            rx.el.figcaption(
                rx.el.b(PICTURE.title, dir="auto"), rx.el.bdi(PICTURE.size, class_name="muted num"), class_name="row"
            ),
            class_name="retouch-picture",
        ),
        rx.cond((MediaJobsState.jobs.length() > 0) | (StudioState.results.length() > 0), made()),
        class_name="out desk studio-out",
        aria_label=T("media.picture", "The picture"),
    )
