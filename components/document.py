"""The head of every page: what must stand there before the first paint."""

from __future__ import annotations

import reflex as rx

from components.i18n import boot_script

PRELOADED = ("newsreader", "instrument-sans")


def head() -> list[rx.Component]:
    """Return the elements of the head."""
    fonts = [
        rx.el.link(
            rel="preload",
            href=f"/fonts/{name}.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        )
        for name in PRELOADED
    ]
    return [
        rx.el.script(boot_script()),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        *fonts,
    ]
