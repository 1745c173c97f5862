"""What was asked for on this page: in the making first, then what came of it."""

from __future__ import annotations

import reflex as rx

from components.controls import link_button
from components.i18n import T
from components.icons import icon
from components.media_parts import Wave
from components.media_wall import draft_mark, job_shot
from state.media_jobs import MediaJobsState
from state.media_view import AssetRow
from state.studio import StudioState


def made() -> rx.Component:
    """Return what is being made and what is finished."""
    return rx.el.div(
        rx.el.div(rx.foreach(MediaJobsState.jobs, job_shot), class_name="wall"),
        rx.foreach(StudioState.results, _result),
        class_name="studio-made",
    )


def _result(row: rx.Var[AssetRow]) -> rx.Component:
    name = rx.cond(row.alt != "", row.alt, row.title)
    shown = rx.match(
        row.kind,
        (
            "speech",
            rx.el.div(
                Wave.create(src=row.thumb),
                rx.el.audio(src=row.src, controls=True, preload="metadata", aria_label=name),
                class_name="result-sound",
            ),
        ),
        (
            "video",
            rx.el.video(src=row.src, poster=row.thumb, controls=True, preload="metadata", aria_label=name),
        ),
        ("transcript", rx.el.div(row.words, class_name="words", dir="auto")),
        rx.el.img(src=row.src, alt=name),
    )
    return rx.el.figure(
        shown,
        rx.el.figcaption(
            rx.el.b(row.title, dir="auto"),
            rx.cond(row.draft, draft_mark()),
            rx.el.span(
                rx.cond(row.embedded, T("media.embedded", "built-in generator"), row.made_by), class_name="muted"
            ),
            rx.el.span(rx.cond(row.price != "", row.price, T("run.no_charge", "no charge")), class_name="muted num"),
            rx.el.span(class_name="grow"),
            link_button(T("media.look", "In the library"), href="/media?asset=" + row.id, small=True),
            link_button(
                icon("download", small=True),
                T("media.download", "Download"),
                href=row.download,
                small=True,
                download=True,
                reload_document=True,
            ),
        ),
        key=row.id,
        class_name="result",
    )
