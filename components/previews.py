"""Typeset mini-previews: a few rows of a template's example, set the way its output is set."""

from __future__ import annotations

from typing import Any

Row = dict[str, object]


def preview_of(template: Any, catalogue: Any) -> list[Row]:  # Any: Template and Catalogue, loaded only when a build asks
    """Return the rows of the preview, empty for a template without an example."""
    return []
