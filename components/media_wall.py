"""The wall: what is being made, then every picture, sound, clip and transcript, each in its own shape."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.controls import button
from components.i18n import T, T_dynamic
from components.icons import icon
from components.media_parts import Share, Shot, Wave
from state.media import MediaState
from state.media_jobs import MediaJobsState
from state.media_recipe import RecipeState
from state.media_view import AssetRow, JobRow

_STEP_WORDS = {
    "queued": "Waits for its turn",
    "paused": "Paused",
    "compose": "Being drawn",
    "asking": "The provider is asked",
    "making": "The provider is at it",
    "waiting": "The provider is at it",
    "fetching": "The result is fetched",
    "checking": "Being checked",
    "speak": "Being spoken",
    "join": "Parts are joined",
    "listen": "Being listened to",
    "write": "Being written down",
    "sound": "The sound is set",
    "frames": "The scenes are drawn",
    "keep": "Being kept",
}
"""What jobs of media say that they are at."""
KIND_WORDS = {"image": "picture", "speech": "sound", "video": "clip", "transcript": "transcript"}


def wall() -> rx.Component:
    """Return the prints."""
    return rx.el.div(
        rx.foreach(MediaJobsState.jobs, job_shot),
        rx.foreach(MediaState.rows, _shot),
        class_name=rx.cond(MediaState.picked.length() > 0, "wall choosing", "wall"),
        role="group",
        aria_label=T("media.library", "Library"),
    )


def kind_word(kind: rx.Var[str]) -> rx.Var[str]:
    """Return the word for a kind of media."""
    return rx.match(kind, *[(name, T(f"media.kind.{name}", KIND_WORDS[name])) for name in KIND_WORDS], kind)


def _shot(row: rx.Var[AssetRow]) -> rx.Component:
    return Shot.create(
        rx.el.button(
            rx.el.span(
                T("media.choose_one", "{title}, {kind}", title=row.title, kind=kind_word(row.kind)), class_name="vh"
            ),
            _face(row),
            type="button",
            class_name="fr",
            custom_attrs={"data-asset": row.id},
            on_click=[RecipeState.choose(row.id), client("media", "toRecipe")],
            on_double_click=client("media", "openBox", row.id),
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=MediaState.picked.contains(row.id),
                on_change=MediaState.pick(row.id),
                aria_label=T("media.pick", "Choose {title}", title=row.title),
            ),
            class_name="choose",
        ),
        rx.el.button(
            icon("expand", small=True),
            type="button",
            class_name="larger",
            aria_label=T("media.larger", "Show {title} large", title=row.title),
            on_click=client("media", "openBox", row.id),
        ),
        rx.el.figcaption(
            rx.el.b(row.title, dir="auto"),
            rx.el.span(class_name="grow"),
            rx.cond(row.price != "", rx.el.span(row.price, class_name="num"), rx.cond(row.embedded, _embedded(), None)),
        ),
        ratio=row.ratio,
        kind=row.kind,
        current=RecipeState.detail.id == row.id,
        key=row.id,
    )


def draft_mark() -> rx.Component:
    """Return the word that stands on a draft."""
    return rx.el.span(T("media.draft", "draft"), class_name="draft-mark")


def _embedded() -> rx.Component:
    return rx.el.span(T("media.embedded.short", "built-in"), class_name="made-here")


def _face(row: rx.Var[AssetRow]) -> rx.Component:
    length = rx.cond(
        row.duration != "",
        rx.el.span(icon(rx.cond(row.kind == "speech", "wave", "play"), small=True), row.duration, class_name="dur"),
    )
    picture = rx.cond(row.thumb != "", rx.el.img(src=row.thumb, alt="", loading="lazy", decoding="async"))
    return rx.match(
        row.kind,
        ("speech", rx.fragment(Wave.create(src=row.thumb), length)),
        ("transcript", rx.el.span(row.words, class_name="words", dir="auto", aria_hidden=True)),
        rx.fragment(picture, length, rx.cond(row.draft, draft_mark())),
    )


def job_shot(job: rx.Var[JobRow]) -> rx.Component:
    """Return the place of something that is being made: its step, how far it is, and the way to stop it."""
    stop = button(
        T("media.stop", "Stop"),
        kind="quiet",
        small=True,
        on_click=MediaJobsState.stop(job.id),
        aria_label=T("media.stop_one", "Stop: {title}", title=job.title),
    )
    return Shot.create(
        rx.el.div(
            rx.el.span(class_name="bl"),
            rx.el.div(rx.cond(job.state == "failed", _broken(job), _running(job, stop)), class_name="st2"),
            class_name="fr",
        ),
        rx.el.figcaption(
            rx.el.span(
                rx.cond(
                    job.state == "failed",
                    T("media.not_made", "not made"),
                    rx.match(
                        job.cut,
                        ("draft", T("media.making.draft", "1 of 2: the draft")),
                        ("final", T("media.making.final", "2 of 2: the final cut")),
                        T("media.making", "being made"),
                    ),
                )
            )
        ),
        ratio=job.ratio,
        making=True,
        label=T("media.making_one", "Being made: {title}", title=job.title),
        key=job.id,
    )


def _running(job: rx.Var[JobRow], stop: rx.Component) -> rx.Component:
    step = rx.match(
        job.step,
        *[(name, T(f"media.step.{name}", _STEP_WORDS[name])) for name in _STEP_WORDS],
        T("media.step.other", "Being made"),
    )
    left = T("media.left", "{step}, about {n} s left", step=step, n=job.eta_s)
    return rx.el.div(
        rx.el.span(rx.cond(job.eta_s > 0, left, step), aria_live="polite"),
        stop,
        Share.create(permille=job.permille),
        rx.el.span(job.title, class_name="muted", dir="auto"),
        rx.el.span(rx.cond(job.price != "", job.price, T("run.no_charge", "no charge")), class_name="num muted"),
        class_name="job-card",
    )


def _broken(job: rx.Var[JobRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            icon("bad", small=True),
            rx.cond(
                job.cut == "final",
                T("media.failed.final", "The final cut was not made."),
                T("media.failed", "This was not made."),
            ),
            class_name="st bad",
        ),
        button(T("media.away", "Put away"), kind="quiet", small=True, on_click=MediaJobsState.put_away(job.id)),
        rx.el.span(T_dynamic(job.error_code, job.error, job.error_params), class_name="job-why"),
        button(T("media.retry", "Try again"), small=True, on_click=MediaJobsState.retry(job.id)),
        class_name="job-card",
        role="alert",
    )
