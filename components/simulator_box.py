"""The box that asks "Which model would it be?" and explains the answer; nothing is sent."""

from __future__ import annotations

import reflex as rx

from components.controls import field, select
from components.i18n import T, T_dynamic, isolated
from components.icons import icon
from components.provider_parts import TemplateChooser
from components.run_form import LANGUAGE_NAMES
from state.simulator_box import PathRow, SimulatorState, WhatIf

QUALITY_WORDS = {"saver": "Saver", "balanced": "Balanced", "best": "Best"}


def simulator_box() -> rx.Component:
    """Return the box."""
    return rx.el.section(
        _question(),
        rx.el.div(
            rx.cond(SimulatorState.answered, _answer(), rx.el.p(T("state.waiting", "Loading"), class_name="muted")),
            class_name="ans",
            aria_live="polite",
        ),
        class_name="sim",
        aria_labelledby="sim-title",
    )


def _question() -> rx.Component:
    return rx.el.div(
        rx.el.h2(T("simulator.title", "Which model would it be?"), id="sim-title"),
        rx.el.div(
            rx.el.label(T("simulator.template", "Template"), html_for="q-template"),
            TemplateChooser.create(
                id="q-template",
                name="template",
                value=SimulatorState.template_id,
                on_choose=lambda chosen: SimulatorState.choose("template_id", chosen),
            ),
            class_name="field",
        ),
        _choice("language", T("run.language", "Language"), SimulatorState.language, LANGUAGE_NAMES),
        _choice(
            "quality",
            T("run.quality", "Quality"),
            SimulatorState.quality,
            {name: T(f"quality.{name}", word) for name, word in QUALITY_WORDS.items()},
        ),
        rx.el.fieldset(
            rx.el.legend(T("simulator.what_if", "What if")),
            rx.foreach(SimulatorState.what_ifs, _what_if),
            _tick(
                T("simulator.used_up", "The budget is used up"),
                SimulatorState.used_up,
                SimulatorState.think_used_up,
            ),
        ),
        class_name="askf",
    )


def _choice(name: str, label: rx.Var[str], value: rx.Var[str], options: dict[str, str | rx.Var[str]]) -> rx.Component:
    chooser = select(
        *[rx.el.option(words, value=key) for key, words in options.items()],
        id=f"q-{name}",
        value=value,
        on_change=lambda chosen: SimulatorState.choose(name, chosen),
    )
    return field(label, chooser, control_id=f"q-{name}")


def _what_if(one: rx.Var[WhatIf]) -> rx.Component:
    return _tick(
        T("simulator.down", "{name} is down", name=one.name),
        one.down,
        lambda down: SimulatorState.think_down(one.id, down),
    )


def _tick(words: rx.Var[str], on: rx.Var[bool], on_change: object) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", checked=on, on_change=on_change, class_name="tickbox"),
        words,
        class_name="tick-row",
    )


def _answer() -> rx.Component:
    rule = T_dynamic(SimulatorState.rule_code, SimulatorState.rule, SimulatorState.rule_params)
    return rx.fragment(
        rx.el.p(
            rx.cond(
                SimulatorState.model != "",
                rx.fragment(_lead(), " ", rx.el.b(_writer()), _tail()),
                T("simulator.nobody", "Nobody could write this."),
            ),
            class_name="verdict",
        ),
        rx.el.ol(rx.foreach(SimulatorState.path, _row), class_name="tried-path"),
        rx.el.p(
            rx.cond(SimulatorState.rule != "", rx.fragment(rule, " ")),
            T("simulator.nothing_sent", "Nothing was sent; this costs nothing."),
            " ",
            rx.el.a(T("run.why.rule", "Change the rule"), href="/settings/routing"),
            class_name="small muted",
        ),
    )


def _writer() -> rx.Component:
    return rx.cond(SimulatorState.embedded, T("providers.built_in", "Built-in writer"), SimulatorState.model)


def _lead() -> rx.Component:
    names = SimulatorState.down_names
    plain = T("simulator.goes", "It goes to")
    down = T("simulator.goes.down", "With {names} down it goes to", names=names)
    used = T("simulator.goes.used_up", "With the budget used up it goes to")
    both = T("simulator.goes.both", "With {names} down and the budget used up it goes to", names=names)
    return rx.cond(
        names != "", rx.cond(SimulatorState.used_up, both, down), rx.cond(SimulatorState.used_up, used, plain)
    )


def _tail() -> rx.Component:
    timed = SimulatorState.first_s != ""
    cost, wait = isolated(SimulatorState.cost), SimulatorState.first_s
    paid = T("simulator.for", ", for about {cost}.", cost=cost)
    paid_timed = T("simulator.for.timed", ", for about {cost}, with the first word after {s} s.", cost=cost, s=wait)
    free = T("simulator.free", ", at no charge.")
    free_timed = T("simulator.free.timed", ", at no charge, with the first word after {s} s.", s=wait)
    return rx.cond(SimulatorState.cost != "", rx.cond(timed, paid_timed, paid), rx.cond(timed, free_timed, free))


def _row(row: rx.Var[PathRow]) -> rx.Component:
    glyph = rx.match(row.place, ("won", icon("tick", small=True)), ("no", icon("dele", small=True)), _waits())
    free = T("run.no_charge", "no charge")
    return rx.el.li(
        glyph,
        rx.el.b(rx.cond(row.embedded, T("providers.built_in", "Built-in writer"), row.label)),
        rx.el.span(T_dynamic(row.code, row.text, row.params), class_name="muted"),
        rx.el.span(rx.cond(row.cost != "", rx.el.bdi(row.cost), free), class_name="num muted"),
        class_name=row.place,
    )


def _waits() -> rx.Component:
    return icon("right", small=True, flip=True)
