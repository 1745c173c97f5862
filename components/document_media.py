"""On the page of a document: said aloud or set as a clip in one click, and the media that belong to it."""

from __future__ import annotations

import reflex as rx

from components.controls import button
from components.i18n import T, isolated
from components.icons import icon
from state.document_media import DocumentMediaState
from state.media_view import AssetRow


def make_of_document() -> rx.Component:
    """Return the buttons, each with what it may cost."""
    clip = button(
        T("document.clip", "Make a clip"), _price(DocumentMediaState.clip_price),
        kind="quiet", small=True, glyph="play", on_click=DocumentMediaState.make_clip,
    )  # fmt: skip
    aloud = button(
        T("document.aloud", "Say it aloud"), _price(DocumentMediaState.speech_price),
        kind="quiet", small=True, glyph="wave", on_click=DocumentMediaState.say_aloud,
    )  # fmt: skip
    return rx.cond(
        DocumentMediaState.ready, rx.fragment(rx.cond(DocumentMediaState.is_script, clip), aloud), rx.fragment()
    )


def _price(most: rx.Var[str]) -> rx.Component:
    told = rx.cond(
        most != "", T("document.media.most", "at most {high}", high=isolated(most)), T("run.no_charge", "no charge")
    )
    return rx.el.span(told, class_name="muted num")


def document_media() -> rx.Component:
    """Return the media that were made from the document or are used in it."""
    return rx.cond(
        DocumentMediaState.rows.length() > 0,
        rx.fragment(
            rx.el.h2(T("nav.media", "Media")),
            rx.el.ul(rx.foreach(DocumentMediaState.rows, _row), class_name="doc-media"),
        ),
    )


def _row(row: rx.Var[AssetRow]) -> rx.Component:
    glyph = rx.match(row.kind, ("speech", "wave"), ("video", "play"), ("transcript", "docs"), "media")
    return rx.el.li(
        rx.el.a(
            rx.cond(
                (row.thumb != "") & (row.kind != "speech"),
                rx.el.img(src=row.thumb, alt="", loading="lazy"),
                rx.el.span(icon(glyph), class_name="no-thumb"),
            ),
            rx.el.span(row.title, dir="auto"),
            href="/media?asset=" + row.id,
        ),
        key=row.id,
    )
