"""The choice of a month over figures of money."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import icon
from components.usage_words import date_words


def month_picker(state: type[rx.State]) -> rx.Component:
    """The months that can be looked at; `state` has `months`, `month` and `open_month`."""
    return rx.el.span(
        rx.el.select(
            rx.foreach(state.months, lambda month: rx.el.option(date_words(month, "month"), value=month)),
            value=state.month,
            on_change=state.open_month,
            aria_label=T("usage.month", "Month"),
            class_name="btn quiet sm",
        ),
        icon("down", small=True),
        class_name="month-pick",
    )
