"""One module per page, so that each page's script holds that page alone."""

from __future__ import annotations

from importlib import import_module

import reflex as rx

PAGES = ("landing", "gallery")


def add_pages(app: rx.App) -> None:
    """Add every page: each module has `ROUTE`, `TITLE` (English, for the first paint), `page()` and `ON_LOAD`."""
    for name in PAGES:
        module = import_module(f"components.pages.{name}")
        app.add_page(module.page, route=module.ROUTE, title=f"{module.TITLE}, Galley", on_load=module.ON_LOAD)
