"""What a screen shows while there is nothing to show: waiting, empty, failed.
Each says what happened and what comes next.
"""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import icon
from components.sheet import Ghost

Child = rx.Component | rx.Var | str | None


def waiting_lines(widths: tuple[str, ...] = ("64%", "48%", "56%")) -> rx.Component:
    """Return pale bars at final line height, with a word for those who do not see them."""
    return rx.el.div(
        rx.el.span(T("state.waiting", "Loading"), class_name="vh"),
        *[rx.el.div(Ghost.create(width=width), class_name="waiting-line") for width in widths],
        role="status",
    )


def empty(title: Child, lede: Child, *examples: rx.Component, ways: tuple[rx.Component, ...] = ()) -> rx.Component:
    """Return the state of an empty list: the nearest working samples (`example_link`), never a picture."""
    return rx.el.section(
        rx.el.h2(title),
        rx.el.p(lede, class_name="lede"),
        rx.el.div(*examples, class_name="ex") if examples else None,
        rx.el.p(*ways, class_name="row wrap") if ways else None,
        class_name="none",
    )


def example_link(name: Child, line: Child, detail: Child, *, href: str | rx.Var[str]) -> rx.Component:
    """Return a row of an empty state: a working sample, its first line, a count."""
    return rx.el.a(rx.el.b(name), rx.el.span(line, class_name="serif"), rx.el.span(detail), href=href)


def failed(title: Child, why: Child, *ways: rx.Component, request_id: Child = None) -> rx.Component:
    """Return a worded failure where the result would stand: what, why, what next, and the id to quote."""
    quoted = (
        rx.el.span(T("state.request", "Request"), " ", request_id, class_name="mono muted")
        if request_id is not None
        else None
    )
    return rx.el.div(
        rx.el.p(icon("bad", small=True), title, class_name="st bad"),
        rx.el.p(why, class_name="small failed-why"),
        rx.el.p(*ways, quoted, class_name="row wrap"),
        class_name="failed",
        role="alert",
    )
