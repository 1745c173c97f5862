"""The recorded example of the public page: the finished sample of one template, set again before your eyes."""

from __future__ import annotations

import reflex as rx

from components.i18n import T

TEMPLATE = "google-rsa"
PART = 0


class Player(rx.Component):
    """Sets the lines letter by letter, with a way to pause."""

    library = "$/public/js/player"
    tag = "Player"
    lines: rx.Var[list[str]]
    limit: rx.Var[int]
    label: rx.Var[list[str]]
    caption: rx.Var[str]


def example() -> rx.Component:
    """Return the desk with the example on it."""
    lines, limit = _recorded()
    return rx.el.figure(
        Player.create(
            lines=lines,
            limit=limit,
            label=rx.Var.create([T("landing.recorded", "Recorded example"), TEMPLATE]),
            caption=T(
                "landing.recorded.how",
                "A finished sample of this template, recorded by hand. It is played back here; nothing is generated.",
            ),
        ),
        class_name="stage desk",
        aria_label=T("landing.recorded", "Recorded example"),
    )


def _recorded() -> tuple[list[str], int]:
    """Return the lines of the template's own sample and the limit they keep,
    in the limit's unit (Latin letters count one).
    """
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    template = catalogue.get(TEMPLATE)
    output = template.example.output if template.example else {}
    lines = output.get("headlines", []) if isinstance(output, dict) else []
    limit = catalogue.limits[template.output.parts[PART].limit or ""]
    return [str(line) for line in lines][:10] if isinstance(lines, list) else [], int(limit.max or 0)
