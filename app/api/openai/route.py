"""Refusals in OpenAI's form: the same codes and sentences as everywhere, where its clients look for them."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from app.api.door import DoorRoute, QuickRoute, Visit, answer_for
from app.api.problems import Translate

_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.PAYMENT_REQUIRED: "insufficient_quota",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
_KEPT_HEADERS = ("WWW-Authenticate", "Retry-After", "Allow")


class ErrorBody(BaseModel):
    """What went wrong. `code` is Galley's own, `param` the field at fault."""

    message: str
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = None
    code: str = Field(examples=["not_found"])
    request_id: str


class ErrorAnswer(BaseModel):
    """A refusal as OpenAI's clients read it."""

    error: ErrorBody


def error_of(status: int, *, detail: str, code: str, request_id: str, field: str | None = None) -> ErrorAnswer:
    """Return the refusal in OpenAI's form."""
    kind = _TYPES.get(HTTPStatus(status), "invalid_request_error" if status < 500 else "server_error")
    return ErrorAnswer(error=ErrorBody(message=detail, type=kind, param=field, code=code, request_id=request_id))


def openai_answer_for(error: Exception, visit: Visit, translate: Translate, *, route: str) -> Response:
    """Return the answer for whatever was raised, in OpenAI's form."""
    problem = answer_for(error, visit, translate, route=route)
    told = orjson.loads(bytes(problem.body))
    detail = told["detail"]
    if told.get("field"):
        detail = f"{told['field']}: {detail}"
    answer = error_of(
        problem.status_code,
        detail=detail,
        code=told["code"],
        request_id=told["request_id"],
        field=told.get("field"),
    )
    headers = {name: problem.headers[name] for name in _KEPT_HEADERS if name in problem.headers}
    return Response(
        answer.model_dump_json(), status_code=problem.status_code, media_type="application/json", headers=headers
    )


class OpenAIRoute(DoorRoute):
    """A route behind the door whose refusals have OpenAI's form."""

    answer_for = staticmethod(openai_answer_for)


class QuickOpenAIRoute(QuickRoute, OpenAIRoute):
    """A quick route whose refusals have OpenAI's form."""
