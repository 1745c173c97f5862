"""Where a text comes from: why this model, every call it took, the earlier answer it was served from,
and the same run as code.
"""

from __future__ import annotations

import reflex as rx

from components.controls import button
from components.i18n import T, T_dynamic, isolated
from components.icons import icon
from components.moments import clock
from components.policy_rules import tier_word
from components.run_parts import CopyButton
from state.run import RunState
from state.run_view import WhyView
from state.run_why import LegView


def earlier_strip() -> rx.Component:
    """Return the line that says that a text was served from an earlier answer, with one click for a fresh one."""
    origin = RunState.origin
    at = clock(origin.written_at)
    same = T("run.earlier", "Served from an earlier answer of {time}.", time=at)
    similar = T("run.similar", "Served from the answer of {time} to a question that means the same.", time=at)
    saved = T("run.earlier.saved", "Saved {amount}.", amount=isolated(origin.saved))
    return rx.cond(
        (origin.served != "model") & (RunState.phase != "running"),
        rx.el.p(
            icon("history", small=True),
            rx.el.span(rx.cond(origin.served == "answer", similar, same), " ", rx.cond(origin.saved != "", saved, "")),
            button(T("run.fresh", "Write a fresh one"), small=True, on_click=RunState.run_fresh),
            class_name="earlier",
        ),
    )


def why_panel() -> rx.Component:
    """Return "Why this model?": the rule, every candidate with its verdict and price, and the calls it took."""
    origin = RunState.origin
    rule = T_dynamic(origin.rule.code, origin.rule.text, origin.rule.params)
    kind = T("run.why.kind", "So a {tier} model is asked first.", tier=tier_word(origin.rule.tier))
    return rx.cond(
        RunState.why_open,
        rx.el.section(
            rx.el.h2(
                rx.cond(
                    origin.served != "model",
                    T("run.why.served", "No model was asked."),
                    rx.cond(origin.rule.text != "", rule, T("run.why.title", "Each candidate, in order.")),
                )
            ),
            rx.cond((origin.rule.tier != "") & (origin.served == "model"), rx.el.p(kind, class_name="muted")),
            rx.el.ol(rx.foreach(RunState.why, _candidate)),
            rx.cond(origin.legs.length() > 0, _legs()),
            rx.el.a(T("run.why.rule", "Change the rule"), href="/settings/routing"),
            id="why",
            class_name="why pop",
            aria_label=T("run.why", "Why this model?"),
        ),
    )


def _candidate(why: rx.Var[WhyView]) -> rx.Component:
    return rx.el.li(
        rx.el.b(why.label),
        _price(why.cost),
        rx.el.small(T_dynamic(why.code, why.text, why.params)),
        class_name=rx.cond(why.won, "won", ""),
    )


def _legs() -> rx.Component:
    return rx.fragment(
        rx.el.h3(T("run.legs", "What this text took")),
        rx.el.ol(rx.foreach(RunState.origin.legs, _leg)),
    )


def _leg(leg: rx.Var[LegView]) -> rx.Component:
    ended = rx.match(
        leg.outcome,
        ("ok", T("run.leg.ok", "Wrote to the end")),
        ("cancelled", T("run.leg.cancelled", "Given up: another was quicker")),
        T("run.leg.failed", "Broke off"),
    )
    return rx.el.li(rx.el.b(leg.name), _price(leg.cost), rx.el.small(ended))


def _price(amount: rx.Var[str]) -> rx.Component:
    free = T("run.no_charge", "no charge")
    return rx.el.span(rx.cond(amount != "", rx.el.bdi(amount), free), class_name="num")


def code_panel() -> rx.Component:
    """Return the command that asks for this very run, ready to copy."""
    return rx.cond(
        RunState.code_open,
        rx.el.section(
            rx.el.div(
                rx.el.p(
                    T("run.code.lede", "The same run, asked for by a program with a key of its own."),
                    class_name="small muted grow",
                ),
                CopyButton.create(
                    T("run.code.copy", "Copy"),
                    text=RunState.code,
                    label=T("run.code.copy_all", "Copy the command"),
                    class_name="btn sm",
                ),
                class_name="row",
            ),
            rx.el.pre(rx.el.code(RunState.code), dir="ltr", tab_index=0, class_name="mono"),
            id="code",
            class_name="code-panel",
            aria_label=T("run.code", "Get code"),
        ),
    )
