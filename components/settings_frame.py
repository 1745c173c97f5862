"""The frame of the settings pages: the list beside the rail, the head of a page, a ruled section."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.shell import crumb, shell
from state.session import SessionState

Child = rx.Component | rx.Var | str | None


def settings_page(*content: Child, current: str, title: rx.Var[str], lede: Child, action: Child = None) -> rx.Component:
    """Return a settings page; `current` is profile, workspace, providers, budgets or status."""
    return shell(
        rx.el.div(
            rx.el.div(rx.el.h1(title), rx.el.p(lede, class_name="lede"), class_name="hd-words"),
            action,
            class_name="hd",
        ),
        *content,
        place="settings",
        title=title,
        crumbs=(crumb(T("nav.settings", "Settings"), "/settings"),),
        side=_list(current),
        class_name="settings-screen",
    )


def _list(current: str) -> rx.Component:
    return rx.el.nav(
        rx.el.h2(T("settings.you", "You")),
        rx.el.ul(
            rx.el.li(_link("profile", current, "/settings", T("settings.profile", "Profile and language"))),
            rx.el.li(_link("status", current, "/status", T("status.title", "Status"))),
        ),
        rx.el.h2(
            rx.cond(SessionState.organisation != "", SessionState.organisation, T("settings.workspace", "Workspace"))
        ),
        rx.el.ul(
            rx.el.li(_link("workspace", current, "/settings/workspace", T("settings.team", "Team and roles"))),
            rx.el.li(
                _link("providers", current, "/settings/providers", T("settings.providers", "Providers and routing"))
            ),
            rx.el.li(_link("budgets", current, "/settings/budgets", T("settings.budgets", "Budgets and limits"))),
        ),
        rx.cond(
            SessionState.operator,
            rx.fragment(
                rx.el.h2(T("settings.installation", "Installation")),
                rx.el.ul(rx.el.li(_link("operator", current, "/operator", T("nav.operator", "Cost and margin")))),
            ),
        ),
        class_name="list show",
        aria_label=T("nav.settings", "Settings"),
    )


def _link(name: str, current: str, href: str, label: rx.Var[str]) -> rx.Component:
    here = {"aria_current": "page"} if name == current else {}
    return rx.el.a(label, href=href, **here)


def section(title: Child, *content: Child, lede: Child = None) -> rx.Component:
    """Return a part of a settings page under an ink rule."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title),
            rx.el.p(lede, class_name="small muted") if lede is not None else None,
            class_name="set-head",
        ),
        rx.el.div(*content, class_name="set-body"),
        class_name="set-part",
    )
