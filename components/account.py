"""The account menu: who, which workspace, language and theme of this browser, the way out."""

from __future__ import annotations

import reflex as rx
from reflex.style import color_mode, set_color_mode

from components.behaviours import client
from components.controls import button, link_button, segments
from components.i18n import LANGUAGES, T, lang
from components.icons import icon
from components.shell_client import sign_out
from state.session import SessionState

MENU = "account-menu"


def account_menu() -> rx.Component:
    """Return the pop-up; buttons open it with `popoverTarget=account-menu`."""
    return rx.el.div(
        rx.cond(SessionState.signed_in, _who(), rx.fragment()),
        language_choice(),
        theme_choice(),
        rx.cond(SessionState.signed_in, _ways_on(), link_button(T("nav.sign_in", "Sign in"), href="/sign-in")),
        id=MENU,
        class_name="menu pop",
        custom_attrs={"popover": "auto"},
        role="dialog",
        aria_label=T("nav.account", "Account"),
    )


def _who() -> rx.Component:
    return rx.el.div(
        rx.el.b(rx.cond(SessionState.name != "", SessionState.name, SessionState.email)),
        rx.el.span(
            rx.cond(SessionState.demo, T("demo.workspace", "Demo workspace"), SessionState.organisation),
            class_name="muted small",
        ),
        class_name="menu-who",
    )


def _ways_on() -> rx.Component:
    keep = link_button(T("demo.keep", "Keep this workspace"), href="/sign-up", kind="primary")
    return rx.el.div(
        rx.cond(SessionState.demo, keep, rx.fragment()),
        link_button(T("nav.settings", "Settings"), href="/settings"),
        button(T("nav.sign_out", "Sign out"), on_click=sign_out()),
        class_name="menu-ways",
    )


def language_choice() -> rx.Component:
    """Return the choice of the language of this browser."""
    buttons = [
        rx.el.button(
            name,
            type="button",
            lang=code,
            aria_pressed=rx.cond(lang() == code, "true", "false"),
            on_click=client("i18n", "chooseLang", code),
        )
        for code, name in LANGUAGES.items()
    ]
    return rx.el.div(
        rx.el.span(icon("globe", small=True), T("shell.language", "Language"), class_name="label"),
        segments(*buttons, label=T("shell.language", "Language")),
        class_name="menu-row",
    )


def theme_choice() -> rx.Component:
    """Return the choice between the system's theme, light and dark."""
    themes = {
        "system": T("theme.system", "System"),
        "light": T("theme.light", "Light"),
        "dark": T("theme.dark", "Dark"),
    }
    buttons = [
        rx.el.button(
            label,
            type="button",
            aria_pressed=rx.cond(color_mode == name, "true", "false"),
            on_click=set_color_mode(name),
        )
        for name, label in themes.items()
    ]
    return rx.el.div(
        rx.el.span(icon("theme", small=True), T("shell.theme_label", "Theme"), class_name="label"),
        segments(*buttons, label=T("shell.theme_label", "Theme")),
        class_name="menu-row",
    )
