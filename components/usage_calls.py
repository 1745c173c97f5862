"""The calls behind a bar, dearest first: a few at once, all of them page by page."""

from __future__ import annotations

import reflex as rx

from components.controls import button, tag
from components.i18n import T, isolated
from components.usage_parts import spender_name
from components.usage_words import date_words, feature_name
from state.usage import UsageState
from state.usage_rows import CallRow

OUTCOMES = {"failed": "failed", "cancelled": "stopped"}


def calls() -> rx.Component:
    """Return the list of calls with its heading."""
    return rx.el.section(
        rx.el.h2(
            _title(),
            " ",
            rx.el.span(
                T(
                    "usage.calls_head.sum",
                    {"one": "{n} call, {amount}, dearest first", "other": "{n} calls, {amount}, dearest first"},
                    n=UsageState.calls_n,
                    amount=rx.cond(UsageState.calls_amount != "", isolated(UsageState.calls_amount), _free()),
                ),
                class_name="muted small",
            ),
            class_name="row wrap calls-head",
            aria_live="polite",
        ),
        rx.el.div(_table(), class_name="scroll"),
        _pages(),
        id="calls",
    )


def _title() -> rx.Component:
    return rx.match(
        UsageState.chosen_kind,
        ("day", rx.fragment(date_words(UsageState.chosen, "day"))),
        ("feature", rx.fragment(feature_name(UsageState.chosen))),
        spender_name(UsageState.chosen_name),
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(rx.el.abbr(T("usage.time", "Time"), title=T("usage.utc", "Days and times are those of UTC."))),
                rx.el.th(T("usage.what", "What")),
                rx.el.th(T("usage.who", "Who")),
                rx.el.th(T("usage.model", "Model")),
                rx.el.th(T("usage.amount", "Amount"), class_name="r"),
                rx.el.th(T("usage.cost", "Cost"), class_name="r"),
            )
        ),
        rx.el.tbody(rx.foreach(UsageState.calls, _row)),
        class_name="calls",
    )


def _row(row: rx.Var[CallRow]) -> rx.Component:
    moment = rx.cond(UsageState.chosen_kind == "day", date_words(row.at, "time"), date_words(row.at, "both"))
    tokens = T("usage.tokens", {"one": "{n} token", "other": "{n} tokens"}, n=row.tokens)
    written = rx.el.bdi(rx.cond(row.embedded, T("providers.built_in", "Built-in writer"), row.model))
    model = rx.cond(row.served == "model", written, T("usage.from_cache", "from cache"))
    return rx.el.tr(
        rx.el.td(rx.el.time(moment, date_time=row.at), class_name="num muted"),
        rx.el.td(_what(row), rx.cond(row.outcome != "ok", _outcome(row))),
        rx.el.td(spender_name(row.who)),
        rx.el.td(model),
        rx.el.td(rx.cond(row.guessed, "≈ ", ""), tokens, class_name="r muted"),
        rx.el.td(
            rx.cond(row.cost != "", row.cost, _free()),
            rx.cond(~row.known, rx.el.span(" ", T("usage.flat", "flat"), class_name="muted")),
            class_name="r num",
        ),
        key=row.id,
    )


def _what(row: rx.Var[CallRow]) -> rx.Component:
    words = rx.cond(
        row.template_id != "",
        T("template." + row.template_id + ".name", row.template),
        feature_name(row.feature),
    )
    return rx.cond(row.href != "", rx.el.a(words, href=row.href), rx.el.span(words))


def _outcome(row: rx.Var[CallRow]) -> rx.Component:
    words = rx.match(row.outcome, *[(name, T(f"outcome.{name}", said)) for name, said in OUTCOMES.items()], row.outcome)
    return rx.fragment(" ", tag(words))


def _pages() -> rx.Component:
    more = UsageState.calls_n > UsageState.calls.length()
    every = button(
        T("usage.all_calls", {"one": "All {n} call", "other": "All {n} calls"}, n=UsageState.calls_n),
        kind="quiet",
        small=True,
        on_click=UsageState.turn_page(0),
    )
    turning = rx.fragment(
        rx.cond(
            UsageState.calls_at > 0,
            button(T("usage.dearer", "Dearer"), kind="quiet", small=True, on_click=UsageState.turn_page(-1)),
        ),
        T(
            "usage.calls_window",
            "{first} to {last} of {n}",
            first=UsageState.calls_at + 1,
            last=UsageState.calls_at + UsageState.calls.length(),
            n=UsageState.calls_n,
        ),
        rx.cond(
            UsageState.calls_at + UsageState.calls.length() < UsageState.calls_n,
            button(T("usage.cheaper", "Cheaper"), kind="quiet", small=True, on_click=UsageState.turn_page(1)),
        ),
    )
    return rx.el.p(
        rx.cond(UsageState.all_calls, turning, rx.cond(more, every)),
        class_name="row small muted calls-pages",
    )


def _free() -> rx.Var[str]:
    return T("run.no_charge", "no charge")
