"""/settings/routing: the rules by which a model is chosen, what happens around a call, and what comes of it."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, select
from components.i18n import T, T_dynamic
from components.policy_outcome import outcome
from components.policy_rules import MANAGES, error_line, overrides, rules
from components.settings_frame import section, settings_page
from components.states import waiting_lines
from state.policy import PolicyState
from state.session import SessionState

ROUTE = "/settings/routing"
TITLE = "Routing rules"
ON_LOAD = [SessionState.enter, PolicyState.open]
STEPS = {
    "-2": "Two kinds cheaper",
    "-1": "One kind cheaper",
    "0": "As the template asks",
    "1": "One kind stronger",
    "2": "Two kinds stronger",
}


def page() -> rx.Component:
    """Return the page."""
    return settings_page(
        rx.cond(PolicyState.loaded, _policy(), waiting_lines()),
        current="providers",
        title=T("policy.title", "Routing rules"),
        lede=T(
            "policy.lede",
            "A template says how hard its text is: fast, strong or critical. "
            "These rules may move it; the first provider of that kind that is well then writes.",
        ),
    )


def _policy() -> rx.Component:
    return rx.el.div(
        _choosing(),
        section(
            T("policy.rules", "Rules"),
            rules(),
            lede=T("policy.rules.lede", "Asked from the top; the first that agrees decides."),
        ),
        section(
            T("policy.overrides", "Single templates"),
            overrides(),
            lede=T("policy.overrides.lede", "Goes before every rule."),
        ),
        _around(),
        _answers(),
        _data(),
        rx.cond(MANAGES, outcome()),
        rx.cond(MANAGES & (PolicyState.changed | (PolicyState.error_field != "")), _save_bar()),
        class_name="policy",
    )


def _choosing() -> rx.Component:
    order = _choice(
        "order",
        T("policy.order", "Among equals"),
        PolicyState.order,
        [
            ("listed", T("policy.order.listed", "As the providers are listed")),
            ("cheapest", T("policy.order.cheapest", "The cheapest that is well")),
        ],
    )
    steps = [(value, T(f"policy.step.{value}", words)) for value, words in STEPS.items()]
    return section(
        T("policy.choosing", "Which kind"),
        order,
        _choice("saver", T("policy.saver", "A run set to “saver”"), PolicyState.saver, steps),
        _choice("balanced", T("policy.balanced", "A run set to “balanced”"), PolicyState.balanced, steps),
        _choice("best", T("policy.best", "A run set to “best”"), PolicyState.best, steps),
        _switch(
            "second_opinion",
            PolicyState.second_opinion,
            T("policy.second_opinion", "Look at the brief too"),
            T("policy.second_opinion.why", "A small classifier on this server moves hard briefs up, easy ones down."),
        ),
        error_line("routing.quality"),
        error_line("routing.order"),
        lede=T("policy.choosing.lede", "What a template asks for, and what the quality switch of a run makes of it."),
    )


def _around() -> rx.Component:
    return section(
        T("policy.around", "When it goes wrong"),
        _switch(
            "cascade",
            PolicyState.cascade,
            T("policy.cascade", "Failed checks go one kind up"),
            T("policy.cascade.why", "Cheap first: only a text that fails its checks is corrected by a stronger model."),
        ),
        _switch(
            "hedging",
            PolicyState.hedging,
            T("policy.hedging", "Race a late provider"),
            T("policy.hedging.why", "Who takes longer than usual is joined by the next; the first word wins."),
        ),
        lede=T("policy.around.lede", "Errors always go on to the next provider."),
    )


def _answers() -> rx.Component:
    return section(
        T("policy.answers", "Answers used again"),
        _switch(
            "exact_reuse",
            PolicyState.exact_reuse,
            T("policy.exact", "For the same question"),
            T(
                "policy.exact.why",
                "For 48 hours, in this workspace alone. The result says so, with one click for a fresh one.",
            ),
        ),
        _switch(
            "answer_reuse",
            PolicyState.answer_reuse,
            T("policy.similar", "For a question that means the same"),
            T("policy.similar.why", "Numbers, names and the language must agree too, else it is written anew."),
        ),
        lede=T("policy.answers.lede", "What was paid for once."),
    )


def _data() -> rx.Component:
    return section(
        T("policy.data", "Data and prices"),
        _switch(
            "redaction",
            PolicyState.redaction,
            T("policy.redaction", "Hide personal data from providers"),
            T(
                "policy.redaction.why",
                "E-mail, phone, card and account numbers leave as marks and come back in the text.",
            ),
        ),
        _choice(
            "unknown_price",
            T("policy.unknown_price", "A model without a known price"),
            PolicyState.unknown_price,
            [
                ("flat", T("policy.unknown_price.flat", "Book a flat estimate, and say so")),
                ("block", T("policy.unknown_price.block", "Never ask it")),
            ],
        ),
        lede=T("policy.data.lede", "What leaves this server, and what it may cost."),
    )


def _choice(name: str, label: rx.Var[str], value: rx.Var[str], options: list[tuple[str, rx.Var[str]]]) -> rx.Component:
    chooser = select(
        *[rx.el.option(words, value=key) for key, words in options],
        id=f"p-{name}",
        value=value,
        on_change=lambda chosen: PolicyState.choose(name, chosen),
        disabled=~MANAGES,
    )
    return field(label, chooser, control_id=f"p-{name}")


def _switch(name: str, on: rx.Var[bool], label: rx.Var[str], why: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=on,
                on_change=lambda value: PolicyState.turn(name, value),
                disabled=~MANAGES,
                class_name="tickbox",
                aria_describedby=f"p-{name}-why",
            ),
            rx.el.b(label),
            class_name="tick-row",
        ),
        rx.el.p(why, class_name="small muted", id=f"p-{name}-why"),
        class_name="switch-row",
    )


def _save_bar() -> rx.Component:
    said = T_dynamic(PolicyState.error_code, PolicyState.error, PolicyState.error_params)
    return rx.el.div(
        button(T("policy.save", "Put these rules in force"), kind="primary", on_click=PolicyState.save),
        button(T("policy.put_back", "Put back"), kind="quiet", on_click=PolicyState.put_back),
        rx.cond(
            PolicyState.error_field != "",
            rx.el.span(said, class_name="st bad small wide-st", role="alert"),
            rx.el.span(T("policy.unsaved", "Nothing of this holds yet."), class_name="small muted"),
        ),
        class_name="save-bar",
    )
