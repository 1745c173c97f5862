"""/sign-in."""

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
from components.i18n import T
from state.session import SessionState

ROUTE = "/sign-in"
TITLE = "Sign in"
ON_LOAD = [SessionState.load]


def page() -> rx.Component:
    """Return the page."""
    return account_page(
        T("sign_in.title", "Sign in"),
        T("sign_in.lede", "Your templates, documents and providers are where you left them."),
        AccountForm.create(
            email_field(),
            password_field(fresh=False),
            send_button(T("sign_in.send", "Sign in")),
            path="/api/v1/auth/login",
            carry=False,
        ),
        rx.fragment(
            T("sign_in.new", "New here?"),
            " ",
            OtherWay.create(T("sign_in.sign_up", "Make an account"), href="/sign-up"),
        ),
        demo_way(),
    )
