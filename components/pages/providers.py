"""/settings/providers: who writes, in which order, with whose key, and whether they answer."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, select, status, tag, text_area, text_input
from components.i18n import T, T_dynamic
from components.run_parts import When
from components.settings_frame import settings_page
from components.states import waiting_lines
from state.providers import ProviderRow, ProvidersState
from state.session import SessionState

ROUTE = "/settings/providers"
TITLE = "Providers"
ON_LOAD = [SessionState.enter, ProvidersState.open]
MANAGES = SessionState.scopes.contains("providers:write")
KINDS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "openai-compatible": "OpenAI-compatible server (Ollama, vLLM, llama.cpp)",
}
TIERS = {
    "fast": "Fast: simple templates",
    "strong": "Strong: complex templates",
    "critical": "Critical: legal and money",
}
LOCAL = ProvidersState.kind == "openai-compatible"


def page() -> rx.Component:
    """Return the page."""
    add = button(
        T("providers.add", "Add a provider"), kind="primary", glyph="plus", on_click=ProvidersState.toggle_adding
    )
    return settings_page(
        rx.cond(ProvidersState.adding, _form()),
        rx.cond(
            ProvidersState.loaded,
            rx.el.ol(rx.foreach(ProvidersState.rows, _row), class_name="provider-rows"),
            waiting_lines(),
        ),
        rx.el.p(
            T(
                "providers.note",
                "A test asks each model for one word. The built-in writer comes last and costs nothing.",
            ),
            class_name="small muted",
        ),
        current="providers",
        title=T("settings.providers", "Providers"),
        lede=T(
            "providers.lede",
            "Tried from the top. When one fails, even half-way through a text, the next one takes over.",
        ),
        action=rx.cond(MANAGES & ~ProvidersState.adding, add),
    )


def _row(row: rx.Var[ProviderRow], index: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.el.span(index + 1, class_name="place serif"),
        rx.el.div(
            rx.el.b(_name(row)),
            rx.cond(~row.enabled, tag(T("providers.off", "off"))),
            rx.el.p(_about(row), class_name="small muted"),
            _result(row),
            class_name="who",
        ),
        _health(row),
        rx.el.div(rx.cond(MANAGES, _actions(row, index)), class_name="acts row wrap"),
        key=row.id,
    )


def _name(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.cond(row.source == "built-in", T("providers.built_in", "Built-in writer"), row.name)


def _about(row: rx.Var[ProviderRow]) -> rx.Component:
    hosted = rx.fragment(
        rx.el.bdi(row.models),
        ". ",
        rx.cond(
            row.key_tail != "",
            T("providers.key_ends", "Key ends {tail}.", tail=row.key_tail),
            rx.cond(row.has_key, T("providers.key_set", "Key set."), T("providers.no_key", "No key.")),
        ),
        rx.cond(row.source == "installation", rx.fragment(" ", T("providers.installation", "Set up by the operator."))),
    )
    own = T("providers.built_in.about", "Rules and phrase banks, no AI model. Always last.")
    return rx.cond(row.source == "built-in", own, hosted)


def _health(row: rx.Var[ProviderRow]) -> rx.Component:
    good = rx.cond(
        row.source == "built-in",
        status("ok", "tick", T("health.ready", "Ready")),
        status("ok", "tick", T("health.ok", "Healthy")),
    )
    return rx.el.div(
        rx.match(
            row.health,
            ("resting", status("bad", "bad", T("health.resting", "Resting after errors"))),
            ("failing", status("warn", "warn", T("health.failing", "Errors"))),
            rx.cond(row.tested & ~row.test_ok, status("bad", "bad", T("health.test_failed", "Test failed")), good),
        ),
        class_name="health",
    )


def _result(row: rx.Var[ProviderRow]) -> rx.Component:
    testing = rx.el.p(T("providers.testing", "Asking each model for one word"), class_name="small muted", role="status")
    answered = rx.el.p(
        T(
            "providers.answered",
            "First word in {first} ms, whole answer in {total} ms.",
            first=row.first_ms,
            total=row.total_ms,
        ),
        " ",
        rx.el.span(T("providers.tested", "Tested"), " ", When.create(iso=row.tested_at), class_name="muted"),
        class_name="small",
    )
    fault = rx.el.p(
        T_dynamic(row.fault_code, row.fault, row.fault_params), class_name="small st bad wrap", role="status"
    )
    told = rx.cond(row.tested, rx.cond(row.fault_code != "", fault, answered))
    return rx.cond(ProvidersState.testing == row.id, testing, told)


def _actions(row: rx.Var[ProviderRow], index: rx.Var[int]) -> rx.Component:
    return rx.fragment(
        button(
            rx.cond(row.tested, T("providers.test_again", "Test again"), T("providers.test", "Test")),
            small=True,
            on_click=ProvidersState.test(row.id),
            disabled=ProvidersState.testing != "",
        ),
        rx.cond(
            row.source != "installation",
            button(
                rx.cond(row.enabled, T("providers.switch_off", "Switch off"), T("providers.switch_on", "Switch on")),
                kind="quiet",
                small=True,
                on_click=ProvidersState.switch(row.id, ~row.enabled),
            ),
        ),
        rx.cond(
            row.editable,
            rx.fragment(
                rx.cond(
                    index > 0, icon_button("up", T("providers.up", "Move up"), on_click=ProvidersState.move_up(row.id))
                ),
                icon_button("x", T("providers.remove", "Forget this provider"), on_click=ProvidersState.remove(row.id)),
            ),
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        _kind_field(),
        _key_field(),
        _address_field(),
        _models_field(),
        _tier_field(),
        field(T("providers.name", "Name"), text_input(id="v-name", name="name", max_length=80), control_id="v-name"),
        rx.cond(
            ProvidersState.error_field == "form",
            rx.el.p(_error_text(), class_name="st bad small", role="alert"),
        ),
        rx.el.p(
            button(T("providers.save", "Save and test"), kind="primary", type="submit"),
            button(T("providers.cancel", "Cancel"), kind="quiet", on_click=ProvidersState.toggle_adding),
            class_name="row",
        ),
        on_submit=ProvidersState.add,
        reset_on_submit=False,
        class_name="set-form provider-form",
    )


def _kind_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"kind.{kind}", words), value=kind) for kind, words in KINDS.items()],
        id="v-kind",
        name="kind",
        value=ProvidersState.kind,
        on_change=ProvidersState.choose_kind,
    )
    return field(T("providers.kind", "Kind"), chooser, control_id="v-kind")


def _key_field() -> rx.Component:
    box = text_input(
        id="v-key",
        name="api_key",
        type="password",
        auto_complete="off",
        dir="ltr",
        max_length=500,
        on_blur=ProvidersState.guess,
    )
    return field(
        T("providers.key", "Key"),
        box,
        control_id="v-key",
        help_text=T("providers.key.help", "Sealed under your workspace's own key; nobody can read it back."),
        error=_error_of("api_key"),
    )


def _address_field() -> rx.Component:
    local = T("providers.address.local", "For example http://localhost:11434/v1")
    return field(
        T("providers.address", "Address"),
        text_input(id="v-url", name="base_url", type="url", dir="ltr", max_length=500),
        control_id="v-url",
        required=LOCAL,
        help_text=rx.cond(LOCAL, local, T("providers.address.help", "Empty: the vendor's own.")),
        error=_error_of("base_url"),
    )


def _models_field() -> rx.Component:
    return field(
        T("providers.models", "Models"),
        text_area(id="v-models", name="models", rows="2", dir="ltr"),
        control_id="v-models",
        required=LOCAL,
        help_text=T(
            "providers.models.help", "One a line, as the provider names them. Empty: the usual ones of this vendor."
        ),
        error=_error_of("models"),
    )


def _tier_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"tier.{tier}", words), value=tier) for tier, words in TIERS.items()],
        id="v-tier",
        name="tier",
        default_value="fast",
    )
    return field(T("providers.tier", "These models are"), chooser, control_id="v-tier")


def _error_text() -> rx.Var[str]:
    return T_dynamic(ProvidersState.error_code, ProvidersState.error, ProvidersState.error_params)


def _error_of(name: str) -> rx.Var[str]:
    return rx.cond(ProvidersState.error_field == name, _error_text(), "")
