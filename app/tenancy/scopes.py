"""What each role may do. A scope is asked for once, at the door; inside, the session proves ownership."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["viewer", "editor", "admin", "owner"]

ROLE_NAMES: tuple[Role, ...] = get_args(Role)
"""Weakest first."""

_VIEWER = frozenset({"templates:read", "documents:read", "usage:read", "jobs:read", "media:read"})
_EDITOR = _VIEWER | {"generations:write", "documents:write", "files:write", "jobs:write", "media:write"}
_ADMIN = _EDITOR | {"providers:write", "members:write", "api-keys:write", "settings:write"}
_OWNER = _ADMIN | {"organisation:write"}

ROLES: dict[str, frozenset[str]] = {"viewer": _VIEWER, "editor": _EDITOR, "admin": _ADMIN, "owner": _OWNER}
ALL_SCOPES = _OWNER

DEMO_REFUSED = frozenset({"members:write", "api-keys:write"})
"""What a demo visitor lacks although they own their workspace: nobody else can come in, and nothing outlives it."""


def scopes_of(role: str, *, is_demo: bool = False) -> frozenset[str]:
    """Return the scopes of a role; an unknown role has none."""
    granted = ROLES.get(role, frozenset())
    return granted - DEMO_REFUSED if is_demo else granted


def outranks(role: str, other: str) -> bool:
    """Whether `role` is at least as strong as `other`: nobody hands out more than they have."""
    return scopes_of(role) >= scopes_of(other)
