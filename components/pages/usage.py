"""/usage: what the month cost, in one sentence and one drawing; every bar opens the calls behind it."""

from __future__ import annotations

import reflex as rx

from components.controls import link_button, segments
from components.i18n import T
from components.icons import icon
from components.month_picker import month_picker
from components.shell import shell
from components.states import empty, waiting_lines
from components.usage_calls import calls
from components.usage_chart import phone_chart, wide_chart
from components.usage_parts import facts, member_list, model_list, sentence, team_list
from components.usage_words import date_words, feature_name
from state.session import SessionState
from state.usage import UsageState
from state.usage_chart import Layer
from state.usage_rows import DayRow

ROUTE = "/usage"
TITLE = "Usage"
ON_LOAD = [SessionState.enter, UsageState.open]
CHART = UsageState.view == "chart"


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.h1(T("nav.usage", "Usage"), class_name="vh"),
        rx.cond(
            UsageState.loaded,
            rx.cond(UsageState.has_calls, _month(), _nothing()),
            waiting_lines(),
        ),
        place="usage",
        title=T("nav.usage", "Usage"),
    )


def _month() -> rx.Component:
    return rx.fragment(
        sentence(),
        _head(),
        rx.cond(CHART, rx.fragment(wide_chart(), phone_chart()), _table()),
        rx.el.div(
            rx.el.div(member_list(), team_list(), model_list()),
            calls(),
            class_name="cols",
        ),
        facts(),
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.el.h2(T("usage.by_day", "Spend by day and feature")),
        rx.el.span(class_name="grow"),
        segments(
            _view("chart", T("usage.chart", "Chart")),
            _view("table", T("usage.table", "Table")),
            label=T("usage.view", "View"),
        ),
        month_picker(UsageState),
        rx.el.a(
            icon("download", small=True),
            T("usage.csv", "CSV"),
            href="/api/v1/usage/export.csv?month=" + UsageState.month,
            download=True,
            reload_document=True,
            class_name="btn quiet sm",
        ),
        class_name="uh",
    )


def _view(name: str, label: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        aria_pressed=rx.cond(UsageState.view == name, "true", "false"),
        on_click=UsageState.show_as(name),
    )


def _table() -> rx.Component:
    features = UsageState.wide.layers
    head = rx.el.tr(
        rx.el.th(T("usage.day", "Day")),
        rx.foreach(features, lambda layer: rx.el.th(feature_name(layer.feature), class_name="r")),
        rx.el.th(T("usage.calls_head", "Calls"), class_name="r"),
        rx.el.th(T("usage.whole_day", "All"), class_name="r"),
    )
    foot = rx.el.tr(
        rx.el.th(T("usage.whole_month", "Month")),
        rx.foreach(features, _month_sum),
        rx.el.td(UsageState.calls_in_month, class_name="r"),
        rx.el.td(UsageState.spent, class_name="r"),
    )
    return rx.el.div(
        rx.el.table(
            rx.el.thead(head),
            rx.el.tbody(rx.foreach(UsageState.days, _day_row)),
            rx.el.tfoot(foot),
            class_name="day-table",
        ),
        class_name="scroll",
        tab_index=0,
        role="region",
        aria_label=T("usage.by_day", "Spend by day and feature"),
    )


def _month_sum(layer: rx.Var[Layer]) -> rx.Component:
    return rx.el.td(layer.amount, class_name="r")


def _day_row(row: rx.Var[DayRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.button(
                date_words(row.day, "day"),
                type="button",
                class_name="opens",
                on_click=UsageState.open_calls("day", row.day),
            ),
            scope="row",
        ),
        rx.foreach(row.features, lambda amount: rx.el.td(amount, class_name="r muted")),
        rx.el.td(row.calls, class_name="r muted"),
        rx.el.td(row.amount, class_name="r"),
        class_name=rx.cond(UsageState.chosen_day == row.day, "on", ""),
    )


def _nothing() -> rx.Component:
    return empty(
        T("usage.empty", "Nothing has been used yet."),
        T(
            "usage.empty.lede",
            "Run a template: its model, its tokens and its price stand here a moment later. The built-in writer is "
            "listed too, at no charge.",
        ),
        ways=(
            link_button(
                T("usage.empty.run", "Run a template with a sample"),
                href="/templates/google-rsa?sample=1",
                kind="primary",
            ),
            link_button(T("documents.gallery", "Open the gallery"), href="/templates"),
            rx.cond(
                SessionState.scopes.contains("settings:write"),
                link_button(T("usage.empty.budget", "Set a budget first"), href="/settings/budgets"),
            ),
        ),
    )
