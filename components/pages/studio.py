"""/media/new: brief on one side, what is being made of it on the other."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.media_results import made
from components.shell import crumb, shell
from components.studio_forms import studio_form
from state.media_jobs import MediaJobsState
from state.session import SessionState
from state.studio import StudioState

ROUTE = "/media/new"
TITLE = "Studio"
ON_LOAD = [SessionState.enter, StudioState.open, MediaJobsState.open]


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.div(
            studio_form(),
            rx.el.section(
                rx.cond((MediaJobsState.jobs.length() > 0) | (StudioState.results.length() > 0), made(), _before()),
                class_name="out desk studio-out",
                aria_label=T("run.result", "Result"),
            ),
            class_name="run studio",
        ),
        place="media",
        title=T("media.studio", "Studio"),
        crumbs=(crumb(T("nav.media", "Media"), "/media"),),
        class_name="run-screen",
    )


def _before() -> rx.Component:
    return rx.el.div(
        rx.el.h2(T("media.studio.before", "Nothing is made yet.")),
        rx.el.p(
            T(
                "media.studio.before.lede",
                "Fill in the form and press the button. What is made appears here and in the library; "
                "it goes on when you leave, and you are told when it is done.",
            ),
            class_name="lede",
        ),
        class_name="before",
    )
