"""The public page."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.shell_client import try_now
from state.session import SessionState

ROUTE = "/"
TITLE = "Copy that fits"
ON_LOAD = [SessionState.load]


def page() -> rx.Component:
    """Return the page."""
    return rx.el.main(rx.el.h1(T("landing.title", "Marketing copy that fits.")), rx.el.button(T("landing.try", "Try it now"), on_click=try_now(), class_name="btn primary huge"))
