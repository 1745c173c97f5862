"""What a browser sends with an event is attacker's text until it fits the handler's annotations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

MAX_PAYLOAD_CHARS = 64_000
MAX_TEXT_CHARS = 20_000
MAX_ITEMS = 500
FORM_PAIRS = "__reflex_form_data__"


class PayloadRefused(ValueError):
    """The payload does not fit the handler."""


class Unannotated(TypeError):
    """A bug: an argument of a handler says nothing about its type."""


@lru_cache(maxsize=1000)
def shape_of(fn: Callable[..., Any]) -> type[BaseModel]:
    """Return the model a payload of `fn` must fit: strict types, nothing extra.

    Raises:
        Unannotated: an argument has no type, or one that accepts anything.
    """
    hints = get_type_hints(fn, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(fn).parameters.items())[1:]:
        if hints.get(name, Any) is Any or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise Unannotated(f"{fn.__qualname__}: argument {name}")
        fields[name] = (hints[name], ... if parameter.default is parameter.empty else parameter.default)
    config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True, str_max_length=MAX_TEXT_CHARS)
    return create_model(f"{fn.__qualname__} payload", __config__=config, **fields)


def refuse_unfit(fn: Callable[..., Any], payload: Mapping[str, Any]) -> None:
    """Return when `payload` may be handed to `fn`.

    Raises:
        PayloadRefused: too large, an unknown or missing argument, or a wrong type.
    """
    if _weight(payload) > MAX_PAYLOAD_CHARS:
        raise PayloadRefused("too large")
    try:
        shape_of(fn).model_validate({name: _form(value) for name, value in payload.items()})
    except ValidationError as error:
        raise PayloadRefused(f"{error.error_count()} errors") from None


def _form(value: Any) -> Any:  # Any: a browser's text
    """Return a submitted form as the mapping its handler will get: Reflex sends it as a list of pairs under one key."""
    if not isinstance(value, Mapping) or set(value) != {FORM_PAIRS}:
        return value
    pairs = value[FORM_PAIRS]
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise PayloadRefused("not a form")
    names = [name for name, _ in pairs]
    if len(names) > MAX_ITEMS or not all(isinstance(name, str) for name in names):
        raise PayloadRefused("not a form")
    return dict(pairs)


def _weight(payload: Mapping[str, Any]) -> int:
    try:
        return len(json.dumps(payload, default=str))
    except (RecursionError, ValueError):
        return MAX_PAYLOAD_CHARS + 1
