"""/documents: everything that was kept, newest first."""

from __future__ import annotations

import reflex as rx

from components.controls import button, icon_button, link_button, tag, text_input
from components.i18n import T
from components.icons import icon
from components.notices import strip
from components.run_parts import When
from components.sheet import frac
from components.shell import shell
from components.states import empty, example_link, waiting_lines
from state.documents import DocumentRow, DocumentsState
from state.session import SessionState

ROUTE = "/documents"
TITLE = "Documents"
ON_LOAD = [SessionState.enter, DocumentsState.open]


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.div(
            rx.el.h1(T("documents.title", "Documents")),
            rx.el.p(
                T("documents.lede", "Every finished run is kept here, with each version of it."), class_name="muted"
            ),
            class_name="hd-line",
        ),
        rx.el.label(
            icon("search"),
            rx.el.span(T("documents.search", "Search the titles"), class_name="vh"),
            text_input(
                type="search",
                placeholder=T("documents.search", "Search the titles"),
                on_change=DocumentsState.search.debounce(250),
                class_name="big-search",
                default_value="",
            ),
            class_name="search-line",
        ),
        rx.cond(DocumentsState.thrown_id != "", _thrown()),
        rx.cond(
            DocumentsState.loaded,
            rx.cond(DocumentsState.rows.length() > 0, _list(), _none()),
            waiting_lines(),
        ),
        place="documents",
        title=T("documents.title", "Documents"),
    )


def _thrown() -> rx.Component:
    return rx.el.div(
        strip(
            T("documents.thrown", "“{title}” is thrown away.", title=DocumentsState.thrown_title),
            " ",
            button(T("documents.undo", "Bring it back"), small=True, on_click=DocumentsState.bring_back),
            glyph="again",
        ),
        role="status",
        class_name="inline-strip",
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(DocumentsState.rows, _row), class_name="doc-rows"),
        rx.cond(
            DocumentsState.more,
            rx.el.p(button(T("documents.more", "Show more"), on_click=DocumentsState.show_more)),
        ),
    )


def _row(row: rx.Var[DocumentRow]) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.b(row.title, class_name="serif doc-title", dir="auto"),
            rx.el.span(
                T(f"template.{row.template_id}.name", row.template),
                rx.cond(
                    row.version > 1,
                    rx.fragment(" · ", T("documents.version", "version {n}", n=row.version)),
                    rx.fragment(),
                ),
                " · ",
                When.create(iso=row.updated_at),
                class_name="muted small",
            ),
            href="/documents/" + row.id,
        ),
        rx.cond(row.embedded, tag(T("run.embedded.tag", "built-in demo"))),
        frac(row.passed, row.total),
        icon_button("x", T("documents.throw", "Throw away"), on_click=DocumentsState.throw_away(row.id)),
        key=row.id,
    )


def _none() -> rx.Component:
    return rx.cond(
        DocumentsState.query != "",
        empty(
            T("documents.none_found", "No title has these words."), T("documents.none_found.lede", "Try one word less.")
        ),
        empty(
            T("documents.empty", "Nothing is kept yet."),
            T("documents.empty.lede", "Run a template; the finished text appears here by itself. Three to begin with:"),
            *[
                example_link(
                    T(f"template.{slug}.name", name),
                    T(f"template.{slug}.purpose", line),
                    T("documents.sample", "with a sample brief"),
                    href=f"/templates/{slug}?sample=1",
                )
                for slug, name, line in _first_steps()
            ],
            ways=(link_button(T("documents.gallery", "Open the gallery"), href="/templates", kind="primary"),),
        ),
    )


def _first_steps() -> list[tuple[str, str, str]]:
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    return [
        (found.id, found.name, found.purpose)
        for found in map(catalogue.get, ("google-rsa", "linkedin-post", "press-release"))
    ]
