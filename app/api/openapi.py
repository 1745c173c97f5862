"""The OpenAPI document: what FastAPI derives, with our problem details, and each route's mark as its security."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.api.openai.route import ErrorAnswer, OpenAIRoute
from app.api.problems import MEDIA_TYPE, Problem
from app.api.scopes import Mark, mark_of
from app.core.settings import Settings

VERSION = "1"
"""Of the interface; additions do not change it."""

_REF = "#/components/schemas/{model}"
_PROBLEM: dict[str, Any] = {  # Any: JSON
    "description": "A refusal: RFC 9457 problem details.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_OPENAI_ERROR = {
    "description": "A refusal in OpenAI's form; one before the request is read, such as of its size, is a problem.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}, **_PROBLEM["content"]},
}
_DERIVED = ("HTTPValidationError", "ValidationError")
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "description": "Repeats of a request with the same key get the first result, for 24 hours.",
}


def openapi_document(app: FastAPI, settings: Settings) -> dict[str, Any]:  # Any: JSON
    """Return the document."""
    document = get_openapi(
        title="Galley",
        version=VERSION,
        description="Checked marketing texts from a brief. Errors are RFC 9457 problems, lists are paged by cursor.",
        routes=app.routes,
    )
    schemas = document["components"]["schemas"]
    for name in _DERIVED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=_REF)
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    refusal = ErrorAnswer.model_json_schema(ref_template=_REF)
    schemas.update(refusal.pop("$defs", {}))
    schemas["ErrorAnswer"] = refusal
    document["components"]["securitySchemes"] = {
        "apiKey": {"type": "http", "scheme": "bearer", "description": "A key of the workspace: gly_…"},
        "session": {"type": "apiKey", "in": "cookie", "name": settings.cookie_name},
    }
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                _complete(operation, mark_of(route.endpoint), method)
                operation["responses"]["default"] = _OPENAI_ERROR if isinstance(route, OpenAIRoute) else _PROBLEM
    return document


def _complete(operation: dict[str, Any], mark: Mark | None, method: str) -> None:  # Any: JSON
    operation["responses"].pop("422", None)
    operation["security"] = _security(mark)
    if mark is not None and mark.kind == "scope":
        operation["x-scope"] = mark.scope
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{mark.scope}`.".strip()
        if method == "POST":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)


def _security(mark: Mark | None) -> list[dict[str, list[str]]]:
    if mark is None or mark.kind == "public":
        return []
    if mark.kind == "person":
        return [{"session": []}]
    return [{"apiKey": []}, {"session": []}]
