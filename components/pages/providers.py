"""/settings/providers: who writes, in which order, with whose key, whether they answer, and which one it would be."""

from __future__ import annotations

import reflex as rx

from components.controls import button
from components.i18n import T
from components.provider_form import provider_form
from components.provider_list import MANAGES, provider_list
from components.settings_frame import settings_page
from components.simulator_box import simulator_box
from components.states import waiting_lines
from state.providers import ProvidersState
from state.session import SessionState
from state.simulator_box import SimulatorState

ROUTE = "/settings/providers"
TITLE = "Providers and routing"
ON_LOAD = [SessionState.enter, ProvidersState.open, SimulatorState.open]


def page() -> rx.Component:
    """Return the page."""
    add = button(
        T("providers.add", "Add a provider"), kind="primary", glyph="plus", on_click=ProvidersState.toggle_adding
    )
    return settings_page(
        rx.cond(ProvidersState.adding, provider_form()),
        rx.cond(ProvidersState.loaded, provider_list(), waiting_lines()),
        rx.cond(MANAGES & ProvidersState.loaded, simulator_box()),
        current="providers",
        title=T("settings.providers", "Providers and routing"),
        lede=T(
            "providers.lede",
            "Tried from the top. When one fails, even half-way through a text, "
            "the next one goes on from the last good word.",
        ),
        action=rx.cond(MANAGES & ~ProvidersState.adding, add),
    )
