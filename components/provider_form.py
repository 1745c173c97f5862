"""The form for a new provider: key first, since its shape says whose it is."""

from __future__ import annotations

import reflex as rx

from app.llm import kinds
from components.controls import button, field, select, text_area, text_input
from components.i18n import T, T_dynamic
from components.provider_parts import MAKES
from state.providers import ProvidersState

KINDS = {name: kind.label for name, kind in kinds.KINDS.items()} | {
    "openai-compatible": "OpenAI-compatible server (Ollama, vLLM, llama.cpp)",
}
TIERS = {
    "fast": "Fast: simple templates",
    "strong": "Strong: complex templates",
    "critical": "Critical: legal and money",
}
IN_FORM = ("text", "image", "speech", "transcription", "video")
EXAMPLES = {
    "automatic1111": "http://localhost:7860",
    "comfyui": "http://localhost:8188",
    "openai-compatible": "http://localhost:11434/v1",
    "azure": "https://NAME.openai.azure.com",
    "bedrock": "https://bedrock-runtime.eu-central-1.amazonaws.com",
}
NEEDS_ADDRESS = [name for name, kind in kinds.KINDS.items() if not kind.base_url]
NEEDS_MODELS = [name for name, kind in kinds.KINDS.items() if not kind.models]


def provider_form() -> rx.Component:
    """Return the form."""
    return rx.el.form(
        rx.el.div(
            _key_field(),
            _kind_field(),
            _address_field(),
            _models_field(),
            _makes_field(),
            _tier_field(),
            _name_field(),
            class_name="two",
        ),
        rx.cond(ProvidersState.error_field == "form", rx.el.p(_error_text(), class_name="st bad small", role="alert")),
        rx.cond(ProvidersState.tried, _anyway()),
        rx.el.p(
            button(
                rx.cond(ProvidersState.trying, T("providers.testing", "Asking each model for one word"), _save_words()),
                kind="primary",
                type="submit",
                disabled=ProvidersState.trying,
            ),
            button(T("providers.cancel", "Cancel"), kind="quiet", on_click=ProvidersState.toggle_adding),
            class_name="row",
        ),
        on_submit=ProvidersState.add,
        reset_on_submit=False,
        class_name="provider-form",
        aria_label=T("providers.add", "Add a provider"),
    )


def _save_words() -> rx.Var[str]:
    return T("providers.save", "Test and save")


def _anyway() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="anyway", class_name="tickbox"),
        T("providers.anyway", "Save it all the same"),
        class_name="tick-row",
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
    example = rx.match(ProvidersState.kind, *EXAMPLES.items(), "")
    return field(
        T("providers.address", "Address"),
        text_input(id="v-url", name="base_url", type="url", dir="ltr", max_length=500),
        control_id="v-url",
        required=_kind_in(NEEDS_ADDRESS),
        help_text=rx.cond(
            example != "",
            T("providers.address.example", "For example {address}", address=example),
            T("providers.address.help", "Empty: the vendor's own."),
        ),
        error=_error_of("base_url"),
    )


def _models_field() -> rx.Component:
    return field(
        T("providers.models", "Models"),
        text_area(id="v-models", name="models", rows="2", dir="ltr"),
        control_id="v-models",
        required=_kind_in(NEEDS_MODELS),
        help_text=T(
            "providers.models.help", "One a line, as the provider names them. Empty: the usual ones of this vendor."
        ),
        error=_error_of("models"),
    )


def _makes_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"makes.{name}", MAKES[name]), value=name) for name in IN_FORM],
        id="v-makes",
        name="makes",
        value=ProvidersState.makes,
        on_change=ProvidersState.set_makes_of_models,
    )
    help_text = T("providers.makes.help", "The usual models of a vendor come each with what it makes.")
    return field(T("providers.makes", "They make"), chooser, control_id="v-makes", help_text=help_text)


def _tier_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"tier.{tier}", words), value=tier) for tier, words in TIERS.items()],
        id="v-tier",
        name="tier",
        default_value="fast",
    )
    return field(T("providers.tier", "These models are"), chooser, control_id="v-tier")


def _name_field() -> rx.Component:
    return field(
        T("providers.name", "Name"),
        text_input(id="v-name", name="name", max_length=80),
        control_id="v-name",
        help_text=T("providers.name.help", "Empty: the vendor's."),
        error=_error_of("name"),
    )


def _version_field() -> rx.Component:
    return field(
        T("providers.version", "Version of the interface"),
        text_input(id="v-version", name="api_version", dir="ltr", max_length=20),
        control_id="v-version",
        help_text=T("providers.version.help", "For example 2024-10-21. Empty: the one we know."),
        error=_error_of("options"),
    )


def _kind_in(names: list[str]) -> rx.Var[bool]:
    return rx.Var.create(names).contains(ProvidersState.kind)


def _error_text() -> rx.Var[str]:
    return T_dynamic(ProvidersState.error_code, ProvidersState.error, ProvidersState.error_params)


def _error_of(name: str) -> rx.Var[str]:
    return rx.cond(ProvidersState.error_field == name, _error_text(), "")
