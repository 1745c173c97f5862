"""What signing in and signing up have in common: the frame, the form that talks to the API, the fields."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, text_input
from components.i18n import LanguageOf, PageTitle, T
from components.shell import brand_mark
from components.shell_client import try_now
from state.session import SessionState

Child = rx.Component | rx.Var | str | None


class AccountForm(rx.Component):
    """A form that posts to the API and then opens the workspace."""

    library = "$/public/js/account"
    tag = "AccountForm"
    path: rx.Var[str]
    carry: rx.Var[bool]


class OtherWay(rx.Component):
    """A link that keeps what the address carries, such as an invitation."""

    library = "$/public/js/account"
    tag = "OtherWay"
    href: rx.Var[str]


def account_page(title: rx.Var[str], lede: Child, form: rx.Component, *ways: Child) -> rx.Component:
    """Return a page with one form; `ways` are the other things one may have come for."""
    return rx.fragment(
        PageTitle.create(title=title + ", Galley"),
        LanguageOf.create(locale=SessionState.locale),
        rx.el.main(
            rx.el.a(brand_mark(), "Galley", href="/", class_name="home"),
            rx.el.h1(title),
            rx.el.p(lede, class_name="lede"),
            form,
            rx.el.div(*[rx.el.p(way) for way in ways], class_name="ways"),
            class_name="account",
            id="main",
        ),
    )


def email_field() -> rx.Component:
    """Return the field for the e-mail."""
    return field(
        T("account.email", "E-mail"),
        text_input(
            id="a-email", name="email", type="email", auto_complete="username", dir="ltr", required=True, max_length=254
        ),
        control_id="a-email",
    )


def password_field(*, fresh: bool) -> rx.Component:
    """Return the field for the password; `fresh` says that it is being chosen now."""
    hint = T("account.password.rule", "At least 12 characters. A sentence of four words is better than a short riddle.")
    return field(
        T("account.password", "Password"),
        text_input(
            id="a-password",
            name="password",
            type="password",
            auto_complete="new-password" if fresh else "current-password",
            dir="ltr",
            required=True,
            max_length=128,
        ),
        control_id="a-password",
        help_text=hint if fresh else None,
    )


def send_button(words: rx.Var[str]) -> rx.Component:
    """Return the button that sends the form."""
    return button(words, kind="primary", type="submit")


def demo_way() -> rx.Component:
    """Return the way for those who want to look first."""
    return rx.fragment(
        T("account.look", "Only looking?"),
        " ",
        rx.el.button(
            T("account.demo", "Open a demo workspace"), type="button", class_name="linklike", on_click=try_now()
        ),
    )
