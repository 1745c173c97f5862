"""/sign-up; the address may carry an invitation, or the token that makes the first operator."""

from __future__ import annotations

import reflex as rx

from components.account_pages import (
    AccountForm,
    OtherWay,
    account_page,
    demo_way,
    email_field,
    password_field,
    send_button,
)
from components.controls import field, text_input
from components.i18n import T
from state.session import SessionState

ROUTE = "/sign-up"
TITLE = "Make an account"
ON_LOAD = [SessionState.load]


def page() -> rx.Component:
    """Return the page."""
    return account_page(
        T("sign_up.title", "Make an account"),
        rx.cond(
            SessionState.demo,
            T("sign_up.lede.demo", "Everything in your demo workspace comes with you."),
            T("sign_up.lede", "An e-mail and a password; no card, no questions."),
        ),
        AccountForm.create(
            email_field(),
            password_field(fresh=True),
            _optional("name", T("sign_up.name", "Your name"), "name"),
            _optional("organisation", T("sign_up.organisation", "Workspace"), "organization"),
            send_button(T("sign_up.send", "Make the account")),
            path="/api/v1/auth/signup",
            carry=True,
        ),
        rx.fragment(
            T("sign_up.known", "You have one already?"),
            " ",
            OtherWay.create(T("sign_up.sign_in", "Sign in"), href="/sign-in"),
        ),
        rx.cond(SessionState.demo, rx.fragment(), demo_way()),
    )


def _optional(name: str, label: rx.Var[str], complete: str) -> rx.Component:
    control_id = f"a-{name}"
    return field(
        rx.fragment(label, " ", rx.el.span(T("field.optional", "optional"), class_name="muted")),
        text_input(id=control_id, name=name, auto_complete=complete, max_length=120),
        control_id=control_id,
    )
