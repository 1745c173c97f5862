"""What the product tells unasked: short notices, the strip that says the line is down,
the page that could not be drawn.
"""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventHandler, passthrough_event_spec
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_connection_errors, has_hydration_payload_error

from components.behaviours import client
from components.controls import button, link_button
from components.i18n import T
from components.icons import Sprite, icon
from state.media import MediaState
from state.session import SessionState

Child = rx.Component | rx.Var | str | None


class Notices(rx.Component):
    """The stack of notices in the corner, read aloud politely. `on_undo` gets what a notice says it can undo."""

    library = "$/public/js/shell"
    tag = "Notices"
    notice: rx.Var[dict[str, str]]
    on_undo: EventHandler[passthrough_event_spec(str)]


def strip(
    *words: Child, glyph: str = "ask", bad: bool = False, over_all: bool = False, **props: object
) -> rx.Component:
    """Return the strip that says one true thing about the page; `over_all` fixes it to the top of the window."""
    classes = ["strip", *(["bad"] if bad else []), *(["over-all"] if over_all else [])]
    return rx.el.div(icon(glyph, small=True), rx.el.span(*words), class_name=" ".join(classes), **props)


def connection_strip() -> rx.Component:
    """Return what is shown while the server cannot be reached, in place of Reflex's English toast."""
    lost = T("connection.lost", "Galley cannot be reached. What you typed is kept; we try again by ourselves.")
    heavy = T("connection.heavy", "This browser sent more than Galley takes. Reload the page.")
    words = rx.cond(has_hydration_payload_error, heavy, lost)
    return rx.el.div(
        rx.cond(has_connection_errors, strip(words, glyph="warn", bad=True, over_all=True)),
        role="status",
        aria_live="polite",
    )


def expired_strip() -> rx.Component:
    """Return what is shown when the session has ended while the page stood open."""
    words = T(
        "session.expired", "You are signed out here. What you typed is still on the page; copy it before you go on."
    )
    again = link_button(T("session.again", "Sign in again"), href="/sign-in", small=True)
    return rx.cond(SessionState.expired, rx.el.div(strip(words, " ", again, glyph="warn", bad=True), role="alert"))


def error_boundary(stateful: bool) -> rx.Component:
    """Return the boundary around the whole page: a worded state where a part of it could not be drawn."""
    fallback = rx.el.main(
        rx.el.h1(T("crash.title", "This page could not be drawn.")),
        rx.el.p(
            T(
                "crash.why",
                "The fault is on our side and has been noted. Your saved work is not touched. Reload to go on.",
            ),
            class_name="lede",
        ),
        rx.el.p(
            button(T("crash.reload", "Reload the page"), kind="primary", on_click=client("shell", "reloadPage")),
            class_name="row",
        ),
        class_name="main crash",
    )
    props: dict[str, object] = {} if stateful else {"on_error": rx.noop()}
    return ErrorBoundary.create(fallback_render=_as_function(fallback), **props)


def _as_function(body: rx.Component) -> rx.Var:
    from reflex.vars.function import ArgsFunctionOperation

    return ArgsFunctionOperation.create(("event_args",), rx.Var.create(body))


def overlay(stateful: bool) -> rx.Component | None:
    """Return what lies over every page."""
    if not stateful:
        return None
    return rx.fragment(
        Sprite.create(), connection_strip(), Notices.create(notice=SessionState.notice, on_undo=MediaState.undo)
    )
