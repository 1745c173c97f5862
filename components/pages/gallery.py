"""The gallery of templates."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.shell import shell
from components.sheet import galley_line, section_head, sheet, slug
from state.session import SessionState

ROUTE = "/templates"
TITLE = "Templates"
ON_LOAD = [SessionState.enter]


def page() -> rx.Component:
    """Return the page."""
    return shell(rx.el.div(sheet(section_head("Headlines", "8 to 15"), rx.el.ol(galley_line("The Repairable Office Chair", number=1, used=27, limit=30, state="ok"), galley_line("Ergonomic Office Chairs That", over_text=" Last", number=7, used=33, limit=30, state="over")), head=slug("google-rsa", "galley 1204"), ), class_name="desk", style={"padding":"40px"}), place="templates", title=T("gallery.title", "Templates"))
