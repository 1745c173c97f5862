"""React parts of the run screen: the brief's fields, the line that can be corrected, the button that copies."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventHandler, no_args_event_spec, passthrough_event_spec

BRIEF = "$/public/js/brief"
SETTING = "$/public/js/setting"


class Brief(rx.Component):
    """The fields of a form, with a draft kept in this browser."""

    library = BRIEF
    tag = "Brief"
    template: rx.Var[str]
    stamp: rx.Var[int]
    on_rest: EventHandler[passthrough_event_spec(dict[str, str])]


class BriefField(rx.Component):
    """One control of the brief, of the kind its field asks for."""

    library = BRIEF
    tag = "BriefField"
    template: rx.Var[str]
    stamp: rx.Var[int]
    field: rx.Var[dict]
    invalid: rx.Var[bool]


class RunKeys(rx.Component):
    """Ctrl+Enter runs, Escape stops."""

    library = BRIEF
    tag = "RunKeys"
    busy: rx.Var[bool]
    on_stop: EventHandler[no_args_event_spec]


class SetText(rx.Component):
    """The text of a line; it can be corrected where it stands."""

    library = SETTING
    tag = "SetText"
    text: rx.Var[str]
    tail: rx.Var[str]
    label: rx.Var[str]
    busy: rx.Var[bool]
    editable: rx.Var[bool]
    mono: rx.Var[bool]
    on_type: EventHandler[passthrough_event_spec(str)]
    on_keep: EventHandler[passthrough_event_spec(str)]


class CopyButton(rx.Component):
    """Copies a text and says so for a moment."""

    library = SETTING
    tag = "CopyButton"
    text: rx.Var[str]
    label: rx.Var[str]


class When(rx.Component):
    """A moment in the language and the time zone of the reader."""

    library = SETTING
    tag = "When"
    iso: rx.Var[str]
