"""The mark that every route carries: who may come in. A route without one is refused, and fails a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])  # Any: a route takes and answers what it declares

_MARK = "__galley_mark__"


@dataclass(frozen=True, slots=True)
class Mark:
    """`public`: everybody; `person`: whoever signed in with a browser; `scope`: a person or key that has `scope`."""

    kind: Literal["public", "person", "signed_in", "scope"]
    scope: str = ""


def _marked(mark: Mark) -> Callable[[Handler], Handler]:
    def put(handler: Handler) -> Handler:
        setattr(handler, _MARK, mark)
        return handler

    return put


def requires(scope: str) -> Callable[[Handler], Handler]:
    """Let in who has `scope`: by role for a person, by grant for an API key."""
    return _marked(Mark("scope", scope))


def public(handler: Handler) -> Handler:
    """Let everybody in."""
    return _marked(Mark("public"))(handler)


def signed_in(handler: Handler) -> Handler:
    """Let in every person and every valid key, whatever their scopes."""
    return _marked(Mark("signed_in"))(handler)


def person(handler: Handler) -> Handler:
    """Let in a person's browser session only: an API key must not change passwords, sign-ins or its own rights."""
    return _marked(Mark("person"))(handler)


def mark_of(handler: Callable[..., Any]) -> Mark | None:  # Any: as above
    """Return the handler's mark, None where it carries none."""
    mark = getattr(handler, _MARK, None)
    return mark if isinstance(mark, Mark) else None
