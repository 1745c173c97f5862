"""A brief as a program sends it: any JSON value under the name of a field; the template says what fits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from app.core.errors import InvalidInput

FieldName = Annotated[str, StringConstraints(max_length=60)]
RunInputs = Annotated[dict[FieldName, JsonValue], Field(max_length=60)]


def named_as_sent(error: InvalidInput) -> InvalidInput:
    """Return the refusal with its field named as the body names it: `inputs.product`; a pin stands beside them."""
    if error.code.startswith("pin."):
        return error
    field = f"inputs.{error.field}" if error.field else "inputs"
    return InvalidInput(error.message, code=error.code, field=field, params=error.params)
