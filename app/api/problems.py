"""What a refusal looks like on the wire: RFC 9457 problem details, in the caller's language, without inner details."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.core.errors import AppError, fill

MEDIA_TYPE = "application/problem+json"
FIELDS_NAMED = 20

Params = Mapping[str, str | int | float]
Translate = Callable[[str, str, str, Params], str]
"""(locale, code, English default, params) -> the sentence in that language."""


def english(locale: str, code: str, default: str, params: Params) -> str:
    """Return the English sentence; what is used until translations are handed in."""
    return fill(default, params)


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str = Field(examples=["inputs.product"])
    code: str = Field(examples=["invalid.missing"])
    detail: str = Field(examples=["This field is required."])


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is stable and meant for programs; `detail` is meant for people and may change."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:galley:problem:not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is nothing here under that name."])
    code: str = Field(examples=["not_found"])
    request_id: str = Field(examples=["0197b8f2-6f0e-7c51-9b7e-2f6a4f0c9d11"])
    field: str | None = Field(default=None, description="The input at fault, if one is.")
    params: dict[str, str | int | float] | None = Field(default=None, description="What the sentence was filled with.")
    errors: list[FieldProblem] | None = Field(default=None, description="Every field at fault, where several are.")


# https://docs.pydantic.dev/latest/errors/validation_errors/ (2026-11-20): the kinds a door can meet, in plain words.
_PLAIN = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no field of this name.",
    "string_too_short": "At least {min_length} characters are needed.",
    "string_too_long": "At most {max_length} characters are allowed.",
    "too_long": "At most {max_length} entries are allowed.",
    "too_short": "At least {min_length} entries are needed.",
    "string_type": "This must be text.",
    "string_unicode": "This text holds broken characters.",
    "string_pattern_mismatch": "This text has characters or a form that are not allowed here.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "greater_than_equal": "The smallest allowed value is {ge}.",
    "less_than_equal": "The largest allowed value is {le}.",
    "literal_error": "Allowed values: {expected}.",
    "enum": "Allowed values: {expected}.",
    "uuid_parsing": "This is not an id.",
    "uuid_type": "This is not an id.",
    "json_invalid": "The body is not valid JSON.",
    "value_error": "This value cannot be used.",
}


def _field_name(where: tuple[int | str, ...]) -> str:
    """Return `inputs.product` for ("body", "inputs", "product"); the body as a whole has no name."""
    names = where[1:] if where and where[0] in {"body", "query", "path", "header", "cookie"} else where
    if any(isinstance(name, int) and where[:1] == ("body",) and len(where) == 2 for name in names):
        return ""  # the position of a JSON error, not a field
    return ".".join(str(name)[:80] for name in names)


def _field_problem(error: Mapping[str, object], locale: str, translate: Translate) -> FieldProblem:
    kind = str(error.get("type", "value_error"))
    context = error.get("ctx")
    slots = context if isinstance(context, Mapping) else {}
    params: dict[str, str | int | float] = {
        name: value for name, value in slots.items() if isinstance(value, str | int | float)
    }
    where = error.get("loc")
    code = f"invalid.{kind}" if kind in _PLAIN else "invalid"
    return FieldProblem(
        field=_field_name(where if isinstance(where, tuple) else ()),
        code=code,
        detail=translate(locale, code, _PLAIN.get(kind, _PLAIN["value_error"]), params),
    )


def _body(*, status: int, code: str, detail: str, request_id: str) -> dict[str, object]:
    return {
        "type": f"urn:galley:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }


def _answer(body: Mapping[str, object], *, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    status = body["status"]
    assert isinstance(status, int)
    return Response(text, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def refuse(
    error: AppError,
    *,
    request_id: str,
    locale: str = "en",
    translate: Translate = english,
    more: Mapping[str, object] | None = None,
) -> Response:
    """Return the answer for an expected refusal; `more` adds members to the body."""
    body = _body(
        status=error.status,
        code=error.code,
        detail=translate(locale, error.code, error.message, error.params),
        request_id=request_id,
    )
    if error.field is not None:
        body["field"] = error.field
    if error.params:
        body["params"] = error.params
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="galley"'
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    return _answer({**body, **(more or {})}, headers=headers)


def refuse_fields(
    error: RequestValidationError, *, request_id: str, locale: str = "en", translate: Translate = english
) -> Response:
    """Return the answer for a malformed request: each field by name, in plain words, values never echoed."""
    problems = [_field_problem(one, locale, translate) for one in error.errors()[:FIELDS_NAMED]]
    first = problems[0]
    body = _body(status=422, code=first.code, detail=first.detail, request_id=request_id)
    if first.field:
        body["field"] = first.field
    return _answer({**body, "errors": [one.model_dump() for one in problems]})


_HTTP_CODES = {
    404: ("not_found", "There is nothing here under that name."),
    405: ("method_not_allowed", "This address does not take that method."),
}


def refuse_http(
    error: HTTPException, *, request_id: str, locale: str = "en", translate: Translate = english
) -> Response:
    """Return the answer for what the router or the framework refused by itself."""
    code, message = _HTTP_CODES.get(error.status_code, ("bad_request", "This request cannot be read."))
    body = _body(
        status=error.status_code, code=code, detail=translate(locale, code, message, {}), request_id=request_id
    )
    return _answer(body, headers=error.headers)


def broken(*, request_id: str, locale: str = "en", translate: Translate = english) -> Response:
    """Return the answer for a bug: nothing but the request id, under which the log tells the rest."""
    return _answer(
        _body(
            status=500,
            code=AppError.code,
            detail=translate(locale, AppError.code, AppError.message, {}),
            request_id=request_id,
        )
    )
