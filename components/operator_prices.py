"""The price list of the operator's page: what a model costs, who says so, since when."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, select, tag, text_input
from components.i18n import T, T_dynamic
from components.usage_words import date_words
from state.usage_operator import OperatorState, PriceRow

PROVIDERS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "openai-compatible": "OpenAI-compatible",
}


def prices() -> rx.Component:
    """Return the list of prices with its search and the form for a new one."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(T("operator.prices", "Prices")),
            rx.el.span(
                T(
                    "operator.prices.lede",
                    "Dollars per million tokens. A price of yours goes before the list that came with Galley.",
                ),
                class_name="small muted",
            ),
            rx.el.span(class_name="grow"),
            text_input(
                type="search",
                placeholder=T("operator.prices.search", "Find a model"),
                aria_label=T("operator.prices.search", "Find a model"),
                on_change=OperatorState.find_price.debounce(250),
                default_value="",
                class_name="in short",
            ),
            class_name="uh",
        ),
        rx.el.div(_table(), class_name="scroll"),
        rx.cond(
            OperatorState.prices_left > 0,
            rx.el.p(
                T(
                    "operator.prices.more",
                    {"one": "{n} more; search for it.", "other": "{n} more; search for them."},
                    n=OperatorState.prices_left,
                ),
                class_name="small muted",
            ),
        ),
        _form(),
        class_name="money-part",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(T("usage.model", "Model")),
                rx.el.th(T("operator.price_in", "Read"), class_name="r"),
                rx.el.th(T("operator.price_out", "Written"), class_name="r"),
                rx.el.th(T("operator.price_since", "Since")),
                rx.el.th(T("operator.price_source", "Source")),
                rx.el.th(rx.el.span(T("operator.price_remove", "Take this price away"), class_name="vh")),
            )
        ),
        rx.el.tbody(rx.foreach(OperatorState.prices, _price)),
        class_name="price-table",
    )


def _price(row: rx.Var[PriceRow]) -> rx.Component:
    source = rx.cond(
        row.source.startswith("https://"),
        rx.el.a(row.source, href=row.source, rel="noreferrer", target="_blank", dir="ltr"),
        rx.el.bdi(row.source),
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.bdi(row.model),
            " ",
            rx.el.span(row.kind, class_name="muted small"),
            rx.cond(row.id != "", rx.fragment(" ", tag(T("operator.price_own", "yours")))),
            rx.cond(~row.holds, rx.fragment(" ", tag(T("operator.price_idle", "does not hold today")))),
            scope="row",
        ),
        rx.el.td(row.read, class_name="r"),
        rx.el.td(row.written, class_name="r"),
        rx.el.td(
            rx.cond(row.since != "", date_words(row.since, "date"), T("operator.price_shipped", "came with Galley")),
            class_name="muted nowrap",
        ),
        rx.el.td(source, class_name="small source"),
        rx.el.td(
            rx.cond(
                row.id != "",
                icon_button(
                    "x", T("operator.price_remove", "Take this price away"), on_click=OperatorState.remove_price(row.id)
                ),
            ),
            class_name="r",
        ),
        key=row.kind + row.model + row.since,
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h3(T("operator.price_new", "Set a price")),
        rx.el.div(
            field(
                T("providers.kind", "Kind"),
                select(
                    *[rx.el.option(T(f"operator.kind.{kind}", words), value=kind) for kind, words in PROVIDERS.items()],
                    id="p-kind",
                    name="kind",
                ),
                control_id="p-kind",
            ),
            _input("model", T("usage.model", "Model"), max_length=200),
            _input("read", T("operator.price_in.long", "Dollars per million tokens read"), input_mode="decimal"),
            _input("written", T("operator.price_out.long", "Dollars per million tokens written"), input_mode="decimal"),
            _input(
                "valid_from", T("operator.price_from", "Holds from"), type="date", default_value=OperatorState.today
            ),
            _input(
                "source", T("operator.price_source.long", "Where it is written"), max_length=300, placeholder="https://"
            ),
            class_name="price-fields",
        ),
        rx.cond(
            (OperatorState.error_field == "form") & (OperatorState.error != ""),
            rx.el.p(_error_text(), class_name="st bad small", role="alert"),
        ),
        rx.el.p(button(T("operator.price_save", "Set this price"), type="submit")),
        on_submit=OperatorState.set_price,
        key=OperatorState.stamp,
        reset_on_submit=False,
        class_name="price-form",
    )


def _input(name: str, label: rx.Var[str], **props: object) -> rx.Component:
    box = text_input(
        id=f"p-{name}",
        name=name,
        dir="ltr",
        aria_invalid=rx.cond(OperatorState.error_field == name, "true", "false"),
        aria_describedby=f"p-{name}-note",
        **props,
    )
    return field(label, box, control_id=f"p-{name}", error=_error_of(name))


def _error_text() -> rx.Var[str]:
    return T_dynamic(OperatorState.error_code, OperatorState.error, OperatorState.error_params)


def _error_of(name: str) -> rx.Var[str]:
    return rx.cond(OperatorState.error_field == name, _error_text(), "")
