"""/status: whether everything works, in plain words, for everybody who is signed in."""

from __future__ import annotations

import reflex as rx

from components.controls import button, status
from components.i18n import T
from components.moments import clock
from components.provider_list import health_word
from components.provider_parts import Spark
from components.settings_frame import section, settings_page
from components.states import waiting_lines
from state.session import SessionState
from state.status import PartRow, StatusRow, StatusState

ROUTE = "/status"
TITLE = "Status"
ON_LOAD = [SessionState.enter, StatusState.open]
PARTS = {
    "database": "Texts and settings",
    "models": "Connections to models",
    "files": "Files",
    "limits": "Limits and counters",
    "embeddings": "Search by meaning",
    "media": "Pictures, sound and clips",
    "queue": "Wake-ups for background work",
    "bus": "News to open pages",
}
PARTS_WHY = {
    "database": "The database answers and fits this version.",
    "models": "The library that speaks to providers is loaded.",
    "files": "Files can be written.",
    "limits": "Requests are counted.",
    "embeddings": "Texts can be compared on this server.",
    "media": "The built-in makers of media are ready.",
    "queue": "Workers are woken at once; without, they look by themselves every few seconds.",
    "bus": "Pages hear of background work by themselves; without, they show it when they are opened.",
}


def page() -> rx.Component:
    """Return the page."""
    return settings_page(
        rx.cond(StatusState.loaded, _parts(), waiting_lines()),
        current="status",
        title=T("status.title", "Status"),
        lede=_verdict(),
        action=button(T("status.again", "Ask again"), glyph="again", on_click=StatusState.open),
    )


def _verdict() -> rx.Component:
    broken = T(
        "status.broken",
        {"one": "A part of this server does not answer.", "other": "{n} parts of this server do not answer."},
        n=StatusState.broken,
    )
    troubled = T(
        "status.troubled",
        {
            "one": "This server works. One provider has trouble; runs go past it.",
            "other": "This server works. {n} providers have trouble; runs go past them.",
        },
        n=StatusState.troubled,
    )
    alone = T("status.alone", "Everything works. No provider is connected: the built-in writer writes.")
    return rx.cond(
        ~StatusState.loaded,
        "",
        rx.cond(
            StatusState.broken > 0,
            broken,
            rx.cond(
                StatusState.troubled > 0,
                troubled,
                rx.cond(StatusState.hosted > 0, T("status.well", "Everything works."), alone),
            ),
        ),
    )


def _parts() -> rx.Component:
    return rx.fragment(
        section(
            T("status.server", "This server"),
            rx.el.ul(rx.foreach(StatusState.parts, _part), class_name="status-rows"),
            lede=T("status.asked", "Asked at {time}.", time=clock(StatusState.asked_at)),
        ),
        section(
            T("status.providers", "Providers"),
            rx.el.ul(rx.foreach(StatusState.rows, _provider), class_name="status-rows"),
            lede=T("status.providers.lede", "As this server has met them lately."),
        ),
    )


def _part(part: rx.Var[PartRow]) -> rx.Component:
    names = [(name, T(f"status.part.{name}", words)) for name, words in PARTS.items()]
    about = [(name, T(f"status.why.{name}", words)) for name, words in PARTS_WHY.items()]
    state = rx.match(
        part.state,
        ("ok", status("ok", "check", T("status.ok", "Works"))),
        ("models.loading", status("warn", "pause", T("status.loading", "Loading"))),
        ("not_migrated", status("bad", "bad", T("status.not_migrated", "Needs “migrate”"))),
        status("bad", "bad", T("status.down", "Does not answer")),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.b(rx.match(part.name, *names, part.name)),
            rx.cond(part.state == "ok", rx.el.small(rx.match(part.name, *about, ""))),
        ),
        rx.el.span(),
        state,
    )


def _provider(row: rx.Var[StatusRow]) -> rx.Component:
    built_in = row.source == "built-in"
    return rx.el.li(
        rx.el.div(
            rx.el.b(rx.cond(built_in, T("providers.built_in", "Built-in writer"), row.name)),
            rx.el.small(
                rx.cond(
                    row.until != "",
                    T("providers.rests", "Rests until {time}.", time=clock(row.until)),
                    rx.cond(
                        built_in,
                        T("providers.built_in.about", "Rules and phrase banks, no AI model. Always last."),
                        row.models,
                    ),
                )
            ),
        ),
        rx.el.span(
            rx.cond(row.points != "", Spark.create(points=row.points, tone=row.tone)),
            rx.cond(row.first_s != "", rx.el.span(T("providers.first_s", "{s} s", s=row.first_s), class_name="num")),
            class_name="pulse",
        ),
        health_word(row.health),
    )
