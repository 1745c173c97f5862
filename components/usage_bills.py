"""A provider's bill, held against the ledger: what was billed, what was booked, and where the two part."""

from __future__ import annotations

import reflex as rx

from components.controls import icon_button, status
from components.i18n import T, isolated
from components.usage_words import BillForm, date_words
from state.session import SessionState
from state.usage_bills import BillRow, BillsState, DriftRow

MANAGES = SessionState.scopes.contains("providers:write")


def bills() -> rx.Component:
    """Return the form that takes a bill, the bills, and the differences of the one that is open."""
    return rx.cond(
        MANAGES,
        rx.el.section(
            rx.el.h2(T("bills.title", "Bills of providers")),
            rx.el.p(
                T(
                    "bills.lede",
                    "A CSV in US dollars, as OpenAI and Anthropic export it: day, model, amount. Each line is held "
                    "against what was booked for that model on that day.",
                ),
                class_name="small muted",
            ),
            BillForm.create(billers=BillsState.billers, on_taken=BillsState.taken),
            rx.cond(
                BillsState.bills.length() > 0,
                rx.el.ul(rx.foreach(BillsState.bills, _bill), class_name="who bill-rows"),
            ),
            rx.cond(BillsState.opened != "", _differences()),
            class_name="money-part",
        ),
    )


def _bill(row: rx.Var[BillRow]) -> rx.Component:
    days = rx.fragment(date_words(row.first_day, "date"), " – ", date_words(row.last_day, "date"))
    agrees = status("ok", "tick", T("bills.agrees", "Agrees"))
    differs = status("warn", "warn", T("bills.differs", "Differs"))
    return rx.el.li(
        rx.el.button(
            rx.el.span(rx.el.b(rx.el.bdi(row.provider)), " ", rx.el.span(days, class_name="muted")),
            rx.el.span(
                T(
                    "bills.sums",
                    "billed {billed}, booked {booked}",
                    billed=isolated(row.billed),
                    booked=isolated(row.booked),
                ),
                class_name="num",
            ),
            rx.cond(row.agrees, agrees, differs),
            type="button",
            aria_pressed=rx.cond(BillsState.opened == row.id, "true", "false"),
            on_click=BillsState.compare(row.id),
        ),
        icon_button("x", T("bills.remove", "Forget this bill"), on_click=BillsState.remove(row.id)),
        key=row.id,
    )


def _differences() -> rx.Component:
    head = rx.el.tr(
        rx.el.th(T("usage.day", "Day")),
        rx.el.th(T("usage.model", "Model")),
        rx.el.th(T("bills.billed", "Billed"), class_name="r"),
        rx.el.th(T("bills.booked", "Booked"), class_name="r"),
        rx.el.th(T("bills.drift", "Difference"), class_name="r"),
        rx.el.th(T("bills.what", "What it is")),
    )
    agreeing = T(
        "bills.agreeing",
        {
            "one": "{n} line agrees to the cent or the hundredth.",
            "other": "{n} lines agree to the cent or the hundredth.",
        },
        n=BillsState.agreeing,
    )
    table = rx.el.div(
        rx.el.table(rx.el.thead(head), rx.el.tbody(rx.foreach(BillsState.drifts, _difference))),
        class_name="scroll",
        tab_index=0,
        role="region",
        aria_label=T("bills.drift_table", "Where the bill and the ledger part"),
    )
    return rx.el.div(
        rx.cond(BillsState.drifts.length() > 0, table),
        rx.el.p(agreeing, class_name="small muted"),
        rx.cond(
            BillsState.drifts_left > 0,
            rx.el.p(
                T(
                    "bills.more",
                    {"one": "{n} smaller difference is not shown.", "other": "{n} smaller differences are not shown."},
                    n=BillsState.drifts_left,
                ),
                class_name="small muted",
            ),
        ),
        role="status",
    )


def _difference(row: rx.Var[DriftRow]) -> rx.Component:
    flat = T("bills.guessed", "partly booked at a flat estimate")
    verdict = rx.match(
        row.verdict,
        ("not_billed", T("bills.not_billed", "booked, not on the bill")),
        ("not_booked", T("bills.not_booked", "on the bill, not booked")),
        rx.cond(row.guessed, flat, T("bills.other_amount", "another amount")),
    )
    return rx.el.tr(
        rx.el.td(date_words(row.day, "date"), class_name="nowrap"),
        rx.el.td(rx.el.bdi(row.model)),
        rx.el.td(row.billed, class_name="r"),
        rx.el.td(row.booked, class_name="r"),
        rx.el.td(rx.el.b(row.drift), class_name="r"),
        rx.el.td(verdict, class_name="muted"),
    )
