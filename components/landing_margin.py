"""Four real corrections, each found by a rule and measured by the very function that runs in production."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import mark

TITLE_LIMIT = "seo.title.px"
TITLE = "Ergonomic Office Chairs, Parts and Workshop Appointments in Wuppertal"
ARIAL_TITLE_PX = 20


def margin() -> rx.Component:
    """Return the section."""
    return rx.el.section(
        rx.el.h2(T("landing.margin", "What the margin says, and why you can believe it"), id="margin"),
        rx.el.p(
            T(
                "landing.margin.say",
                "These four corrections need no model. They are arithmetic, look-ups and measuring, so they say the "
                "same thing every time.",
            ),
            class_name="lede",
        ),
        _figure(),
        _apostrophe(),
        _width(),
        _sum(),
        class_name="hands wide",
        aria_labelledby="margin",
    )


def _hand(
    kind: rx.Var[str],
    quote: tuple[object, ...],
    glyph: str,
    spoken: rx.Var[str],
    head: rx.Var[str],
    why: rx.Var[str],
    **props: str,
) -> rx.Component:
    return rx.el.div(
        rx.el.blockquote(rx.el.span(kind, class_name="kind"), rx.el.span(*quote, **props)),
        mark(glyph, spoken),
        rx.el.p(rx.el.b(head), " ", why),
        class_name="hand",
    )


def _under(words: object) -> rx.Component:
    return rx.el.mark(words, class_name="under")


def _figure() -> rx.Component:
    return _hand(
        T("landing.hand.release", "press release"),
        (
            T("landing.hand.figure.before", "Returns fell by"),
            " ",
            _under("35%"),
            " ",
            T("landing.hand.figure.after", "in the first year, says Marta Lindh of Aldersay."),
        ),
        "ask",
        T("mark.ask", "Query"),
        T("landing.hand.figure", "Where is 35 from?"),
        T(
            "landing.hand.figure.why",
            "It is in neither the brief nor the sources. Galley never lets a figure through that nobody gave it.",
        ),
    )


def _apostrophe() -> rx.Component:
    return _hand(
        T("landing.hand.sms", "SMS campaign"),
        (
            "Your chair",
            _under("’"),
            "s parts are 20% off until Sunday. Order at aldersay.example/parts. Reply STOP to opt out.",
        ),
        "caret",
        T("mark.caret", "Put in"),
        T("landing.hand.apostrophe", "Set a straight apostrophe."),
        T("landing.hand.apostrophe.why", "This one curly mark cuts the room in one text from 160 characters to 70."),
        lang="en",
        dir="ltr",
    )


def _width() -> rx.Component:
    over_px, narrow_px, wide_px = _measured()
    kept, cut = TITLE.rsplit(" ", 1)
    return _hand(
        T("landing.hand.title", "page title"),
        (kept, rx.el.mark(f" {cut}", class_name="over")),
        "dele",
        T("mark.dele", "Take out"),
        T("landing.hand.width", "Too wide by {px} px.", px=over_px),
        T(
            "landing.hand.width.why",
            "Search titles are cut by pixels, not letters: sixty times “i” is {narrow} px, sixty times “W” is "
            "{wide} px.",
            narrow=narrow_px,
            wide=wide_px,
        ),
        lang="en",
        dir="ltr",
    )


def _measured() -> tuple[int, int, int]:
    from app.content.catalogue_files import load_catalogue
    from app.content.checks.units import pixels

    limit_px = int(load_catalogue().limits[TITLE_LIMIT].max or 0)
    narrow, wide = (pixels(letter * 60, size_px=ARIAL_TITLE_PX) for letter in ("i", "W"))
    return pixels(TITLE, size_px=ARIAL_TITLE_PX) - limit_px, narrow, wide


def _sum() -> rx.Component:
    return _hand(
        T("landing.hand.plan", "training outline"),
        (T("landing.hand.sum.before", "Arrive 10 minutes, repair 40, compare 25, order parts"), " ", _under("30"), "."),
        "ask",
        T("mark.ask", "Query"),
        T("landing.hand.sum", "Adds up to 105."),
        T(
            "landing.hand.sum.why",
            "The session has 90 minutes. Minutes, shares and answer keys are summed before you see them.",
        ),
    )
