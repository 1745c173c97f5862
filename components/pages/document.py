"""/documents/[id]: the sheet, corrected where it stands, and its versions beside it."""

from __future__ import annotations

import reflex as rx

from components.checks import checks_list
from components.controls import button, icon_button, link_button, tag, text_input
from components.document_media import document_media, make_of_document
from components.i18n import T
from components.icons import icon
from components.notices import strip
from components.run_parts import CopyButton, When
from components.set_rows import set_rows
from components.sheet import frac, sheet, slug
from components.shell import crumb, shell
from components.states import empty, waiting_lines
from state.document import DocumentState, VersionRow
from state.document_media import DocumentMediaState
from state.session import SessionState

ROUTE = "/documents/[document]"
TITLE = "Document"
ON_LOAD = [SessionState.enter, DocumentState.open, DocumentMediaState.open]
NEWEST = DocumentState.shown == DocumentState.version
CAUSES = {"generated": "Set from the template", "edited": "Corrected by hand", "restored": "Brought back"}
FORMATS = {"md": "Markdown", "txt": "Text", "json": "JSON", "csv": "CSV"}


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.cond(
            DocumentState.loaded,
            rx.cond(DocumentState.missing, _missing(), rx.fragment(_bar(), _body())),
            rx.el.div(waiting_lines(), class_name="main"),
        ),
        place="documents",
        title=rx.cond(DocumentState.title != "", DocumentState.title, T("document.title", "Document")),
        crumbs=(crumb(T("nav.documents", "Documents"), "/documents"),),
        class_name="run-screen document-screen",
    )


def _bar() -> rx.Component:
    return rx.el.div(
        rx.el.span(
            T("document.saved", "Saved"), " ", When.create(iso=DocumentState.updated_at), class_name="muted small"
        ),
        rx.el.span(class_name="grow"),
        make_of_document(),
        CopyButton.create(
            T("run.copy_all", "Copy all"),
            text=DocumentState.text,
            label=T("run.copy_all", "Copy all"),
            class_name="btn quiet sm",
        ),
        *[
            link_button(
                icon("download", small=True) if name == "md" else None,
                words,
                href="/api/v1/documents/" + DocumentState.document_id + f"/export?format={name}",
                kind="quiet",
                small=True,
                download=True,
                reload_document=True,
                aria_label=T("document.export_as", "Export as {format}", format=words),
            )
            for name, words in FORMATS.items()
        ],
        class_name="doc-bar",
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _earlier(),
            sheet(
                _title(),
                rx.el.div(
                    set_rows(DocumentState, editable=NEWEST),
                    class_name="galley",
                    dir=rx.cond(DocumentState.language == "ar", "rtl", "ltr"),
                    lang=DocumentState.language,
                ),
                head=slug(
                    DocumentState.template_id,
                    T("documents.version", "version {n}", n=DocumentState.shown),
                    When.create(iso=DocumentState.updated_at),
                ),
            ),
            rx.el.div(
                checks_list(
                    DocumentState.checks,
                    passed=DocumentState.passed,
                    total=DocumentState.total,
                    failed=DocumentState.failed,
                ),
                class_name="below",
            ),
        ),
        _versions(),
        class_name="doc-desk desk",
    )


def _title() -> rx.Component:
    shown = rx.el.div(
        rx.el.h1(DocumentState.title, dir="auto"),
        icon_button("caret", T("document.rename", "Change the title"), on_click=DocumentState.toggle_renaming),
        class_name="doc-name",
    )
    form = rx.el.form(
        text_input(
            name="title",
            default_value=DocumentState.title,
            max_length=200,
            aria_label=T("document.rename", "Change the title"),
            auto_focus=True,
        ),
        button(T("settings.save", "Save"), type="submit", small=True),
        on_submit=DocumentState.rename,
        class_name="doc-name",
    )
    by = rx.cond(DocumentState.embedded, T("run.embedded", "the built-in demo writer"), DocumentState.model)
    return rx.el.div(
        rx.cond(DocumentState.renaming, form, shown),
        rx.el.p(
            T(f"template.{DocumentState.template_id}.name", DocumentState.template),
            ", ",
            T("document.set_by", "set by {who}.", who=by),
            " ",
            frac(DocumentState.passed, DocumentState.total, failing=DocumentState.failed > 0),
            " ",
            T("document.checks", "checks"),
            class_name="small muted",
        ),
        class_name="doc-head",
    )


def _earlier() -> rx.Component:
    return rx.cond(
        NEWEST,
        rx.fragment(),
        strip(
            T("document.earlier", "You are looking at version {n}, not at the newest.", n=DocumentState.shown),
            " ",
            button(T("document.restore", "Make this the newest"), small=True, on_click=DocumentState.restore),
            glyph="again",
        ),
    )


def _versions() -> rx.Component:
    return rx.el.aside(
        rx.el.h2(T("document.versions", "Versions")),
        rx.el.ol(rx.foreach(DocumentState.versions, _version), class_name="versions"),
        document_media(),
        aria_label=T("document.versions", "Versions"),
        class_name="doc-side",
    )


def _version(row: rx.Var[VersionRow]) -> rx.Component:
    cause = rx.match(row.cause, *[(name, T(f"version.{name}", words)) for name, words in CAUSES.items()], row.cause)
    return rx.el.li(
        rx.el.button(
            rx.el.b(T("document.version", "Version {n}", n=row.number)),
            rx.cond(row.number == DocumentState.version, tag(T("document.now", "now"))),
            rx.el.span(cause, ", ", When.create(iso=row.created_at), class_name="muted small"),
            type="button",
            on_click=DocumentState.look_at(row.number),
            aria_current=rx.cond(row.number == DocumentState.shown, "true", "false"),
        ),
        key=row.number.to_string(),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        empty(
            T("document.missing", "There is no document under that address."),
            T("document.missing.lede", "It may have been thrown away, or it belongs to another workspace."),
            ways=(link_button(T("document.all", "All documents"), href="/documents", kind="primary"),),
        ),
        class_name="main",
    )
