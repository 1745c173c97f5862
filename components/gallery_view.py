"""The gallery's view as Vars: computed in the browser by assets/js/gallery.js from the catalogue,
the choice and the favourites.
"""

from __future__ import annotations

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from state.gallery import GalleryState

MODULE = "$/public/js/gallery"


class GalleryKeys(rx.Component):
    """Reads the address of the page and the key `/`."""

    library = MODULE
    tag = "GalleryKeys"


class Preview(rx.Component):
    """The typeset rows of one template."""

    library = "$/public/js/preview"
    tag = "Preview"
    rows: rx.Var[list[dict[str, str]]]


def gallery(field: str) -> rx.Var:
    """Return a field of the view, for example `cards` or `category`."""
    favourites = GalleryState.favourites
    data = VarData.merge(
        favourites._get_all_var_data(),
        VarData(
            imports={MODULE: [ImportVar(tag="useGallery")]},
            hooks={f"const gallery_ = useGallery({favourites!s});": None},
        ),
    )
    return rx.Var(_js_expr=f"gallery_.{field}", _var_data=data)
