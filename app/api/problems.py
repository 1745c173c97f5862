"""What a refusal looks like on the wire: RFC 9457 problem details, in the caller's language, without inner details."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Plain:
    """A sentence and the code it is looked up by."""

    message: str
    code: str


# https://docs.pydantic.dev/latest/errors/validation_errors/ (2026-11-20): the kinds a door can meet, in plain words.
_PLAIN = {
    "missing": _Plain("This field is required.", code="invalid.missing"),
    "extra_forbidden": _Plain("There is no field of this name.", code="invalid.extra_forbidden"),
    "string_too_short": _Plain("At least {min_length} characters are needed.", code="invalid.string_too_short"),
    "string_too_long": _Plain("At most {max_length} characters are allowed.", code="invalid.string_too_long"),
    "too_long": _Plain("At most {max_length} entries are allowed.", code="invalid.too_long"),
    "too_short": _Plain("At least {min_length} entries are needed.", code="invalid.too_short"),
    "string_type": _Plain("This must be text.", code="invalid.string_type"),
    "string_unicode": _Plain("This text holds broken characters.", code="invalid.string_unicode"),
    "string_pattern_mismatch": _Plain(
        "This text has characters or a form that are not allowed here.", code="invalid.string_pattern_mismatch"
    ),
    "int_type": _Plain("This must be a whole number.", code="invalid.int_type"),
    "int_parsing": _Plain("This must be a whole number.", code="invalid.int_parsing"),
    "bool_type": _Plain("This must be true or false.", code="invalid.bool_type"),
    "bool_parsing": _Plain("This must be true or false.", code="invalid.bool_parsing"),
    "list_type": _Plain("This must be a list.", code="invalid.list_type"),
    "dict_type": _Plain("This must be an object.", code="invalid.dict_type"),
    "model_type": _Plain("This must be an object.", code="invalid.model_type"),
    "model_attributes_type": _Plain("This must be an object.", code="invalid.model_attributes_type"),
    "greater_than_equal": _Plain("The smallest allowed value is {ge}.", code="invalid.greater_than_equal"),
    "less_than_equal": _Plain("The largest allowed value is {le}.", code="invalid.less_than_equal"),
    "literal_error": _Plain("Allowed values: {expected}.", code="invalid.literal_error"),
    "enum": _Plain("Allowed values: {expected}.", code="invalid.enum"),
    "uuid_parsing": _Plain("This is not an id.", code="invalid.uuid_parsing"),
    "uuid_type": _Plain("This is not an id.", code="invalid.uuid_type"),
    "json_invalid": _Plain("The body is not valid JSON.", code="invalid.json_invalid"),
}
_OTHER = _Plain("This value cannot be used.", code="invalid")

_ROUTER = {
    404: _Plain("There is nothing here under that name.", code="not_found"),
    405: _Plain("This address does not take that method.", code="method_not_allowed"),
}
_UNREADABLE = _Plain("This request cannot be read.", code="bad_request")


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
    said = _PLAIN.get(kind, _OTHER)
    return FieldProblem(
        field=_field_name(where if isinstance(where, tuple) else ()),
        code=said.code,
        detail=translate(locale, said.code, said.message, params),
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


def refuse_http(
    error: HTTPException, *, request_id: str, locale: str = "en", translate: Translate = english
) -> Response:
    """Return the answer for what the router or the framework refused by itself."""
    said = _ROUTER.get(error.status_code, _UNREADABLE)
    detail = translate(locale, said.code, said.message, {})
    body = _body(status=error.status_code, code=said.code, detail=detail, request_id=request_id)
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
