"""Buttons, fields and the small words of a form."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import Name, icon

Child = rx.Component | rx.Var | str | None


def button(
    *children: Child, kind: str = "", small: bool = False, glyph: Name | None = None, **props: object
) -> rx.Component:
    """Return a button; `kind` is "", primary, quiet or proof, alone or with lg and huge;
    `glyph` names an icon before the words.
    """
    return rx.el.button(
        icon(glyph, small=True) if glyph is not None else None,
        *children,
        class_name=_classes(kind, small),
        **{"type": "button", **props},
    )


def link_button(
    *children: Child, href: str | rx.Var[str], kind: str = "", small: bool = False, **props: object
) -> rx.Component:
    """Return a link that looks like a button."""
    return rx.el.a(*children, href=href, class_name=_classes(kind, small), **props)


def icon_button(glyph: Name, label: Name, *, small: bool = True, kind: str = "quiet", **props: object) -> rx.Component:
    """Return a button that is only an icon; `label` is its name."""
    return rx.el.button(
        icon(glyph, small=True),
        class_name=_classes(f"{kind} icon", small),
        aria_label=label,
        title=label,
        **{"type": "button", **props},
    )


def _classes(kind: str, small: bool) -> str:
    return " ".join(word for word in ("btn", kind, "sm" if small else "") if word)


def required_word() -> rx.Component:
    """Return the word "required" as it stands opposite a label."""
    return rx.el.span(T("field.required", "required"), class_name="muted")


def field(
    label: Child,
    control: rx.Component,
    *,
    control_id: str | rx.Var[str],
    required: bool | rx.Var[bool] = False,
    help_text: Child = None,
    error: Child | rx.Var[str] = None,
) -> rx.Component:
    """Return a labelled control with its help and its error; the control must have the id `control_id`.

    Tie the error to the control with `aria_describedby=field_note_id(control_id)`.
    """
    needed = (
        rx.cond(required, required_word()) if isinstance(required, rx.Var) else (required_word() if required else None)
    )
    return rx.el.div(
        rx.el.label(rx.el.span(label), needed, html_for=control_id),
        control,
        rx.el.p(help_text, class_name="small muted") if help_text is not None else None,
        field_error(error, control_id=control_id) if error is not None else None,
        class_name="field",
    )


def field_error(error: Child | rx.Var[str], *, control_id: str | rx.Var[str]) -> rx.Component:
    """Return the line that says what is wrong with a field; empty text shows nothing."""
    words = rx.el.p(
        icon("bad", small=True), rx.el.span(error), class_name="st bad small field-error", id=field_note_id(control_id)
    )
    return rx.cond(error != "", words, rx.fragment()) if isinstance(error, rx.Var) else words


def field_note_id(control_id: str | rx.Var[str]) -> str | rx.Var[str]:
    """Return the id of the error line that belongs to a control."""
    return control_id.to(str) + "-note" if isinstance(control_id, rx.Var) else f"{control_id}-note"


def text_input(**props: object) -> rx.Component:
    """Return a one-line input."""
    return rx.el.input(**{"class_name": "in", "type": "text", **props})


def text_area(**props: object) -> rx.Component:
    """Return an input of several lines."""
    return rx.el.textarea(**{"class_name": "in", "rows": "3", **props})


def select(*options: rx.Component, **props: object) -> rx.Component:
    """Return a native select; options are `rx.el.option`."""
    return rx.el.select(*options, **{"class_name": "in", **props})


def segments(*buttons: rx.Component, label: Child) -> rx.Component:
    """Return a row of toggles of which one is pressed (`aria_pressed`)."""
    return rx.el.div(*buttons, class_name="seg", role="group", aria_label=label)


def status(tone: str, glyph: Name, *words: Child) -> rx.Component:
    """Return a status: icon and word, never colour alone; `tone` is ok, warn, bad, info, off or proof."""
    return rx.el.span(icon(glyph, small=True), *words, class_name=f"st {tone}")


def tag(*children: Child) -> rx.Component:
    """Return a small outlined word."""
    return rx.el.span(*children, class_name="tag")
