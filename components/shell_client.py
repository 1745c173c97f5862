"""Parts of the frame that live in the browser: assets/js/shell.js."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client

SHELL = "$/public/js/shell"


class ThemeOf(rx.Component):
    """Applies the theme of the account once it is known."""

    library = SHELL
    tag = "ThemeOf"
    theme: rx.Var[str]


def sign_out() -> rx.Var:
    """Return the handler that ends the session and leaves the workspace."""
    return client("shell", "signOut")


def try_now() -> rx.Var:
    """Return the handler that opens a demo workspace with a filled template."""
    return client("shell", "tryNow")
