"""A finished text in the place it goes to: a search page, a feed, an inbox, a phone."""

from __future__ import annotations

import reflex as rx

from components.controls import button
from components.i18n import T
from state.run import RunState

VIEW = RunState.preview


def preview() -> rx.Component:
    """Return the preview, or nothing where the template has none."""
    return rx.cond(
        VIEW.kind != "",
        rx.el.section(
            rx.el.h2(
                T("preview.title", "Preview"),
                rx.cond(
                    VIEW.combinations > 1,
                    rx.el.span(
                        T("preview.combinations", "one of {n} combinations", n=VIEW.combinations),
                        class_name="small muted plain",
                    ),
                ),
            ),
            rx.match(
                VIEW.kind,
                ("search_ad", _search(sponsored=True)),
                ("search_result", _search(sponsored=False)),
                ("email", _email()),
                ("sms", _bubble()),
                _post(),
            ),
            rx.cond(
                VIEW.combinations > 1,
                button(
                    T("preview.another", "Another combination"),
                    kind="quiet",
                    small=True,
                    glyph="again",
                    on_click=RunState.turn_preview,
                ),
            ),
            class_name="preview",
            lang=RunState.language,
            dir=rx.cond(RunState.language == "ar", "rtl", "ltr"),
        ),
        rx.fragment(),
    )


def _search(*, sponsored: bool) -> rx.Component:
    return rx.el.div(
        rx.el.p(T("preview.sponsored", "Sponsored"), class_name="small spons") if sponsored else None,
        rx.el.div(
            rx.el.i(VIEW.source[0], aria_hidden=True),
            rx.el.span(rx.el.b(VIEW.source), rx.el.bdi(VIEW.place)),
            class_name="src",
        ),
        rx.el.p(VIEW.title, class_name="h"),
        rx.el.p(VIEW.body, class_name="d"),
        class_name="serp",
    )


def _email() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.b(VIEW.title), class_name="subject"),
        rx.el.p(VIEW.body, class_name="muted small"),
        rx.el.p(VIEW.detail, class_name="serif inbox-body"),
        class_name="serp inbox",
    )


def _bubble() -> rx.Component:
    return rx.el.div(rx.el.p(VIEW.body), class_name="serp sms")


def _post() -> rx.Component:
    return rx.el.div(rx.el.p(VIEW.body, class_name="post-body"), class_name="serp post")
