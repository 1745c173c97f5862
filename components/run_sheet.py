"""The result of a run: tabs, who set it at what price, the sheet with its margin, and what to do when it failed."""

from __future__ import annotations

import reflex as rx

from components.controls import button, link_button
from components.i18n import T, T_dynamic
from components.icons import icon
from components.run_parts import CopyButton, When
from components.set_rows import set_rows
from components.sheet import cursor, frac, slug
from components.states import failed
from state.run import RunState
from state.run_view import VariantTab

RUNNING = RunState.phase == "running"


def head() -> rx.Component:
    """Return the tabs and the tools over the sheet."""
    return rx.el.div(
        rx.el.div(
            rx.foreach(RunState.tabs, _tab), class_name="tabs", role="tablist", aria_label=T("run.variants", "Variants")
        ),
        rx.el.span(class_name="grow"),
        rx.cond((RunState.text != "") & ~RUNNING, _tools()),
        class_name="head",
    )


def _tab(tab: rx.Var[VariantTab]) -> rx.Component:
    return rx.el.button(
        rx.match(
            tab.state,
            ("running", rx.fragment(cursor(), " ", T("run.tab.setting", "{letter} is being set", letter=tab.letter))),
            ("waiting", rx.el.span(tab.letter, " ", rx.el.span(T("run.tab.waiting", "waits"), class_name="muted"))),
            (
                "stopped",
                rx.fragment(
                    tab.letter,
                    rx.el.span(icon("bad", small=True), T("run.tab.stopped", "stopped"), class_name="st bad"),
                ),
            ),
            rx.fragment(tab.letter, frac(tab.passed, tab.total, failing=tab.failed > 0)),
        ),
        type="button",
        role="tab",
        aria_selected=RunState.current == tab.letter,
        on_click=RunState.look_at(tab.letter),
    )


def _tools() -> rx.Component:
    export = RunState.document_id != ""
    return rx.el.span(
        CopyButton.create(
            T("run.copy_all", "Copy all"),
            text=RunState.text,
            label=T("run.copy_all", "Copy all"),
            class_name="btn quiet sm",
        ),
        rx.cond(
            export,
            rx.fragment(
                link_button(
                    icon("download", small=True),
                    T("run.export", "Export"),
                    href="/api/v1/documents/" + RunState.document_id + "/export?format=md",
                    kind="quiet",
                    small=True,
                    download=True,
                    reload_document=True,
                ),
                link_button(
                    icon("docs", small=True),
                    T("run.document", "Document"),
                    href="/documents/" + RunState.document_id,
                    kind="quiet",
                    small=True,
                ),
            ),
        ),
        rx.cond(
            RunState.code != "",
            button(
                T("run.code", "Get code"),
                kind="quiet",
                small=True,
                glyph="code",
                on_click=RunState.toggle_code,
                aria_expanded=RunState.code_open,
                aria_controls="code",
            ),
        ),
        class_name="acts row",
    )


def run_line() -> rx.Component:
    """Return the muted line: model, cost, time, tokens, and why this model."""
    price = rx.cond(
        RunState.no_charge,
        T("run.no_charge", "no charge"),
        rx.cond(RunState.cost_known, RunState.cost, T("run.cost_estimate", "about {cost}", cost=RunState.cost)),
    )
    set_by = rx.match(
        RunState.leaf_state,
        ("running", T("run.being_set", "Being set by")),
        ("stopped", T("run.begun_by", "Begun by")),
        T("run.set_by", "Set by"),
    )
    settled = (RunState.leaf_state == "done") | (RunState.leaf_state == "stopped")
    return rx.cond(
        RunState.model != "",
        rx.el.div(
            rx.el.span(set_by, " ", rx.el.b(_model_name())),
            rx.cond(
                settled,
                rx.fragment(
                    rx.el.span(rx.el.b(price), class_name="num"),
                    rx.el.span(T("run.took", "{s} s", s=RunState.took_s), class_name="num"),
                    rx.el.span(
                        T(
                            "run.tokens",
                            "{tokens_in} tokens in, {tokens_out} out",
                            tokens_in=RunState.tokens_in,
                            tokens_out=RunState.tokens_out,
                        ),
                        class_name="num",
                    ),
                ),
            ),
            rx.cond(RunState.repairing, rx.el.span(T("run.repairing", "Asking again for what failed"))),
            rx.cond(
                RunState.why.length() > 0,
                rx.el.button(
                    T("run.why", "Why this model?"),
                    type="button",
                    class_name="whybtn",
                    aria_expanded=RunState.why_open,
                    aria_controls="why",
                    on_click=RunState.toggle_why,
                ),
            ),
            class_name="runline",
        ),
        rx.el.div(class_name="runline"),
    )


def _model_name() -> rx.Var[str]:
    return rx.cond(RunState.embedded, T("run.embedded", "the built-in demo writer"), RunState.model)


def demo_strip() -> rx.Component:
    """Return the strip that says the text was not written by a model."""
    return rx.cond(
        RunState.embedded,
        rx.el.p(
            icon("ask", small=True),
            rx.el.span(
                T(
                    "run.demo_writer",
                    "Written by the built-in demo writer: rules and phrase banks, no AI model. "
                    "Connect a provider for real writing.",
                ),
                " ",
                rx.el.a(T("run.connect", "Connect a provider"), href="/settings/providers"),
            ),
            class_name="strip demo-strip",
        ),
    )


def sheet() -> rx.Component:
    """Return the sheet with the set lines."""
    return rx.el.div(
        slug(
            RunState.template_id,
            T("run.slug.variant", "variant {letter}", letter=RunState.current),
            When.create(iso=RunState.begun_at),
        ),
        rx.el.div(
            set_rows(RunState, editable=~RUNNING),
            rx.cond(RunState.failure != "", _failure()),
            class_name="galley",
            dir=rx.cond(RunState.language == "ar", "rtl", "ltr"),
            lang=RunState.language,
        ),
        rx.el.p(_spoken(), class_name="vh", aria_live="polite"),
        class_name="sheet",
    )


def _spoken() -> rx.Var[str]:
    return rx.match(
        RunState.phase,
        ("running", T("run.spoken.running", "The text is being set.")),
        (
            "done",
            T(
                "run.spoken.done",
                "The text is set. {passed} of {total} checks pass.",
                passed=RunState.passed,
                total=RunState.total,
            ),
        ),
        ("stopped", T("run.spoken.stopped", "Stopped. What was set stays.")),
        "",
    )


def _failure() -> rx.Component:
    return failed(
        T_dynamic(RunState.failure_code, RunState.failure, RunState.failure_params),
        T("run.failed.why", "What was set stays. Run again, or look at the providers."),
        button(T("run.failed.again", "Run again"), kind="primary", small=True, type="submit", form="brief-form"),
        link_button(T("run.failed.providers", "Providers"), href="/settings/providers", small=True),
        request_id=rx.cond(RunState.request_id != "", RunState.request_id, RunState.generation_id),
    )
