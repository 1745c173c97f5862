"""/templates/[slug]: fill a brief, watch the text being set, see what was checked, correct it in place."""

from __future__ import annotations

import reflex as rx

from components import run_origin, run_sheet
from components.checks import checks_list
from components.controls import link_button
from components.i18n import T
from components.run_form import brief_form
from components.run_preview import preview
from components.sheet import frac
from components.shell import crumb, shell
from components.states import empty
from state.run import RunState
from state.session import SessionState

ROUTE = "/templates/[slug]"
TITLE = "Template"
ON_LOAD = [SessionState.enter, RunState.open]


def page() -> rx.Component:
    """Return the run screen."""
    name = T(f"template.{RunState.template_id}.name", RunState.name)
    return shell(
        rx.cond(RunState.missing, _missing(), rx.fragment(_panes(), _run())),
        place="templates",
        title=rx.cond(RunState.missing, T("run.missing.short", "No such template"), name),
        crumbs=(
            crumb(T("nav.templates", "Templates"), "/templates"),
            rx.el.span(
                crumb(
                    T(f"category.{RunState.category}.name", RunState.category_name),
                    f"/templates?category={RunState.category}",
                ),
                class_name="desk-only",
            ),
        ),
        class_name="run-screen",
    )


def _panes() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            T("run.form", "Form"),
            type="button",
            role="tab",
            aria_selected=RunState.pane == "form",
            on_click=RunState.show_pane("form"),
        ),
        rx.el.button(
            T("run.result", "Result"),
            rx.cond(
                RunState.total > 0,
                rx.fragment(" ", frac(RunState.passed, RunState.total, failing=RunState.failed > 0)),
            ),
            type="button",
            role="tab",
            aria_selected=RunState.pane == "result",
            on_click=RunState.show_pane("result"),
        ),
        class_name="panetabs",
        role="tablist",
        aria_label=T("run.panes", "Form and result"),
    )


def _run() -> rx.Component:
    return rx.el.div(
        brief_form(),
        rx.el.section(
            rx.cond(RunState.phase == "idle", _before(), _result()),
            class_name="out desk",
            aria_label=T("run.result", "Result"),
        ),
        class_name="run",
        custom_attrs={"data-pane": RunState.pane},
    )


def _before() -> rx.Component:
    return rx.el.div(
        rx.el.h2(T("run.before.title", "Nothing is set yet.")),
        rx.el.p(
            T(
                "run.before.lede",
                "Fill in the form and press Run. The text is set here line by line, "
                "and every rule is checked in the margin.",
            ),
            class_name="lede",
        ),
        class_name="before",
    )


def _result() -> rx.Component:
    return rx.fragment(
        run_sheet.head(),
        run_sheet.demo_strip(),
        run_origin.code_panel(),
        run_sheet.run_line(),
        run_origin.earlier_strip(),
        rx.el.div(
            run_sheet.sheet(),
            run_origin.why_panel(),
            class_name="bench",
        ),
        rx.cond(
            RunState.checks.length() > 0,
            rx.el.div(
                preview(),
                checks_list(RunState.checks, passed=RunState.passed, total=RunState.total, failed=RunState.failed),
                class_name="below",
            ),
        ),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        empty(
            T("run.missing.title", "There is no template under that name."),
            T("run.missing.lede", "It may have been renamed. The gallery has them all."),
            ways=(link_button(T("run.missing.gallery", "Open the gallery"), href="/templates", kind="primary"),),
        ),
        class_name="main",
    )
