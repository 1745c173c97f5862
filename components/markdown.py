"""Markdown from people and models, made harmless: no raw HTML, no pictures from elsewhere,
links that give nothing away.
"""

from __future__ import annotations

import reflex as rx


class _OwnImage(rx.Component):
    """A picture from our own address, or its description in words."""

    library = "$/public/js/markdown"
    tag = "OwnImage"
    src: rx.Var[str]
    alt: rx.Var[str]


class _SafeLink(rx.Component):
    """A link that opens apart and tells the other side nothing."""

    library = "$/public/js/markdown"
    tag = "SafeLink"
    href: rx.Var[str]


def SafeMarkdown(text: str | rx.Var[str]) -> rx.Component:  # noqa: N802
    """Return `text` set as markdown. Raw HTML in it shows as text."""
    return rx.el.div(
        rx.markdown(
            text,
            use_raw=False,
            component_map={
                "a": lambda *children, **props: _SafeLink.create(*children, href=props.get("href", "")),
                "img": lambda *children, **props: _OwnImage.create(src=props.get("src", ""), alt=props.get("alt", "")),
            },
        ),
        class_name="prose serif",
        dir="auto",
    )
