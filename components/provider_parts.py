"""React parts of the provider pages: the grip that orders, the line of waits, the chooser of a template."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventHandler, passthrough_event_spec

ORDERING = "$/public/js/ordering"
MAKES = {
    "text": "text",
    "image": "pictures",
    "speech": "speech",
    "transcription": "transcripts",
    "video": "clips",
    "embedding": "vectors",
}
"""What a model may make, in words."""


class Grip(rx.Component):
    """Moves its row (an element with data-move) by drag or arrow keys; tells the place it should have, from 0."""

    library = ORDERING
    tag = "Grip"
    name: rx.Var[str]
    label: rx.Var[str]
    place: rx.Var[int]
    hint: rx.Var[str]
    on_move: EventHandler[passthrough_event_spec(int)]


class Spark(rx.Component):
    """A line of waits, oldest first; the figure beside it says the same."""

    library = ORDERING
    tag = "Spark"
    points: rx.Var[str]
    tone: rx.Var[str]


class TemplateChooser(rx.Component):
    """A select of every template, by category."""

    library = "$/public/js/chooser"
    tag = "TemplateChooser"
    name: rx.Var[str]
    value: rx.Var[str]
    on_choose: EventHandler[passthrough_event_spec(str)]


class ShareBar(rx.Component):
    """A bar cut into the shares of the tiers, by `templates` in per cent; the table below says the same in figures."""

    library = ORDERING
    tag = "ShareBar"
    shares: rx.Var[list[dict]]
