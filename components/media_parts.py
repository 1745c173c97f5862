"""React parts of the media screens: prints, the large view, uploads."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventHandler, no_args_event_spec, passthrough_event_spec

MEDIA = "$/public/js/media"
UPLOAD = "$/public/js/media_upload"


class Shot(rx.Component):
    """A print on the wall, in its own shape."""

    library = MEDIA
    tag = "Shot"
    ratio: rx.Var[float]
    current: rx.Var[bool]
    making: rx.Var[bool]
    kind: rx.Var[str]
    label: rx.Var[str]


class Wave(rx.Component):
    """The loudness of a sound, in the colours of the screen."""

    library = MEDIA
    tag = "Wave"
    src: rx.Var[str]


class Share(rx.Component):
    """How far a job is."""

    library = MEDIA
    tag = "Share"
    permille: rx.Var[int]


class WallKeys(rx.Component):
    """The keys of the wall: arrows, Space, `/`."""

    library = MEDIA
    tag = "WallKeys"


class MakeKeys(rx.Component):
    """Ctrl+Enter sends the form that asks for media."""

    library = MEDIA
    tag = "MakeKeys"


class Lightbox(rx.Component):
    """The large view over the rows of the wall; its children are what was checked of the chosen one."""

    library = MEDIA
    tag = "Lightbox"
    rows: rx.Var[list[dict[str, str]]]
    chosen: rx.Var[str]
    checked: rx.Var[bool]
    on_choose: EventHandler[passthrough_event_spec(str)]


class KeepText(rx.Component):
    """A field that is kept when it is left."""

    library = MEDIA
    tag = "KeepText"
    value: rx.Var[str]
    name: rx.Var[str]
    label: rx.Var[str]
    rows: rx.Var[int]
    max_length: rx.Var[int]
    placeholder: rx.Var[str]
    on_keep: EventHandler[passthrough_event_spec(str)]


class Uploads(rx.Component):
    """Files that are on their way into the library, and the field that takes them."""

    library = UPLOAD
    tag = "Uploads"
    accept: rx.Var[str]
    on_done: EventHandler[no_args_event_spec]
