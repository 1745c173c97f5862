"""The ordered rows of the provider page: who is asked, whether they answer, what they cost, and what can be done."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, status, text_input
from components.i18n import T, T_dynamic, isolated
from components.icons import icon
from components.moments import clock
from components.provider_parts import MAKES, Grip, Spark
from state.provider_rows import ModelRow, ProviderRow
from state.providers import ProvidersState
from state.session import SessionState

MANAGES = SessionState.scopes.contains("providers:write")
HINT = "order-hint"
TIER_WORDS = {"fast": "fast", "strong": "strong", "critical": "critical"}


def provider_list() -> rx.Component:
    """Return the list under its ink rule, with the line that says how to order it."""
    moved = T("providers.moved", "{name} is now number {place} of {total}.", **_moved("name", "place", "total"))
    return rx.fragment(
        rx.el.ol(rx.foreach(ProvidersState.rows, _row), class_name="provs"),
        rx.el.p(
            rx.cond(MANAGES, rx.fragment(T("providers.order", "Drag, or move with the arrow keys."), " ")),
            T("providers.counts", "Health counts the last ten calls of each."),
            class_name="small muted",
            id=HINT,
        ),
        rx.el.p(rx.cond(ProvidersState.moved.contains("name"), moved, ""), class_name="vh", aria_live="polite"),
    )


def _moved(*names: str) -> dict[str, rx.Var]:
    return {name: ProvidersState.moved[name] for name in names}


def _row(row: rx.Var[ProviderRow]) -> rx.Component:
    movable = MANAGES & row.editable
    grip = Grip.create(
        name=row.id,
        label=T("providers.move", "Move {name}", name=row.name),
        place=row.place,
        hint=HINT,
        on_move=lambda to: ProvidersState.move(row.id, to),
    )
    return rx.el.li(
        rx.cond(movable, grip, rx.el.span()),
        rx.el.span(row.place, class_name="ord"),
        rx.el.div(rx.el.b(_name(row)), rx.el.small(_about(row)), class_name="who"),
        rx.el.div(health_word(row.health), class_name="hl"),
        rx.el.div(
            rx.cond(row.points != "", Spark.create(points=row.points, tone=row.tone), rx.el.span()),
            rx.el.span(rx.cond(row.first_s != "", T("providers.first_s", "{s} s", s=row.first_s), "")),
            class_name="lat",
        ),
        _cost(row),
        rx.el.div(rx.cond(MANAGES, _tools(row)), class_name="tools"),
        _result(row),
        rx.cond(MANAGES & (ProvidersState.opened == row.id), _drawer(row)),
        key=row.id,
        custom_attrs={"data-move": rx.cond(movable, "", None)},
    )


def _name(row: rx.Var[ProviderRow]) -> rx.Var[str]:
    return rx.cond(row.source == "built-in", T("providers.built_in", "Built-in writer"), row.name)


def _about(row: rx.Var[ProviderRow]) -> rx.Component:
    at = rx.cond(
        row.port != "",
        T("providers.at_port", "Address {host}, port {port}.", host=row.host, port=row.port),
        T("providers.at", "Address {host}.", host=row.host),
    )
    key = rx.cond(
        row.key_tail != "",
        T("providers.key_ends", "Key ends {tail}.", tail=row.key_tail),
        rx.cond(row.has_key, T("providers.key_set", "Key set."), T("providers.no_key", "No key.")),
    )
    answered = row.tested & (row.fault_code == "") & ~row.fresh
    hosted = rx.fragment(
        rx.el.bdi(row.models),
        ". ",
        rx.cond(row.host != "", rx.fragment(at, " ")),
        key,
        rx.cond(answered, rx.fragment(" ", T("providers.tested_at", "Tested {time}.", time=clock(row.tested_at)))),
        rx.cond(row.source == "installation", rx.fragment(" ", T("providers.installation", "Set up by the operator."))),
    )
    own = T("providers.built_in.about", "Rules and phrase banks, no AI model. Always last.")
    return rx.cond(row.source == "built-in", own, hosted)


def health_word(health: rx.Var[str]) -> rx.Component:
    """Return how a provider is: icon and word."""
    return rx.match(
        health,
        ("ok", status("ok", "check", T("health.ok", "Healthy"))),
        ("ready", status("ok", "check", T("health.ready", "Ready"))),
        ("slow", status("warn", "warn", T("health.slow", "Slow"))),
        ("resting", status("bad", "pause", T("health.resting", "Resting"))),
        ("failing", status("bad", "bad", T("health.failing", "Errors"))),
        ("test_failed", status("bad", "bad", T("health.test_failed", "Test failed"))),
        ("off", status("off", "stop", T("health.off", "Off"))),
        ("quiet", status("off", "more", T("health.quiet", "Not lately"))),
        status("off", "more", T("health.untried", "Not tried")),
    )


def _cost(row: rx.Var[ProviderRow]) -> rx.Component:
    runs = T("providers.calls", {"one": "{n} call", "other": "{n} calls"}, n=row.runs)
    free = rx.fragment(rx.el.b(T("run.no_charge", "no charge")), rx.el.small(runs))
    paid = rx.fragment(rx.el.b(rx.el.bdi(row.spent)), rx.el.small(T("providers.this_month", "this month")))
    return rx.el.div(rx.cond(row.spent != "", paid, rx.cond(row.runs > 0, free)), class_name="cost num")


def _tools(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.fragment(
        button(
            rx.cond(row.fresh, T("providers.test_again", "Test again"), T("providers.test", "Test")),
            small=True,
            on_click=ProvidersState.test(row.id),
            disabled=ProvidersState.testing != "",
            aria_label=T("providers.test_of", "Test {name}", name=row.name),
        ),
        rx.cond(
            row.source == "installation",
            rx.el.span(),
            icon_button(
                "more",
                T("providers.more", "More about {name}", name=row.name),
                on_click=ProvidersState.open_row(row.id),
                aria_expanded=ProvidersState.opened == row.id,
            ),
        ),
    )


def _result(row: rx.Var[ProviderRow]) -> rx.Component:
    """Return the line under a row: what a test found, or why calls go past this provider."""
    testing = rx.el.p(T("providers.testing", "Asking each model for one word"), class_name="res", role="status")
    resting = rx.el.p(
        rx.el.span(T("providers.rests", "Rests until {time}.", time=clock(row.until)), class_name="st bad"),
        rx.el.span(_errors(row)),
        class_name="res",
    )
    failing = rx.el.p(rx.el.span(_errors(row)), class_name="res")
    fault = rx.el.p(
        rx.el.span(T_dynamic(row.fault_code, row.fault, row.fault_params), class_name="st bad"),
        rx.el.span(T("providers.tested_at", "Tested {time}.", time=clock(row.tested_at))),
        class_name="res",
        role="status",
    )
    return rx.cond(
        ProvidersState.testing == row.id,
        testing,
        rx.match(
            row.health,
            ("resting", resting),
            ("failing", failing),
            rx.cond(row.fault_code != "", fault, rx.cond(row.fresh, _answered(row))),
        ),
    )


def _errors(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.fragment(
        rx.cond(
            row.failed_calls > 0,
            T(
                "providers.errors",
                "{failed} of the last {calls} calls failed, since {time}.",
                failed=row.failed_calls,
                calls=row.calls,
                time=clock(row.since),
            ),
            T("providers.errors_since", "Calls fail since {time}.", time=clock(row.since)),
        ),
        " ",
        T("providers.passed_over", "Runs go on to the next in order by themselves."),
    )


def _answered(row: rx.Var[ProviderRow]) -> rx.Component:
    reached = T("providers.reached", "The provider answers after {first} ms.", first=row.first_ms)
    times = {"first": row.first_ms, "whole": row.whole_s, "cost": isolated(row.test_cost)}
    paid = T("providers.answered.paid", "First word in {first} ms, whole answer in {whole} s, {cost}.", **times)
    free = T(
        "providers.answered",
        "First word in {first} ms, whole answer in {whole} s.",
        first=row.first_ms,
        whole=row.whole_s,
    )
    models = T("providers.models_answer", {"one": "{n} model answers.", "other": "{n} models answer."}, n=row.answered)
    return rx.el.p(
        icon("tick", small=True),
        rx.el.span(rx.cond(row.greeted, reached, rx.cond(row.test_cost != "", paid, free)), class_name="said"),
        rx.el.span(
            rx.cond(row.greeted, "", models), " ", T("providers.tested_at", "Tested {time}.", time=clock(row.tested_at))
        ),
        class_name="res",
        role="status",
    )


def _drawer(row: rx.Var[ProviderRow]) -> rx.Component:
    """Return what is under "More": models, moves, a new key, off, forget."""
    return rx.el.div(
        rx.cond(row.source == "workspace", rx.el.ul(rx.foreach(row.model_rows, _model), class_name="models")),
        rx.cond(row.editable, _key_form(row)),
        rx.el.div(
            rx.cond(row.editable, rx.fragment(_move(row, -1, "up"), _move(row, 1, "down"))),
            button(
                rx.cond(row.enabled, T("providers.switch_off", "Switch off"), T("providers.switch_on", "Switch on")),
                small=True,
                on_click=ProvidersState.switch(row.id, ~row.enabled),
            ),
            rx.cond(row.editable, _forget(row)),
            class_name="row wrap",
        ),
        class_name="drawer",
    )


def _model(model: rx.Var[ModelRow]) -> rx.Component:
    tier = rx.match(
        model.tier, *[(name, T(f"tier.word.{name}", word)) for name, word in TIER_WORDS.items()], model.tier
    )
    makes = rx.match(model.makes, *[(name, T(f"makes.{name}", word)) for name, word in MAKES.items()], model.makes)
    waits = T(
        "providers.waits",
        "first word usually after {usual} s, one in twenty after {worst} s",
        usual=model.usual_s,
        worst=model.worst_s,
    )
    return rx.el.li(
        rx.el.b(model.label),
        rx.el.code(model.id, class_name="mono muted"),
        rx.cond(model.usual_s != "", rx.el.small(waits)),
        rx.el.span(rx.cond(model.makes == "text", tier, makes)),
    )


def _key_form(row: rx.Var[ProviderRow]) -> rx.Component:
    said = T_dynamic(ProvidersState.error_code, ProvidersState.error, ProvidersState.error_params)
    kept = T("providers.key_kept", "The present key stays.")
    return rx.el.form(
        field(
            rx.cond(row.has_key, T("providers.new_key", "A new key"), T("providers.key", "Key")),
            text_input(id="v-new-key", name="api_key", type="password", auto_complete="off", dir="ltr", max_length=500),
            control_id="v-new-key",
            help_text=T(
                "providers.new_key.help", "It is tried first. The present key stays until a model has answered."
            ),
            error=rx.cond(ProvidersState.error_field == "new_key", said + " " + kept, ""),
        ),
        button(
            T("providers.replace", "Try and replace"), small=True, type="submit", disabled=ProvidersState.testing != ""
        ),
        on_submit=ProvidersState.replace_key,
        reset_on_submit=False,
        class_name="key-form",
    )


def _move(row: rx.Var[ProviderRow], step: int, glyph: str) -> rx.Component:
    words = T("providers.up", "Move up") if step < 0 else T("providers.down", "Move down")
    # `place` counts from 1, the handler from 0; a move past either end is no move.
    return button(words, glyph=glyph, small=True, on_click=ProvidersState.move(row.id, row.place - 1 + step))


def _forget(row: rx.Var[ProviderRow]) -> rx.Component:
    sure = rx.fragment(
        rx.el.span(T("providers.sure", "Its key goes with it."), class_name="small"),
        button(
            T("providers.forget", "Forget {name}", name=row.name),
            kind="proof",
            small=True,
            on_click=ProvidersState.remove(row.id),
        ),
        button(T("providers.keep", "Keep"), kind="quiet", small=True, on_click=ProvidersState.ask_to_forget(False)),
    )
    ask = button(
        T("providers.remove", "Forget this provider"),
        kind="quiet",
        small=True,
        on_click=ProvidersState.ask_to_forget(True),
    )
    return rx.cond(ProvidersState.forgetting, sure, ask)
