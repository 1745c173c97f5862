"""Identifiers: time-ordered UUIDs, so that rows created together lie together in an index."""

from uuid import UUID

import uuid6

NOBODY = UUID(int=0)
"""A tenant that owns nothing: what an unbound session is filtered to."""


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562): sorts by creation time."""
    return UUID(int=uuid6.uuid7().int)


def parse_id(text: str) -> UUID | None:
    """Return the id that `text` spells, or None: a malformed id is treated like an absent one."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
