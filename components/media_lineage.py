"""Made from, this one, used in: a short family tree."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import icon
from state.media_recipe import RecipeState
from state.media_view import Kin

DETAIL = RecipeState.detail


def lineage() -> rx.Component:
    """Return the tree, or nothing for what has no kin."""
    has = (DETAIL.made_from.length() > 0) | (DETAIL.used_in.length() > 0)
    return rx.cond(
        has,
        rx.el.section(
            rx.el.h3(T("media.lineage", "Where it comes from")),
            rx.el.div(
                rx.el.ul(rx.foreach(DETAIL.made_from, _origin), class_name="from"),
                rx.cond(DETAIL.made_from.length() > 0, rx.el.i(aria_hidden=True), rx.el.span()),
                rx.el.span(_picture(DETAIL.thumb, DETAIL.kind), class_name="th on", aria_hidden=True),
                rx.cond(DETAIL.used_in.length() > 0, rx.el.i(aria_hidden=True), rx.el.span()),
                rx.cond(
                    DETAIL.used_in.length() > 0,
                    rx.el.ul(rx.foreach(DETAIL.used_in, _use), class_name="into"),
                    rx.el.span(),
                ),
                class_name="lineage",
            ),
            rx.el.p(
                rx.cond(
                    DETAIL.made_from.length() > 0,
                    T("media.made_from", "Made from {title}.", title=DETAIL.made_from[0].title),
                    "",
                ),
                " ",
                rx.cond(
                    DETAIL.used_in.length() > 0,
                    T("media.used_in", {"one": "Used once.", "other": "Used {n} times."}, n=DETAIL.used_in.length()),
                    "",
                ),
                class_name="small muted",
                dir="auto",
            ),
            class_name="first",
        ),
    )


def _picture(thumb: rx.Var[str], kind: rx.Var[str]) -> rx.Component:
    glyph = rx.match(kind, ("speech", "wave"), ("video", "play"), ("document", "docs"), ("transcript", "docs"), "media")
    return rx.cond(thumb != "", rx.el.img(src=thumb, alt=""), icon(glyph))


def _origin(kin: rx.Var[Kin]) -> rx.Component:
    face = _picture(kin.thumb, kin.kind)
    return rx.el.li(
        rx.cond(
            kin.kind == "document",
            rx.el.a(face, href=kin.href, class_name="th", aria_label=kin.title, title=kin.title),
            rx.el.button(
                face,
                type="button",
                class_name="th",
                aria_label=kin.title,
                title=kin.title,
                on_click=RecipeState.choose(kin.id),
            ),
        ),
        key=kin.id,
    )


def _use(kin: rx.Var[Kin]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            kin.kind == "document",
            rx.el.a(kin.title, href=kin.href, dir="auto"),
            rx.el.button(
                kin.title, type="button", class_name="plain-link", dir="auto", on_click=RecipeState.choose(kin.id)
            ),
        ),
        key=kin.id,
    )
