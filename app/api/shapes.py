"""Shapes that several routes share: pages of a list, ids in an address, opaque cursors."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Generic, NoReturn, TypeVar
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.core.errors import InvalidInput, NotFound
from app.core.ids import parse_id

Item = TypeVar("Item")

MOST_PER_PAGE = 100


class Body(BaseModel):
    """A request body: immutable, and an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next_cursor` asks for the next one; null: this was the last."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, examples=[None])


def _id_or_absent(value: object) -> UUID:
    # A malformed id answers exactly like an absent one, and an absent one like a stranger's.
    parsed = parse_id(str(value))
    if parsed is None:
        raise NotFound
    return parsed


AddressId = Annotated[
    UUID,
    BeforeValidator(_id_or_absent),
    WithJsonSchema({"type": "string", "format": "uuid"}),
    Path(examples=["0197b8f2-6f0e-7c51-9b7e-2f6a4f0c9d11"]),
]
"""An id as a part of the address."""

Limit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE, description="How many entries at most.")]
CursorText = Annotated[
    str | None, Query(max_length=100, description="`next_cursor` of the page before; empty: the first page.")
]
Search = Annotated[str, Query(max_length=200, description="Words to look for.")]

Position = tuple[datetime, UUID]
"""Where a page ends in a list ordered by a moment and an id, newest first."""


def cursor_of(position: Position | None) -> str | None:
    """Return a position as an opaque cursor."""
    if position is None:
        return None
    moment, row_id = position
    micros = int(moment.astimezone(UTC).timestamp() * 1_000_000)
    return base64.urlsafe_b64encode(micros.to_bytes(8) + row_id.bytes).decode()


def position_of(cursor: str | None) -> Position | None:
    """Return the position that a cursor stands for; it says where to go on, never whose rows are seen.

    Raises:
        InvalidInput: it was not made here.
    """
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        if len(raw) != 24:
            _refuse_cursor()
        micros = int.from_bytes(raw[:8])
        return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000), UUID(
            bytes=raw[8:]
        )
    except (binascii.Error, ValueError, OverflowError, OSError):
        _refuse_cursor()


def _refuse_cursor() -> NoReturn:
    raise InvalidInput("This cursor was not made here.", code="invalid.cursor", field="cursor")
