"""/media: everything that was made or uploaded, on one wall; a bar asks for more, the recipe stands beside it."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.controls import button, link_button
from components.i18n import T
from components.icons import icon
from components.media_find import chosen_bar, find_bar
from components.media_maker import say_bar, state_of_wall
from components.media_parts import Lightbox, Uploads, WallKeys
from components.media_recipe import picture_checks, recipe
from components.shell import shell
from components.states import waiting_lines
from state.media import MediaState
from state.media_jobs import MediaJobsState
from state.media_recipe import RecipeState
from state.session import SessionState
from state.studio import StudioState

ROUTE = "/media"
TITLE = "Media"
ON_LOAD = [SessionState.enter, MediaState.open, RecipeState.open, MediaJobsState.open, StudioState.open]
TAKEN = "image/*,audio/*,video/*"
"""What the field for files offers; what a file is, the server decides by its content."""


def page() -> rx.Component:
    """Return the page."""
    return shell(
        WallKeys.create(),
        Lightbox.create(
            rx.cond(RecipeState.detail.total > 0, picture_checks()),
            rows=MediaState.rows.to(list[dict[str, str]]),
            chosen=RecipeState.detail.to(dict[str, str]),
            checked=RecipeState.detail.total > 0,
            on_choose=RecipeState.choose,
        ),
        rx.el.section(
            rx.el.div(
                rx.el.h1(T("nav.media", "Media")),
                button(
                    T("media.upload", "Upload"),
                    glyph="upload",
                    small=True,
                    on_click=client("media_upload", "chooseFiles"),
                ),
                link_button(T("media.brands", "Brands"), href="/media/brands", small=True),
                link_button(T("trash.title", "Trash"), href="/media/trash", small=True),
                link_button(icon("plus", small=True), T("media.studio", "Studio"), href="/media/new", small=True),
                class_name="pics-head",
            ),
            say_bar(),
            Uploads.create(accept=TAKEN, on_done=MediaState.open),
            find_bar(),
            chosen_bar(),
            rx.cond(MediaState.loaded, state_of_wall(), waiting_lines()),
            rx.cond(MediaState.more, rx.el.p(button(T("media.more", "Show more"), on_click=MediaState.show_more))),
            class_name="pics",
            aria_label=T("media.library", "Library"),
        ),
        rx.cond(RecipeState.detail.id != "", recipe()),
        place="media",
        title=T("nav.media", "Media"),
        class_name="media-screen",
    )
