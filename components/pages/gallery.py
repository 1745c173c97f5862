"""The gallery of templates: a list of categories, a search, and a typeset preview of what each template makes."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.catalogue_data import Figures, figures
from components.controls import button
from components.gallery_cells import cells, nearest_list
from components.gallery_view import GalleryKeys, gallery
from components.i18n import T
from components.icons import icon
from components.shell import shell
from state.gallery import GalleryState
from state.session import SessionState

ROUTE = "/templates"
TITLE = "Templates"
ON_LOAD = [SessionState.load, GalleryState.open]


def page() -> rx.Component:
    """Return the page."""
    counted = figures()
    return shell(
        GalleryKeys.create(),
        rx.el.div(_title(counted), _seek(), _chips(), _filters(), class_name="ghead"),
        rx.cond(gallery("empty").to(bool), _none(), _sections()),
        place="templates",
        title=T("nav.templates", "Templates"),
        side=_side(),
        class_name="gal",
    )


def _title(counted: Figures) -> rx.Component:
    words = T(
        "gallery.figures",
        "{templates} templates, {checks} checks. A count on a card is how many rules its text must pass.",
        templates=counted.templates,
        checks=counted.checks,
    )
    return rx.el.div(rx.el.h1(T("nav.templates", "Templates")), rx.el.p(words, class_name="muted num"), class_name="t")


def _seek() -> rx.Component:
    return rx.el.label(
        icon("search"),
        rx.el.span(T("gallery.search", "Search templates"), class_name="vh"),
        rx.el.input(
            id="seek",
            type="search",
            value=gallery("query").to(str),
            on_change=client("gallery", "seek"),
            on_key_down=client("gallery", "seekKey"),
            placeholder=T("gallery.ask", "What do you need to write?"),
            max_length=200,
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.kbd("/"),
        class_name="seek",
    )


def _side() -> rx.Component:
    yours = rx.cond(
        SessionState.signed_in,
        rx.fragment(
            rx.el.h2(T("gallery.yours", "Yours")),
            rx.el.ul(_category("favourites", T("gallery.favourites", "Favourites"), gallery("favouriteCount").to(int))),
        ),
        rx.fragment(),
    )
    return rx.el.aside(
        yours,
        rx.el.h2(T("gallery.categories", "Categories")),
        rx.el.ul(
            _category("", T("gallery.all", "All templates"), gallery("total").to(int)),
            rx.foreach(
                gallery("categories").to(list[dict[str, str]]), lambda one: _category(one["id"], one["label"], one["n"])
            ),
        ),
        class_name="list",
        aria_label=T("gallery.categories", "Categories"),
    )


def _category(name: str | rx.Var[str], label: rx.Var[str], count: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            label,
            rx.el.span(count, class_name="num"),
            href=_address(name),
            aria_current=_current(name),
            on_click=[rx.prevent_default, client("gallery", "chooseCategory", name)],
        )
    )


def _address(name: str | rx.Var[str]) -> str | rx.Var[str]:
    if isinstance(name, str):
        return f"/templates?category={name}" if name else "/templates"
    return "/templates?category=" + name.to(str)


def _current(name: str | rx.Var[str]) -> rx.Var:
    return rx.cond(gallery("category").to(str) == name, "true", rx.Var("undefined"))


def _chips() -> rx.Component:
    """The same choice on a phone, where there is no room for the list."""

    def chip(name: str | rx.Var[str], *words: rx.Component | rx.Var | str) -> rx.Component:
        return rx.el.a(
            *words,
            href=_address(name),
            aria_current=_current(name),
            on_click=[rx.prevent_default, client("gallery", "chooseCategory", name)],
        )

    favourites = T("gallery.favourites", "Favourites")
    return rx.el.nav(
        chip("", T("gallery.every", "All"), " ", gallery("total").to(int)),
        rx.cond(SessionState.signed_in, chip("favourites", favourites, " ", gallery("favouriteCount").to(int))),
        rx.foreach(gallery("categories").to(list[dict[str, str]]), lambda one: chip(one["id"], one["label"])),
        class_name="chips",
        aria_label=T("gallery.categories", "Categories"),
    )


def _filters() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _kind("", T("gallery.every", "All")),
            rx.foreach(
                gallery("kinds").to(list[dict[str, str]]), lambda one: _kind(one["id"], _kind_name(one["id"]), one["n"])
            ),
            class_name="seg",
            role="group",
            aria_label=T("gallery.kinds", "Kinds"),
        ),
        rx.el.span(class_name="grow"),
        _pick(
            "globe",
            T("gallery.language", "Language of the text"),
            "chooseLanguage",
            gallery("language").to(str),
            rx.foreach(
                gallery("languages").to(list[dict[str, str]]),
                lambda one: rx.el.option(
                    T("gallery.writes", "Writes in {language}", language=one["name"]), value=one["code"]
                ),
            ),
        ),
        _pick(
            None,
            T("gallery.order", "Order"),
            "chooseOrder",
            gallery("order").to(str),
            rx.el.option(T("gallery.favourites_first", "Favourites first"), value="favourites"),
            rx.el.option(T("gallery.by_name", "By name"), value="name"),
        ),
        class_name="row filters",
    )


def _kind(kind: str | rx.Var[str], label: rx.Var[str], count: rx.Var | str = "") -> rx.Component:
    return rx.el.button(
        label,
        " ",
        count,
        type="button",
        aria_pressed=rx.cond(gallery("kind").to(str) == kind, "true", "false"),
        on_click=client("gallery", "chooseKind", kind),
    )


def _kind_name(kind: rx.Var[str]) -> rx.Var:
    names = {
        "json": T("gallery.kind.lines", "Lines"),
        "markdown": T("gallery.kind.document", "Document"),
        "email": T("gallery.kind.email", "E-mail"),
        "table": T("gallery.kind.table", "Table"),
        "srt": T("gallery.kind.subtitles", "Subtitles"),
        "image": T("gallery.kind.image", "Image"),
        "audio": T("gallery.kind.audio", "Audio"),
        "video": T("gallery.kind.video", "Video"),
    }
    return rx.match(kind, *names.items(), T("gallery.kind.text", "Text"))


def _pick(
    glyph: str | None, label: rx.Var[str], chosen: str, value: rx.Var[str], *options: rx.Component
) -> rx.Component:
    return rx.el.label(
        icon(glyph, small=True) if glyph else None,
        rx.el.span(label, class_name="vh"),
        rx.el.select(*options, value=value, on_change=client("gallery", chosen)),
        class_name="pick",
    )


def _sections() -> rx.Component:
    favourites = rx.cond(
        gallery("favouritesFirst.length").to(int) > 0,
        _section(T("gallery.favourites", "Favourites"), "favouritesFirst"),
        rx.fragment(),
    )
    heading = rx.cond(
        gallery("query").to(str) != "",
        T("gallery.found", {"one": "{n} template found", "other": "{n} templates found"}, n=gallery("found").to(int)),
        rx.cond(gallery("heading").to(str) != "", gallery("heading").to(str), T("gallery.all", "All templates")),
    )
    return rx.el.div(favourites, _section(heading, "cards"))


def _section(heading: rx.Var[str], rows: str) -> rx.Component:
    return rx.el.section(rx.el.h2(heading), cells(rows), class_name="gsec")


def _none() -> rx.Component:
    asked = T("gallery.none", "No template is called “{query}”.", query=gallery("query").to(str))
    bare = T("gallery.none_here", "There is no template of this kind here.")
    return rx.el.section(
        rx.el.h2(rx.cond(gallery("query").to(str) != "", asked, bare)),
        rx.el.p(
            T(
                "gallery.near",
                "These are nearest. Each opens filled with a working sample, so you can see what it does before you "
                "change a word.",
            ),
            class_name="lede",
        ),
        nearest_list(),
        rx.el.p(
            button(T("gallery.clear", "Clear the search"), on_click=client("gallery", "clearSearch")),
            class_name="row wrap",
        ),
        class_name="none",
    )
