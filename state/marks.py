"""The mark every event handler carries: who may call it. A handler without one is refused, and fails a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

MARK = "_galley_scope"
PUBLIC = ""

Fn = TypeVar("Fn", bound=Callable[..., Any])


def needs(scope: str) -> Callable[[Fn], Fn]:
    """Mark a handler: only a signed-in person whose role has `scope` may call it.

    Stands directly above the function, under `@rx.event`.
    """
    if not scope:
        raise ValueError("name a scope, or mark the handler @public")

    def marked(fn: Fn) -> Fn:
        setattr(fn, MARK, scope)
        return fn

    return marked


def public(fn: Fn) -> Fn:
    """Mark a handler: anybody may call it, signed in or not."""
    setattr(fn, MARK, PUBLIC)
    return fn


def mark_of(fn: Callable[..., Any]) -> str | None:
    """Return the scope a handler needs, "" for a public one, None for one that forgot to say."""
    mark: str | None = getattr(fn, MARK, None)
    return mark
