"""Parts of the money screens that live in the browser (assets/js/usage.js), and the words of features and dates."""

from __future__ import annotations

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import EventHandler, no_args_event_spec, passthrough_event_spec
from reflex_base.utils.imports import ImportVar

from components.i18n import T, isolated, lang

USAGE = "$/public/js/usage"

FEATURES = {
    "generation": "Templates",
    "media": "Media",
    "chat": "Chat",
    "knowledge": "Knowledge",
    "api": "API",
    "repair": "Corrections",
    "provider-test": "Provider tests",
    "other": "Other",
}


class Press(rx.Component):
    """A part of a drawing that works like a button."""

    library = USAGE
    tag = "Press"
    label: rx.Var[str]
    pressed: rx.Var[bool]
    on_press: EventHandler[no_args_event_spec]


class Fill(rx.Component):
    """The rule under a name, filled to `value` with ticks at `limit` and `soft`, in per cent of the longest."""

    library = USAGE
    tag = "Fill"
    value: rx.Var[float]
    limit: rx.Var[float]
    soft: rx.Var[float]


class Sentence(rx.Component):
    """A sentence whose sought words, between isolates, are set apart."""

    library = USAGE
    tag = "Sentence"
    text: rx.Var[str]


class BillForm(rx.Component):
    """Takes a provider's bill as a file and hands it to the API; tells the id of what was kept."""

    library = USAGE
    tag = "BillForm"
    billers: rx.Var[list[str]]
    on_taken: EventHandler[passthrough_event_spec(str)]


def date_words(iso: rx.Var[str] | str, style: str) -> rx.Var[str]:
    """Return a day or month of the ledger (UTC) in the language of the screen; `style` as in assets/js/usage.js."""
    given, screen = rx.Var.create(iso), lang()
    data = VarData.merge(
        given._get_all_var_data(),
        screen._get_all_var_data(),
        VarData(imports={USAGE: [ImportVar(tag="dateWords")]}),
    )
    return rx.Var(_js_expr=f'dateWords({given!s},"{style}",{screen!s})', _var_type=str, _var_data=data).to(str)


def sought(words: rx.Var[str] | str) -> rx.Var[str]:
    """Return words that a Sentence sets apart."""
    return rx.Var.create("\u2068").to(str) + rx.Var.create(words).to(str) + rx.Var.create("\u2069").to(str)


def charged(amount: rx.Var[str]) -> rx.Var[str]:
    """Return an amount for a sentence; "" is said to be no charge."""
    return rx.cond(amount != "", isolated(amount), T("run.no_charge", "no charge")).to(str)


def feature_name(feature: rx.Var[str]) -> rx.Var[str]:
    """Return the name of a feature as people know it; a new one shows its own name."""
    named = [(name, T(f"feature.{name}", words)) for name, words in FEATURES.items()]
    return rx.match(feature, *named, feature)
