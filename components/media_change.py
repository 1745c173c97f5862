"""What can be done with a picture that is there: edit, vary, cut out; or the sentence that says who could."""

from __future__ import annotations

import reflex as rx

from components.controls import link_button
from components.i18n import T, isolated
from state.media_recipe import RecipeState

DETAIL = RecipeState.detail
PAGE = "/media/edit"


def change_picture() -> rx.Component:
    """Return the section of the recipe that leads to the ways in which a picture can be changed."""
    ways = (
        ("edit", T("media.edit", "Edit"), DETAIL.edit_by),
        ("vary", T("media.variations", "Make variations"), DETAIL.vary_by),
        ("cut_out", T("media.cut_out", "Cut out the background"), DETAIL.cut_by),
    )
    offered = [
        rx.cond(by != "", link_button(words, href=f"{PAGE}?way={way}&asset=" + DETAIL.id.to(str), small=True))
        for way, words, by in ways
    ]
    return rx.el.section(
        rx.el.h3(T("media.edit.title", "Change the picture")),
        rx.el.div(*offered, class_name="pills"),
        rx.cond(DETAIL.edit_by == "", edit_could(DETAIL.edit_could)),
        rx.cond(DETAIL.cut_by == "", cut_could(DETAIL.cut_could)),
    )


def edit_could(names: rx.Var[str]) -> rx.Component:
    """Return the sentence that says which providers edit and vary pictures."""
    return _could(
        T(
            "media.edit.could",
            "Editing needs a provider that paints: {providers}.",
            providers=isolated(names),
        )
    )


def cut_could(names: rx.Var[str]) -> rx.Component:
    """Return the sentence that says which providers cut backgrounds out."""
    return _could(
        T("media.cut_out.could", "Cutting out needs a provider that does it: {providers}.", providers=isolated(names))
    )


def _could(sentence: rx.Var[str]) -> rx.Component:
    return rx.el.p(
        sentence,
        " ",
        rx.el.a(T("run.connect", "Connect a provider"), href="/settings/providers"),
        class_name="small muted could",
    )
