"""The palette behind Ctrl+K, and the button that opens it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.behaviours import client
from components.i18n import LANGUAGES, T
from components.icons import icon


class Palette(rx.Component):
    """The dialog; it fetches the catalogue the first time it opens."""

    library = "$/public/js/palette"
    tag = "Palette"
    languages: rx.Var[dict[str, str]]
    places: rx.Var[list[dict[str, str]]]


def palette() -> rx.Component:
    """Return the palette; stands once on each screen."""
    places: list[dict[str, Any]] = [
        {"href": "/templates", "icon": "templates", "key": "palette.templates", "label": "Go to templates"},
        {"href": "/documents", "icon": "docs", "key": "palette.documents", "label": "Go to documents"},
        {"href": "/media", "icon": "media", "key": "palette.media", "label": "Go to media"},
        {"href": "/media/new", "icon": "plus", "key": "palette.media_new", "label": "Make a picture, speech or clip"},
        {"href": "/settings", "icon": "settings", "key": "palette.settings", "label": "Go to settings"},
    ]
    return Palette.create(languages=dict(LANGUAGES), places=places)


def find_button() -> rx.Component:
    """Return the button in the top bar."""
    words = T("shell.find", "Find or run")
    return rx.el.button(
        icon("search", small=True),
        rx.el.span(words),
        rx.el.kbd("Ctrl K", aria_hidden=True),
        type="button",
        class_name="find",
        on_click=client("palette", "openPalette"),
    )
