"""/media/trash: what was thrown away, until it is put back, deleted for good, or its days are over."""

from __future__ import annotations

import reflex as rx

from components.controls import button, link_button
from components.i18n import T
from components.icons import icon
from components.media_wall import kind_word
from components.notices import strip
from components.run_parts import When
from components.shell import crumb, shell
from components.states import empty, waiting_lines
from state.session import SessionState
from state.trash import TrashRow, TrashState

ROUTE = "/media/trash"
TITLE = "Trash"
ON_LOAD = [SessionState.enter, TrashState.open]


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.div(
            rx.el.h1(T("trash.title", "Trash")),
            rx.cond(TrashState.loaded, _about()),
            rx.cond((TrashState.asked.id != "") | TrashState.emptying, _asked()),
            rx.cond(TrashState.loaded, rx.cond(TrashState.rows.length() > 0, _list(), _none()), waiting_lines()),
            class_name="trash-page",
        ),
        place="media",
        title=T("trash.title", "Trash"),
        crumbs=(crumb(T("nav.media", "Media"), "/media"),),
    )


def _about() -> rx.Component:
    lede = T(
        "trash.lede",
        {
            "one": "What you throw away can be put back for {n} day, then it is deleted for good. Until then its links "
            "do not work, and it still takes up the workspace's storage.",
            "other": "What you throw away can be put back for {n} days, then it is deleted for good. Until then its "
            "links do not work, and it still takes up the workspace's storage.",
        },
        n=TrashState.days,
    )
    held = T("trash.holds", {"one": "{n} thing, {size}", "other": "{n} things, {size}"}, n=TrashState.count,
             size=TrashState.weight)  # fmt: skip
    return rx.fragment(
        rx.el.p(lede, class_name="muted lead"),
        rx.cond(
            TrashState.count > 0,
            rx.el.div(
                rx.el.b(held, class_name="num", role="status"),
                button(T("trash.empty_it", "Empty the trash"), small=True, on_click=TrashState.ask_empty),
                class_name="trash-top",
            ),
        ),
    )


def _asked() -> rx.Component:
    question = rx.cond(
        TrashState.emptying,
        T(
            "trash.asked_all",
            {
                "one": "Delete {n} for good? It cannot be brought back.",
                "other": "Delete all {n} for good? They cannot be brought back.",
            },
            n=TrashState.count,
        ),
        T("trash.asked", "Delete “{title}” for good? It cannot be brought back.", title=TrashState.asked.title),
    )
    return rx.el.div(
        strip(
            question,
            " ",
            button(T("trash.delete", "Delete for good"), small=True, kind="proof", on_click=TrashState.delete),
            " ",
            button(T("media.spare", "Keep"), small=True, on_click=TrashState.spare),
            glyph="warn",
        ),
        role="alert",
        class_name="inline-strip",
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(TrashState.rows, _row), class_name="trash-rows"),
        rx.cond(TrashState.more, rx.el.p(button(T("trash.more", "Show more"), on_click=TrashState.show_more))),
    )


def _row(row: rx.Var[TrashRow]) -> rx.Component:
    glyph = rx.match(row.kind, ("speech", "wave"), ("video", "play"), ("transcript", "docs"), "media")
    seen = rx.cond((row.thumb != "") & (row.kind != "speech"), rx.el.img(src=row.thumb, alt="", loading="lazy"),
                   icon(glyph))  # fmt: skip
    left = T("trash.left", {"one": "{n} day left", "other": "{n} days left"}, n=row.days_left)
    return rx.el.li(
        rx.el.span(seen, class_name="trash-face", aria_hidden=True),
        rx.el.div(
            rx.el.b(row.title, dir="auto"),
            rx.el.span(
                kind_word(row.kind),
                rx.cond(row.weight != "", rx.fragment(" · ", rx.el.span(row.weight, class_name="num"))),
                " · ",
                T("trash.thrown", "thrown away"),
                " ",
                When.create(iso=row.thrown_at),
                " · ",
                left,
                class_name="small muted",
            ),
            class_name="trash-what",
        ),
        rx.el.div(
            button(
                T("trash.put_back", "Put back"),
                small=True,
                glyph="again",
                on_click=TrashState.put_back(row.id),
                aria_label=T("trash.put_back_one", "Put back: {title}", title=row.title),
            ),
            button(
                T("trash.delete", "Delete for good"),
                small=True,
                kind="quiet",
                on_click=TrashState.ask_delete(row.id),
                aria_label=T("trash.delete_one", "Delete for good: {title}", title=row.title),
            ),
            class_name="trash-ways",
        ),
        key=row.id,
    )


def _none() -> rx.Component:
    return empty(
        T("trash.none", "The trash is empty."),
        T("trash.none.lede", "What you throw away in the library lies here until it is put back or its days are over."),
        ways=(link_button(T("media.library", "Library"), href="/media"),),
    )
