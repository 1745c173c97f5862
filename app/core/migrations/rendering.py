"""How a drafted migration spells our column types: by what they are in the database, so that it never changes later."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import AutoString

from app.core.tables import SealedText, UtcDateTime


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:  # Any: Alembic's own signature
    """Return the text for a column type of ours; False leaves the spelling to Alembic."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, SealedText):
            return "sa.Text()"
        if isinstance(item, AutoString):
            return f"sa.String(length={item.length})" if item.length else "sa.String()"
        if isinstance(item, sa.Uuid):
            return "sa.Uuid()"
    return False
