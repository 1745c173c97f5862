"""/settings: name, language, theme, password, and where one is signed in."""

from __future__ import annotations

import reflex as rx

from components.account_pages import AccountForm
from components.controls import button, field, select, text_input
from components.i18n import LANGUAGES, T
from components.run_parts import When
from components.settings_frame import section, settings_page
from state.session import SessionState
from state.settings import SettingsState, SignInRow

ROUTE = "/settings"
TITLE = "Profile and language"
ON_LOAD = [SessionState.enter, SettingsState.open]


def page() -> rx.Component:
    """Return the page."""
    return settings_page(
        section(T("settings.profile.who", "You"), _profile()),
        rx.cond(
            SessionState.demo,
            section(
                T("settings.keep", "Keep this workspace"),
                rx.el.p(
                    T(
                        "settings.keep.why",
                        "A demo workspace is deleted after a day. An account keeps everything in it.",
                    )
                ),
                rx.el.p(rx.el.a(T("demo.keep", "Keep this workspace"), href="/sign-up", class_name="btn primary")),
            ),
            section(
                T("settings.password", "Password"),
                _password(),
                lede=T("settings.password.lede", "A new password ends every other sign-in."),
            ),
        ),
        section(
            T("settings.sign_ins", "Signed in"),
            rx.el.ul(rx.foreach(SettingsState.sign_ins, _sign_in), class_name="plain-rows"),
        ),
        current="profile",
        title=T("settings.profile", "Profile and language"),
        lede=T("settings.profile.lede", "How Galley speaks to you. What a text is written in is chosen at each run."),
    )


def _profile() -> rx.Component:
    themes = {
        "system": T("theme.system", "System"),
        "light": T("theme.light", "Light"),
        "dark": T("theme.dark", "Dark"),
    }
    return rx.el.form(
        field(
            T("sign_up.name", "Your name"),
            text_input(
                id="p-name",
                name="name",
                default_value=SessionState.name,
                key=SessionState.name,
                max_length=120,
                auto_complete="name",
            ),
            control_id="p-name",
        ),
        field(
            T("shell.language", "Language"),
            select(
                *[rx.el.option(name, value=code, lang=code) for code, name in LANGUAGES.items()],
                id="p-locale",
                name="locale",
                default_value=SessionState.locale,
                key=SessionState.locale,
            ),
            control_id="p-locale",
        ),
        field(
            T("shell.theme_label", "Theme"),
            select(
                *[rx.el.option(words, value=name) for name, words in themes.items()],
                id="p-theme",
                name="theme",
                default_value=SessionState.theme,
                key=SessionState.theme,
            ),
            control_id="p-theme",
        ),
        rx.el.p(button(T("settings.save", "Save"), kind="primary", type="submit")),
        on_submit=SettingsState.save_profile,
        class_name="set-form",
    )


def _password() -> rx.Component:
    return AccountForm.create(
        field(
            T("settings.password.present", "Present password"),
            text_input(id="w-present", name="present", type="password", auto_complete="current-password", dir="ltr"),
            control_id="w-present",
        ),
        field(
            T("settings.password.new", "New password"),
            text_input(id="w-password", name="password", type="password", auto_complete="new-password", dir="ltr"),
            control_id="w-password",
            help_text=T(
                "account.password.rule",
                "At least 12 characters. A sentence of four words is better than a short riddle.",
            ),
        ),
        rx.el.p(button(T("settings.password.change", "Change the password"), type="submit")),
        path="/api/v1/auth/password",
        carry=False,
    )


def _sign_in(row: rx.Var[SignInRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(T("settings.since", "Since"), " ", When.create(iso=row.since)),
        rx.el.span(T("settings.seen", "last seen"), " ", When.create(iso=row.seen), class_name="muted"),
        rx.el.span(class_name="grow"),
        button(T("settings.end", "End"), small=True, on_click=SettingsState.end_sign_in(row.id)),
    )
