"""The public page: what Galley does, shown by doing it, and one button."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.catalogue_data import Figures, figures
from components.controls import button
from components.i18n import LANGUAGES, LanguageOf, PageTitle, T, lang
from components.icons import Brand, Stroke, icon
from components.landing_example import example
from components.landing_margin import margin
from components.shell_client import try_now
from state.session import SessionState

ROUTE = "/"
TITLE = "Galley: copy that fits"
ON_LOAD = [SessionState.load]


def page() -> rx.Component:
    """Return the page."""
    counted = figures()
    return rx.el.div(
        PageTitle.create(title=T("landing.tab", "Galley: copy that fits")),
        LanguageOf.create(locale=SessionState.locale),
        rx.el.a(T("landing.skip", "Skip to the page"), href="#main", class_name="skip"),
        _bar(),
        rx.el.main(_hero(counted), margin(), _contents(counted), _own(), id="main", tab_index=-1),
        _colophon(),
        class_name="front",
    )


def _bar() -> rx.Component:
    sign_in = rx.el.a(T("nav.sign_in", "Sign in"), href="/sign-in", class_name="keep")
    inside = rx.el.a(T("landing.enter", "Open the workspace"), href="/templates", class_name="keep")
    return rx.el.header(
        rx.el.a(Brand.create(named=True), href="/", class_name="keep", aria_label=T("landing.start", "Galley, start")),
        rx.el.span(class_name="grow"),
        rx.el.a(T("nav.templates", "Templates"), href="/templates"),
        rx.el.a(T("landing.host", "Host it yourself"), href="#own"),
        language_pick("lang"),
        rx.cond(SessionState.signed_in, inside, sign_in),
        class_name="bar",
    )


def language_pick(class_name: str) -> rx.Component:
    """Return the choice of the language, each named in itself."""
    return rx.el.label(
        icon("globe", small=True),
        rx.el.span(T("shell.language", "Language"), class_name="vh"),
        rx.el.select(
            *[rx.el.option(name, value=code, lang=code) for code, name in LANGUAGES.items()],
            value=lang(),
            on_change=client("i18n", "chooseLang"),
        ),
        class_name=f"{class_name} plain-pick",
    )


def _hero(counted: Figures) -> rx.Component:
    return rx.el.section(
        rx.el.div(_headline(), _say(), _try(), _facts(counted)),
        example(),
        class_name="hero wide",
    )


def _headline() -> rx.Component:
    return rx.el.h1(
        T("landing.head", "Marketing copy that"),
        " ",
        rx.el.del_(T("landing.head.struck", "should fit"), Stroke.create(kind="strike")),
        " ",
        rx.el.ins(Stroke.create(kind="insert"), T("landing.head.put_in", "fits.")),
    )


def _say() -> rx.Component:
    words = T(
        "landing.say",
        "Galley is an open-source content studio. Choose a template, fill a short form, and watch the text being set. "
        "Every limit, figure and name is checked in the margin, by rules, before you paste it anywhere.",
    )
    return rx.el.p(words, class_name="say")


def _try() -> rx.Component:
    words = T(
        "landing.try.why",
        "No account and no key. Opens a demo workspace where the built-in writer works from rules and phrase banks, "
        "not an AI model.",
    )
    return rx.el.div(
        button(T("landing.try", "Try it now"), kind="primary huge", id="try", on_click=try_now()),
        rx.el.p(words),
        class_name="try",
    )


def _facts(counted: Figures) -> rx.Component:
    facts = (
        (counted.templates, T("landing.fact.templates", "templates")),
        (counted.checks, T("landing.fact.checks", "checks")),
        (counted.languages, T("landing.fact.languages", "languages")),
    )
    return rx.el.p(*[rx.el.span(rx.el.b(f"{n:,}"), " ", word) for n, word in facts], class_name="facts")


def _contents(counted: Figures) -> rx.Component:
    templates = T(
        "landing.toc.templates",
        "{templates} in {categories} categories, {checks} machine checks",
        templates=counted.templates,
        categories=counted.categories,
        checks=counted.checks,
    )
    rows = (
        (T("nav.templates", "Templates"), templates),
        (
            T("nav.documents", "Documents"),
            T("landing.toc.documents", "kept with every version, and the way back to each"),
        ),
        (
            T("landing.toc.margin", "Margin"),
            T("landing.toc.margin.what", "true limits of 149 places where text is pasted"),
        ),
        (
            T("landing.toc.providers", "Providers"),
            T("landing.toc.providers.what", "hosted, local or built in; your order"),
        ),
        (
            T("landing.toc.people", "People"),
            T("landing.toc.people.what", "workspaces with walls between them, four roles"),
        ),
        (T("landing.toc.api", "Interface"), T("landing.toc.api.what", "everything over REST, streams included")),
        (T("landing.toc.languages", "Languages"), T("landing.toc.languages.what", "eleven, right-to-left included")),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(T("landing.toc", "Contents"), id="contents"),
            rx.el.p(
                T(
                    "landing.toc.say",
                    "One desk for the texts of a marketing team, with the price of each written next to it.",
                ),
                class_name="muted",
            ),
        ),
        rx.el.ol(*[rx.el.li(rx.el.b(name), rx.el.i(), rx.el.span(what)) for name, what in rows]),
        class_name="toc wide",
        aria_labelledby="contents",
    )


def _own() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(T("landing.own", "Yours to run")),
            rx.el.div(
                rx.el.p(
                    T(
                        "landing.own.machine",
                        "Galley runs on one small machine without a network, and grows with your database. "
                        "Text stays where you put it; each workspace is walled off from the next.",
                    )
                ),
                rx.el.p(
                    T(
                        "landing.own.models",
                        "Bring any provider’s key, point it at a model on your own hardware, or use neither and "
                        "keep the built-in writer.",
                    )
                ),
                rx.el.p(rx.el.code("python3 -m app", dir="ltr"), class_name="run-it"),
            ),
            class_name="wide",
        ),
        class_name="own",
        id="own",
    )


def _colophon() -> rx.Component:
    return rx.el.footer(
        rx.el.span(T("landing.set_in", "Set in Newsreader, Instrument Sans and JetBrains Mono.")),
        rx.el.span(T("landing.made_up", "Aldersay is a made-up company.")),
        rx.el.span(class_name="grow"),
        language_pick("phone-only"),
        class_name="wide colophon",
    )
