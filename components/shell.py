"""The frame around every screen of the workspace: rail, list, top bar, work area; on phones a bar at the foot."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx
from reflex.style import toggle_color_mode

from components.account import account_menu
from components.controls import icon_button
from components.i18n import LanguageOf, PageTitle, T, isolated
from components.icons import Brand, Rule, icon
from components.notices import expired_strip
from components.palette import find_button, palette
from components.shell_client import ThemeOf
from state.session import SessionState

Child = rx.Component | rx.Var | str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A screen one can go to from everywhere."""

    name: str
    href: str
    glyph: str
    key: str
    label: str


PLACES = (
    Place("templates", "/templates", "templates", "nav.templates", "Templates"),
    Place("documents", "/documents", "docs", "nav.documents", "Documents"),
    Place("media", "/media", "media", "nav.media", "Media"),
    Place("usage", "/usage", "usage", "nav.usage", "Usage"),
)
SETTINGS = Place("settings", "/settings", "settings", "nav.settings", "Settings")


def shell(
    *content: Child,
    place: str,
    title: Child,
    crumbs: tuple[Child, ...] = (),
    side: rx.Component | None = None,
    strip: Child = None,
    tools: Child = None,
    class_name: str = "",
) -> rx.Component:
    """Return a whole screen.

    `place` is the name of the current Place, or ""; `title` names the screen in the bar and the browser's tab;
    `crumbs` are links that lead to it; `side` is the list beside the rail (an element of class `list`); `strip` says
    one true thing about the page; `tools` stand before the theme button. Main content gets the padding of class
    `main`; `class_name` goes on the frame.
    """
    return rx.fragment(
        PageTitle.create(title=_tab_title(title)),
        LanguageOf.create(locale=SessionState.locale),
        ThemeOf.create(theme=SessionState.theme),
        rx.el.div(
            rx.el.a(T("shell.skip", "Skip to the work area"), href="#main", class_name="skip"),
            _rail(place),
            side,
            rx.el.div(
                _top(title, crumbs, tools),
                expired_strip(),
                strip,
                rx.el.main(*content, id="main", class_name="main", tab_index=-1),
                class_name="work",
            ),
            _bottom(place),
            class_name=" ".join(word for word in ("app", "has-list" if side is not None else "", class_name) if word),
        ),
        account_menu(),
        palette(),
    )


def crumb(label: Child, href: str | rx.Var[str]) -> rx.Component:
    """Return a link of the path to a screen."""
    return rx.el.a(label, href=href)


def _tab_title(title: Child) -> rx.Var[str]:
    return T("shell.tab", "{title}, Galley", title=title)


def _rail(current: str) -> rx.Component:
    return rx.el.nav(
        rx.el.div(
            rx.el.a(brand_mark(), href="/", class_name="home", aria_label="Galley"),
            *[_rail_link(place, current) for place in PLACES],
            rx.el.span(class_name="grow"),
            _rail_link(SETTINGS, current),
            rx.el.button(
                rx.el.span(
                    rx.cond(SessionState.initials != "", SessionState.initials, icon("more", small=True)),
                    class_name="me",
                ),
                type="button",
                class_name="rail-me",
                aria_label=rx.cond(
                    SessionState.initials != "",
                    T("nav.account_of", "{initials}, account", initials=SessionState.initials),
                    T("nav.account", "Account"),
                ),
                custom_attrs={"popoverTarget": "account-menu"},
            ),
            class_name="rail-in",
        ),
        class_name="rail",
        aria_label=T("nav.main", "Main"),
    )


def _rail_link(place: Place, current: str) -> rx.Component:
    label = T(place.key, place.label)
    return rx.el.a(icon(place.glyph), href=place.href, title=label, aria_label=label, **_here(place, current))


def _here(place: Place, current: str) -> dict[str, str]:
    return {"aria_current": "page"} if place.name == current else {}


def _top(title: Child, crumbs: tuple[Child, ...], tools: Child) -> rx.Component:
    path: list[Child] = []
    for link in crumbs:
        path += [link, rx.el.span(icon("right", small=True, flip=True))]
    return rx.el.header(
        rx.el.div(*path, rx.el.b(title), class_name="crumb"),
        rx.el.span(class_name="grow"),
        tools,
        _purse(),
        icon_button("theme", T("shell.theme", "Switch between light and dark"), on_click=toggle_color_mode),
        find_button(),
        class_name="top",
    )


def _bottom(current: str) -> rx.Component:
    links = [
        rx.el.a(icon(place.glyph), rx.el.span(T(place.key, place.label)), href=place.href, **_here(place, current))
        for place in PLACES
    ]
    more = rx.el.button(
        icon("menu"),
        rx.el.span(T("nav.more", "More")),
        type="button",
        custom_attrs={"popoverTarget": "account-menu"},
    )
    return rx.el.nav(*links, more, class_name="bottom", aria_label=T("nav.main", "Main"))


def _purse() -> rx.Component:
    """What the workspace has spent this month, and of which budget; nothing where there is neither."""
    both = {"amount": isolated(SessionState.spent), "budget": isolated(SessionState.budget)}
    plain = T("shell.spent", "{amount} this month", amount=both["amount"])
    of_budget = T("shell.purse", "{amount} of {budget}", **both)
    told = T("shell.purse_label", "Budget of this month: {amount} of {budget}", **both)
    limited = rx.el.a(
        rx.el.span(of_budget),
        Rule.create(share=SessionState.budget_share),
        href="/usage",
        aria_label=told,
        class_name=rx.cond(SessionState.budget_share >= 100, "purse num spent", "purse num"),
    )
    free = rx.cond(SessionState.spent != "", rx.el.a(rx.el.span(plain), href="/usage", class_name="purse num"))
    return rx.cond(SessionState.budget != "", limited, free)


def brand_mark() -> rx.Component:
    """Return the mark of Galley: the margin and its tick."""
    return Brand.create(named=False)
