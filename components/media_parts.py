"""React parts of the media screens: prints, the large view, uploads."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventHandler, no_args_event_spec, passthrough_event_spec

MEDIA = "$/public/js/media"
UPLOAD = "$/public/js/media_upload"
BRUSH = "$/public/js/brush"


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
    """The large view over the rows of the wall. `chosen` is the detail of the one whose recipe is read; the children
    are what was checked of it.
    """

    library = MEDIA
    tag = "Lightbox"
    rows: rx.Var[list[dict[str, str]]]
    chosen: rx.Var[dict[str, str]]
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


class PickFile(rx.Component):
    """A button that uploads one file into the library and tells its id."""

    library = UPLOAD
    tag = "PickFile"
    accept: rx.Var[str]
    on_done: EventHandler[passthrough_event_spec(str)]


class BrushStage(rx.Component):
    """The picture, and over it the part that is to change."""

    library = BRUSH
    tag = "BrushStage"
    src: rx.Var[str]
    alt: rx.Var[str]
    painting: rx.Var[bool]


class BrushTools(rx.Component):
    """Size, undo, clear, a rectangle in numbers; the form around it carries the mask's id as `mask_id`."""

    library = BRUSH
    tag = "BrushTools"
