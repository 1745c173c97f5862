"""Icons and proof marks: one sprite, drawn on a 20 x 20 grid; see assets/sprite.svg for the names."""

from __future__ import annotations

import reflex as rx

PARTS = "$/public/js/parts"

Name = str | rx.Var[str]


class Sprite(rx.Component):
    """The drawings themselves; stands once in every page."""

    library = PARTS
    tag = "Sprite"


class Icon(rx.Component):
    """A quiet drawing beside a word, or inside a button that has a label."""

    library = PARTS
    tag = "Icon"
    name: rx.Var[str]
    small: rx.Var[bool]
    flip: rx.Var[bool]


class Mark(rx.Component):
    """A proof mark in the margin."""

    library = PARTS
    tag = "Mark"
    name: rx.Var[str]
    spoken: rx.Var[str]


class Brand(rx.Component):
    """The mark of Galley, alone or with its name."""

    library = PARTS
    tag = "Brand"
    named: rx.Var[bool]


class Rule(rx.Component):
    """The rule under a sum, filled to `share` per cent."""

    library = PARTS
    tag = "Rule"
    share: rx.Var[int]


class Stroke(rx.Component):
    """A stroke of the corrector's pen through or under a headline: strike or insert."""

    library = PARTS
    tag = "Stroke"
    kind: rx.Var[str]


def icon(name: Name, *, small: bool = False, flip: bool = False) -> rx.Component:
    """Return an icon of 20 px, or 16 px when `small`; `flip` turns arrows round in right-to-left text."""
    return Icon.create(name=name, small=small, flip=flip)


def mark(name: Name, spoken: Name) -> rx.Component:
    """Return the proof mark tick, dele, caret, ask or stet; `spoken` is read aloud in its place."""
    return Mark.create(name=name, spoken=spoken)
