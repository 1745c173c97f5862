"""One module per page, so that each page's script holds that page alone."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import reflex as rx

from state.media_live import MediaLiveState

PICTURE = "/logo.svg"
"""What a link to a page shows elsewhere."""


def page_modules() -> Iterator[ModuleType]:
    """Yield every page: each module has `ROUTE`, `TITLE` (English, for the first paint), `page()` and `ON_LOAD`."""
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "ROUTE"):
            yield module


def add_pages(app: rx.App) -> None:
    """Add every page to the app; each follows the workspace's jobs, so that news of them reach whoever is there."""
    for module in page_modules():
        app.add_page(
            module.page,
            route=module.ROUTE,
            title=module.TITLE if module.ROUTE == "/" else f"{module.TITLE}, Galley",
            image=PICTURE,
            on_load=[*module.ON_LOAD, MediaLiveState.follow],
        )
