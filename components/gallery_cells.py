"""The cells of the gallery, and the rows of its empty state."""

from __future__ import annotations

import reflex as rx

from components.gallery_view import Preview, gallery
from components.i18n import T
from components.icons import Icon
from components.states import example_link
from state.gallery import GalleryState
from state.session import SessionState

Card = rx.Var[dict[str, str]]


def cells(rows: str) -> rx.Component:
    """Return the cells of a list of the view."""
    return rx.el.div(rx.foreach(gallery(rows).to(list[dict[str, str]]), cell), class_name="cells")


def cell(card: Card) -> rx.Component:
    """Return one template: what it makes, its name, how much is checked."""
    return rx.el.article(
        Preview.create(rows=card["preview"].to(list[dict[str, str]])),
        rx.el.div(
            rx.el.h3(rx.el.a(card["title"], href=card["href"])),
            rx.cond(SessionState.signed_in, _favourite(card), rx.fragment()),
            class_name="nm",
        ),
        rx.el.div(_checks(card), rx.el.span("·", aria_hidden=True), rx.el.span(card["where"]), class_name="mt"),
        key=card["id"],
        class_name="cell",
    )


def _favourite(card: Card) -> rx.Component:
    marked = card["favourite"].to(bool)
    return rx.el.button(
        Icon.create(name=rx.cond(marked, "starred", "star"), small=True),
        type="button",
        class_name="fav",
        aria_pressed=rx.cond(marked, "true", "false"),
        aria_label=T("gallery.favourite", "Favourite: {name}", name=card["title"]),
        on_click=GalleryState.toggle(card["id"]),
    )


def _checks(card: Card) -> rx.Component:
    words = T("gallery.checks", {"one": "check", "other": "checks"}, n=card["checks"].to(int))
    return rx.el.span(rx.el.span(card["checks"], class_name="frac"), " ", words)


def nearest_list() -> rx.Component:
    """Return the templates nearest to a search that found nothing."""
    return rx.el.div(
        rx.foreach(
            gallery("near").to(list[dict[str, str]]),
            lambda card: example_link(
                card["title"], rx.el.span(card["line"], lang="en", dir="ltr"), _checks(card), href=_filled(card)
            ),
        ),
        class_name="ex",
    )


def _filled(card: Card) -> rx.Var[str]:
    return "/templates/" + card["id"].to(str) + "?sample=1"
